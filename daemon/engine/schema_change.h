// Whether another book's schema may make rules that did not change judge differently. Private to
// engine.
#pragma once

#include "rulebook/rulebook.h"

namespace patuh::engine {

// False when kinds, fields, roles and zone are the same, and derived attributes mean the same.
// Titles and domains may differ.
bool reads_differently(const rulebook::RuleBook& before, const rulebook::RuleBook& after);

// Derived attributes of both come to the same, if they are the same.
bool derives_alike(const rulebook::RuleBook& before, const rulebook::RuleBook& after);

}  // namespace patuh::engine
