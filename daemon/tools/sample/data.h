// The data of an event: members whose values are JSON texts already, in the order they were put.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/sample/calendar.h"

namespace patuh::sample {

// One value as JSON text.
struct Json {
  std::string text;
};
Json text(std::string_view value);
Json flag(bool value);
Json whole(std::int64_t value);
Json tenths(std::int64_t value);  // 765 is 76.5
Json date(Day day);
Json instant(Instant instant);
Json texts(const std::vector<std::string>& values);

class Data {
 public:
  // Replaces the member when it is there.
  Data& put(std::string_view key, Json value);
  bool has(std::string_view key) const;
  bool empty() const { return members_.empty(); }
  std::string json() const;

 private:
  std::vector<std::pair<std::string, std::string>> members_;
};

}  // namespace patuh::sample
