// The table of options. Private to config.
#pragma once

#include <array>
#include <span>
#include <variant>

#include "config/config.h"

namespace patuh::config {

using Properties = std::vector<std::pair<std::string, std::string>>;
using Member = std::variant<std::string Config::*, std::int64_t Config::*, base::Duration Config::*,
                            std::vector<std::string> Config::*, Properties Config::*>;

struct Option {
  OptionDoc doc;
  Member member;
  std::int64_t min = 0, max = 0;                // of an integer; min of a duration in ms
  std::span<const std::string_view> choices{};  // of a text; empty = any
};
std::span<const Option> options();

// Sets the option from text as in --set. kInvalid names what is expected.
base::Status set_from_text(Config& config, const Option& option, std::string_view text);
// Checks that need the value only: choices, bounds.
base::Status check(const Config& config, const Option& option);

}  // namespace patuh::config
