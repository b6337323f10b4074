#include "tools/sample/data.h"

#include <algorithm>

#include "json/json.h"

namespace patuh::sample {

Json text(std::string_view value) { return {json::quote(value)}; }
Json flag(bool value) { return {value ? "true" : "false"}; }
Json whole(std::int64_t value) { return {std::to_string(value)}; }

Json tenths(std::int64_t value) {
  return {std::to_string(value / 10) + "." + std::to_string(value % 10)};
}

Json date(Day day) { return text(to_text(day)); }
Json instant(Instant instant) { return text(base::to_rfc3339(instant)); }

Json texts(const std::vector<std::string>& values) {
  json::Writer out;
  out.begin_array();
  for (const std::string& value : values) out.string(value);
  out.end_array();
  return {out.take()};
}

Data& Data::put(std::string_view key, Json value) {
  const auto found = std::ranges::find(members_, key, [](const auto& m) { return m.first; });
  if (found != members_.end()) {
    found->second = std::move(value.text);
  } else {
    members_.emplace_back(key, std::move(value.text));
  }
  return *this;
}

bool Data::has(std::string_view key) const {
  return std::ranges::any_of(members_, [&](const auto& m) { return m.first == key; });
}

std::string Data::json() const {
  json::Writer out;
  out.begin_object();
  for (const auto& [key, value] : members_) out.key(key).raw(value);
  out.end_object();
  return out.take();
}

}  // namespace patuh::sample
