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
  const Value before = history_->previous(element, kind_of(object), field);
  if (facts_ != nullptr) {
    keep(element, {{"previous ", schema_.field(kind_of(object), field).name}}, before);
    if (before.is_null()) keep_kept_since(object, field, base::Instant::min());
  }
  if (!before.is_null()) return before;
  return Value::null({object.object_kind(), object.object_index(), field.value});
}

// Says so where what is known of the past begins later than was asked for.
void RegistryWorld::keep_kept_since(const Value& object, FieldId field, base::Instant asked_from) {
  if (!history_->is_kept(kind_of(object), field)) return;
  const base::Instant since = history_->kept_since(kind_of(object), field);
  if (since == base::Instant::min() || since <= asked_from) return;
  const std::string& name = schema_.field(kind_of(object), field).name;
  keep(ElementRef{object.object_index()}, {{"changes of ", name, " known since"}},
       Value::timestamp(since));
}

Value RegistryWorld::changes(Context& context, const Value& object, FieldId field,
                             base::Duration span) {
  const ElementRef element{object.object_index()};
  note(registry::field_key(element, field));
  const std::vector<base::Instant>& all = history_->changes(element, kind_of(object), field);
  // One at t counts until t + span, not longer.
  const auto first =
      std::ranges::find_if(all, [&](base::Instant at) { return span > context.now - at; });
  if (first != all.end() && !PATUH_DEFECT("changes leave the span unnoticed")) {
    context.changes_at(*first + span);
  }
  const Value count = Value::integer(all.end() - first);
  if (facts_ != nullptr) {
    keep(element, {{"changes ", schema_.field(kind_of(object), field).name}}, count);
    keep_kept_since(object, field, context.now - span);
  }
  return count;
}

}  // namespace patuh::engine
