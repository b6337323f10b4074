// The keys of errors' texts that a module's sources name, for tests that each of them is told.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace patuh {

// `folder` as in the source tree: "daemon/expr".
inline std::set<std::string> error_keys_of(const std::string& folder) {
  const std::regex key(R"re("(error\.[a-z0-9_]+)")re");
  std::set<std::string> keys;
  for (const auto& entry : std::filesystem::directory_iterator(PATUH_SOURCE_DIR "/" + folder)) {
    if (entry.path().extension() != ".cpp") continue;
    std::ifstream stream(entry.path());
    const std::string source{std::istreambuf_iterator<char>(stream),
                             std::istreambuf_iterator<char>()};
    for (std::sregex_iterator at(source.begin(), source.end(), key), end; at != end; ++at) {
      keys.insert((*at)[1]);
    }
  }
  return keys;
}

}  // namespace patuh
