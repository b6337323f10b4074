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
  for (const model::Kind& kind : book.schema->kinds) {
    for (std::uint16_t i = 0; i < kind.fields.size(); ++i) {
      const model::Field& field = kind.fields[i];
      if (!names.contains(field.name) || field.is_relation()) continue;
      if (field.attribute().derived_on_read) continue;
      fields_[kind.id.value].push_back(
          {.field = FieldId{i}, .number = next_number_++, .tracks = {}});
    }
  }
}

const History::Field* History::find_field(KindId kind, FieldId field) const {
  if (fields_.empty()) return nullptr;
  const auto found = std::ranges::find(fields_[kind.value], field, &Field::field);
  return found == fields_[kind.value].end() ? nullptr : &*found;
}

History::Field* History::find_field(KindId kind, FieldId field) {
  return const_cast<Field*>(std::as_const(*this).find_field(kind, field));  // NOLINT
}

std::vector<std::uint32_t> History::numbers(KindId kind) const {
  std::vector<std::uint32_t> out;
  if (fields_.empty()) return out;
  for (const Field& one : fields_[kind.value]) out.push_back(one.number);
  return out;
}

// ── What happens ──

void History::look(ElementRef element, const registry::Registry& registry) {
  if (fields_.empty() || PATUH_DEFECT("what an event may change is not looked at before")) return;
  for (const Field& one : fields_[registry.kind_of(element).value]) {
    if (one.tracks.contains(element.value)) continue;
    before_.push_back({element, one.field, Held(registry.value(element, one.field))});
  }
}

void History::end(ElementRef element, KindId kind) {
  if (fields_.empty()) return;
  for (Field& one : fields_[kind.value]) one.tracks.erase(element.value);
  std::erase_if(before_, [&](const Before& one) { return one.element == element; });
}

void History::follow(const registry::Key& key, const registry::Registry& registry,
                     base::Instant at) {
  if (fields_.empty() || key.of != registry::Key::Of::kField) return;
  const ElementRef element{static_cast<std::uint32_t>(key.what)};
  Field* const field = find_field(registry.kind_of(element), FieldId{key.field});
  if (field == nullptr) return;
  Held now(registry.value(element, field->field));
  const auto known = field->tracks.find(element.value);
  if (known != field->tracks.end()) return follow(known->second, std::move(now), at);
  const auto was = std::ranges::find_if(before_, [&](const Before& one) {
    return one.element == element && one.field == field->field;
  });
  // An element that nobody could have read has no past.
  if (was == before_.end() || was->value == now) return;
  Track& track = field->tracks[element.value];
  track.present = was->value;
  follow(track, std::move(now), at);
}

void History::follow(Track& track, Held now, base::Instant at) {
  if (now == track.present) return;
  if (PATUH_DEFECT("the value before is not kept")) track.present = now;
  track.before = std::exchange(track.present, std::move(now));
  if (track.changes.size() == rulebook::kChangesMax) {
    track.changes.erase(track.changes.begin());
  }
  track.changes.push_back(at);
}

const History::Track* History::find(ElementRef element, KindId kind, FieldId field) const {
  const Field* const of = find_field(kind, field);
  if (of == nullptr) return nullptr;
  const auto found = of->tracks.find(element.value);
  return found == of->tracks.end() ? nullptr : &found->second;
}

Value History::previous(ElementRef element, KindId kind, FieldId field) const {
  const Track* const track = find(element, kind, field);
  return track == nullptr ? Value() : track->before.view();
}

const std::vector<base::Instant>& History::changes(ElementRef element, KindId kind,
                                                   FieldId field) const {
  const Track* const track = find(element, kind, field);
  return track == nullptr ? never_ : track->changes;
}

// ── Another book ──

void History::go_on_from(History& before, const model::Schema& old_schema,
                         const model::Schema& schema, base::Instant at) {
  next_number_ = before.next_number_;
  for (std::size_t kind = 0; kind < fields_.size(); ++kind) {
    const model::Kind& of = schema.kinds[kind];
    const auto old_kind = old_schema.kind_of(of.name);
    for (Field& one : fields_[kind]) {
      const auto number = old_kind
                              ? old_schema.kind(*old_kind).field_of(of.fields[one.field.value].name)
                              : std::nullopt;
      Field* const old = number ? before.find_field(*old_kind, *number) : nullptr;
      if (old == nullptr) {
        one.number = next_number_++;
        one.since = at;
        continue;
      }
      PATUH_MARK("history: goes on under another book");
      one.number = old->number;
      one.since = old->since;
      one.tracks = std::exchange(old->tracks, {});
    }
  }
  left_ = std::move(before.left_);
  for (auto& fields : before.fields_) {
    for (Field& one : fields) {
      if (!one.tracks.empty()) left_.push_back(std::move(one.tracks));
    }
  }
}

void History::keep_all(const registry::Registry& registry) {
  if (fields_.empty()) return;
  registry.for_each(std::nullopt, [&](ElementRef element) {
    for (Field& one : fields_[registry.kind_of(element).value]) {
      const auto [track, is_new] = one.tracks.try_emplace(element.value);
      if (is_new) track->second.present = Held(registry.value(element, one.field));
    }
  });
}

void History::compare_all(const registry::Registry& registry, base::Instant at) {
  for (auto& fields : fields_) {
    for (Field& one : fields) {
      for (auto& [element, track] : one.tracks) {
        follow(track, Held(registry.value(ElementRef(element), one.field)), at);
      }
      std::erase_if(one.tracks, [](const auto& track) { return track.second.changes.empty(); });
    }
  }
}

void History::tidy(std::size_t most) {
  for (; most > 0 && !left_.empty(); --most) {
    left_.back().erase(left_.back().begin());
    if (left_.back().empty()) left_.pop_back();
  }
}

std::uint64_t History::bytes() const {
  std::uint64_t count = 0;
  for (const auto& fields : fields_) {
    for (const Field& one : fields) count += one.tracks.size();
  }
  return count * (sizeof(Track) + 32);
}

// ── Snapshots ──

void History::save_head(const model::Schema& schema, base::Encoder& out) const {
  out.number(next_number_);
  for (std::size_t kind = 0; kind < fields_.size(); ++kind) {
    for (const Field& one : fields_[kind]) {
      out.text(schema.kinds[kind].name);
      out.text(schema.kinds[kind].fields[one.field.value].name);
      out.instant(one.since);
      out.number(one.number);
    }
  }
}

bool History::load_head(const model::Schema& schema, base::Decoder& in) {
  next_number_ = static_cast<std::uint32_t>(in.number_below(UINT32_MAX));
  std::size_t known = 0;
  for (; in.ok() && !in.at_end(); ++known) {
    const auto kind = schema.kind_of(in.text());
    const auto number = kind ? schema.kind(*kind).field_of(in.text()) : std::nullopt;
    Field* const field = number ? find_field(*kind, *number) : nullptr;
    if (field == nullptr) return false;
    field->since = in.instant();
    field->number = static_cast<std::uint32_t>(in.number_below(next_number_));
  }
  for (const auto& fields : fields_) known -= fields.size();
  return in.ok() && known == 0;
}

bool History::load_old_head(const model::Schema& schema, base::Decoder& in) {
  while (in.ok() && !in.at_end()) {
    const auto kind = schema.kind_of(in.text());
    const auto number = kind ? schema.kind(*kind).field_of(in.text()) : std::nullopt;
    Field* const field = number ? find_field(*kind, *number) : nullptr;
    if (field == nullptr) return false;
    field->since = in.instant();
  }
  return in.ok();
}

void History::save(ElementRef element, const registry::Registry& registry,
                   base::Encoder& out) const {
  if (fields_.empty()) return out.number(0);
  const auto& fields = fields_[registry.kind_of(element).value];
  out.number(fields.size());
  for (const Field& one : fields) {
    const auto found = one.tracks.find(element.value);
    const Track* const track = found == one.tracks.end() ? nullptr : &found->second;
    (track == nullptr ? Held(registry.value(element, one.field)) : track->present).save(out);
    (track == nullptr ? Held() : track->before).save(out);
    out.number(track == nullptr ? 0 : track->changes.size());
    if (track == nullptr) continue;
    for (const base::Instant at : track->changes) out.instant(at);
  }
}

bool History::load(ElementRef element, KindId kind, std::span<const std::uint32_t> numbers,
                   base::Decoder& in) {
  if (in.count() != numbers.size()) return false;
  for (const std::uint32_t number : numbers) {
    Track track;
    if (!track.present.load(in) || !track.before.load(in)) return false;
    track.changes.resize(in.count());
    for (base::Instant& at : track.changes) at = in.instant();
    if (track.changes.empty() || fields_.empty()) continue;
    const auto found = std::ranges::find(fields_[kind.value], number, &Field::number);
    if (found != fields_[kind.value].end()) found->tracks[element.value] = std::move(track);
  }
  return in.ok();
}

}  // namespace patuh::engine
