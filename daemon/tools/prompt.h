// Lines that a person types, with editing and history. Private to tools; the only user of libedit.
#pragma once

#include <optional>
#include <string>

namespace patuh::tools {

// Asks at a terminal with editing and a history kept between runs; else reads standard input line
// by line without a prompt. One at a time in a process.
class Prompt {
 public:
  // The history is `file` below $XDG_STATE_HOME/patuh, or ~/.local/state/patuh; without a home, or
  // when the file cannot be written, it ends with the process.
  Prompt(std::string text, const std::string& file);
  Prompt(const Prompt&) = delete;
  Prompt& operator=(const Prompt&) = delete;

  bool at_terminal() const { return terminal_; }
  std::optional<std::string> next();  // nothing at the end of input

 private:
  void keep(const char* line);

  std::string text_;
  std::string history_;
  bool terminal_;
};

}  // namespace patuh::tools
