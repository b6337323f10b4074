// A document's name and text, found by line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"

namespace patuh::toml {

class Source {
 public:
  Source(std::string name, std::string text);
  const std::string& name() const { return name_; }
  std::string_view text() const { return text_; }
  // Lines count from 1; empty beyond the end. Without the line's end.
  std::string_view line(std::uint32_t number) const;
  // The byte at which a line's column (code points from 1) begins; at most the text's size.
  std::size_t offset_of(std::uint32_t line, std::uint32_t column) const;

 private:
  std::string name_;
  std::string text_;
  std::vector<std::size_t> starts_;
};

// Bytes of the UTF-8 sequence that begins with `lead`; 1 for what begins none.
inline std::size_t utf8_length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte >= 0xF0) return 4;
  if (byte >= 0xE0) return 3;
  return byte >= 0xC0 ? 2 : 1;
}

}  // namespace patuh::toml
