// previous and changes: what History knows, noted as a reading of the attribute itself, since
// nothing else moves it; only that changes leave the span is a matter of time.
#include <algorithm>

#include "engine/history.h"
#include "engine/world.h"
#include "marks/marks.h"

namespace patuh::engine {

using expr::Context;
using expr::Value;
using model::ElementRef;
using model::FieldId;

namespace {
model::KindId kind_of(const Value& object) {
  return model::KindId{static_cast<std::uint16_t>(object.object_kind())};
}
}  // namespace

Value RegistryWorld::previous(Context&, const Value& object, FieldId field) {
  const ElementRef element{object.object_index()};
  note(registry::field_key(element, field));
  const Value before = history_->previous(element, field);
  if (facts_ != nullptr) {
    keep(element, "previous " + schema_.field(kind_of(object), field).name, before);
  }
  if (!before.is_null()) return before;
  return Value::null({object.object_kind(), object.object_index(), field.value});
}

Value RegistryWorld::changes(Context& context, const Value& object, FieldId field,
                             base::Duration span) {
  const ElementRef element{object.object_index()};
  note(registry::field_key(element, field));
  const std::vector<base::Instant>& all = history_->changes(element, field);
  // One at t counts until t + span, not longer.
  const auto first =
      std::ranges::find_if(all, [&](base::Instant at) { return span > context.now - at; });
  if (first != all.end() && !PATUH_DEFECT("changes leave the span unnoticed")) {
    context.changes_at(*first + span);
  }
  const Value count = Value::integer(all.end() - first);
  if (facts_ != nullptr) {
    keep(element, "changes " + schema_.field(kind_of(object), field).name, count);
  }
  return count;
}

}  // namespace patuh::engine
