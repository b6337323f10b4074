// The reference codes of Perpres 132/2022 to level 2, as far as they are known; the numbers of some
// are uncertain. RAD runs parallel to RAB.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patuh::sample {

struct Reference {
  std::string code;    // "RAB.04.01"
  std::string parent;  // "RAB.04", empty at level 1
  std::string name;
  int level;
};

// All of them, parents before children.
std::vector<Reference> references();

// How many codes of level 2 stand under RAL.01.
int public_service_areas();

}  // namespace patuh::sample
