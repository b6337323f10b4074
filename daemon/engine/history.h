// What the attributes were that some rule asks the past of: previous(self.x), changes(self.x, d).
// Private to engine.
//
// Kept only for attributes that the book names so, from the moment on at which it came into force
// (or the element into being): of each the value before the present one, and the newest instants
// at which it changed. Instants are those of the records, so that it follows from the log.
#pragma once

#include <cstdint>
#include <optional>
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
  bool is_kept(model::KindId kind, model::FieldId field) const;

  void begin(model::ElementRef element, const registry::Registry& registry);
  void end(model::ElementRef element, model::KindId kind);
  // The value behind the key may have changed at this instant.
  void follow(const registry::Key& key, const registry::Registry& registry, base::Instant at);

  // Null when it is not known to have had another value.
  expr::Value previous(model::ElementRef element, model::FieldId field) const;
  // When it changed, oldest first: the newest rulebook::kChangesMax.
  const std::vector<base::Instant>& changes(model::ElementRef element, model::FieldId field) const;

  // Since when changes of the attribute are kept; the least instant: ever since there is a log.
  base::Instant kept_since(model::KindId kind, model::FieldId field) const;

  // Goes on from another book's: what both keep stays, what only this one keeps begins.
  void go_on_from(History& before, const model::Schema& old_schema,
                  const registry::Registry& registry, bool is_same_schema, base::Instant at);

  // For the head of a snapshot: what begun later than the log, by name.
  void save_head(const model::Schema& schema, base::Encoder& out) const;
  bool load_head(const model::Schema& schema, base::Decoder& in);
  void save(model::ElementRef element, model::KindId kind, base::Encoder& out) const;
  bool load(model::ElementRef element, model::KindId kind, base::Decoder& in);
  std::uint64_t bytes() const { return tracks_.size() * (sizeof(Track) + 32); }

 private:
  struct Track {
    Held present;
    Held before;
    std::vector<base::Instant> changes;
  };
  static std::uint64_t place(model::ElementRef element, model::FieldId field) {
    return (std::uint64_t{element.value} << 16U) | field.value;
  }
  const Track* find(model::ElementRef element, model::FieldId field) const;
  void follow(Track& track, const expr::Value& value, base::Instant at);
  void begin_fields(const History& before, const model::Schema& old_schema,
                    const model::Schema& schema, base::Instant at);

  std::vector<std::vector<model::FieldId>> fields_;     // by KindId; empty: none at all
  std::vector<std::vector<base::Instant>> kept_since_;  // likewise
  std::unordered_map<std::uint64_t, Track> tracks_;
  std::vector<base::Instant> never_;
};

}  // namespace patuh::engine
