#include "cases.h"

#include <fstream>

#include "base/base.h"

namespace patuh::expr {
namespace {

constexpr std::string_view kArrow = "==>";

std::ifstream open(std::string_view name) {
  std::ifstream file(std::string(PATUH_SOURCE_DIR "/tests/unit/expr/cases/") + std::string(name));
  PATUH_ASSERT(file.is_open());
  return file;
}

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(' ') - begin + 1));
}

std::string place(std::string_view name, int line) {
  return std::string(name) + ":" + std::to_string(line);
}

}  // namespace

std::vector<Case> read_cases(std::string_view name) {
  std::ifstream file = open(name);
  std::vector<Case> cases;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t arrow = line.find(kArrow);
    PATUH_ASSERT(arrow != std::string::npos);
    cases.push_back({place(name, number), trimmed(line.substr(0, arrow)),
                     trimmed(line.substr(arrow + kArrow.size()))});
  }
  PATUH_ASSERT(!cases.empty());
  return cases;
}

std::vector<Case> read_blocks(std::string_view name) {
  std::ifstream file = open(name);
  std::vector<Case> blocks;
  std::string line;
  bool in_text = false;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line == "----") {
      blocks.push_back({place(name, number + 1), {}, {}});
      in_text = false;
    } else if (line == "--") {
      in_text = true;
    } else if (!blocks.empty() && in_text) {
      blocks.back().outcome += line + "\n";
    } else if (!blocks.empty()) {
      blocks.back().expression += (blocks.back().expression.empty() ? "" : "\n") + line;
    }
  }
  PATUH_ASSERT(!blocks.empty());
  return blocks;
}

}  // namespace patuh::expr
