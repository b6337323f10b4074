// Timestamps, durations and the calendar.
#include <cmath>

#include "expr/errors.h"
#include "expr/library.h"
#include "expr/moving.h"

namespace patuh::expr::native {
namespace {

Value out_of_range(Frame& frame, const Node& site, std::string_view detail) {
  return fail(frame, site, ErrorCode::kOverflow, detail);
}

// The step of a moving timestamp, from seconds to nanoseconds.
void note_span(Frame& frame, const Value& at, Seconds span) {
  note_leaving(frame.context, nanos_of(at), at.moves(),
               {Wide{span.begin} * kNanosPerSecond, Wide{span.end} * kNanosPerSecond});
}

// The zone of a calendar call: found while planning, named by the second argument, or the
// program's.
std::optional<Zone> zone_of(Frame& frame, const Node& site, const Value* arguments) {
  if (site.bound != 0) return site.zone;
  if (site.count < 2) return frame.program.environment->zone;
  constexpr std::uint64_t kLookupCost = 50;
  if (arguments[1].kind() != Kind::kString || !frame.charge(kLookupCost)) return std::nullopt;
  return Zone::find(arguments[1].as_string());
}

Value calendar_part(Frame& frame, const Node& site, const Value* arguments, Part part) {
  if (arguments[0].kind() != Kind::kTimestamp) {
    return fail_overload(frame, site, site.name, arguments[0]);
  }
  const std::optional<Zone> zone = zone_of(frame, site, arguments);
  if (!zone) return fail(frame, site, ErrorCode::kInvalidArgument, "error.zone");
  const std::int64_t seconds = arguments[0].seconds();
  if (arguments[0].moves() != 0) note_span(frame, arguments[0], zone->span_of(seconds, part));
  return Value::integer(zone->part(seconds, part));
}

// A duration in whole units, cut towards zero.
Value whole_units(Frame& frame, const Value& duration, Wide unit) {
  const Wide total = nanos_of(duration);
  const Wide units = total / unit;
  const Wide above = units >= 0 ? (units + 1) * unit : units * unit + 1;
  const Wide below = units > 0 ? units * unit : (units - 1) * unit + 1;
  note_leaving(frame.context, total, duration.moves(), {below, above});
  return Value::integer(static_cast<std::int64_t>(units));
}

Value part_or_units(Frame& frame, const Node& site, const Value* arguments, Part part, Wide unit) {
  if (arguments[0].kind() != Kind::kDuration) return calendar_part(frame, site, arguments, part);
  if (site.count > 1) return fail_overload(frame, site, site.name, arguments[0], arguments[1]);
  return whole_units(frame, arguments[0], unit);
}

Value multiple(Frame& frame, const Node& site, const Value& count, std::int64_t unit_seconds) {
  if (count.kind() != Kind::kInt) return fail_overload(frame, site, site.name, count);
  std::int64_t seconds = 0;
  const bool wraps = __builtin_mul_overflow(count.as_int(), unit_seconds, &seconds);
  if (wraps || !duration_in_range(seconds, 0)) {
    return out_of_range(frame, site, "error.duration_range");
  }
  return Value::duration(seconds, 0);
}

Value timestamp_in(Frame& frame, const Node& site, std::string_view text) {
  const Parsed parsed = parse_timestamp(text);
  if (parsed.malformed) return fail_invalid(frame, site, "error.not_timestamp");
  if (!parsed.value.is_null()) return parsed.value;
  return out_of_range(frame, site, "error.timestamp_range");
}

Value duration_in(Frame& frame, const Node& site, std::string_view text) {
  const Parsed parsed = parse_duration(text);
  if (parsed.malformed) return fail_invalid(frame, site, "error.not_duration");
  if (!parsed.value.is_null()) return parsed.value;
  return out_of_range(frame, site, "error.duration_range");
}

Resolved check_literal(const Argument& argument, Parsed (*parse)(std::string_view),
                       std::string_view what, std::string_view form) {
  Resolved resolved;
  if (!argument.literal || argument.literal->kind() != Kind::kString) return resolved;
  const Parsed parsed = parse(argument.literal->as_string());
  if (!parsed.malformed && !parsed.value.is_null()) return resolved;
  resolved.error = "'" + std::string(argument.literal->as_string()) + "' is " +
                   (parsed.malformed ? "not a " : "out of range for a ") + std::string(what);
  resolved.hint = form;
  return resolved;
}

}  // namespace

Value to_timestamp(Frame& frame, const Node& site, const Value* arguments) {
  const Value& value = arguments[0];
  if (!frame.charge_reading(value)) return fail_budget(frame, site);
  if (value.kind() == Kind::kTimestamp) return value;
  if (value.kind() == Kind::kString) return timestamp_in(frame, site, value.as_string());
  if (value.kind() != Kind::kInt) return fail_overload(frame, site, "timestamp", value);
  if (!timestamp_in_range(value.as_int())) {
    return out_of_range(frame, site, "error.timestamp_range");
  }
  return Value::timestamp(value.as_int(), 0);
}

Value to_duration(Frame& frame, const Node& site, const Value* arguments) {
  const Value& value = arguments[0];
  if (!frame.charge_reading(value)) return fail_budget(frame, site);
  if (value.kind() == Kind::kDuration) return value;
  if (value.kind() != Kind::kString) return fail_overload(frame, site, "duration", value);
  return duration_in(frame, site, value.as_string());
}

Value days(Frame& frame, const Node& site, const Value* arguments) {
  return multiple(frame, site, arguments[0], 86'400);
}

Value hours(Frame& frame, const Node& site, const Value* arguments) {
  return multiple(frame, site, arguments[0], 3'600);
}

Value start_of(Frame& frame, const Node& site, const Value* arguments) {
  const Value& at = arguments[1];
  if (arguments[0].kind() != Kind::kString || at.kind() != Kind::kTimestamp) {
    return fail_overload(frame, site, "start_of", arguments[0], at);
  }
  const std::optional<Period> period = period_of(arguments[0].as_string());
  if (!period) return fail(frame, site, ErrorCode::kInvalidArgument, "error.period");
  const Seconds span = frame.program.environment->zone.span_of(at.seconds(), *period);
  note_span(frame, at, span);
  if (!timestamp_in_range(span.begin)) return out_of_range(frame, site, "error.timestamp_range");
  return Value::timestamp(span.begin, 0);
}

Value add_months(Frame& frame, const Node& site, const Value* arguments) {
  constexpr std::int64_t kMonthsMax = 120'000;  // the whole range of timestamps
  if (arguments[0].kind() != Kind::kTimestamp || arguments[1].kind() != Kind::kInt) {
    return fail_overload(frame, site, "add_months", arguments[0], arguments[1]);
  }
  const std::int64_t months = arguments[1].as_int();
  if (months < -kMonthsMax || months > kMonthsMax) {
    return out_of_range(frame, site, "error.timestamp_range");
  }
  const std::int64_t seconds =
      frame.program.environment->zone.add_months(arguments[0].seconds(), months);
  if (!timestamp_in_range(seconds)) return out_of_range(frame, site, "error.timestamp_range");
  return Value::timestamp(seconds, arguments[0].nanos());
}

Value at_part(Frame& frame, const Node& site, const Value* arguments) {
  const Value& part = arguments[2];
  const bool number = part.kind() == Kind::kDouble || part.kind() == Kind::kInt;
  if (arguments[0].kind() != Kind::kTimestamp || arguments[1].kind() != Kind::kTimestamp ||
      !number) {
    return fail_overload(frame, site, "at_part", std::array{arguments[0], arguments[1], part});
  }
  const double p =
      part.kind() == Kind::kDouble ? part.as_double() : static_cast<double>(part.as_int());
  if (!(p >= 0 && p <= 1)) {
    return fail(frame, site, ErrorCode::kInvalidArgument, "error.part");
  }
  // In microseconds, the resolution of everything that is compared with it.
  const Wide from = nanos_of(arguments[0]);
  const Wide micros = (nanos_of(arguments[1]) - from) / 1000;
  const auto share = static_cast<Wide>(std::floor(static_cast<double>(micros) * p));
  return p == 1 ? arguments[1] : timestamp_of(from + share * 1000);
}

Value get_full_year(Frame& frame, const Node& site, const Value* arguments) {
  return calendar_part(frame, site, arguments, Part::kYear);
}
Value get_month(Frame& frame, const Node& site, const Value* arguments) {
  return calendar_part(frame, site, arguments, Part::kMonth);
}
Value get_date(Frame& frame, const Node& site, const Value* arguments) {
  return calendar_part(frame, site, arguments, Part::kDate);
}
Value get_day_of_month(Frame& frame, const Node& site, const Value* arguments) {
  return calendar_part(frame, site, arguments, Part::kDayOfMonth);
}
Value get_day_of_week(Frame& frame, const Node& site, const Value* arguments) {
  return calendar_part(frame, site, arguments, Part::kDayOfWeek);
}
Value get_day_of_year(Frame& frame, const Node& site, const Value* arguments) {
  return calendar_part(frame, site, arguments, Part::kDayOfYear);
}
Value get_hours(Frame& frame, const Node& site, const Value* arguments) {
  return part_or_units(frame, site, arguments, Part::kHour, Wide{3'600} * kNanosPerSecond);
}
Value get_minutes(Frame& frame, const Node& site, const Value* arguments) {
  return part_or_units(frame, site, arguments, Part::kMinute, Wide{60} * kNanosPerSecond);
}
Value get_seconds(Frame& frame, const Node& site, const Value* arguments) {
  return part_or_units(frame, site, arguments, Part::kSecond, Wide{kNanosPerSecond});
}

// Of both kinds the milliseconds within the second.
Value get_milliseconds(Frame& frame, const Node& site, const Value* arguments) {
  constexpr Wide kMillisecond = 1'000'000;
  const Value& value = arguments[0];
  if (value.kind() == Kind::kDuration) {
    if (site.count > 1) return fail_overload(frame, site, site.name, value, arguments[1]);
    return Value::integer(whole_units(frame, value, kMillisecond).as_int() % 1000);
  }
  if (value.kind() != Kind::kTimestamp) return fail_overload(frame, site, site.name, value);
  if (!zone_of(frame, site, arguments)) {
    return fail(frame, site, ErrorCode::kInvalidArgument, "error.zone");
  }
  const std::uint32_t milliseconds = value.nanos() / 1'000'000;
  const Wide begin = Wide{value.seconds()} * kNanosPerSecond + milliseconds * kMillisecond;
  note_leaving(frame.context, nanos_of(value), value.moves(), {begin, begin + kMillisecond});
  return Value::integer(milliseconds);
}

Resolved resolve_timestamp(const Known& /*known*/, std::span<const Argument> arguments) {
  return check_literal(arguments[0], parse_timestamp, "timestamp",
                       "timestamp('2026-01-31T08:00:00+07:00')");
}

Resolved resolve_duration(const Known& /*known*/, std::span<const Argument> arguments) {
  return check_literal(arguments[0], parse_duration, "duration",
                       "duration('36h30m'); days have their own function: days(3)");
}

Resolved resolve_start_of(const Known& /*known*/, std::span<const Argument> arguments) {
  Resolved resolved;
  const auto& period = arguments[0].literal;
  if (!period || period->kind() != Kind::kString || period_of(period->as_string())) return resolved;
  resolved.error = "'" + std::string(period->as_string()) + "' is no period";
  resolved.hint = "'month', 'quarter' or 'year'";
  return resolved;
}

Resolved resolve_zone(const Known& /*known*/, std::span<const Argument> arguments) {
  Resolved resolved;
  if (arguments.size() < 2) return resolved;
  const auto& name = arguments[1].literal;
  if (!name || name->kind() != Kind::kString || Zone::find(name->as_string())) return resolved;
  resolved.error = "there is no time zone '" + std::string(name->as_string()) + "'";
  resolved.hint = "a name as 'Asia/Jakarta', or an offset as '+07:00'";
  resolved.error_argument = 1;
  return resolved;
}

void prepare_zone(Program::Impl& /*program*/, Node& call, std::span<const Node* const> items) {
  if (items.size() < 2 || items[1]->shape != Shape::kConstant) return;
  if (items[1]->constant.kind() != Kind::kString) return;
  const std::optional<Zone> zone = Zone::find(items[1]->constant.as_string());
  if (!zone) return;
  call.zone = *zone;
  call.bound = 1;
}

}  // namespace patuh::expr::native
