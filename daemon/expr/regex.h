// Regular expressions. The only includer of RE2.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patuh::expr {

// A compiled pattern (RE2's syntax: linear time, no back references). Immutable; any thread.
class Regex {
 public:
  // Where a pattern was found; parts of the text that was searched.
  struct Found {
    std::string_view whole;
    std::vector<std::optional<std::string_view>> groups;  // from the first bracket on
  };

  explicit Regex(std::string_view pattern);
  ~Regex();
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;

  const std::string& error() const { return error_; }  // empty when the pattern is good
  bool found_in(std::string_view text) const;          // anywhere
  // The first place at or behind byte `from`.
  std::optional<Found> find(std::string_view text, std::size_t from) const;
  std::size_t groups() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::string error_;
};

}  // namespace patuh::expr
