// The files of a pack and its layers, before anything is read in them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rulebook/rulebook.h"
#include "toml/toml.h"

namespace patuh::rulebook {

inline constexpr std::size_t kFilesMax = 1000;

struct SourceFile {
  std::size_t layer = 0;  // 0 = the pack
  std::string name;       // relative to its layer, with '/'
  std::string shown;      // how diagnostics name it
  std::string text;
};

inline constexpr std::string_view kSchemaFile = "schema.toml";
bool is_test_file(std::string_view name);

// The *.toml files of the folders, each layer's in the order of their names. Hidden files are left
// out. What cannot be read is reported (PACK-READ).
std::vector<SourceFile> read_folders(std::span<const std::filesystem::path> layers,
                                     toml::Report& report);

// "1:local.toml" is file local.toml of layer 1; without a number it is the pack's.
SourceFile from_pack_file(const PackFile& file);
PackFile to_pack_file(const SourceFile& file);

// By layer, then name.
void sort_files(std::vector<SourceFile>& files);

}  // namespace patuh::rulebook
