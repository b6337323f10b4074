#include "engine/value_text.h"

#include <algorithm>
#include <charconv>

#include "engine/pair.h"
#include "json/json.h"

namespace patuh::engine {

using expr::Kind;
using expr::Value;
using model::ElementRef;
using registry::Registry;

namespace {

constexpr std::uint32_t kItemsMax = 8;
constexpr int kNestingMax = 3;  // values that share parts are written out part by part
constexpr std::size_t kTextBytesMax = 200;
constexpr std::string_view kMissing = "–";

// At most `most` bytes, never within a character.
std::string_view cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
  return text.substr(0, most);
}

void write(json::Writer& out, const Value& value, const Registry& registry, int nesting = 0);

void write_text(json::Writer& out, std::string_view text) {
  const std::string_view kept = cut(text, kTextBytesMax);
  if (kept.size() == text.size()) {
    out.string(text);
  } else {
    out.string(std::string(kept) + "…");
  }
}

std::string span_text(const Value& value) {
  if (value.nanos() != 0) return expr::to_text(value);
  return std::to_string(value.seconds()) + "s";
}

void write_rest(json::Writer& out, std::uint32_t size) {
  if (size > kItemsMax) out.string("+" + std::to_string(size - kItemsMax));
}

void write_list(json::Writer& out, const expr::ListRep& list, const Registry& registry,
                int nesting) {
  out.begin_array();
  for (std::uint32_t i = 0; i < std::min(list.size, kItemsMax); ++i) {
    write(out, expr::item(list, i), registry, nesting);
  }
  write_rest(out, list.size);
  out.end_array();
}

void write_map(json::Writer& out, const expr::MapRep& map, const Registry& registry, int nesting) {
  out.begin_object();
  for (std::uint32_t i = 0; i < std::min(map.size, kItemsMax); ++i) {
    const Value& key = map.entries[i].key;
    out.key(key.kind() == Kind::kString ? std::string(key.as_string()) : expr::to_text(key));
    write(out, map.entries[i].value, registry, nesting);
  }
  if (map.size > kItemsMax) out.key("…").string("+" + std::to_string(map.size - kItemsMax));
  out.end_object();
}

void write(json::Writer& out, const Value& value, const Registry& registry, int nesting) {
  switch (value.kind()) {
    case Kind::kBool:
      out.boolean(value.as_bool());
      return;
    case Kind::kInt:
      out.integer(value.as_int());
      return;
    case Kind::kUint:
      out.unsigned_integer(value.as_uint());
      return;
    case Kind::kDouble:
      out.number(value.as_double());
      return;
    case Kind::kString:
      write_text(out, value.as_string());
      return;
    case Kind::kTimestamp:
      out.string(base::to_rfc3339(value.as_instant()));
      return;
    case Kind::kList:
      if (nesting == kNestingMax) return write_text(out, "…");
      write_list(out, value.as_list(), registry, nesting + 1);
      return;
    case Kind::kMap:
      if (nesting == kNestingMax) return write_text(out, "…");
      write_map(out, value.as_map(), registry, nesting + 1);
      return;
    case Kind::kObject:
      out.string(registry.key_of(element_of(value)).text());
      return;
    case Kind::kDuration:
      out.string(span_text(value));
      return;
    case Kind::kBytes:
    case Kind::kType:
    case Kind::kOptional:
      write_text(out, expr::to_text(value));
      return;
    case Kind::kNull:
    case Kind::kError:
      out.null();
      return;
  }
}

// As an event would say it: texts whole, days as days.
void write_sent(json::Writer& out, const Value& value, model::AttributeType type,
                model::AttributeType item, const text::Zone& zone, const Registry& registry) {
  using model::AttributeType;
  const bool day = type == AttributeType::kDate || type == AttributeType::kDeadline;
  if (value.kind() == Kind::kString) {
    out.string(value.as_string());
  } else if (value.kind() == Kind::kTimestamp && day) {
    out.string(text::to_text(zone.day_of(value.as_instant())));
  } else if (value.kind() == Kind::kList) {
    out.begin_array();
    for (std::uint32_t i = 0; i < value.as_list().size; ++i) {
      write_sent(out, expr::item(value.as_list(), i), item, item, zone, registry);
    }
    out.end_array();
  } else {
    write(out, value, registry);
  }
}

std::string time_text(base::Instant at, text::Lang lang, const text::Zone& zone) {
  const text::Day day = zone.day_of(at);
  if (zone.first_of(day) == at || zone.last_of(day) == at) return text::day_in(lang, day);
  return text::time_in(lang, zone, at);
}

std::string title_of(ElementRef element, const Registry& registry) {
  const model::Kind& kind = registry.schema().kind(registry.kind_of(element));
  if (kind.title_field) {
    const Value title = registry.value(element, *kind.title_field);
    if (title.kind() == Kind::kString && !title.as_string().empty()) {
      return std::string(title.as_string());
    }
  }
  return std::string(registry.id_of(element));
}

// Up to four digits stand as they are: most of them are years.
std::string whole_text(std::int64_t value, text::Lang lang) {
  if (value > -10'000 && value < 10'000) return std::to_string(value);
  return text::number_in(lang, value);
}

std::string number_text(double value, text::Lang lang) {
  std::string digits(32, '\0');
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                 std::chars_format::fixed, 6);
  if (end.ec != std::errc()) return text::number_in(lang, value, 0);
  // As many decimals as it has, at most six.
  digits.resize(static_cast<std::size_t>(end.ptr - digits.data()));
  const std::size_t last = digits.find_last_not_of('0');
  const std::size_t point = digits.find('.');
  return text::number_in(lang, value,
                         last == std::string::npos || point == std::string::npos || last < point
                             ? 0
                             : static_cast<int>(last - point));
}

}  // namespace

std::string json_of(const Value& value, const Registry& registry) {
  if (value.kind() == Kind::kInt) return std::to_string(value.as_int());
  if (value.kind() == Kind::kBool) return value.as_bool() ? "true" : "false";
  if (value.is_null()) return "null";
  if (value.kind() == Kind::kTimestamp) {
    std::string text = base::to_rfc3339(value.as_instant());
    text.insert(text.begin(), '"');
    text.push_back('"');
    return text;
  }
  json::Writer out;
  write(out, value, registry);
  return out.take();
}

std::string event_json(const Value& value, const model::Attribute& attribute,
                       const text::Zone& zone, const Registry& registry) {
  json::Writer out;
  write_sent(out, value, attribute.type, attribute.item, zone, registry);
  return out.take();
}

std::string text_of(const Value& value, model::Language language, const Registry& registry,
                    const text::Zone& zone) {
  const bool english = language == model::Language::kEnglish;
  const text::Lang lang = english ? text::Lang::kEnglish : text::Lang::kIndonesian;
  switch (value.kind()) {
    case Kind::kNull:
    case Kind::kError:
      return std::string(kMissing);
    case Kind::kBool:
      if (value.as_bool()) return english ? "yes" : "ya";
      return english ? "no" : "tidak";
    case Kind::kInt:
      return whole_text(value.as_int(), lang);
    case Kind::kDouble:
      return number_text(value.as_double(), lang);
    case Kind::kString:
      return value.as_string().empty() ? std::string(kMissing) : std::string(value.as_string());
    case Kind::kTimestamp:
      return time_text(value.as_instant(), lang, zone);
    case Kind::kDuration:
      return text::span_in(lang, value.as_duration());
    case Kind::kObject:
      return title_of(element_of(value), registry);
    case Kind::kList: {
      const expr::ListRep& list = value.as_list();
      std::string out;
      for (std::uint32_t i = 0; i < std::min(list.size, kItemsMax); ++i) {
        if (i > 0) out += ", ";
        out += text_of(expr::item(list, i), language, registry, zone);
      }
      if (list.size > kItemsMax) out += ", +" + std::to_string(list.size - kItemsMax);
      return list.size == 0 ? std::string(kMissing) : out;
    }
    case Kind::kUint:
    case Kind::kBytes:
    case Kind::kMap:
    case Kind::kType:
    case Kind::kOptional:
      return expr::to_text(value);
  }
  return std::string(kMissing);
}

}  // namespace patuh::engine
