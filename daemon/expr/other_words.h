// What words and functions of other languages are called here, for hints.
#pragma once

#include <string>
#include <string_view>

namespace patuh::expr {

// "'and' is written &&"; empty when the word is of none that is known. Case does not count.
std::string hint_for_word(std::string_view word);
// The same of a function.
std::string hint_for_function(std::string_view name);

}  // namespace patuh::expr
