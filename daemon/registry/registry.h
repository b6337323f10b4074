// registry: the elements of the architecture, their relations and indexes, in memory.
//
// apply(event) -> Delta is its one way in; what it tells back is exactly which readable facts
// changed, as Keys, so that whoever noted the Keys it read knows what to judge again. It knows no
// rule, no verdict and no file. Its state is a function of the events applied to it: no clock, no
// randomness, and no hash order reaches an answer (sets are in ascending order of ElementRef unless
// said otherwise).
//
//   Registry registry(schema, {});
//   Applied applied = registry.apply(event, now);
//   for (const Key& key : applied.delta.changed) judge_readers_of(key);
//
// Ownership: the registry owns all values; Values and spans it hands out live until the next
// apply() or put(). Threads: one thread at a time (the engine's).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "expr/expr.h"
#include "model/model.h"

namespace patuh::registry {

using model::ElementRef;
using model::FieldId;
using model::KindId;

// Something that can be read and can change. Two different index values may share a Key (64-bit
// hash of the value): a reader is then judged once too often, never too seldom.
struct Key {
  enum class Of : std::uint8_t {
    kField,      // element, field: an attribute's value or a relation's ends
    kLife,       // element: exists, known (no stub), removed
    kAgency,     // element: which agency it belongs to
    kChangedAt,  // element: changed_at
    kName,       // kind + hash of an id that no element had when it was looked up
    kReferrers,  // element; kind and relation that point at it
    kIndex,      // kind and attribute; hash of the value
    kMembers,    // agency element; kind
  };
  Of of = Of::kField;
  std::uint16_t kind = 0;   // KindId where it applies
  std::uint16_t field = 0;  // FieldId where it applies
  std::uint64_t what = 0;   // ElementRef or hash
  friend bool operator==(const Key&, const Key&) = default;
  friend auto operator<=>(const Key&, const Key&) = default;
};
struct KeyHash {
  std::size_t operator()(const Key& key) const noexcept;
};
Key field_key(ElementRef element, FieldId field);
Key life_key(ElementRef element);
Key agency_key(ElementRef element);
Key changed_at_key(ElementRef element);
Key name_key(KindId kind, std::string_view id);
Key referrers_key(ElementRef element, KindId from, FieldId relation);
Key index_key(KindId kind, FieldId attribute, const expr::Value& value);
Key members_key(ElementRef agency, KindId kind);

enum class Outcome : std::uint8_t {
  kApplied,
  kNoChange,        // applied, yet nothing readable changed
  kDuplicate,       // this (source, id) was seen within the window
  kStale,           // not newer than what this source wrote to this element
  kLate,            // a patch of which only some members (or none) were still newest
  kUnknownRemoved,  // a removal of what is not there; a tombstone is kept
  kNotPermitted,    // writes what another source wrote, without a grant: set aside
};
std::string_view name_of(Outcome outcome);

struct Delta {
  std::vector<Key> changed;         // unique, in order of discovery
  std::vector<ElementRef> created;  // elements and stubs that rules can see from now on
  std::vector<ElementRef> removed;  // elements that rules no longer see (refs stay valid to name)
  std::uint32_t unknown_attributes =
      0;  // drift: members the schema does not declare, in this event
};
struct Applied {
  Outcome outcome = Outcome::kApplied;
  std::optional<ElementRef> element;  // the event's own element where there is one
  std::string message;                // of kNotPermitted: which field and whose
  Delta delta;
};

// A source may write what another source wrote.
struct Grant {
  std::string source;  // exact
  std::string kind;    // "*" = all
};

struct Options {
  std::size_t duplicate_window = 10'000;  // ids remembered a source
  base::Duration tombstone_age = std::chrono::hours(24 * 90);
  std::vector<Grant> grants;
};

struct Stats {
  std::uint64_t elements = 0, stubs = 0, tombstones = 0, edges = 0, index_entries = 0;
  std::uint64_t bytes = 0;   // of everything held, counted by the registry
  std::uint64_t probes = 0;  // index and edge look-ups since start
};

class Registry {
 public:
  Registry(std::shared_ptr<const model::Schema> schema, Options options);
  ~Registry();
  Registry(Registry&&) noexcept;
  Registry& operator=(Registry&&) noexcept;

  // Applies one change. `now` is the record's time, for tombstones and changed_at's fallback.
  Applied apply(const model::ChangeEvent& event, base::Instant now);
  // The engine's own facts (a source's last-heard time): creates a stub when needed, whose agency
  // is `agency`. No versions, no duplicates.
  Applied put(KindId kind, std::string_view id, FieldId field, const expr::Value& value,
              std::optional<ElementRef> agency, base::Instant now);
  // Forgets tombstones older than their age. Cheap; called with each record.
  void expire(base::Instant now);

  const model::Schema& schema() const;

  // ── Reading: O(1) or in proportion to the answer; nothing scans ──
  // Elements and stubs; nothing for removed ones.
  std::optional<ElementRef> find(KindId kind, std::string_view id) const;
  KindId kind_of(ElementRef element) const;
  std::string_view id_of(ElementRef element) const;
  model::ElementKey key_of(ElementRef element) const;
  bool exists(ElementRef element) const;  // element or stub, not removed
  bool is_stub(ElementRef element) const;
  std::optional<ElementRef> agency_of(ElementRef element) const;
  // The agency's stable code, "" without one.
  std::string_view agency_code(ElementRef element) const;
  base::Instant changed_at(ElementRef element) const;

  // Attribute as the language reads it: its value (sent or derived at apply), else the declared
  // default, else null with its origin. For relations: a single one yields the object or null with
  // its origin; of many asserted out (use related()).
  expr::Value value(ElementRef element, FieldId field) const;
  bool has(ElementRef element, FieldId field) const;
  std::span<const ElementRef> related(ElementRef element, FieldId relation) const;
  std::span<const ElementRef> referrers(ElementRef element, KindId from, FieldId relation) const;
  // Elements of `kind` whose indexed attribute equals `value` (null → empty).
  std::span<const ElementRef> with_value(KindId kind, FieldId attribute,
                                         const expr::Value& value) const;
  std::span<const ElementRef> members(ElementRef agency, KindId kind) const;
  // All existing elements in ascending order of ElementRef: for activation of rules, summaries and
  // tests; never on the path of an event. `kind` limits it.
  void for_each(std::optional<KindId> kind, const std::function<void(ElementRef)>& visit) const;
  // Undeclared members kept with the element: name, JSON text.
  std::vector<std::pair<std::string, std::string>> unknown_of(ElementRef element) const;
  // Which source wrote the field; empty when nobody did.
  std::string_view writer_of(ElementRef element, FieldId field) const;

  Stats stats() const;

  // Moves everything to another schema: fields and kinds are matched by name; values that no longer
  // fit are dropped and counted in the result.
  std::uint64_t change_schema(std::shared_ptr<const model::Schema> schema, Options options);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace patuh::registry
