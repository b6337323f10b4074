// A small architecture for the registry's tests: builders of schemas and events.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/registry.h"

namespace patuh::registry::test {

using expr::Value;
using model::ChangeEvent;
using model::Operation;

// An attribute, option by option.
class Attr {
 public:
  explicit Attr(model::AttributeType type = model::AttributeType::kString) {
    attribute_.type = type;
    attribute_.item = model::AttributeType::kAny;
  }
  Attr& indexed(bool is = true) {
    attribute_.indexed = is;
    return *this;
  }
  Attr& telemetry(bool is = true) {
    attribute_.telemetry = is;
    return *this;
  }
  Attr& most(std::uint32_t size) {
    attribute_.size_max = size;
    return *this;
  }
  Attr& between(Value min, Value max) {
    attribute_.min = min;
    attribute_.max = max;
    return *this;
  }
  Attr& values(std::vector<std::string> values, bool closed = false) {
    attribute_.values = std::move(values);
    attribute_.closed = closed;
    return *this;
  }
  Attr& otherwise(Value value) {
    attribute_.default_value = value;
    return *this;
  }
  operator model::Attribute() const { return attribute_; }  // NOLINT(google-explicit-constructor)

 private:
  model::Attribute attribute_;
};
inline model::Relation many() {
  model::Relation relation;
  relation.many = true;
  return relation;
}
inline model::Relation to_agency() {
  model::Relation relation;
  relation.agency = true;
  return relation;
}

// Declares kinds field by field; relations name kinds that come later, so all kinds come first.
class SchemaMaker {
 public:
  SchemaMaker();
  explicit SchemaMaker(std::vector<std::string> kinds);

  FieldId attribute(std::string_view kind, std::string_view name, model::Attribute attribute = {});
  // `to` empty = any kind.
  FieldId relation(std::string_view kind, std::string_view name, std::vector<std::string> to,
                   model::Relation relation = {});
  FieldId derived(std::string_view kind, std::string_view name, std::string_view expression,
                  model::Attribute attribute = {});
  // "a.x" and "b.y" become one edge.
  void inverse(std::string_view one, std::string_view other);
  model::Schema& schema() { return *schema_; }
  Value text(std::string_view text) { return Value::string(schema_->arena->copy(text)); }

  // Compiles derived attributes.
  std::shared_ptr<const model::Schema> make();

 private:
  model::Kind& kind(std::string_view name);
  FieldId add(std::string_view kind, std::string_view name, model::Field field);
  std::shared_ptr<model::Schema> schema_;
};

// One event, built member by member; the arena is the event's own.
class Says {
 public:
  Says(const model::Schema& schema, Operation operation, std::string_view source,
       std::int64_t version, std::string_view subject);

  Says& set(std::string_view field, Value value);
  Says& set(std::string_view field, const char* text);
  Says& set(std::string_view field, std::string_view text);
  Says& null(std::string_view field);
  Says& map(std::string_view field, std::vector<std::pair<std::string, Value>> entries);
  Says& list(std::string_view field, std::vector<std::string> items);
  Says& end(std::string_view relation, std::vector<std::string> ends);  // ids, or kind/id
  Says& unknown(std::string_view name, std::string_view json);
  Says& id(std::string_view id);
  Says& at(std::int64_t seconds);
  Says& by_deployment();

  const ChangeEvent& event() const { return event_; }
  operator const ChangeEvent&() const { return event_; }  // NOLINT(google-explicit-constructor)

 private:
  FieldId field(std::string_view name) const;
  const model::Schema& schema_;
  ChangeEvent event_;
};

constexpr base::Instant at_second(std::int64_t seconds) {
  return base::Instant(std::chrono::seconds(seconds));
}

// What Kind of fact a Key is about, for messages.
std::string text_of(const Key& key);
std::string text_of(const std::vector<Key>& keys);

}  // namespace patuh::registry::test
