// What rules see of the registry, noting all they read. Private to engine.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/pair.h"
#include "engine/self_reads.h"
#include "registry/registry.h"
#include "rulebook/rulebook.h"

namespace patuh::engine {

class History;

// What the kind of every element has: its id, and the kind itself.
inline bool is_built_in(model::FieldId field) {
  return field == model::kIdField || field == model::kKindField;
}

// What a value is told under: its parts, one behind the other. They must outlive the list.
struct FactName {
  std::array<std::string_view, 4> parts;
  std::string text() const;
  friend bool operator==(const FactName& a, const FactName& b);
};

// The values that an evaluation read, for evidence: at most `most`, each once, in order of reading.
// Written out only by take(): until then it holds what was read as it was, which lives until the
// next evaluation.
class FactList {
 public:
  explicit FactList(std::size_t most) : most_(most) {}
  void clear() { seen_.clear(); }
  void add(model::ElementRef element, const FactName& name, const expr::Value& value);
  // Facts about `own` carry no name of it.
  std::vector<model::Fact> take(model::ElementRef own, const registry::Registry& registry);

 private:
  struct Seen {
    model::ElementRef element;
    FactName name;
    expr::Value value;
  };
  std::size_t most_;
  std::vector<Seen> seen_;
};

class RegistryWorld final : public rulebook::World {
 public:
  // All must outlive it. The registry's schema must be the book's.
  RegistryWorld(const registry::Registry& registry, const model::Schema& schema,
                SelfReads& self_reads);

  // Where previous() and changes() look; to be said before anything is judged.
  void use(const History& history) { history_ = &history; }

  // Begins to note for the judgement of `pair`.
  void begin(const PairRef& pair);
  // Reads on without noting, until the next begin(): for messages and explanations.
  void begin_unnoted(const PairRef& pair);
  // Also keeps the values read from now to the next begin; null ends it.
  void keep_facts(FactList* facts) { facts_ = facts; }
  // Ends noting. What was read elsewhere, sorted and unique.
  std::span<const registry::Key> finish();
  std::uint32_t self_reads() const { return self_bits_; }  // what was read of the pair's element

  // Notes that the answer depends on who refers to the element.
  registry::Refs referrers_of(model::ElementRef element, model::KindId from,
                              model::FieldId relation);

  expr::Value select(expr::Context& context, expr::Value object, std::uint16_t field) override;
  bool has(expr::Context& context, const expr::Value& object, std::uint16_t field) override;
  expr::Value select_dynamic(expr::Context& context, const expr::Value& object,
                             std::string_view field) override;
  bool known(expr::Context& context, const expr::Value& object) override;

  expr::Value related(expr::Context& context, const expr::Value& object,
                      model::FieldId relation) override;
  expr::Value referrers(expr::Context& context, const expr::Value& object, model::KindId from,
                        model::FieldId relation) override;
  expr::Value referrers_any(expr::Context& context, const expr::Value& object,
                            std::string_view relation) override;
  expr::Value reach(expr::Context& context, const expr::Value& object,
                    std::string_view relation) override;
  expr::Value reach_back(expr::Context& context, const expr::Value& object, model::KindId from,
                         model::FieldId relation) override;
  expr::Value same(expr::Context& context, const expr::Value& object,
                   model::FieldId attribute) override;
  expr::Value where(expr::Context& context, model::KindId kind, model::FieldId attribute,
                    const expr::Value& value) override;
  expr::Value members(expr::Context& context, const expr::Value& agency,
                      model::KindId kind) override;
  expr::Value lookup(expr::Context& context, model::KindId kind, std::string_view id) override;
  expr::Value changed_at(expr::Context& context, const expr::Value& object) override;
  expr::Value previous(expr::Context& context, const expr::Value& object,
                       model::FieldId attribute) override;
  expr::Value changes(expr::Context& context, const expr::Value& object, model::FieldId attribute,
                      base::Duration span) override;

 private:
  using FieldOfKind = std::pair<model::KindId, model::FieldId>;
  // Relations of one name, over all kinds.
  struct Namesakes {
    std::string name;
    std::vector<FieldOfKind> relations;
  };

  void note(const registry::Key& key);
  const expr::Program* derived_on_read(model::KindId kind, model::FieldId field) const;
  expr::Value derive(expr::Context& context, const expr::Value& object, model::FieldId field,
                     const expr::Program& program);
  const std::vector<FieldOfKind>& namesakes(std::string_view relation);
  bool may_refer_to(const FieldOfKind& relation, model::KindId kind) const;
  void keep(model::ElementRef element, const FactName& name, const expr::Value& value) {
    facts_->add(element, name, value);
  }
  void keep_kept_since(const expr::Value& object, model::FieldId field, base::Instant asked_from);
  void keep_size(model::ElementRef element, const FactName& name, const expr::Value& list);

  const registry::Registry& registry_;
  const model::Schema& schema_;
  SelfReads& self_;
  const History* history_ = nullptr;
  std::vector<std::vector<const expr::Program*>> on_read_;  // by KindId, FieldId; null: none
  std::vector<Namesakes> namesakes_;

  PairRef pair_;
  bool noting_ = false;
  int depth_ = 0;  // of derived attributes that read derived attributes
  std::uint32_t self_bits_ = 0;
  std::vector<registry::Key> reads_;
  FactList* facts_ = nullptr;
};

}  // namespace patuh::engine
