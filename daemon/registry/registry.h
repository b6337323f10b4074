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
// An element is *known* (a source sent it whole), a *stub* (something refers to it, or a source
// sent parts of it, but nobody sent it whole), or *removed*. Rules see the first two. A stub that
// only references made goes when the last of them goes. A removed element that others still refer
// to stays as the end of their relations but reads as missing: its fields are absent, it is in no
// index and no member of anything, exists() is false; it keeps its name and its last agency, so
// that what follows it (a deployment) still has one. It takes an upsert newer than what its source
// wrote before to bring it back, or a newer patch of the source that removed it; a patch of another
// source does not (removal and patch end alike in either order).
//
// Whose an element is: the agency that its own relation names, though that agency be removed (it
// says so itself, and nothing may fall between two agencies); a deployment's without one is its
// application's. A stub that names none belongs to the agency of its first referrer, or, made
// through the deployment role, to the agency that answers for the whole: of several the one of the
// least id. An agency that is removed owns no such stub any more: it goes to the next that answers
// for the whole, in the order of ids, else to nobody, and back when the agency comes back.
//
// Who may write what: each field remembers the source that wrote it. An upsert replaces its own
// source's fields; a member that another source wrote needs a grant, unless it says what is there
// already. Each source that upserted an element holds it: a removal withdraws what its source
// wrote, and removes the element when no other source holds it (or by a grant). A source that
// neither holds it nor wrote all of it may not remove it.
//
// Ownership: the registry owns all values; Values and Refs it hands out live until the next
// apply(), put(), expire() or change_schema(). Threads: one thread at a time (the engine's).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
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
//
// What depends on what:
//   value, has, related        kField
//   exists, is_stub            kLife
//   find                       kLife of what was found, kName when nothing was
//   agency_of                  kAgency
//   agency_code                kAgency, and kField of (agency, code)
//   changed_at                 kChangedAt
//   referrers                  kReferrers
//   with_value                 kIndex (of a relation: the same Key as kReferrers of its end)
//   members                    kMembers
// id_of, kind_of and the fields kIdField and kKindField never change. writer_of and unknown_of have
// no Key: no rule reads them.
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
// Of an object (with_value on a relation): its referrers_key.
Key index_key(KindId kind, FieldId attribute, const expr::Value& value);
Key members_key(ElementRef agency, KindId kind);

enum class Outcome : std::uint8_t {
  kApplied,
  kNoChange,        // applied, yet nothing readable changed
  kDuplicate,       // this (source, id) was seen within the window
  kStale,           // not newer than what this source wrote to this element
  kLate,            // a patch of which only some members (or none) were still newest
  kUnknownRemoved,  // a removal of what is not there; a tombstone is kept
  kNotPermitted,    // writes what another source wrote, without a grant: set aside, without effect
};
std::string_view name_of(Outcome outcome);

struct Delta {
  // Unique, in order of discovery. Fields of elements that are new (a ref that nobody could have
  // held) are not listed one by one: `created` says it.
  std::vector<Key> changed;
  std::vector<ElementRef> created;  // elements and stubs that rules can see from now on
  std::vector<ElementRef> removed;  // elements that rules no longer see (refs stay valid to name
                                    // until the next change)
  // Drift: members the schema does not declare (or that nobody may send), in this event.
  std::uint32_t unknown_attributes = 0;
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
  std::vector<Grant> grants{};
};

struct Stats {
  std::uint64_t elements = 0, stubs = 0, tombstones = 0, edges = 0, index_entries = 0;
  std::uint64_t sources = 0;     // sources that ever sent something
  std::uint64_t window_ids = 0;  // ids remembered to know duplicates
  std::uint64_t bytes = 0;       // of everything held, counted by the registry
  std::uint64_t probes = 0;      // index and edge look-ups since start
};

struct Chunks;

// A set of elements as it stands, in ascending order of ElementRef: a view that costs nothing to
// make, with its size known. Large sets lie in pieces, so that a change costs the same however
// large they are; [] is quick when asked in ascending order, begin() to end() always.
class Refs {
 public:
  class Iterator {
   public:
    using value_type = ElementRef;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::forward_iterator_tag;
    using pointer = const ElementRef*;
    using reference = const ElementRef&;
    Iterator() = default;
    const ElementRef& operator*() const { return *at_; }
    Iterator& operator++() {
      if (++at_ == run_end_ && chunks_ != nullptr) next_run();
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.at_ == b.at_; }

   private:
    friend class Refs;
    Iterator(const ElementRef* at, const ElementRef* run_end) : at_(at), run_end_(run_end) {}
    void next_run();
    const ElementRef* at_ = nullptr;
    const ElementRef* run_end_ = nullptr;
    const Chunks* chunks_ = nullptr;
    std::uint32_t chunk_ = 0;
  };

  Refs() = default;
  Refs(const ElementRef* flat, std::uint32_t size) : flat_(flat), size_(size) {}
  Refs(const Chunks* chunks, std::uint32_t size) : chunks_(chunks), size_(size) {}

  std::uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  ElementRef front() const { return *begin(); }      // not empty
  ElementRef operator[](std::uint32_t index) const;  // index < size()
  bool contains(ElementRef element) const;
  Iterator begin() const;
  Iterator end() const;

 private:
  const ElementRef* flat_ = nullptr;  // either these …
  const Chunks* chunks_ = nullptr;    // … or these
  std::uint32_t size_ = 0;
  mutable std::uint32_t chunk_ = 0;  // where the last [] was: chunk and its first index
  mutable std::uint32_t chunk_first_ = 0;
};

class Registry {
 public:
  Registry(std::shared_ptr<const model::Schema> schema, Options options);
  ~Registry();
  Registry(Registry&&) noexcept;
  Registry& operator=(Registry&&) noexcept;

  // Applies one change. `now` is the record's time, for tombstones and changed_at's fallback when
  // the event has no time (0).
  Applied apply(const model::ChangeEvent& event, base::Instant now);
  // The same in two steps, so that the caller, too, can have near what it keeps of the element by
  // the time it changes. Nothing else may change between them.
  struct Sought {
    std::optional<ElementRef> place;  // of the event's element, a removed one too
    std::uint32_t source = 0;
    std::uint64_t id = 0;  // of the event, as a number
  };
  Sought seek(const model::ChangeEvent& event);
  Applied apply(const model::ChangeEvent& event, base::Instant now, const Sought& sought);
  // The engine's own facts (a source's last-heard time): creates a stub when needed, whose agency
  // is `agency`. No versions, no duplicates; any source may write over it, and no upsert takes it
  // away.
  Applied put(KindId kind, std::string_view id, FieldId field, const expr::Value& value,
              std::optional<ElementRef> agency, base::Instant now);
  // Forgets tombstones older than their age. Cheap; called with each record.
  void expire(base::Instant now);

  const model::Schema& schema() const;

  // ── Reading: O(1) or in proportion to the answer; nothing scans ──
  // Elements and stubs; nothing for removed ones.
  std::optional<ElementRef> find(KindId kind, std::string_view id) const;
  // Hints, which change nothing: the element will soon be read. First this, and what it says is
  // near by the time of expect_facts().
  void expect(ElementRef element) const;
  void expect_facts(ElementRef element) const;
  KindId kind_of(ElementRef element) const;
  std::string_view id_of(ElementRef element) const;
  model::ElementKey key_of(ElementRef element) const;
  bool exists(ElementRef element) const;  // element or stub, not removed
  bool is_stub(ElementRef element) const;
  std::optional<ElementRef> agency_of(ElementRef element) const;
  // The code of the element's agency; the agency's id while nobody sent its code; "" without an
  // agency.
  std::string_view agency_code(ElementRef element) const;
  // The latest time of an event that really changed one of the element's own fields (telemetry
  // apart), made it known or removed it; of a stub that nobody sent, when it was first referred to.
  base::Instant changed_at(ElementRef element) const;

  // Attribute as the language reads it: its value (sent or derived at apply), else the declared
  // default, else null with its origin. For relations: a single one yields the object or null with
  // its origin (of several ends, possible only through an inverse: one that the element itself
  // names, then the one of the least id); of many asserted out (use related()).
  expr::Value value(ElementRef element, FieldId field) const;
  bool has(ElementRef element, FieldId field) const;
  // Both ends' words count for relations that are each other's inverse.
  Refs related(ElementRef element, FieldId relation) const;
  Refs referrers(ElementRef element, KindId from, FieldId relation) const;
  // Elements of `kind` whose indexed attribute equals `value` (null → empty), or whose relation has
  // the object `value` as an end.
  Refs with_value(KindId kind, FieldId attribute, const expr::Value& value) const;
  // Elements of `kind` whose agency_of is `agency`; an agency is a member of itself.
  Refs members(ElementRef agency, KindId kind) const;
  // All existing elements in ascending order of ElementRef: for activation of rules, summaries and
  // tests; never on the path of an event. `kind` limits it.
  void for_each(std::optional<KindId> kind, const std::function<void(ElementRef)>& visit) const;
  // Undeclared members kept with the element: name, JSON text.
  std::vector<std::pair<std::string, std::string>> unknown_of(ElementRef element) const;
  // Which source wrote the field; empty when nobody did.
  std::string_view writer_of(ElementRef element, FieldId field) const;

  Stats stats() const;
  // Of the stats only these, at once.
  struct Known {
    std::uint64_t elements = 0, stubs = 0;
  };
  Known known() const;

  // Moves everything to another schema: fields and kinds are matched by name; values that no longer
  // fit are dropped and counted in the result. Elements keep their refs; those of kinds that are
  // gone are gone.
  std::uint64_t change_schema(std::shared_ptr<const model::Schema> schema, Options options);

  // The same in place, for a schema under which all that is held can stay as it is: the same kinds
  // and roles, no field gone or kept otherwise, new ones of which nothing is to be computed, limits
  // that all values keep. Only numbers of fields move, which costs next to nothing. False: it is no
  // such schema, and nothing has changed.
  bool recast_schema(std::shared_ptr<const model::Schema> schema, Options options);

  // Takes a schema in place of one that says the same but for words that people read: nothing
  // moves.
  void reword_schema(std::shared_ptr<const model::Schema> schema, Options options);

  // ── Snapshots: a row a place, a row a source, and a head; between changes only ──
  // Places whose row may say otherwise than save() last wrote, each once, in no order; a place
  // is not named again before it was saved. touch() adds one.
  std::vector<ElementRef> take_touched();
  void touch(ElementRef element) const;
  std::uint32_t places() const;  // one past the greatest ElementRef
  void save(ElementRef place, base::Encoder& out) const;
  std::uint32_t source_count() const;
  // How many ids of this source were ever remembered; its row with those from `first` on.
  std::uint64_t remembered(std::uint32_t source) const;
  void save_source(std::uint32_t source, std::uint64_t first, base::Encoder& out) const;
  void save_head(base::Encoder& out) const;

  // Into an empty registry: the head, then rows in any order (of a source all its rows, oldest
  // first), then the end, after which nothing counts as touched. False when the bytes are not
  // those of this schema's kinds and fields, by name, or tell of more places than there are rows:
  // the registry is to be thrown away then.
  bool load_head(base::Decoder& in, std::uint64_t rows_most);
  bool load(ElementRef place, base::Decoder& in);
  bool load_source(base::Decoder& in);
  bool load_end();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// ── One saved row without the others, for a registry of its own ──

struct SavedName {
  std::uint8_t life = 0;   // as save() writes it
  std::uint64_t kind = 0;  // its place among the head's kinds
  std::string id;
};
// Whose row it is; nothing when of nobody, or no row.
std::optional<SavedName> saved_name(std::string_view row);
// A row of which no more is known.
std::string saved_stub(const SavedName& name);

struct SavedCopy {
  std::string row;                     // its own place is 0, that of places[i] is i + 1
  std::vector<std::uint32_t> places;   // that it names
  std::set<std::uint64_t> sources;     // that wrote it
  std::optional<std::uint32_t> owner;  // the place of its agency
};
// `own`: the row's place. Nothing when the bytes are no row of a place in use.
std::optional<SavedCopy> renumbered(std::string_view row, std::uint32_t own);

}  // namespace patuh::registry
