#include "engine/history.h"

#include <algorithm>
#include <set>

#include "marks/marks.h"

namespace patuh::engine {

using expr::Kind;
using expr::Value;
using model::ElementRef;
using model::FieldId;
using model::KindId;

// ── A value that holds itself ──

Held::Held(const Value& value) : kind_(value.kind()) {
  switch (kind_) {
    case Kind::kBool:
      bits_ = value.as_bool() ? 1 : 0;
      break;
    case Kind::kInt:
      bits_ = static_cast<std::uint64_t>(value.as_int());
      break;
    case Kind::kDouble:
      bits_ = std::bit_cast<std::uint64_t>(value.as_double());
      break;
    case Kind::kTimestamp:
      bits_ = static_cast<std::uint64_t>(value.as_instant().time_since_epoch().count());
      break;
    case Kind::kString:
      text_ = value.as_string();
      break;
    default:
      kind_ = Kind::kNull;
  }
}

Value Held::view() const {
  switch (kind_) {
    case Kind::kBool:
      return Value::boolean(bits_ != 0);
    case Kind::kInt:
      return Value::integer(static_cast<std::int64_t>(bits_));
    case Kind::kDouble:
      return Value::number(std::bit_cast<double>(bits_));
    case Kind::kTimestamp:
      return Value::timestamp(base::Instant(base::Duration(static_cast<std::int64_t>(bits_))));
    case Kind::kString:
      return Value::string(text_);
    default:
      return {};
  }
}

void Held::save(base::Encoder& out) const {
  out.byte(static_cast<std::uint8_t>(kind_));
  if (kind_ == Kind::kString) return out.text(text_);
  out.fixed(bits_);
}

bool Held::load(base::Decoder& in) {
  kind_ = static_cast<Kind>(in.number_below(static_cast<std::uint64_t>(Kind::kError)));
  if (kind_ == Kind::kString) {
    text_ = in.text();
  } else {
    bits_ = in.fixed();
  }
  return in.ok();
}

// ── Which attributes ──

namespace {

// The first argument of the call whose parenthesis ends before `begin`.
std::string_view first_argument(std::string_view text, std::size_t begin) {
  int depth = 0;
  for (std::size_t at = begin; at < text.size(); ++at) {
    if (depth == 0 && (text[at] == ',' || text[at] == ')')) return text.substr(begin, at - begin);
    if (text[at] == '(') ++depth;
    if (text[at] == ')') --depth;
  }
  return text.substr(begin);
}

// Names of attributes behind `call(` in the text: previous(self.status), changes(v.owner, …).
void find_names(std::string_view text, std::string_view call, std::set<std::string>& names) {
  for (std::size_t at = text.find(call); at != std::string_view::npos;
       at = text.find(call, at + 1)) {
    std::string_view name = first_argument(text, at + call.size());
    name.remove_prefix(name.rfind('.') + 1);  // npos + 1 is 0
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    names.emplace(name);
  }
}

void find_names(std::string_view text, std::set<std::string>& names) {
  find_names(text, "previous(", names);
  find_names(text, "changes(", names);
}

void find_names(const rulebook::Template& text, std::set<std::string>& names) {
  for (const rulebook::Template::Part& part : text.parts) {
    if (part.program) find_names(part.program->text(), names);
  }
}

std::set<std::string> names_in(const rulebook::RuleBook& book) {
  std::set<std::string> names;
  for (const rulebook::Rule& rule : book.rules) {
    for (const auto* program : {&rule.when, &rule.require, &rule.occurrence}) {
      if (*program) find_names((*program)->text(), names);
    }
    find_names(rule.message.id, names);
    find_names(rule.message.en, names);
  }
  for (const model::Kind& kind : book.schema->kinds) {
    for (const model::Field& field : kind.fields) {
      if (!field.is_relation()) find_names(field.attribute().derive, names);
    }
  }
  return names;
}

}  // namespace

// By name, of every kind that has it: a few too many cost memory, no verdict.
History::History(const rulebook::RuleBook& book) {
  const std::set<std::string> names = names_in(book);
  if (names.empty()) return;
  fields_.resize(book.schema->kinds.size());
  kept_since_.resize(book.schema->kinds.size());
  for (const model::Kind& kind : book.schema->kinds) {
    for (std::uint16_t i = 0; i < kind.fields.size(); ++i) {
      const model::Field& field = kind.fields[i];
      if (!names.contains(field.name) || field.is_relation()) continue;
      if (field.attribute().derived_on_read) continue;
      fields_[kind.id.value].push_back(FieldId{i});
      kept_since_[kind.id.value].push_back(base::Instant::min());
    }
  }
}

bool History::is_kept(KindId kind, FieldId field) const {
  return kind.value < fields_.size() &&
         std::ranges::find(fields_[kind.value], field) != fields_[kind.value].end();
}

// ── What happens ──

void History::begin(ElementRef element, const registry::Registry& registry) {
  if (fields_.empty()) return;
  for (const FieldId field : fields_[registry.kind_of(element).value]) {
    tracks_.try_emplace(place(element, field)).first->second.present =
        Held(registry.value(element, field));
  }
}

void History::end(ElementRef element, KindId kind) {
  if (fields_.empty()) return;
  for (const FieldId field : fields_[kind.value]) tracks_.erase(place(element, field));
}

void History::follow(const registry::Key& key, const registry::Registry& registry,
                     base::Instant at) {
  if (fields_.empty() || key.of != registry::Key::Of::kField) return;
  const ElementRef element{static_cast<std::uint32_t>(key.what)};
  const auto found = tracks_.find(place(element, FieldId{key.field}));
  if (found == tracks_.end()) return;
  follow(found->second, registry.value(element, FieldId{key.field}), at);
}

void History::follow(Track& track, const Value& value, base::Instant at) {
  Held now(value);
  if (now == track.present) return;
  if (PATUH_DEFECT("the value before is not kept")) track.present = now;
  track.before = std::exchange(track.present, std::move(now));
  if (track.changes.size() == rulebook::kChangesMax) {
    track.changes.erase(track.changes.begin());
  }
  track.changes.push_back(at);
}

const History::Track* History::find(ElementRef element, FieldId field) const {
  const auto found = tracks_.find(place(element, field));
  return found == tracks_.end() ? nullptr : &found->second;
}

Value History::previous(ElementRef element, FieldId field) const {
  const Track* const track = find(element, field);
  return track == nullptr ? Value() : track->before.view();
}

const std::vector<base::Instant>& History::changes(ElementRef element, FieldId field) const {
  const Track* const track = find(element, field);
  return track == nullptr ? never_ : track->changes;
}

base::Instant History::kept_since(KindId kind, FieldId field) const {
  const auto& fields = fields_[kind.value];
  const auto found = std::ranges::find(fields, field);
  PATUH_ASSERT(found != fields.end());
  return kept_since_[kind.value][static_cast<std::size_t>(found - fields.begin())];
}

void History::begin_fields(const History& before, const model::Schema& old_schema,
                           const model::Schema& schema, base::Instant at) {
  for (std::size_t kind = 0; kind < fields_.size(); ++kind) {
    const model::Kind& of = schema.kinds[kind];
    const auto old_kind = old_schema.kind_of(of.name);
    for (std::size_t i = 0; i < fields_[kind].size(); ++i) {
      const std::string& name = of.fields[fields_[kind][i].value].name;
      const auto old = old_kind ? old_schema.kind(*old_kind).field_of(name) : std::nullopt;
      const bool goes_on = old && before.is_kept(*old_kind, *old);
      kept_since_[kind][i] = goes_on ? before.kept_since(*old_kind, *old) : at;
    }
  }
}

void History::go_on_from(History& before, const model::Schema& old_schema,
                         const registry::Registry& registry, bool is_same_schema,
                         base::Instant at) {
  if (fields_ == before.fields_ && is_same_schema) {
    tracks_ = std::move(before.tracks_);
    kept_since_ = std::move(before.kept_since_);
    return;
  }
  begin_fields(before, old_schema, registry.schema(), at);
  registry.for_each(std::nullopt, [&](ElementRef element) {
    registry.touch(element);
    if (fields_.empty()) return;
    const model::Kind& kind = registry.schema().kind(registry.kind_of(element));
    const auto old_kind = old_schema.kind_of(kind.name);
    for (const FieldId field : fields_[kind.id.value]) {
      const auto old = old_kind ? old_schema.kind(*old_kind).field_of(kind.fields[field.value].name)
                                : std::nullopt;
      const auto found = old ? before.tracks_.find(place(element, *old)) : before.tracks_.end();
      const Value value = registry.value(element, field);
      Track& track = tracks_[place(element, field)];
      if (found == before.tracks_.end()) {
        track.present = Held(value);
      } else {
        PATUH_MARK("history: goes on under another book");
        track = std::move(found->second);
        follow(track, value, at);
      }
    }
  });
}

// ── Snapshots ──

void History::save_head(const model::Schema& schema, base::Encoder& out) const {
  for (std::size_t kind = 0; kind < fields_.size(); ++kind) {
    for (std::size_t i = 0; i < fields_[kind].size(); ++i) {
      if (kept_since_[kind][i] == base::Instant::min()) continue;
      out.text(schema.kinds[kind].name);
      out.text(schema.kinds[kind].fields[fields_[kind][i].value].name);
      out.instant(kept_since_[kind][i]);
    }
  }
}

bool History::load_head(const model::Schema& schema, base::Decoder& in) {
  while (in.ok() && !in.at_end()) {
    const auto kind = schema.kind_of(in.text());
    const auto field = kind ? schema.kind(*kind).field_of(in.text()) : std::nullopt;
    const base::Instant at = in.instant();
    if (!in.ok() || !field || !is_kept(*kind, *field)) return false;
    const auto& fields = fields_[kind->value];
    const auto place = std::ranges::find(fields, *field) - fields.begin();
    kept_since_[kind->value][static_cast<std::size_t>(place)] = at;
  }
  return in.ok();
}

void History::save(ElementRef element, KindId kind, base::Encoder& out) const {
  if (fields_.empty()) return out.number(0);
  out.number(fields_[kind.value].size());
  for (const FieldId field : fields_[kind.value]) {
    static const Track kNothing;
    const Track* const found = find(element, field);
    const Track& track = found == nullptr ? kNothing : *found;
    track.present.save(out);
    track.before.save(out);
    out.number(track.changes.size());
    for (const base::Instant at : track.changes) out.instant(at);
  }
}

bool History::load(ElementRef element, KindId kind, base::Decoder& in) {
  const std::uint64_t count = in.count();
  if (count != (fields_.empty() ? 0 : fields_[kind.value].size())) return false;
  for (std::uint64_t i = 0; i < count; ++i) {
    Track& track = tracks_[place(element, fields_[kind.value][i])];
    if (!track.present.load(in) || !track.before.load(in)) return false;
    track.changes.resize(in.count());
    for (base::Instant& at : track.changes) at = in.instant();
  }
  return in.ok();
}

}  // namespace patuh::engine
