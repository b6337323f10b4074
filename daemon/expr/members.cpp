#include "expr/members.h"

#include <algorithm>

#include "expr/numbers.h"

namespace patuh::expr {
namespace {

bool is_string(const Value& v) { return v.kind() == Kind::kString; }

bool is_plain(const Value& v) { return is_string(v) || v.kind() == Kind::kBool || is_exact(v); }

const std::uint32_t* prints_of(std::span<const Value> members, Arena& arena) {
  constexpr std::size_t kScanMax = 8;
  if (members.size() > kScanMax || !std::ranges::all_of(members, is_string)) return nullptr;
  auto prints = arena.make_array<std::uint32_t>(members.size());
  std::ranges::transform(members, prints.begin(),
                         [](const Value& v) { return print_of(v.as_string()); });
  return prints.data();
}

}  // namespace

const Members* members_of(const Value& list, Arena& arena) {
  if (list.kind() != Kind::kList) return nullptr;
  const ListRep& rep = list.as_list();
  auto sorted = arena.make_array<Value>(rep.size);
  std::copy_n(rep.items, rep.size, sorted.begin());
  if (!std::ranges::all_of(sorted, is_plain)) return nullptr;
  std::ranges::sort(sorted, [](const Value& a, const Value& b) { return compare(a, b) < 0; });
  return arena.make(Members{sorted, prints_of(sorted, arena)});
}

bool is_member(const Members& members, const Value& value) {
  const auto at = std::ranges::lower_bound(
      members.sorted, value, [](const Value& x, const Value& y) { return compare(x, y) < 0; });
  return at != members.sorted.end() && equals(*at, value);
}

}  // namespace patuh::expr
