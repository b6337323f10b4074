#include "registry/values.h"

#include <bit>
#include <cmath>
#include <vector>

#include "registry/hash.h"

namespace patuh::registry {

using expr::Kind;
using expr::Value;

namespace {

bool identical_lists(const expr::ListRep& a, const expr::ListRep& b) {
  if (a.size != b.size) return false;
  for (std::uint32_t i = 0; i < a.size; ++i) {
    if (!identical(expr::item(a, i), expr::item(b, i))) return false;
  }
  return true;
}

bool identical_maps(const expr::MapRep& a, const expr::MapRep& b) {
  if (a.size != b.size) return false;
  for (std::uint32_t i = 0; i < a.size; ++i) {
    if (!identical(a.entries[i].key, b.entries[i].key)) return false;
    if (!identical(a.entries[i].value, b.entries[i].value)) return false;
  }
  return true;
}

void append_word(std::string& out, std::uint64_t word) {
  for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>((word >> shift) & 0xFFU);
}

void append_canonical(std::string& out, const Value& value);

void append_text(std::string& out, std::string_view text) {
  append_word(out, text.size());
  out += text;
}

void append_list(std::string& out, const expr::ListRep& list) {
  append_word(out, list.size);
  for (std::uint32_t i = 0; i < list.size; ++i) append_canonical(out, expr::item(list, i));
}

void append_map(std::string& out, const expr::MapRep& map) {
  append_word(out, map.size);
  for (std::uint32_t i = 0; i < map.size; ++i) {
    append_canonical(out, map.entries[i].key);
    append_canonical(out, map.entries[i].value);
  }
}

struct NumberForm {
  char kind;  // 'i', 'u' or 'd'
  std::uint64_t bits;
};

// Equal numbers have one form, whatever their kind: a whole double within int64 is that int.
NumberForm number_form(const Value& value) {
  if (value.kind() == Kind::kInt) return {'i', static_cast<std::uint64_t>(value.as_int())};
  if (value.kind() == Kind::kUint) {
    return {value.as_uint() <= INT64_MAX ? 'i' : 'u', value.as_uint()};
  }
  const double number = value.as_double();
  if (number >= -0x1p63 && number < 0x1p63 && std::trunc(number) == number) {
    return {'i', static_cast<std::uint64_t>(static_cast<std::int64_t>(number))};
  }
  if (number >= 0x1p63 && number < 0x1p64) return {'u', static_cast<std::uint64_t>(number)};
  return {'d', std::bit_cast<std::uint64_t>(number)};
}

void append_canonical(std::string& out, const Value& value) {
  out += static_cast<char>(value.kind());
  switch (value.kind()) {
    case Kind::kBool:
      out += value.as_bool() ? '1' : '0';
      return;
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble: {
      const NumberForm form = number_form(value);
      out.back() = form.kind;
      return append_word(out, form.bits);
    }
    case Kind::kString:
      return append_text(out, value.as_string());
    case Kind::kBytes:
      return append_text(out, value.as_bytes());
    case Kind::kTimestamp:
    case Kind::kDuration:
      append_word(out, static_cast<std::uint64_t>(value.seconds()));
      return append_word(out, value.nanos());
    case Kind::kList:
      return append_list(out, value.as_list());
    case Kind::kMap:
      return append_map(out, value.as_map());
    case Kind::kObject:
      append_word(out, value.object_kind());
      return append_word(out, value.object_index());
    case Kind::kNull:
    case Kind::kType:
    case Kind::kOptional:
    case Kind::kError:
      return;
  }
}

bool is_nan(const Value& value) {
  return value.kind() == Kind::kDouble && std::isnan(value.as_double());
}

}  // namespace

bool identical(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kNull:
      return true;
    case Kind::kDouble:
      return std::bit_cast<std::uint64_t>(a.as_double()) ==
             std::bit_cast<std::uint64_t>(b.as_double());
    case Kind::kList:
      return identical_lists(a.as_list(), b.as_list());
    case Kind::kMap:
      return identical_maps(a.as_map(), b.as_map());
    default:
      return expr::compare(a, b) == 0;
  }
}

Value merged(const Value& target, const Value& patch, expr::Arena& arena) {
  if (patch.kind() != Kind::kMap) return patch;
  std::vector<expr::MapEntry> entries;
  const expr::MapRep& over = patch.as_map();
  for (std::uint32_t i = 0; i < over.size; ++i) {
    const expr::MapEntry& member = over.entries[i];
    if (member.value.is_null()) continue;
    const Value* const old =
        target.kind() == Kind::kMap ? expr::find(target.as_map(), member.key) : nullptr;
    entries.push_back({member.key, merged(old == nullptr ? Value() : *old, member.value, arena)});
  }
  if (target.kind() == Kind::kMap) {
    const expr::MapRep& under = target.as_map();
    for (std::uint32_t i = 0; i < under.size; ++i) {
      if (expr::find(over, under.entries[i].key) == nullptr) entries.push_back(under.entries[i]);
    }
  }
  return expr::make_map(arena, entries);
}

IndexKey index_key_of(const Value& value) {
  IndexKey key;
  switch (value.kind()) {
    case Kind::kNull:
    case Kind::kError:
    case Kind::kOptional:
    case Kind::kType:
      return key;
    case Kind::kBool:
      key.tag = IndexKey::Tag::kBool;
      key.payload = value.as_bool() ? 1 : 0;
      return key;
    case Kind::kString:
      key.tag = IndexKey::Tag::kString;
      key.text = value.as_string();
      return key;
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble:
      if (is_nan(value)) return key;
      if (const NumberForm form = number_form(value); form.kind == 'i') {
        key.tag = IndexKey::Tag::kNumber;
        key.payload = form.bits;
        return key;
      }
      break;
    default:
      break;
  }
  key.tag = IndexKey::Tag::kOther;
  append_canonical(key.canonical, value);
  return key;
}

std::uint64_t hash_of_key(const IndexKey& key) {
  const auto tag = static_cast<std::uint64_t>(key.tag);
  if (key.tag == IndexKey::Tag::kString) return hash_of(key.text, tag);
  if (key.tag == IndexKey::Tag::kOther) return hash_of(key.canonical, tag);
  return mix(key.payload + tag * 0x9E3779B97F4A7C15U);
}

}  // namespace patuh::registry
