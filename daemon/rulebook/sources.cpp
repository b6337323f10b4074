#include "rulebook/sources.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <tuple>

namespace patuh::rulebook {
namespace {

namespace fs = std::filesystem;

void refuse(toml::Report& report, const std::string& path, const std::string& message,
            const std::string& hint = {}) {
  report.out().add({base::Diagnostic::Level::kError, "PACK-READ", {path, 0, 0}, "", message, hint});
}

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

void read_file(std::size_t layer, const fs::path& root, const fs::path& path,
               std::vector<SourceFile>& out, toml::Report& report) {
  auto text = base::read_file(path.string());
  if (!text) return refuse(report, path.string(), "the file cannot be read");
  out.push_back(
      {layer, path.lexically_relative(root).generic_string(), path.string(), std::move(*text)});
}

void read_folder(std::size_t layer, const fs::path& root, std::vector<SourceFile>& out,
                 toml::Report& report) {
  std::error_code error;
  fs::recursive_directory_iterator at(root, error);
  if (error) {
    refuse(report, root.string(), "the folder cannot be read: " + error.message(),
           "name the folder of a pack: --set rules.pack=DIR, or rules.pack in the configuration");
    return;
  }
  for (const fs::recursive_directory_iterator end; at != end; at.increment(error)) {
    if (is_hidden(at->path())) {
      if (at->is_directory(error)) at.disable_recursion_pending();
      continue;
    }
    if (at->path().extension() == ".toml" && at->is_regular_file(error)) {
      read_file(layer, root, at->path(), out, report);
    }
    if (out.size() > kFilesMax) {
      refuse(report, root.string(), "the pack has more than 1,000 files");
      return;
    }
  }
  if (error) refuse(report, root.string(), "the folder cannot be read: " + error.message());
}

}  // namespace

bool is_test_file(std::string_view name) { return name.ends_with(".test.toml"); }

void sort_files(std::vector<SourceFile>& files) {
  std::ranges::sort(files, {}, [](const SourceFile& file) {
    return std::tuple<std::size_t, std::string_view>(file.layer, file.name);
  });
}

std::vector<SourceFile> read_folders(std::span<const fs::path> layers, toml::Report& report) {
  std::vector<SourceFile> files;
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    read_folder(layer, layers[layer], files, report);
  }
  sort_files(files);
  return files;
}

SourceFile from_pack_file(const PackFile& file) {
  SourceFile out{0, file.name, file.name, file.text};
  const std::size_t colon = file.name.find(':');
  if (colon == std::string::npos) return out;
  const char* const begin = file.name.data();
  const auto [end, error] = std::from_chars(begin, begin + colon, out.layer);
  if (error != std::errc() || end != begin + colon) return out;
  out.name = file.name.substr(colon + 1);
  if (out.layer == 0) out.shown = out.name;
  return out;
}

PackFile to_pack_file(const SourceFile& file) {
  return {std::to_string(file.layer) + ":" + file.name, file.text};
}

}  // namespace patuh::rulebook
