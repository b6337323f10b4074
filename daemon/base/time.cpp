#include <array>
#include <charconv>

#include "base/base.h"

namespace patuh::base {
namespace {

using std::chrono::microseconds;

class SystemClock final : public Clock {
 public:
  Instant now() const override {
    return std::chrono::time_point_cast<microseconds>(std::chrono::system_clock::now());
  }
};

// Reads exactly `digits` digits at `at`; nothing if one of them is none.
std::optional<int> number(std::string_view text, std::size_t at, std::size_t digits) {
  if (at + digits > text.size()) return std::nullopt;
  int value = 0;
  for (std::size_t i = at; i < at + digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

struct Fraction {
  std::int64_t micros = 0;
  std::size_t length = 0;  // characters read, the dot included
};

std::optional<Fraction> fraction(std::string_view text) {
  if (text.empty() || text[0] != '.') return Fraction{};
  Fraction out{0, 1};
  std::int64_t scale = 100000;
  while (out.length < text.size() && text[out.length] >= '0' && text[out.length] <= '9') {
    out.micros += (text[out.length] - '0') * scale;
    scale /= 10;
    ++out.length;
  }
  if (out.length == 1 || out.length > 10) return std::nullopt;
  return out;
}

std::optional<std::chrono::minutes> offset(std::string_view text) {
  if (text == "Z") return std::chrono::minutes(0);
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const auto hours = number(text, 1, 2);
  const auto minutes = number(text, 4, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::chrono::minutes total(*hours * 60 + *minutes);
  return text[0] == '-' ? -total : total;
}

std::optional<std::chrono::sys_seconds> date_time(std::string_view text) {
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':') {
    return std::nullopt;
  }
  const auto y = number(text, 0, 4);
  const auto mo = number(text, 5, 2);
  const auto d = number(text, 8, 2);
  const auto h = number(text, 11, 2);
  const auto mi = number(text, 14, 2);
  const auto s = number(text, 17, 2);
  if (!y || !mo || !d || !h || !mi || !s || *h > 23 || *mi > 59 || *s > 59) return std::nullopt;
  const std::chrono::year_month_day day{std::chrono::year(*y),
                                        std::chrono::month(static_cast<unsigned>(*mo)),
                                        std::chrono::day(static_cast<unsigned>(*d))};
  if (!day.ok()) return std::nullopt;
  return std::chrono::sys_days(day) + std::chrono::hours(*h) + std::chrono::minutes(*mi) +
         std::chrono::seconds(*s);
}

// A few characters, written in place: times are told with every alert and many a value.
class Written {
 public:
  void put(char c) { text_[size_++] = c; }
  // The last `count` digits.
  void put_digits(unsigned value, std::size_t count) {
    for (std::size_t i = count; i-- > 0; value /= 10) {
      text_[size_ + i] = static_cast<char>('0' + value % 10);
    }
    size_ += count;
  }
  void drop_zeros() {
    while (text_[size_ - 1] == '0') --size_;
  }
  std::string_view text() const { return {text_.data(), size_}; }

 private:
  std::array<char, 27> text_{};
  std::size_t size_ = 0;
};

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

std::string to_rfc3339(Instant instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<microseconds> time(instant - day);
  const int year = static_cast<int>(date.year());
  const bool is_plain_year = year >= 0 && year <= 9999;
  Written out;
  if (is_plain_year) out.put_digits(static_cast<unsigned>(year), 4);
  for (const auto& [mark, value] :
       {std::pair('-', static_cast<unsigned>(date.month())),
        std::pair('-', static_cast<unsigned>(date.day())),
        std::pair('T', static_cast<unsigned>(time.hours().count())),
        std::pair(':', static_cast<unsigned>(time.minutes().count())),
        std::pair(':', static_cast<unsigned>(time.seconds().count()))}) {
    out.put(mark);
    out.put_digits(value, 2);
  }
  if (const auto micros = static_cast<unsigned>(time.subseconds().count()); micros != 0) {
    out.put('.');
    out.put_digits(micros, 6);
    out.drop_zeros();
  }
  out.put('Z');
  std::string text = is_plain_year ? std::string() : std::to_string(year);
  return text.append(out.text());
}

Result<Instant> from_rfc3339(std::string_view text) {
  const auto wrong = [&] {
    return fail(Code::kInvalid, "not an RFC 3339 time such as 2026-01-31T08:00:00Z");
  };
  const auto seconds = date_time(text);
  if (!seconds) return wrong();
  const auto part = fraction(text.substr(19));
  if (!part) return wrong();
  const auto shift = offset(text.substr(19 + part->length));
  if (!shift) return wrong();
  const Instant at = Instant(*seconds) - *shift + microseconds(part->micros);
  // An offset can lead out of the years that can be written again.
  static constexpr Instant kFirst = std::chrono::sys_days(std::chrono::year(0) / 1 / 1);
  static constexpr Instant kEnd = std::chrono::sys_days(std::chrono::year(10000) / 1 / 1);
  if (at < kFirst || at >= kEnd) return wrong();
  return at;
}

}  // namespace patuh::base
