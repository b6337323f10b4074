// What the attributes were that some rule asks the past of: previous(self.x), changes(self.x, d).
// Private to engine.
//
// Kept only for attributes that the book names so, from the moment on at which it came into force
// (or the element into being): of each the value before the present one, and the newest instants
// at which it changed. Instants are those of the records, so that it follows from the log.
//
// Of an attribute that did not change since, nothing is kept: its value stands in the registry. So
// a book that asks for another past begins at once; but what an event may change must be looked at
// before it is applied.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "registry/registry.h"
#include "rulebook/rulebook.h"

namespace patuh::engine {

// A value that holds itself: of the scalar kinds.
class Held {
 public:
  Held() = default;
  explicit Held(const expr::Value& value);
  expr::Value view() const;  // lives as long as this
  bool is_null() const { return kind_ == expr::Kind::kNull; }
  void save(base::Encoder& out) const;
  bool load(base::Decoder& in);
  friend bool operator==(const Held&, const Held&) = default;

 private:
  expr::Kind kind_ = expr::Kind::kNull;
  std::uint64_t bits_ = 0;
  std::string text_;
};

class History {
 public:
  explicit History(const rulebook::RuleBook& book);

  bool is_empty() const { return fields_.empty(); }
  bool is_kept(model::KindId kind, model::FieldId field) const {
    return find_field(kind, field) != nullptr;
  }
  // Of the attributes kept of a kind, in the order in which save() writes them. One that is kept
  // again later has another.
  std::vector<std::uint32_t> numbers(model::KindId kind) const;

  // Before a record: what was looked at for the one before is forgotten.
  void begin_record() { before_.clear(); }
  // Remembers the values of an element that the record may change, as they are before it.
  void look(model::ElementRef element, const registry::Registry& registry);
  void end(model::ElementRef element, model::KindId kind);
  // The value behind the key may have changed at this instant.
  void follow(const registry::Key& key, const registry::Registry& registry, base::Instant at);

  // Null when it is not known to have had another value.
  expr::Value previous(model::ElementRef element, model::KindId kind, model::FieldId field) const;
  // When it changed, oldest first: the newest rulebook::kChangesMax.
  const std::vector<base::Instant>& changes(model::ElementRef element, model::KindId kind,
                                            model::FieldId field) const;

  // Since when changes of the attribute are kept; the least instant: ever since there is a log.
  base::Instant kept_since(model::KindId kind, model::FieldId field) const {
    return find_field(kind, field)->since;
  }

  // Goes on from another book's: what both keep stays, what only this one keeps begins. Under
  // another schema, keep_all() came before and compare_all() must come after.
  void go_on_from(History& before, const model::Schema& old_schema, const model::Schema& schema,
                  base::Instant at);
  void keep_all(const registry::Registry& registry);
  void compare_all(const registry::Registry& registry, base::Instant at);
  // Gives back some of what no book asks for any more.
  void tidy(std::size_t most);

  // For the head of a snapshot, by name.
  void save_head(const model::Schema& schema, base::Encoder& out) const;
  bool load_head(const model::Schema& schema, base::Decoder& in);
  // Of a form that names only what begun later than the log.
  bool load_old_head(const model::Schema& schema, base::Decoder& in);
  void save(model::ElementRef element, const registry::Registry& registry,
            base::Encoder& out) const;
  // As it was saved under these numbers; what is kept no more is passed over.
  bool load(model::ElementRef element, model::KindId kind, std::span<const std::uint32_t> numbers,
            base::Decoder& in);
  std::uint64_t bytes() const;

 private:
  struct Track {
    Held present;
    Held before;
    std::vector<base::Instant> changes;
  };
  using Tracks = std::unordered_map<std::uint32_t, Track>;  // by ElementRef
  struct Field {
    model::FieldId field;
    std::uint32_t number = 0;
    base::Instant since = base::Instant::min();
    Tracks tracks;
  };
  struct Before {
    model::ElementRef element;
    model::FieldId field;
    Held value;
  };
  const Field* find_field(model::KindId kind, model::FieldId field) const;
  Field* find_field(model::KindId kind, model::FieldId field);
  const Track* find(model::ElementRef element, model::KindId kind, model::FieldId field) const;
  void follow(Track& track, Held now, base::Instant at);

  std::vector<std::vector<Field>> fields_;  // by KindId; empty: none at all
  std::uint32_t next_number_ = 0;
  std::vector<Before> before_;  // the record under way
  std::vector<Tracks> left_;    // of attributes that are kept no more
  std::vector<base::Instant> never_;
};

}  // namespace patuh::engine
