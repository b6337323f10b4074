// Hostile packs: mutations of packs that stand in the tree, and what is done with each.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "rulebook/rulebook.h"

namespace patuh::rulebook::hostile {

// Lines "#== name" begin a file; what stands before the first is left out.
std::vector<PackFile> split_files(std::string_view text);
// The other way round.
std::string join_files(const std::vector<PackFile>& files);

// Loads the pack and its tests. Asserts what must hold for any: a fault has a code, a message and a
// place within a file of the pack; what loads can be built again from its own files, the same.
// True when it loaded.
bool try_pack(const std::vector<PackFile>& files);

// One to three changes: words taken from elsewhere, lines lost, doubled, moved or taken from
// `other`, bytes changed.
std::string mutated(const std::string& text, const std::string& other, std::mt19937& random);

}  // namespace patuh::rulebook::hostile
