#include <algorithm>
#include <tuple>

#include "base/base.h"

namespace patuh::base {
namespace {

bool continues(char c) { return (c & 0xC0) == 0x80; }

std::string caret_line(const Diagnostic& d) {
  std::string line = "  | ";
  std::uint32_t column = 1;
  for (std::size_t i = 0; i < d.snippet.size() && column < d.place.column; ++i) {
    if (continues(d.snippet[i])) continue;
    line += d.snippet[i] == '\t' ? '\t' : ' ';
    ++column;
  }
  line.append(d.place.column > column ? d.place.column - column : 0, ' ');
  return line + "^\n";
}

std::string shown(std::string_view text) { return printable(text, "\uFFFD", "\t\n"); }

void render_one(const Diagnostic& d, std::string& out) {
  out += d.place.file;
  if (d.place.line != 0) out += ":" + std::to_string(d.place.line);
  if (d.place.column != 0) out += ":" + std::to_string(d.place.column);
  out += d.level == Diagnostic::Level::kError ? ": error: " : ": warning: ";
  out += shown(d.message) + " [" + d.code + "]\n";
  if (!d.snippet.empty()) {
    out += "  | " + shown(d.snippet) + "\n";
    if (d.place.column != 0) out += caret_line(d);
  }
  if (!d.hint.empty()) out += "  = " + shown(d.hint) + "\n";
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = i;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

void Diagnostics::append(const Diagnostics& other) {
  list_.insert(list_.end(), other.list_.begin(), other.list_.end());
}

bool Diagnostics::has_errors() const {
  return std::ranges::any_of(
      list_, [](const Diagnostic& d) { return d.level == Diagnostic::Level::kError; });
}

void Diagnostics::sort() {
  std::ranges::sort(list_, {}, [](const Diagnostic& d) {
    return std::tie(d.place.file, d.place.line, d.place.column, d.code, d.message);
  });
}

std::string Diagnostics::render() const {
  std::string out;
  for (const Diagnostic& d : list_) render_one(d, out);
  return out;
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(word.size() / 3, 1) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t longer = std::max(candidate.size(), word.size());
    const std::size_t shorter = std::min(candidate.size(), word.size());
    if (longer - shorter >= best_distance) continue;  // so many edits at least
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace patuh::base
