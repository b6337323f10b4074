// What the tests of the sample share: a folder of their own, the pack, and a history once made.
#pragma once

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "collectors/decode/decode.h"
#include "engine/engine.h"
#include "rulebook/rulebook.h"
#include "tools/sample/sample.h"

namespace patuh::sample {

using namespace std::chrono_literals;  // NOLINT: for years and months

// Is removed with what is in it.
class Folder {
 public:
  explicit Folder(const std::string& name)
      : path_(std::filesystem::temp_directory_path() /
              ("patuh-sample-" + name + "-" +
               std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()))) {}
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline Options small(std::uint64_t seed, std::filesystem::path out) {
  return {.seed = seed,
          .agencies = 12,
          .elements = 700,
          .months = 5,
          .until = 2026y / std::chrono::November / 24,
          .out = std::move(out)};
}

inline std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

inline std::shared_ptr<const rulebook::RuleBook> pack() {
  static const std::shared_ptr<const rulebook::RuleBook> book = [] {
    const std::array layers = {std::filesystem::path(PATUH_SOURCE_DIR "/rules/spbe")};
    auto loaded = rulebook::load(layers);
    PATUH_ASSERT(loaded.has_value());
    return *loaded;
  }();
  return book;
}

// The event as the schema reads it; asserts that it can be read.
inline model::ChangeEvent read(const std::string& line) {
  const decode::Item item = decode::decode_one(line, {"file", "sample", 0, 1});
  const auto* const envelope = std::get_if<decode::Event>(&item);
  PATUH_ASSERT(envelope != nullptr);
  auto event = decode::interpret(*envelope, *pack()->schema);
  PATUH_ASSERT(event.has_value());
  return std::move(*event);
}

}  // namespace patuh::sample
