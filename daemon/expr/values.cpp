// What values are made of: constructors and accessors that are not on the common path, lists and
// maps, copies.
#include <algorithm>
#include <cstring>

#include "expr/expr.h"

namespace patuh::expr {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
// base::Instant holds about ±292,000 years: every timestamp of the language fits.
constexpr std::int64_t kSecondsMax = INT64_MAX / kMicrosPerSecond - 1;

struct SplitMicros {
  std::int64_t seconds;
  std::uint32_t nanos;
};

SplitMicros split(std::int64_t micros) {
  std::int64_t seconds = micros / kMicrosPerSecond;
  std::int64_t rest = micros % kMicrosPerSecond;
  if (rest < 0) {
    --seconds;
    rest += kMicrosPerSecond;
  }
  return {seconds, static_cast<std::uint32_t>(rest * 1000)};
}

std::int64_t micros(std::int64_t seconds, std::uint32_t nanos) {
  return std::clamp(seconds, -kSecondsMax, kSecondsMax) * kMicrosPerSecond + nanos / 1000;
}

Value copy_list(const ListRep& from, Arena& arena) {
  auto items = arena.make_array<Value>(from.size);
  for (std::uint32_t i = 0; i < from.size; ++i) items[i] = deep_copy(item(from, i), arena);
  return Value::list(arena.make(ListRep{from.size, items.data(), nullptr}));
}

Value copy_map(const MapRep& from, Arena& arena) {
  auto entries = arena.make_array<MapEntry>(from.size);
  for (std::uint32_t i = 0; i < from.size; ++i) {
    entries[i] = {deep_copy(from.entries[i].key, arena), deep_copy(from.entries[i].value, arena)};
  }
  return Value::map(arena.make(MapRep{from.size, entries.data()}));
}

Value copy_error(const ErrorRep& from, Arena& arena) {
  ErrorRep* const rep = arena.make(from);
  for (std::string_view& argument : rep->arguments) argument = arena.copy(argument);
  return Value::error(rep);
}

}  // namespace

std::string_view name_of(Kind kind) {
  static constexpr std::array<std::string_view, 15> kNames = {
      "null",     "bool", "int", "uint", "double", "string",   "bytes", "timestamp",
      "duration", "list", "map", "type", "object", "optional", "error"};
  return kNames[static_cast<std::size_t>(kind)];
}

Value Value::null(const Origin& origin) {
  PATUH_ASSERT(origin.field < UINT16_MAX);
  Value value(Kind::kNull, origin.object_kind, origin.object_index);
  value.head_ |= std::uint64_t{static_cast<std::uint16_t>(origin.field + 1)} << kFieldAt;
  return value;
}

Value Value::timestamp(base::Instant at) {
  const SplitMicros parts = split(at.time_since_epoch().count());
  return timestamp(parts.seconds, parts.nanos);
}

Value Value::duration(base::Duration d) {
  const SplitMicros parts = split(d.count());
  return duration(parts.seconds, parts.nanos);
}

std::optional<Origin> Value::origin() const {
  const auto field = static_cast<std::uint16_t>(head_ >> kFieldAt);
  if (!is_null() || field == 0) return std::nullopt;
  return Origin{aux(), static_cast<std::uint32_t>(payload_), static_cast<std::uint16_t>(field - 1)};
}

base::Instant Value::as_instant() const {
  PATUH_ASSERT(kind() == Kind::kTimestamp);
  return base::Instant{base::Duration{micros(seconds(), nanos())}};
}

base::Duration Value::as_duration() const {
  PATUH_ASSERT(kind() == Kind::kDuration);
  return base::Duration{micros(seconds(), nanos())};
}

std::int64_t Value::seconds() const {
  PATUH_ASSERT(kind() == Kind::kTimestamp || kind() == Kind::kDuration);
  return static_cast<std::int64_t>(payload_);
}

std::uint32_t Value::nanos() const {
  PATUH_ASSERT(kind() == Kind::kTimestamp || kind() == Kind::kDuration);
  return aux();
}

Value item(const ListRep& list, std::uint32_t index) {
  PATUH_ASSERT(index < list.size);
  return list.lazy == nullptr ? list.items[index] : list.lazy->at(index);
}

Value deep_copy(const Value& value, Arena& arena) {
  switch (value.kind()) {
    case Kind::kString:
      return Value::string(arena.copy(value.as_string()));
    case Kind::kBytes:
      return Value::bytes(arena.copy(value.as_bytes()));
    case Kind::kList:
      return copy_list(value.as_list(), arena);
    case Kind::kMap:
      return copy_map(value.as_map(), arena);
    case Kind::kOptional:
      if (value.as_optional() == nullptr) return value;
      return Value::optional(arena.make(deep_copy(*value.as_optional(), arena)));
    case Kind::kError:
      return copy_error(value.as_error(), arena);
    default:
      return value;
  }
}

Value make_list(Arena& arena, std::span<const Value> items) {
  auto copied = arena.make_array<Value>(items.size());
  std::ranges::copy(items, copied.begin());
  return Value::list(
      arena.make(ListRep{static_cast<std::uint32_t>(items.size()), copied.data(), nullptr}));
}

Value make_map(Arena& arena, std::span<const MapEntry> entries) {
  auto sorted = arena.make_array<MapEntry>(entries.size());
  std::ranges::copy(entries, sorted.begin());
  std::ranges::stable_sort(
      sorted, [](const MapEntry& a, const MapEntry& b) { return compare(a.key, b.key) < 0; });
  const auto repeated = std::ranges::unique(
      sorted, [](const MapEntry& a, const MapEntry& b) { return compare(a.key, b.key) == 0; });
  const auto size = static_cast<std::uint32_t>(sorted.size() - repeated.size());
  return Value::map(arena.make(MapRep{size, sorted.data()}));
}

const Value* find(const MapRep& map, const Value& key) {
  const std::span entries(map.entries, map.size);
  const auto at = std::ranges::lower_bound(
      entries, key, [](const Value& a, const Value& b) { return compare(a, b) < 0; },
      &MapEntry::key);
  if (at == entries.end() || !equals(at->key, key)) return nullptr;
  return &at->value;
}

const Value* find(const MapRep& map, std::string_view key) { return find(map, Value::string(key)); }

bool is_filled(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull:
    case Kind::kError:
      return false;
    case Kind::kString:
      return !value.as_string().empty();
    case Kind::kBytes:
      return !value.as_bytes().empty();
    case Kind::kList:
      return value.as_list().size != 0;
    case Kind::kMap:
      return value.as_map().size != 0;
    case Kind::kOptional:
      return value.as_optional() != nullptr;
    default:
      return true;
  }
}

}  // namespace patuh::expr
