// Hostile input for the language: mutations of good expressions, and what is done with each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace patuh::expr {

// Compiles in the test world; evaluates with a small budget when it compiles, traced and not.
// Asserts what must hold for any text: faults have a code, a place and a message; both runs agree.
// True when it compiled.
bool try_expression(std::string_view text);

}  // namespace patuh::expr
