// What the registry does with the language's values: compares them strictly, merges maps, and makes
// them keys of indexes.
#pragma once

#include <cstdint>
#include <string>

#include "expr/expr.h"

namespace patuh::registry {

// The same kind and the same value: 1 and 1.0 differ, a NaN is itself. What decides whether a
// field changed.
bool identical(const expr::Value& a, const expr::Value& b);

// RFC 7396: `patch` laid over `target`; members of maps that are null go. What is no map is taken
// as it is. The result lives as long as both and `arena`.
expr::Value merged(const expr::Value& target, const expr::Value& patch, expr::Arena& arena);

// A value as a key: equal (by the language's equality) values have the same form, tag by tag.
struct IndexKey {
  enum class Tag : std::uint8_t { kNone = 0, kNumber, kBool, kString, kOther };
  Tag tag = Tag::kNone;       // none: not indexed (null, NaN, errors)
  std::uint64_t payload = 0;  // of numbers and bools
  std::string_view text;      // of strings: a view of the value's
  std::string canonical;      // of others
  friend bool operator==(const IndexKey&, const IndexKey&) = default;
};
IndexKey index_key_of(const expr::Value& value);
std::uint64_t hash_of_key(const IndexKey& key);

}  // namespace patuh::registry
