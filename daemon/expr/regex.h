// Regular expressions. The only includer of RE2.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace patuh::expr {

// A compiled pattern (RE2's syntax: linear time, no back references). Immutable; any thread.
class Regex {
 public:
  explicit Regex(std::string_view pattern);
  ~Regex();
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;

  const std::string& error() const { return error_; }  // empty when the pattern is good
  bool found_in(std::string_view text) const;          // anywhere

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::string error_;
};

}  // namespace patuh::expr
