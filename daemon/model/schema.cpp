#include <algorithm>

#include "model/model.h"

namespace patuh::model {

bool is_element_id(std::string_view id) {
  if (id.empty() || id.size() > kElementIdBytesMax || !base::is_utf8(id)) return false;
  return std::ranges::none_of(id, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

std::optional<ElementKey> element_key_of(std::string_view subject) {
  const std::size_t slash = subject.find('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  const std::string_view id = subject.substr(slash + 1);
  if (!is_element_id(id)) return std::nullopt;
  return ElementKey{std::string(subject.substr(0, slash)), std::string(id)};
}

bool Attribute::is_in_range(const expr::Value& number) const {
  return (min.is_null() || expr::compare(number, min) >= 0) &&
         (max.is_null() || expr::compare(number, max) <= 0);
}

std::optional<FieldId> Kind::field_of(std::string_view name_wanted) const {
  const auto found = by_name.find(name_wanted);
  if (found == by_name.end()) return std::nullopt;
  return found->second;
}

std::optional<KindId> Schema::kind_of(std::string_view name) const {
  const auto found = by_name.find(name);
  if (found == by_name.end()) return std::nullopt;
  return found->second;
}

}  // namespace patuh::model
