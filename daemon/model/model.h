// model: what flows between the modules. The schema that a pack declares, an event as it came, a
// change as the schema reads it, verdicts and their transitions, severities, and the score.
//
// It does nothing: no storage, no evaluation, no I/O. Values own themselves unless they say so.
// Threads: plain values; a Schema is immutable once built and shared by shared_ptr<const Schema>.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/base.h"
#include "expr/expr.h"
#include "model/name_index.h"

namespace patuh::model {

using base::Instant;

// ── Small things ────────────────────────────────────────────────────────────────────────────────

enum class Language : std::uint8_t { kIndonesian, kEnglish };
std::string_view name_of(Language language);  // "id", "en"

// A text in both languages; Indonesian is the default and stands in when English is missing.
struct Text {
  std::string id;
  std::string en;
  const std::string& in(Language language) const;
};

// Values stand in the store and on the wire: do not renumber.
enum class Severity : std::uint8_t { kLow = 0, kMedium = 1, kHigh = 2, kCritical = 3 };
inline constexpr std::array kSeverities = {Severity::kCritical, Severity::kHigh, Severity::kMedium,
                                           Severity::kLow};
std::string_view name_of(Severity severity);  // "low", "medium", "high", "critical"
std::optional<Severity> severity_of(std::string_view name);
int weight_of(Severity severity);  // 1, 2, 5, 10

// Kinds and fields are numbered by the schema, in the order of the pack. Fields of one kind:
// attributes and relations in one numbering.
using KindId = base::StrongId<struct KindTag, std::uint16_t>;
using FieldId = base::StrongId<struct FieldTag, std::uint16_t>;
// An element's place in the registry; dense, given again after a tombstone has expired.
using ElementRef = base::StrongId<struct ElementTag, std::uint32_t>;
using RuleId = base::StrongId<struct RuleTag, std::uint16_t>;
// Fields that every element has without a declaration, both strings that never change: self.id and
// self.kind.
inline constexpr FieldId kIdField{65534};
inline constexpr FieldId kKindField{65533};
// The number of a record in the log, from 1 on, and an event's place within the store.
using Seq = base::StrongId<struct SeqTag, std::uint64_t>;

// "kind/id", split at the first '/'.
struct ElementKey {
  std::string kind;
  std::string id;
  std::string text() const { return kind + "/" + id; }
  friend auto operator<=>(const ElementKey&, const ElementKey&) = default;
};
std::optional<ElementKey> element_key_of(std::string_view subject);
// The same as views of texts that live elsewhere.
struct NamedElement {
  std::string_view kind;
  std::string_view id;
  friend bool operator==(const NamedElement&, const NamedElement&) = default;
};
std::optional<NamedElement> named_element_of(std::string_view subject);

inline constexpr std::size_t kElementIdBytesMax = 200;
// 1–200 bytes of UTF-8 without control characters.
bool is_element_id(std::string_view id);

// ── Schema ──────────────────────────────────────────────────────────────────────────────────────

enum class AttributeType : std::uint8_t {
  kString,
  kText,
  kBool,
  kInt,
  kNumber,
  kDate,
  kDeadline,
  kTimestamp,
  kEnum,
  kList,
  kMap,
  kAny,
};
std::string_view name_of(AttributeType type);

struct Attribute {
  AttributeType type = AttributeType::kString;
  AttributeType item = AttributeType::kString;  // of a list, or of a map's values
  std::vector<std::string> values;              // of an enumeration (or a list's), in order
  bool closed = false;                          // a value outside `values` is an error, not drift
  std::uint32_t size_max = 1000;                // items of a list or map; bytes of a string,
                                                // UINT32_MAX where the pack names no limit
  expr::Value min, max;                         // of an int or number; null = no bound
  expr::Value default_value;                    // null = none; lives in the schema's arena
  bool telemetry = false;                       // changes often, does not move changed_at
  bool indexed = false;                         // same() and where() may ask for it
  std::string derive;                           // an expression; empty = sent by the agencies
  base::Place derive_place;
  // A derived attribute over self's own attributes only is computed when a change is applied; any
  // other is evaluated where it is read. Set by the rulebook.
  std::optional<expr::Program> program;
  bool derived_on_read = false;
  bool is_derived() const { return !derive.empty(); }
  bool is_in_range(const expr::Value& number) const;  // between `min` and `max`, both included
};

// Of one kind and equal: what a pack gives as bound, default or parameter is as it was.
bool same_value(const expr::Value& a, const expr::Value& b);

struct Relation {
  std::vector<KindId> to;  // empty = an end of any kind, written kind/id
  bool many = false;
  std::uint32_t size_max = 1000;
  // How many elements may point at one end before rules that go through them are undetermined.
  std::uint32_t referrers_max = 1000;
  // The other direction of the same edge, when the pack declares one.
  std::optional<std::pair<KindId, FieldId>> inverse;
  bool agency = false;  // the relation whose end is the element's agency
};

struct Field {
  std::string name;
  Text title;
  std::variant<Attribute, Relation> is;
  bool is_relation() const { return std::holds_alternative<Relation>(is); }
  const Attribute& attribute() const { return std::get<Attribute>(is); }
  const Relation& relation() const { return std::get<Relation>(is); }
};

struct Kind {
  KindId id;
  std::string name;
  Text title;
  std::string domain;         // the aggregate it counts in; empty = none
  std::vector<Field> fields;  // index = FieldId
  std::optional<FieldId> agency_field;
  std::optional<FieldId> title_field;  // what a person calls it ("nama")
  // Derived attributes that are computed when a change is applied, in an order in which each comes
  // after those that it reads.
  std::vector<FieldId> derived;
  std::optional<FieldId> field_of(std::string_view name) const;
  NameIndex by_name;
};

// Which kinds and fields play the parts that the engine knows. Absent when the pack has none.
struct Roles {
  struct Agency {
    KindId kind;
    FieldId code;  // stable ASCII code, the metric label
    std::optional<FieldId> parent;
    std::optional<FieldId> whole;      // a bool: this agency answers for the whole
    std::vector<std::string> domains;  // each agency owes elements in these (kind domain names)
    std::optional<FieldId> owes;       // attribute deciding which agencies owe the domains …
    std::vector<std::string> owing;    // … when its value is one of these
  };
  struct Source {
    KindId kind;
    FieldId last_heard;  // timestamp, telemetry; set by the engine
    std::optional<FieldId> channel;
  };
  struct Deployment {
    KindId kind;
    FieldId of;  // single relation to what was deployed
    FieldId environment;
    FieldId occurrence;  // the deployment's own id
    FieldId at;
    std::optional<FieldId> artifact;  // a package URL, of CDEvents
    // What CDEvents call an environment, and its value of `environment`; others stand as they are.
    std::vector<std::pair<std::string, std::string>> environments;
    std::vector<std::pair<FieldId, expr::Value>> stub_values;  // fields of `of`'s kind for a stub
  };
  struct Attestation {
    KindId kind;
    FieldId about;  // relation to what is attested
    FieldId by;
    FieldId at;
  };
  struct Waiver {
    KindId kind;
    FieldId about, rule, from, until, status, condition;
    std::string granted, revoked;  // values of `status`
  };
  struct FollowUp {
    KindId kind;
    FieldId about, rule, status, promised;
  };
  std::optional<Agency> agency;
  std::optional<Source> source;
  std::optional<Deployment> deployment;
  std::optional<Attestation> attestation;
  std::optional<Waiver> waiver;
  std::optional<FollowUp> follow_up;
};

// What a pack declares of kinds, fields and roles. Immutable once built by the rulebook.
struct Schema {
  std::string pack;
  std::string version;
  std::string time_zone = "UTC";
  std::vector<Kind> kinds;  // index = KindId
  NameIndex by_name;
  std::vector<std::string> domains;  // names in the pack's order
  std::unordered_map<std::string, Text> domain_titles;
  Roles roles;
  std::shared_ptr<expr::Arena> arena;  // of default values

  const Kind& kind(KindId id) const { return kinds[id.value]; }
  const Field& field(KindId kind, FieldId id) const { return kinds[kind.value].fields[id.value]; }
  std::optional<KindId> kind_of(std::string_view name) const;
};

// ── Events ──────────────────────────────────────────────────────────────────────────────────────

// Where an input came from, for offsets, quarantine and people.
struct Position {
  std::string channel;  // "kafka", "http", "file"
  std::string topic;    // Kafka topic, or the file's name; empty for HTTP
  std::int32_t partition = 0;
  std::int64_t offset = 0;  // Kafka offset, or the line of the file from 1
};

// An event as it came, decoded but not yet read by a schema: what the log keeps.
struct Envelope {
  std::string type;  // CloudEvents type; plain JSON: "upsert", "patch", "remove"
  std::string source;
  std::string id;
  std::optional<Instant> time;
  std::optional<std::int64_t> version;
  std::string subject;  // "kind/id"; may be empty for role events
  std::string data;     // one JSON object, or empty
  Position position;
};

enum class Operation : std::uint8_t { kUpsert = 0, kPatch = 1, kRemove = 2 };
std::string_view name_of(Operation operation);

// Value and ends live in the arena of their event.
struct FieldChange {
  FieldId field;
  expr::Value value;  // attributes: typed by the schema, null = removed; unused for relations
  // Relations, as the event names them: without a kind where the relation has one alone; empty =
  // removed.
  std::span<const NamedElement> ends;
};
// With their texts, in `arena`.
std::span<const NamedElement> copy_of(std::span<const NamedElement> ends, expr::Arena& arena);

// An event as the schema reads it. `arena` owns what its fields hold.
struct ChangeEvent {
  Operation operation = Operation::kUpsert;
  std::string source;
  std::string id;
  Instant time{};  // the event's own time
  std::int64_t version = 0;
  KindId kind;
  std::string element_id;
  std::vector<FieldChange> fields;                           // declared ones, by field number
  std::vector<std::pair<std::string, std::string>> unknown;  // undeclared: name, JSON text; kept
  bool through_deployment = false;  // came through the deployment role: stubs belong to the whole
  std::shared_ptr<expr::Arena> arena;
};

// Why an input was set aside. Names are stable, they label metrics and quarantine rows.
enum class FaultReason : std::uint8_t {
  kNotJson,
  kNotUtf8,
  kTooLarge,
  kTooDeep,
  kDuplicateKey,
  kNumberRange,
  kMissingField,
  kWrongType,
  kUnknownKind,
  kUnknownType,
  kBadSubject,
  kBadTime,
  kFutureTime,
  kNotPermitted,
  kUnsupported,
  kTooLong,  // a text beyond the `max` of its attribute
};
std::string_view name_of(FaultReason reason);
struct Fault {
  FaultReason reason = FaultReason::kNotJson;
  std::string message;  // one sentence for the sender, naming the member and what is expected
};
template <class T>
using Decoded = std::expected<T, Fault>;

// ── Verdicts ────────────────────────────────────────────────────────────────────────────────────

// Values stand in the store: do not renumber.
enum class VerdictState : std::uint8_t {
  kNotApplicable = 0,
  kCompliant = 1,
  kViolating = 2,
  kUndetermined = 3,
  kWaived = 4,  // violating underneath, covered by a waiver
};
std::string_view name_of(VerdictState state);
std::optional<VerdictState> verdict_state_of(std::string_view name);

// Why a pair left a state other than by its facts. Values stand in the store: do not renumber.
enum class Closing : std::uint8_t {
  kNone = 0,
  kElementRemoved = 1,
  kRuleWithdrawn = 2,
  kNewOccurrence = 3,  // the episode ended because another occurrence began
};
std::string_view name_of(Closing closing);

// One value read by an evaluation: kept compact, rendered when read.
struct Fact {
  std::string element;  // "kind/id", empty = self
  std::string field;
  std::string value;  // JSON text
};

// One change of the verdict of (rule, element); append-only, the history is their sum.
struct Transition {
  std::string rule;
  ElementKey element;
  std::string agency;  // code of the element's agency at that moment
  VerdictState from = VerdictState::kNotApplicable;
  VerdictState to = VerdictState::kNotApplicable;
  Closing closing = Closing::kNone;
  Severity severity = Severity::kLow;
  Instant since{};         // when it became so; for a timer the due instant
  Instant recorded{};      // the `now` of the record
  std::string occurrence;  // of rules that declare one
  std::string reason;      // "missing: x", an error's text, or empty
  std::vector<Fact> evidence;
  std::string cause_source;  // identity of the event that caused it …
  std::string cause_id;
  std::string cause_type;  // … or "time", "pack"
  std::uint32_t rule_version = 0;
};

// ── Score ───────────────────────────────────────────────────────────────────────────────────────

// Counts of verdicts by severity; the sum of many is the sum of their members.
struct Tally {
  // index: Severity
  std::array<std::int64_t, 4> compliant{};
  std::array<std::int64_t, 4> violating{};
  std::array<std::int64_t, 4> undetermined{};
  std::array<std::int64_t, 4> waived{};
  std::array<std::int64_t, 4> overdue{};    // violating, past due
  std::array<std::int64_t, 4> inherited{};  // violating since before the baseline
  void add(VerdictState state, Severity severity, std::int64_t by);
  Tally& operator+=(const Tally& other);
  friend bool operator==(const Tally&, const Tally&) = default;
};
std::int64_t total(const std::array<std::int64_t, 4>& by_severity);

// 100 · Σ w·compliant ÷ Σ w·(compliant + violating); nothing when nothing is judged. Percent.
// Not the official index.
std::optional<double> score(const Tally& tally);
// 100 · (compliant + violating) ÷ (those + undetermined); nothing when nothing is judged. Percent.
std::optional<double> coverage(const Tally& tally);

}  // namespace patuh::model
