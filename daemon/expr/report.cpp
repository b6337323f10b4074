#include "expr/report.h"

#include <algorithm>

namespace patuh::expr {
namespace {

// Of a very long line no more than this is shown behind the fault.
constexpr std::size_t kShownAfterMax = 200;

struct Spot {
  base::Place place;
  std::string snippet;
};

std::uint32_t code_points(std::string_view text) {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

// The first line of an expression stands somewhere in a line of the file; blanks stand for what is
// before it, so that the caret falls on the fault.
Spot locate(const Source& source, std::uint32_t offset) {
  const std::string_view text = source.text;
  const std::string_view before = text.substr(0, offset);
  const std::size_t newline = before.rfind('\n');
  const bool first = newline == std::string_view::npos;
  const std::size_t begin = first ? 0 : newline + 1;
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  const std::uint32_t indent =
      first && source.place.column > 1 ? source.place.column - 1 : std::uint32_t{0};
  const auto lines = static_cast<std::uint32_t>(std::ranges::count(before, '\n'));

  Spot spot;
  spot.place.file = source.place.file;
  spot.place.line = std::max(source.place.line, std::uint32_t{1}) + lines;
  spot.place.column = indent + code_points(text.substr(begin, offset - begin)) + 1;
  const std::size_t shown = std::min(end, offset + kShownAfterMax);
  spot.snippet = std::string(indent, ' ') + std::string(text.substr(begin, shown - begin));
  while (shown < end && (spot.snippet.back() & 0xC0) == 0x80) spot.snippet.pop_back();
  return spot;
}

}  // namespace

void Report::add(Fault fault) {
  std::size_t& count = fault.level == base::Diagnostic::Level::kError ? errors_ : warnings_;
  if (++count > kFaultsMax) return;
  const auto offset = std::min(fault.at.begin, static_cast<std::uint32_t>(source_.text.size()));
  Spot spot = locate(source_, offset);
  diagnostics_.add({.level = fault.level,
                    .code = std::string(fault.code),
                    .place = std::move(spot.place),
                    .snippet = std::move(spot.snippet),
                    .message = std::move(fault.message),
                    .hint = std::move(fault.hint)});
}

base::Diagnostics Report::take() {
  diagnostics_.sort();
  return std::move(diagnostics_);
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string_view near = base::nearest(word, candidates);
  return near.empty() ? std::string() : "did you mean '" + std::string(near) + "'?";
}

std::string did_you_mean_or_list(std::string_view word,
                                 std::span<const std::string_view> candidates) {
  constexpr std::size_t kListedMax = 12;
  std::string near = did_you_mean(word, candidates);
  if (!near.empty() || candidates.empty()) return near;
  std::string list = "known are ";
  for (std::size_t i = 0; i < candidates.size() && i < kListedMax; ++i) {
    list += (i == 0 ? "" : ", ") + std::string(candidates[i]);
  }
  return candidates.size() > kListedMax ? list + " …" : list;
}

}  // namespace patuh::expr
