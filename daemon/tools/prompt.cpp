#include "tools/prompt.h"

#include <editline/readline.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>

namespace patuh::tools {
namespace {

constexpr int kHistoryMax = 1'000;

std::filesystem::path state_folder() {
  if (const char* const state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/') {
    return std::filesystem::path(state) / "patuh";
  }
  const char* const home = std::getenv("HOME");
  if (home == nullptr || *home != '/') return {};
  return std::filesystem::path(home) / ".local/state/patuh";
}

struct Freed {
  void operator()(char* text) const { std::free(text); }
};

}  // namespace

Prompt::Prompt(std::string text, const std::string& file)
    : text_(std::move(text)), terminal_(::isatty(STDIN_FILENO) == 1) {
  if (!terminal_) return;
  std::setlocale(LC_CTYPE, "C.UTF-8");  // else letters beyond ASCII are dropped while typing
  using_history();
  stifle_history(kHistoryMax);
  const std::filesystem::path folder = state_folder();
  if (folder.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  history_ = folder / file;
  read_history(history_.c_str());
}

// At once: whoever leaves by Ctrl-C wants it back, too.
void Prompt::keep(const char* line) {
  add_history(line);
  if (!history_.empty()) write_history(history_.c_str());
}

std::optional<std::string> Prompt::next() {
  if (!terminal_) {
    std::string line;
    return std::getline(std::cin, line) ? std::optional(std::move(line)) : std::nullopt;
  }
  const std::unique_ptr<char, Freed> line(readline(text_.c_str()));
  if (line == nullptr) return std::nullopt;
  if (*line != '\0') keep(line.get());
  return std::string(line.get());
}

}  // namespace patuh::tools
