// The members of a constant list, for `in`.
#pragma once

#include <span>

#include "expr/expr.h"
#include "expr/short_text.h"

namespace patuh::expr {

struct Members {
  std::span<const Value> sorted;  // by compare()
  // Of a few texts and nothing else one a member, see print_of(): they are looked through.
  const std::uint32_t* prints = nullptr;
};

// Null when the value is no list, or holds what == and the order of members do not agree on: NaN,
// numbers that round.
const Members* members_of(const Value& list, Arena& arena);
bool is_member(const Members& members, const Value& value);

// For members that have prints.
inline bool is_member(const Members& members, std::string_view text) {
  const std::uint32_t print = print_of(text);
  for (std::size_t i = 0; i < members.sorted.size(); ++i) {
    if (members.prints[i] == print && is_same(members.sorted[i].as_string(), text)) return true;
  }
  return false;
}

}  // namespace patuh::expr
