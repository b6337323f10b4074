// The language's own functions: one table, read by the checker, the planner and the reference.
#pragma once

#include <span>
#include <string_view>

#include "expr/plan.h"

namespace patuh::expr {

enum class Style : std::uint8_t { kGlobal, kMethod, kBoth };

// What a resolver may ask while an expression is checked.
struct Known {
  const ObjectTypes* types;
  Regexes& regexes;
};
// What the checker asks beyond types: literals that must be good, attributes that must exist.
using Resolver = Resolved (*)(const Known& known, std::span<const Argument> arguments);
// Prepares a call whose later arguments are constants: compiles a pattern, finds a zone.
using Preparer = void (*)(Program::Impl& program, Node& call, std::span<const Node* const> items);

// What a call charges at run time beside its cost, for the bound: nothing, by the length of texts,
// by (and making a pattern), by the items of its lists once, in sorting them, or each with each.
enum class Charge : std::uint8_t { kNothing, kText, kPattern, kItems, kSorting, kPairs };

struct LibraryFunction {
  std::string_view name;
  Style style = Style::kGlobal;
  // "ss:b" takes two strings and gives a bool: i int, u uint, d double, s string, y bytes, b bool,
  // t timestamp, D duration, l list, m map, o optional, T type, n a number of any kind, * anything;
  // the last parameter with + behind it comes once or more. As a result also: L list(string), I
  // list(int), S optional(string), F an optional of anything, "=" whatever the resolver says, 0 the
  // type of the first argument, e of its item, O an optional of it, P of its item, U a list of what
  // its optionals hold, J what both optionals are, V what the first holds or the second is. A
  // method's target comes first.
  std::span<const std::string_view> signatures;
  NativeCall call = nullptr;
  std::uint32_t cost = 0;  // units a call, beside what it charges for sizes; never 0
  Run run = nullptr;       // in place of `call`, where that is much faster
  Charge charge = Charge::kNothing;
  bool costs_size = false;  // charges a unit for each item of its first argument
  bool takes_null = false;
  bool takes_moving = false;   // handles values that move with `now`
  bool passes_moving = false;  // its result moves as its argument does
  Resolver resolve = nullptr;
  Preparer prepare = nullptr;
};

// The language's own, then the extensions.
std::span<const LibraryFunction> library();
const LibraryFunction* find_library(std::string_view name);

// ── The functions, by what they work on ──
namespace native {

Value size(Frame&, const Node&, const Value*);
Value filled(Frame&, const Node&, const Value*);
Value type(Frame&, const Node&, const Value*);
Value dyn(Frame&, const Node&, const Value*);
Value to_bool(Frame&, const Node&, const Value*);
Value to_bytes(Frame&, const Node&, const Value*);
Value to_double(Frame&, const Node&, const Value*);
Value to_int(Frame&, const Node&, const Value*);
Value to_string(Frame&, const Node&, const Value*);
Value to_uint(Frame&, const Node&, const Value*);

Value char_at(Frame&, const Node&, const Value*);
Value contains(Frame&, const Node&, const Value*);
Value ends_with(Frame&, const Node&, const Value*);
Value index_of(Frame&, const Node&, const Value*);
Value join(Frame&, const Node&, const Value*);
Value last_index_of(Frame&, const Node&, const Value*);
Value lower_ascii(Frame&, const Node&, const Value*);
Value matches(Frame&, const Node&, const Value*);
Value replace(Frame&, const Node&, const Value*);
Value split(Frame&, const Node&, const Value*);
Value starts_with(Frame&, const Node&, const Value*);
Value substring(Frame&, const Node&, const Value*);
Value trim(Frame&, const Node&, const Value*);
Value upper_ascii(Frame&, const Node&, const Value*);
Resolved resolve_matches(const Known&, std::span<const Argument>);
// Checks the pattern; the result is the signature's.
Resolved resolve_pattern(const Known&, std::span<const Argument>);
void prepare_matches(Program::Impl&, Node&, std::span<const Node* const>);

Value to_timestamp(Frame&, const Node&, const Value*);
Value to_duration(Frame&, const Node&, const Value*);
Value days(Frame&, const Node&, const Value*);
Value hours(Frame&, const Node&, const Value*);
Value start_of(Frame&, const Node&, const Value*);
Value add_months(Frame&, const Node&, const Value*);
Value at_part(Frame&, const Node&, const Value*);
Value get_full_year(Frame&, const Node&, const Value*);
Value get_month(Frame&, const Node&, const Value*);
Value get_date(Frame&, const Node&, const Value*);
Value get_day_of_month(Frame&, const Node&, const Value*);
Value get_day_of_week(Frame&, const Node&, const Value*);
Value get_day_of_year(Frame&, const Node&, const Value*);
Value get_hours(Frame&, const Node&, const Value*);
Value get_minutes(Frame&, const Node&, const Value*);
Value get_seconds(Frame&, const Node&, const Value*);
Value get_milliseconds(Frame&, const Node&, const Value*);
Resolved resolve_timestamp(const Known&, std::span<const Argument>);
Resolved resolve_duration(const Known&, std::span<const Argument>);
Resolved resolve_start_of(const Known&, std::span<const Argument>);
Resolved resolve_zone(const Known&, std::span<const Argument>);
void prepare_zone(Program::Impl&, Node&, std::span<const Node* const>);

Value latest(Frame&, const Node&, const Value*);
Value sum(Frame&, const Node&, const Value*);
Value avg(Frame&, const Node&, const Value*);
Value min(Frame&, const Node&, const Value*);
Value max(Frame&, const Node&, const Value*);
Resolved resolve_latest(const Known&, std::span<const Argument>);
Resolved resolve_sum(const Known&, std::span<const Argument>);
Resolved resolve_avg(const Known&, std::span<const Argument>);
Resolved resolve_extreme(const Known&, std::span<const Argument>);
void prepare_attribute(Program::Impl&, Node&, std::span<const Node* const>);

}  // namespace native
}  // namespace patuh::expr
