// Regular expressions. The only includer of RE2.
#pragma once

#include <cstdint>
#include <map>
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

  // Longer patterns are refused, as are those that come out too large.
  static constexpr std::size_t kPatternBytesMax = 500;

  explicit Regex(std::string_view pattern);
  static Regex refused(std::string error);
  ~Regex();
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;

  const std::string& error() const { return error_; }  // empty when the pattern is good
  // The same as a key of the catalogue of texts and its argument.
  std::string_view error_detail() const { return error_detail_; }
  const std::string& error_argument() const { return error_argument_; }
  bool found_in(std::string_view text) const;  // anywhere
  // The first place at or behind byte `from`.
  std::optional<Found> find(std::string_view text, std::size_t from) const;
  std::size_t groups() const;
  // In cost units, at worst: a search looks at each byte for each instruction of the pattern.
  std::uint64_t search_cost(std::size_t text_bytes) const;
  std::size_t size() const { return size_; }  // in instructions

 private:
  Regex() = default;
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::string error_, error_argument_;
  std::string_view error_detail_;
  std::size_t size_ = 0;
};

// The patterns of one expression, each made once. What they take together is bounded: making one
// takes up to milliseconds.
class Regexes {
 public:
  // Lives as long as this, also when this is moved. Its error says why it cannot be had.
  const Regex& get(std::string_view pattern);

 private:
  static constexpr std::size_t kBytesMax = 4 * Regex::kPatternBytesMax;
  static constexpr std::size_t kSizeMax = 16'384;
  std::map<std::string, Regex, std::less<>> made_;
  std::size_t bytes_ = 0;  // of the patterns
  std::size_t size_ = 0;   // of what was made of them
};

}  // namespace patuh::expr
