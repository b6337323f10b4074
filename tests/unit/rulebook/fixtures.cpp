#include "fixtures.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace patuh::rulebook::fixtures {

std::string folder() { return PATUH_SOURCE_DIR "/tests/unit/rulebook/packs"; }

std::string read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream.is_open()) << path;
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::vector<PackFile> base_pack() {
  return {{"0:rules.toml", read_file(folder() + "/base/rules.toml")},
          {"0:schema.toml", read_file(folder() + "/base/schema.toml")}};
}

std::vector<PackFile> base_with(std::string name, std::string text) {
  std::vector<PackFile> files = base_pack();
  files.push_back({std::move(name), std::move(text)});
  return files;
}

std::string small_schema() {
  return R"toml([pack]
id = "small"
version = "1"

[kinds.a.attributes]
name = { type = "string" }
count = { type = "int" }
ready = { type = "bool" }
at = { type = "timestamp" }
[kinds.a.relations]
b = { to = "b" }
many = { to = "b", many = true, max = 10 }
[kinds.b.attributes]
name = { type = "string", index = true }
ready = { type = "bool" }
)toml";
}

std::vector<PackFile> small_pack(std::string rules) {
  return {{"schema.toml", small_schema()}, {"rules.toml", std::move(rules)}};
}

std::shared_ptr<const RuleBook> loaded(const std::vector<PackFile>& files,
                                       base::Diagnostics* warnings) {
  Loaded book = load(files, warnings);
  if (!book) {
    ADD_FAILURE() << book.error().render();
    return nullptr;
  }
  return *book;
}

std::string rule_requiring(std::string_view expression) {
  return "[[rule]]\nid = \"R\"\nkind = \"a\"\nseverity = \"low\"\nrequire = '''" +
         std::string(expression) + "'''\ntitle.id = \"T\"\n";
}

}  // namespace patuh::rulebook::fixtures
