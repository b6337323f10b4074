#include "model/model.h"

namespace patuh::model {

bool is_element_id(std::string_view id) {
  return !id.empty() && id.size() <= kElementIdBytesMax && base::is_utf8(id) &&
         !base::has_controls(id);
}

std::optional<NamedElement> named_element_of(std::string_view subject) {
  const std::size_t slash = subject.find('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  const std::string_view id = subject.substr(slash + 1);
  if (!is_element_id(id)) return std::nullopt;
  return NamedElement{subject.substr(0, slash), id};
}

std::optional<ElementKey> element_key_of(std::string_view subject) {
  const auto named = named_element_of(subject);
  if (!named) return std::nullopt;
  return ElementKey{std::string(named->kind), std::string(named->id)};
}

std::span<const NamedElement> copy_of(std::span<const NamedElement> ends, expr::Arena& arena) {
  const auto out = arena.make_array<NamedElement>(ends.size());
  for (std::size_t i = 0; i < ends.size(); ++i) {
    out[i] = {arena.copy(ends[i].kind), arena.copy(ends[i].id)};
  }
  return out;
}

bool same_value(const expr::Value& a, const expr::Value& b) {
  return a.kind() == b.kind() && expr::compare(a, b) == 0;
}

bool Attribute::is_in_range(const expr::Value& number) const {
  return (min.is_null() || expr::compare(number, min) >= 0) &&
         (max.is_null() || expr::compare(number, max) <= 0);
}

std::optional<FieldId> Kind::field_of(std::string_view name_wanted) const {
  const auto found = by_name.find(name_wanted);
  if (!found) return std::nullopt;
  return FieldId(*found);
}

std::optional<KindId> Schema::kind_of(std::string_view name) const {
  const auto found = by_name.find(name);
  if (!found) return std::nullopt;
  return KindId(*found);
}

}  // namespace patuh::model
