#include "expr/library.h"

#include <algorithm>

#include "expr/instructions.h"
#include "expr/library_extensions.h"

namespace patuh::expr {
namespace {

using Signatures = std::span<const std::string_view>;

constexpr std::array<std::string_view, 4> kSize = {"s:i", "y:i", "l:i", "m:i"};
constexpr std::array<std::string_view, 1> kTest = {"*:b"};
constexpr std::array<std::string_view, 1> kType = {"*:T"};
constexpr std::array<std::string_view, 1> kDyn = {"*:*"};
constexpr std::array<std::string_view, 2> kToBool = {"b:b", "s:b"};
constexpr std::array<std::string_view, 2> kToBytes = {"y:y", "s:y"};
constexpr std::array<std::string_view, 4> kToDouble = {"d:d", "i:d", "u:d", "s:d"};
constexpr std::array<std::string_view, 5> kToInt = {"i:i", "u:i", "d:i", "s:i", "t:i"};
constexpr std::array<std::string_view, 4> kToUint = {"u:u", "i:u", "d:u", "s:u"};
constexpr std::array<std::string_view, 8> kToString = {"s:s", "i:s", "u:s", "d:s",
                                                       "b:s", "y:s", "t:s", "D:s"};
constexpr std::array<std::string_view, 1> kTextTest = {"ss:b"};
constexpr std::array<std::string_view, 1> kTextToText = {"s:s"};
constexpr std::array<std::string_view, 1> kCharAt = {"si:s"};
constexpr std::array<std::string_view, 2> kIndexOf = {"ss:i", "ssi:i"};
constexpr std::array<std::string_view, 2> kJoin = {"l:s", "ls:s"};
constexpr std::array<std::string_view, 2> kReplace = {"sss:s", "sssi:s"};
constexpr std::array<std::string_view, 2> kSplit = {"ss:L", "ssi:L"};
constexpr std::array<std::string_view, 2> kSubstring = {"si:s", "sii:s"};
constexpr std::array<std::string_view, 3> kToTimestamp = {"t:t", "s:t", "i:t"};
constexpr std::array<std::string_view, 2> kToDuration = {"D:D", "s:D"};
constexpr std::array<std::string_view, 1> kSpan = {"i:D"};
constexpr std::array<std::string_view, 1> kStartOf = {"st:t"};
constexpr std::array<std::string_view, 1> kAddMonths = {"ti:t"};
constexpr std::array<std::string_view, 2> kAtPart = {"ttd:t", "tti:t"};
constexpr std::array<std::string_view, 2> kCalendar = {"t:i", "ts:i"};
constexpr std::array<std::string_view, 3> kClock = {"t:i", "ts:i", "D:i"};
constexpr std::array<std::string_view, 1> kAggregate = {"ls:="};
constexpr std::array<std::string_view, 1> kCount = {"l:i"};

constexpr LibraryFunction conversion(std::string_view name, Signatures signatures,
                                     NativeCall call) {
  return {.name = name, .signatures = signatures, .call = call, .cost = 1, .charge = Charge::kText};
}
constexpr LibraryFunction text(std::string_view name, Signatures signatures, NativeCall call) {
  return {.name = name, .style = Style::kMethod, .signatures = signatures, .call = call, .cost = 1};
}
constexpr LibraryFunction calendar(std::string_view name, Signatures signatures, NativeCall call) {
  return {.name = name,
          .style = Style::kMethod,
          .signatures = signatures,
          .call = call,
          .cost = 4,
          .takes_moving = true,
          .resolve = native::resolve_zone,
          .prepare = native::prepare_zone};
}
constexpr LibraryFunction aggregate(std::string_view name, NativeCall call, Resolver resolve) {
  return {.name = name,
          .signatures = kAggregate,
          .call = call,
          .cost = 1,
          .costs_size = true,
          .resolve = resolve,
          .prepare = native::prepare_attribute};
}
constexpr LibraryFunction span_of(std::string_view name, NativeCall call) {
  return {.name = name, .signatures = kSpan, .call = call, .cost = 1};
}

constexpr auto kLibrary = std::to_array<LibraryFunction>({
    {.name = "size",
     .style = Style::kBoth,
     .signatures = kSize,
     .call = native::size,
     .cost = 1,
     .charge = Charge::kText},
    {.name = "count", .signatures = kCount, .call = native::size, .cost = 1},
    {.name = "filled",
     .signatures = kTest,
     .call = native::filled,
     .cost = 1,
     .takes_null = true,
     .takes_moving = true},
    {.name = "type",
     .signatures = kType,
     .call = native::type,
     .cost = 1,
     .takes_null = true,
     .takes_moving = true},
    {.name = "dyn",
     .signatures = kDyn,
     .call = native::dyn,
     .cost = 1,
     .takes_null = true,
     .takes_moving = true,
     .passes_moving = true},
    conversion("bool", kToBool, native::to_bool),
    conversion("bytes", kToBytes, native::to_bytes),
    conversion("double", kToDouble, native::to_double),
    conversion("int", kToInt, native::to_int),
    conversion("string", kToString, native::to_string),
    conversion("uint", kToUint, native::to_uint),
    text("charAt", kCharAt, native::char_at),
    text("contains", kTextTest, native::contains),
    text("endsWith", kTextTest, native::ends_with),
    text("indexOf", kIndexOf, native::index_of),
    text("join", kJoin, native::join),
    text("lastIndexOf", kIndexOf, native::last_index_of),
    text("lowerAscii", kTextToText, native::lower_ascii),
    {.name = "matches",
     .style = Style::kBoth,
     .signatures = kTextTest,
     .call = native::matches,
     .cost = 20,
     .charge = Charge::kPattern,
     .resolve = native::resolve_matches,
     .prepare = native::prepare_matches},
    text("replace", kReplace, native::replace),
    text("split", kSplit, native::split),
    {.name = "startsWith",
     .style = Style::kMethod,
     .signatures = kTextTest,
     .call = native::starts_with,
     .cost = 1,
     .run = run_starts_with},
    text("substring", kSubstring, native::substring),
    text("trim", kTextToText, native::trim),
    text("upperAscii", kTextToText, native::upper_ascii),
    {.name = "timestamp",
     .signatures = kToTimestamp,
     .call = native::to_timestamp,
     .cost = 4,
     .charge = Charge::kText,
     .takes_moving = true,
     .passes_moving = true,
     .resolve = native::resolve_timestamp},
    {.name = "duration",
     .signatures = kToDuration,
     .call = native::to_duration,
     .cost = 4,
     .charge = Charge::kText,
     .takes_moving = true,
     .passes_moving = true,
     .resolve = native::resolve_duration},
    span_of("days", native::days),
    span_of("hours", native::hours),
    {.name = "start_of",
     .signatures = kStartOf,
     .call = native::start_of,
     .cost = 4,
     .takes_moving = true,
     .resolve = native::resolve_start_of},
    {.name = "add_months", .signatures = kAddMonths, .call = native::add_months, .cost = 4},
    {.name = "at_part", .signatures = kAtPart, .call = native::at_part, .cost = 1},
    calendar("getFullYear", kCalendar, native::get_full_year),
    calendar("getMonth", kCalendar, native::get_month),
    calendar("getDate", kCalendar, native::get_date),
    calendar("getDayOfMonth", kCalendar, native::get_day_of_month),
    calendar("getDayOfWeek", kCalendar, native::get_day_of_week),
    calendar("getDayOfYear", kCalendar, native::get_day_of_year),
    calendar("getHours", kClock, native::get_hours),
    calendar("getMinutes", kClock, native::get_minutes),
    calendar("getSeconds", kClock, native::get_seconds),
    calendar("getMilliseconds", kClock, native::get_milliseconds),
    aggregate("latest", native::latest, native::resolve_latest),
    aggregate("sum", native::sum, native::resolve_sum),
    aggregate("avg", native::avg, native::resolve_avg),
    aggregate("min", native::min, native::resolve_extreme),
    aggregate("max", native::max, native::resolve_extreme),
});

}  // namespace

std::span<const LibraryFunction> library() {
  static const std::vector<LibraryFunction> kAll = [] {
    std::vector<LibraryFunction> all(kLibrary.begin(), kLibrary.end());
    all.insert(all.end(), extensions().begin(), extensions().end());
    return all;
  }();
  return kAll;
}

const LibraryFunction* find_library(std::string_view name) {
  const std::span<const LibraryFunction> all = library();
  const auto found = std::ranges::find(all, name, &LibraryFunction::name);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace patuh::expr
