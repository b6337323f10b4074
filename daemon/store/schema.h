// The tables, the settings of a connection, and the version of the format.
#pragma once

#include <memory>
#include <string>

#include "store/sqlite.h"

namespace patuh::store {

// Opens the database of a locked folder for writing, and makes it when it is not there.
base::Result<std::unique_ptr<Database>> open_for_writing(const std::string& dir);
// Opens it for reading; kNotFound when there is none.
base::Result<std::unique_ptr<Database>> open_for_reading(const std::string& dir);

base::Result<std::optional<std::string>> read_meta(Database& database, std::string_view key);
base::Status write_meta(Database& database, std::string_view key, std::string_view value);

// Keys of the store itself. On disk: never rename.
inline constexpr std::string_view kMetaOwn = "store.";
inline constexpr std::string_view kMetaFormat = "store.format";
inline constexpr std::string_view kMetaId = "store.id";
inline constexpr std::string_view kMetaIndexed = "store.indexed";       // last indexed transition
inline constexpr std::string_view kMetaOpen = "store.open";             // last one in open_pairs
inline constexpr std::string_view kMetaRuled = "store.ruled";           // the same, by rule
inline constexpr std::string_view kMetaRuledFrom = "store.ruled_from";  // first record, by rule
inline constexpr std::string_view kMetaMarked = "store.marked";         // first record with marks

}  // namespace patuh::store
