// Packs of the tests: from the folder packs/, and from texts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rulebook/rulebook.h"

namespace patuh::rulebook::fixtures {

std::string folder();  // …/tests/unit/rulebook/packs
std::string read_file(const std::string& path);

// The files of packs/base, as a log record carries them.
std::vector<PackFile> base_pack();
// The base pack with one file more.
std::vector<PackFile> base_with(std::string name, std::string text);

// A schema with kinds `a` and `b`: a few attributes, relations, no roles.
std::string small_schema();
// small_schema() and one file of rules.
std::vector<PackFile> small_pack(std::string rules);

// Loads, and fails the test with the diagnostics when it cannot.
std::shared_ptr<const RuleBook> loaded(const std::vector<PackFile>& files,
                                       base::Diagnostics* warnings = nullptr);
// Rules of one kind for small_pack: `require` of rule "R" on kind `a`.
std::string rule_requiring(std::string_view expression);

}  // namespace patuh::rulebook::fixtures
