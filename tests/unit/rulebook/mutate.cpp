#include "tests/unit/rulebook/mutate.h"

#include <algorithm>

#include "rulebook/names.h"

namespace patuh::rulebook::hostile {
namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::size_t pick(std::size_t below, std::mt19937& random) {
  return below == 0 ? 0 : random() % below;
}

void change_byte(std::string& line, std::mt19937& random) {
  static constexpr std::string_view kBytes = "'\"[]{}=,.#\\ \t0123456789abcxyz_*-\x80\xC3\xFF";
  if (line.empty()) return;
  const std::size_t at = pick(line.size(), random);
  switch (random() % 3) {
    case 0:
      line[at] = kBytes[pick(kBytes.size(), random)];
      return;
    case 1:
      line.erase(at, 1 + pick(6, random));
      return;
    default:
      line.insert(at, 1, kBytes[pick(kBytes.size(), random)]);
  }
}

// Puts a word of another line in the place of one of this: the text stays TOML more often.
void change_word(std::string& line, const std::string& from, std::mt19937& random) {
  const auto mine = words_of(line);
  const auto theirs = words_of(from);
  if (mine.empty() || theirs.empty()) return;
  const std::string_view word = mine[pick(mine.size(), random)];
  line.replace(static_cast<std::size_t>(word.data() - line.data()), word.size(),
               std::string(theirs[pick(theirs.size(), random)]));
}

void change(std::vector<std::string>& lines, const std::vector<std::string>& others,
            std::mt19937& random) {
  const std::size_t at = pick(lines.size(), random);
  const auto here = lines.begin() + static_cast<std::ptrdiff_t>(at);
  switch (random() % 8) {
    case 0:
      lines.erase(here);
      return;
    case 1:
      lines.insert(here, std::string(*here));
      return;
    case 2:
      std::swap(lines[at], lines[pick(lines.size(), random)]);
      return;
    case 3:
      if (!others.empty()) lines.insert(here, others[pick(others.size(), random)]);
      return;
    case 4:
      change_byte(*here, random);
      return;
    default:
      change_word(*here, lines[pick(lines.size(), random)], random);
  }
}

bool holds(const PackFile& file, const base::Diagnostic& fault) {
  const bool named = file.name == fault.place.file || file.name == "0:" + fault.place.file;
  const auto breaks = static_cast<std::size_t>(std::ranges::count(file.text, '\n'));
  return named && fault.place.line <= breaks + 1 &&
         file.text.find(fault.snippet) != std::string::npos;
}

void check(const base::Diagnostics& found, const std::vector<PackFile>& files) {
  for (const base::Diagnostic& each : found.list()) {
    PATUH_ASSERT(!each.code.empty());
    PATUH_ASSERT(!each.message.empty());
    if (each.place.line == 0) continue;
    PATUH_ASSERT(
        std::ranges::any_of(files, [&](const PackFile& file) { return holds(file, each); }));
  }
}

void check_again(const RuleBook& book) {
  const Loaded again = load(book.files);
  PATUH_ASSERT(again.has_value());
  PATUH_ASSERT((*again)->hash == book.hash);
  PATUH_ASSERT((*again)->rules.size() == book.rules.size());
  for (std::size_t i = 0; i < book.rules.size(); ++i) {
    PATUH_ASSERT((*again)->rules[i].version == book.rules[i].version);
  }
}

}  // namespace

std::vector<PackFile> split_files(std::string_view text) {
  std::vector<PackFile> files;
  for (const std::string& line : lines_of(text)) {
    if (line.starts_with("#== ")) {
      files.push_back({line.substr(4), ""});
    } else if (!files.empty()) {
      files.back().text += line + "\n";
    }
  }
  return files;
}

std::string join_files(const std::vector<PackFile>& files) {
  std::string text;
  for (const PackFile& file : files) text += "#== " + file.name + "\n" + file.text;
  return text;
}

bool try_pack(const std::vector<PackFile>& files) {
  base::Diagnostics warnings;
  const Loaded book = load(files, &warnings);
  check(book ? warnings : book.error(), files);
  if (!book) {
    PATUH_ASSERT(book.error().has_errors());
    return false;
  }
  check_again(**book);
  if (const auto tests = load_tests(files, **book); !tests) check(tests.error(), files);
  return true;
}

std::string mutated(const std::string& text, const std::string& other, std::mt19937& random) {
  std::vector<std::string> lines = lines_of(text);
  const std::vector<std::string> others = lines_of(other);
  const std::size_t changes = 1 + pick(3, random);
  for (std::size_t i = 0; i < changes && !lines.empty(); ++i) change(lines, others, random);
  return joined(lines);
}

}  // namespace patuh::rulebook::hostile
