// Civil days of Asia/Jakarta (UTC+7 all year, without exception since 1964) and working hours.
#pragma once

#include <chrono>
#include <string>

#include "base/base.h"

namespace patuh::sample {

using base::Instant;
using Day = std::chrono::sys_days;  // a civil day in Jakarta
using std::chrono::days;

inline constexpr Day kNoDay = Day::max();

inline constexpr std::chrono::hours kZone{7};
inline constexpr int kOfficeOpens = 8 * 60;  // minutes of the day
inline constexpr int kOfficeCloses = 16 * 60;

Instant at(Day day, std::chrono::microseconds time_of_day);
Day day_of(Instant instant);
int days_between(Day from, Day to);  // negative when `to` is before
std::string to_text(Day day);        // 2026-01-31
int year_of(Day day);
int quarter_of(Day day);  // 1 … 4
Day start_of_quarter(Day day);
Day add_months(Day day, int months);  // the month's last day when it is shorter
bool is_workday(Day day);             // Monday to Friday
Day workday_from(Day day);            // this one, or the next Monday

}  // namespace patuh::sample
