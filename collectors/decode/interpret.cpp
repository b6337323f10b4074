#include <algorithm>

#include "collectors/decode/cdevents.h"
#include "collectors/decode/decode.h"
#include "collectors/decode/envelope.h"
#include "collectors/decode/values.h"

namespace patuh::decode {
namespace {

using model::ChangeEvent;
using model::Decoded;
using model::Envelope;
using model::Fault;
using model::FaultReason;
using model::NamedElement;
using model::Operation;

// Integers that a double cannot hold are refused wherever no declared type reads them.
bool holds_inexact_integer(const json::Node& node) {
  switch (node.of()) {
    case json::Of::kInt:
      return !is_exact_as_double(node.integer());
    case json::Of::kUint:
      return true;
    case json::Of::kArray:
      return std::ranges::any_of(node.items(), &holds_inexact_integer);
    case json::Of::kObject:
      return std::ranges::any_of(
          node.members(), [](const json::Member& m) { return holds_inexact_integer(m.value); });
    default:
      return false;
  }
}

std::string json_text(const json::Node& node) {
  json::Writer out;
  switch (node.of()) {
    case json::Of::kNull:
      out.null();
      break;
    case json::Of::kBool:
      out.boolean(node.boolean());
      break;
    case json::Of::kInt:
      out.integer(node.integer());
      break;
    case json::Of::kUint:
      out.unsigned_integer(node.unsigned_integer());
      break;
    case json::Of::kDouble:
      out.number(node.number());
      break;
    case json::Of::kString:
      out.string(node.string());
      break;
    case json::Of::kArray:
    case json::Of::kObject:
      out.raw(node.raw());
      break;
  }
  return out.take();
}

constexpr std::size_t kArenaLeast = 256;

// Fills a ChangeEvent from an envelope; one object a call of interpret().
class Interpreter {
 public:
  // `data` may be null: then the envelope's is parsed. `out` is new, with its arena.
  Interpreter(const Envelope& envelope, const model::Schema& schema, const json::Node* data,
              ChangeEvent& out)
      : envelope_(envelope), schema_(schema), data_(data), out_(out) {
    out_.source = envelope.source;
    out_.id = envelope.id;
    out_.time = envelope.time.value_or(base::Instant{});
    out_.version = envelope.version.value_or(out_.time.time_since_epoch().count());
  }

  std::optional<Fault> run() {
    if (auto wrong = parse_data()) return wrong;
    if (auto wrong = dispatch()) return wrong;
    std::ranges::sort(out_.fields, {}, [](const model::FieldChange& c) { return c.field; });
    return std::nullopt;
  }

 private:
  using Handler = std::optional<Fault> (Interpreter::*)();
  struct Row {
    std::string_view type;
    Handler handler;
  };

  std::optional<Fault> dispatch() {
    static constexpr std::array kRows = {
        Row{"upsert", &Interpreter::upsert},
        Row{"patch", &Interpreter::patch},
        Row{"remove", &Interpreter::remove},
        Row{"id.patuh.element.upserted.v1", &Interpreter::upsert},
        Row{"id.patuh.element.patched.v1", &Interpreter::patch},
        Row{"id.patuh.element.removed.v1", &Interpreter::remove},
        Row{"id.patuh.deployment.v1", &Interpreter::deployment},
        Row{"id.patuh.attestation.v1", &Interpreter::attestation},
        Row{"id.patuh.waiver.granted.v1", &Interpreter::waiver_granted},
        Row{"id.patuh.waiver.revoked.v1", &Interpreter::waiver_revoked},
        Row{"id.patuh.heartbeat.v1", &Interpreter::heartbeat},
    };
    const auto row = std::ranges::find(kRows, envelope_.type, &Row::type);
    if (row != kRows.end()) return (this->*row->handler)();
    if (is_service_event(envelope_.type)) return service();
    return fault(FaultReason::kUnknownType,
                 "the event type \"" + envelope_.type + "\" is not known");
  }

  std::optional<Fault> parse_data() {
    if (data_ != nullptr || envelope_.data.empty()) return std::nullopt;
    auto parsed = json::parse(envelope_.data, {kDepthMax});
    if (!parsed) return fault_of(parsed.error());
    document_ = std::move(*parsed);
    data_ = &document_->root();
    return std::nullopt;
  }

  // ── Elements ──

  std::optional<Fault> upsert() { return element(Operation::kUpsert); }
  std::optional<Fault> patch() { return element(Operation::kPatch); }

  std::optional<Fault> element(Operation operation) {
    out_.operation = operation;
    if (auto wrong = take_subject(envelope_.subject)) return wrong;
    if (data_ == nullptr) return fault(FaultReason::kMissingField, "\"data\" is missing");
    return take_fields(*data_);
  }

  std::optional<Fault> remove() {
    out_.operation = Operation::kRemove;
    return take_subject(envelope_.subject);
  }

  std::optional<Fault> take_subject(std::string_view subject) {
    if (subject.empty()) return fault(FaultReason::kMissingField, "\"subject\" is missing");
    auto key = key_of(subject);
    if (!key) return std::move(key.error());
    out_.kind = key->kind;
    out_.element_id = key->id;
    return std::nullopt;
  }

  struct Key {
    model::KindId kind;
    std::string_view id;  // a part of what was read
  };

  Decoded<Key> key_of(std::string_view subject) const {
    const auto key = model::named_element_of(subject);
    if (!key) {
      return reject(FaultReason::kBadSubject,
                    "an element is named kind/id, with an id of 1 to 200 bytes");
    }
    const auto kind = schema_.kind_of(key->kind);
    if (!kind) {
      return reject(FaultReason::kUnknownKind,
                    "the kind \"" + std::string(key->kind.substr(0, 100)) +
                        "\" is not declared by the pack " + schema_.pack);
    }
    return Key{*kind, key->id};
  }

  std::optional<Fault> take_fields(const json::Node& object) {
    const model::Kind& kind = schema_.kind(out_.kind);
    out_.fields.reserve(out_.fields.size() + object.members().size());
    for (const json::Member& member : object.members()) {
      if (auto wrong = take_field(kind, member)) return wrong;
    }
    return std::nullopt;
  }

  std::optional<Fault> take_field(const model::Kind& kind, const json::Member& member) {
    const auto id = kind.field_of(member.key);
    if (!id || is_derived(kind.fields[id->value])) return take_unknown(member);
    const model::Field& field = kind.fields[id->value];
    model::FieldChange change{*id, {}, {}};
    if (field.is_relation()) {
      if (auto wrong = take_ends(member.value, field, change.ends)) return wrong;
    } else {
      auto value = value_of(member.value, field, schema_, *out_.arena);
      if (!value) return std::move(value.error());
      change.value = *value;
    }
    out_.fields.push_back(change);  // an object has each key once
    return std::nullopt;
  }

  static bool is_derived(const model::Field& field) {
    return !field.is_relation() && field.attribute().is_derived();
  }

  std::optional<Fault> take_unknown(const json::Member& member) {
    if (holds_inexact_integer(member.value)) {
      return fault(FaultReason::kNumberRange, "\"" + std::string(member.key.substr(0, 100)) +
                                                  "\" holds an integer beyond 2^53");
    }
    out_.unknown.emplace_back(std::string(member.key), json_text(member.value));
    return std::nullopt;
  }

  void set(const model::FieldChange& change) {
    const auto same = std::ranges::find(out_.fields, change.field, &model::FieldChange::field);
    if (same == out_.fields.end()) {
      out_.fields.push_back(change);
    } else {
      *same = change;
    }
  }

  std::optional<Fault> take_ends(const json::Node& node, const model::Field& field,
                                 std::span<const NamedElement>& out) {
    if (node.is(json::Of::kNull)) return std::nullopt;
    if (node.is(json::Of::kString)) return take_ends(std::span(&node, 1), field, out);
    if (node.is(json::Of::kArray) && field.relation().many) {
      return take_ends(node.items(), field, out);
    }
    return fault(FaultReason::kWrongType, "\"" + field.name + "\" must be the id of an element" +
                                              (field.relation().many ? ", or a list of ids" : ""));
  }

  std::optional<Fault> take_ends(std::span<const json::Node> nodes, const model::Field& field,
                                 std::span<const NamedElement>& out) {
    const auto ends = out_.arena->make_array<NamedElement>(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (auto wrong = take_end(nodes[i], field, ends[i])) return wrong;
    }
    out = ends;
    return std::nullopt;
  }

  std::optional<Fault> take_end(const json::Node& node, const model::Field& field,
                                NamedElement& out) {
    const auto wrong = [&](std::string_view expected) {
      return fault(FaultReason::kWrongType,
                   "\"" + field.name + "\" must name " + std::string(expected));
    };
    if (!node.is(json::Of::kString)) return wrong("elements by their ids");
    const std::string_view text = node.string();
    const auto& to = field.relation().to;
    if (to.size() == 1) {  // then its ends go without their kind
      const std::string& kind = schema_.kind(to[0]).name;
      // kind/id is taken here too, when the kind is the right one.
      const bool is_whole =
          text.size() > kind.size() && text[kind.size()] == '/' && text.starts_with(kind);
      const std::string_view id = is_whole ? text.substr(kind.size() + 1) : text;
      if (!model::is_element_id(id)) return wrong("an id of 1 to 200 bytes");
      out = {{}, out_.arena->copy(id)};
      return std::nullopt;
    }
    const auto key = key_of(text);
    if (!key) return wrong("an element as kind/id of a declared kind");
    if (!to.empty() && std::ranges::find(to, key->kind) == to.end()) {
      return wrong("an element of one of its kinds");
    }
    out = kept(*key);
    return std::nullopt;
  }

  NamedElement kept(const Key& key) {
    return {out_.arena->copy(schema_.kind(key.kind).name), out_.arena->copy(key.id)};
  }

  // ── Roles ──

  std::optional<Fault> no_role(std::string_view role) const {
    return fault(FaultReason::kUnsupported,
                 "the pack " + schema_.pack + " declares no role " + std::string(role));
  }

  const json::Node* member(std::string_view key) const {
    return data_ != nullptr ? data_->find(key) : nullptr;
  }

  // The element a role event names: data.element, else the subject.
  Decoded<Key> role_element() const {
    const json::Node* const node = member("element");
    if (node != nullptr && !node->is(json::Of::kString)) {
      return reject(FaultReason::kWrongType, "\"element\" must be kind/id");
    }
    const std::string_view text = node != nullptr ? node->string() : envelope_.subject;
    if (text.empty()) return reject(FaultReason::kMissingField, "\"element\" is missing");
    return key_of(text);
  }

  std::optional<Fault> take_values() {
    const json::Node* const values = member("values");
    if (values == nullptr) return std::nullopt;
    if (!values->is(json::Of::kObject)) {
      return fault(FaultReason::kWrongType, "\"values\" must be an object");
    }
    return take_fields(*values);
  }

  void point_at(model::FieldId relation, const Key& key) {
    set({relation, {}, {out_.arena->make(kept(key)), 1}});
  }

  void set_text(model::FieldId field, std::string_view text) {
    set({field, expr::Value::string(out_.arena->copy(text)), {}});
  }

  const model::FieldChange* change_of(model::FieldId field) const {
    const auto found = std::ranges::find(out_.fields, field, &model::FieldChange::field);
    return found == out_.fields.end() ? nullptr : &*found;
  }

  bool gives(model::FieldId field) const {
    const model::FieldChange* const change = change_of(field);
    return change != nullptr && (!change->value.is_null() || !change->ends.empty());
  }

  static bool takes(const model::Relation& relation, model::KindId kind) {
    return relation.to.empty() || std::ranges::find(relation.to, kind) != relation.to.end();
  }

  // The role's own element, where the subject names it beside the element that the event is about.
  std::optional<std::string> own_id(model::KindId kind) const {
    const auto key = key_of(envelope_.subject);
    return key && key->kind == kind ? std::optional(std::string(key->id)) : std::nullopt;
  }

  // A role event names either the role's own element or the one it is about. In the second case
  // `about` points at the element, and its own id is the subject's, else `made_id`.
  std::optional<Fault> take_role(model::KindId kind, model::FieldId about, std::string made_id) {
    auto element = role_element();
    if (!element) return std::move(element.error());
    out_.operation = Operation::kUpsert;
    out_.kind = kind;
    const bool own = element->kind == kind;
    if (!own && !takes(schema_.field(kind, about).relation(), element->kind)) {
      return fault(FaultReason::kBadSubject, "a " + schema_.kind(kind).name +
                                                 " cannot be about an element of the kind " +
                                                 schema_.kind(element->kind).name);
    }
    out_.element_id = own ? std::string(element->id) : own_id(kind).value_or(std::move(made_id));
    if (auto wrong = take_values()) return wrong;
    if (!own) point_at(about, *element);
    return std::nullopt;
  }

  std::optional<Fault> deployment() {
    const auto& role = schema_.roles.deployment;
    if (!role) return no_role("deployment");
    out_.through_deployment = true;
    if (auto wrong = take_role(role->kind, role->of, {})) return wrong;
    if (!gives(role->environment)) {
      return fault(FaultReason::kMissingField,
                   "\"" + schema_.field(role->kind, role->environment).name + "\" is missing");
    }
    if (out_.element_id.empty()) {
      out_.element_id = std::string(change_of(role->of)->ends.front().id) + "@" +
                        std::string(change_of(role->environment)->value.as_string());
      if (!model::is_element_id(out_.element_id)) {
        return fault(FaultReason::kBadSubject, "the deployment's id is longer than 200 bytes");
      }
    }
    if (!gives(role->occurrence)) {
      const model::Field& field = schema_.field(role->kind, role->occurrence);
      if (auto wrong = too_long(out_.id, field)) return wrong;
      set_text(role->occurrence, out_.id);
    }
    if (!gives(role->at)) set({role->at, expr::Value::timestamp(out_.time), {}});
    return std::nullopt;
  }

  // As the role's own event would say it.
  std::optional<Fault> service() {
    if (!schema_.roles.deployment) return no_role("deployment");
    auto event = service_event_of(envelope_, data_, schema_);
    if (!event) return std::move(event.error());
    if (event->what == ServiceEvent::What::kHeard) return heartbeat();
    auto parsed = json::parse(event->deployment, {kDepthMax});
    if (!parsed) return fault_of(parsed.error());
    document_ = std::move(*parsed);
    data_ = &document_->root();
    if (auto wrong = deployment()) return wrong;
    if (event->what == ServiceEvent::What::kRuns) return std::nullopt;
    out_.operation = Operation::kRemove;
    out_.fields.clear();
    return std::nullopt;
  }

  // An id that is the event's own identity, within an element id's bounds.
  std::string event_identity() const {
    const std::array<std::string_view, 3> parts = {out_.source, "\n", out_.id};
    return base::to_hex(base::sha256(parts)).substr(0, 32);
  }

  std::optional<Fault> attestation() {
    const auto& role = schema_.roles.attestation;
    if (!role) return no_role("attestation");
    if (auto wrong = take_role(role->kind, role->about, event_identity())) return wrong;
    if (!gives(role->at)) set({role->at, expr::Value::timestamp(out_.time), {}});
    return std::nullopt;
  }

  std::optional<Fault> waiver_granted() {
    const auto& role = schema_.roles.waiver;
    if (!role) return no_role("waiver");
    if (auto wrong = take_role(role->kind, role->about, event_identity())) return wrong;
    if (!gives(role->rule)) {
      return fault(FaultReason::kMissingField,
                   "\"" + schema_.field(role->kind, role->rule).name + "\" is missing");
    }
    set_text(role->status, role->granted);
    return std::nullopt;
  }

  std::optional<Fault> waiver_revoked() {
    const auto& role = schema_.roles.waiver;
    if (!role) return no_role("waiver");
    auto element = role_element();
    if (!element) return std::move(element.error());
    const auto own = element->kind == role->kind ? std::string(element->id) : own_id(role->kind);
    if (!own) {
      return fault(FaultReason::kBadSubject, "a revocation names the waiver itself, as " +
                                                 schema_.kind(role->kind).name + "/id");
    }
    out_.operation = Operation::kPatch;
    out_.kind = role->kind;
    out_.element_id = *own;
    set_text(role->status, role->revoked);
    return std::nullopt;
  }

  // Changes nothing by itself: that the source was heard is the engine's business.
  std::optional<Fault> heartbeat() {
    const auto& role = schema_.roles.source;
    if (!role) return no_role("source");
    if (!model::is_element_id(out_.source)) {
      return fault(FaultReason::kBadSubject, "the source is no element id of 1 to 200 bytes");
    }
    out_.operation = Operation::kPatch;
    out_.kind = role->kind;
    out_.element_id = out_.source;
    return std::nullopt;
  }

  const Envelope& envelope_;
  const model::Schema& schema_;
  std::optional<json::Document> document_;  // when it was parsed here
  const json::Node* data_ = nullptr;        // null: the event has none
  ChangeEvent& out_;
};

}  // namespace

std::string_view name_of(Taken taken) {
  switch (taken) {
    case Taken::kApplied:
      return "applied";
    case Taken::kNoChange:
      return "no_change";
    case Taken::kDuplicate:
      return "duplicate";
    case Taken::kStale:
      return "stale";
    case Taken::kLate:
      return "late";
    case Taken::kSetAside:
      return "set_aside";
  }
  return "set_aside";
}

Decoded<ChangeEvent> interpret(const Envelope& envelope, const model::Schema& schema) {
  PATUH_ASSERT(envelope.time.has_value());
  // Texts are a part of the data; a second block would cost more than the room.
  ChangeEvent out;
  out.arena = std::make_shared<expr::Arena>(std::max(kArenaLeast, envelope.data.size()));
  if (auto wrong = interpret_into(envelope, nullptr, schema, out)) {
    return std::unexpected(std::move(*wrong));
  }
  return out;
}

std::optional<Fault> interpret_into(const Envelope& envelope, const json::Node* data,
                                    const model::Schema& schema, ChangeEvent& out) {
  PATUH_ASSERT(envelope.time.has_value());
  return Interpreter(envelope, schema, data, out).run();
}

}  // namespace patuh::decode
