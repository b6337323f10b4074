#include "tools/sample/calendar.h"

#include <array>
#include <cstdio>

namespace patuh::sample {

namespace chrono = std::chrono;

Instant at(Day day, chrono::microseconds time_of_day) { return Instant(day) - kZone + time_of_day; }

Day day_of(Instant instant) { return chrono::floor<days>(instant + kZone); }

int days_between(Day from, Day to) { return static_cast<int>((to - from).count()); }

std::string to_text(Day day) {
  const chrono::year_month_day date(day);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text.data();
}

int year_of(Day day) { return static_cast<int>(chrono::year_month_day(day).year()); }

int quarter_of(Day day) {
  return static_cast<int>((static_cast<unsigned>(chrono::year_month_day(day).month()) + 2) / 3);
}

Day start_of_quarter(Day day) {
  const chrono::month first(static_cast<unsigned>(quarter_of(day) * 3 - 2));
  return chrono::year(year_of(day)) / first / 1;
}

Day add_months(Day day, int months) {
  const chrono::year_month_day date = chrono::year_month_day(day) + chrono::months(months);
  return date.ok() ? Day(date) : Day(date.year() / date.month() / chrono::last);
}

bool is_workday(Day day) {
  const chrono::weekday weekday(day);
  return weekday != chrono::Saturday && weekday != chrono::Sunday;
}

Day workday_from(Day day) {
  while (!is_workday(day)) day += days(1);
  return day;
}

}  // namespace patuh::sample
