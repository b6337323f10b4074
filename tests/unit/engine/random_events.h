// Random streams of changes: upserts, patches, removals, of several sources, some late, some twice.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dice.h"
#include "model/model.h"
#include "random_pack.h"

namespace patuh::engine::naive {

// The first instant of every random history.
inline constexpr base::Instant kBeginning =
    std::chrono::sys_days(std::chrono::year(2026) / std::chrono::January / 1);

class RandomEvents {
 public:
  RandomEvents(Dice& dice, RandomPack& pack) : dice_(dice), pack_(pack) {}

  model::ChangeEvent next(const rulebook::RuleBook& book, base::Instant now);
  // A patch of one attribute, by a source that may write everything.
  model::ChangeEvent patch_of(const rulebook::RuleBook& book, const model::ElementKey& element,
                              model::FieldId field, base::Instant now);
  // After another schema took over: what was held back is numbered by the one before.
  void forget();

 private:
  model::ChangeEvent fresh(const rulebook::RuleBook& book, base::Instant now);
  std::optional<model::FieldChange> change_of(const rulebook::RuleBook& book,
                                              const model::Kind& kind, model::FieldId field,
                                              base::Instant now, expr::Arena& arena);
  const model::Kind& end_kind(const model::Schema& schema, const model::Kind& kind,
                              const model::Relation& relation);
  expr::Value value_of(const model::Field& field, base::Instant now, expr::Arena& arena);
  expr::Value time_of(const model::Attribute& attribute, base::Instant now);
  std::string id_of(const model::Kind& kind);

  Dice& dice_;
  RandomPack& pack_;
  std::int64_t made_ = 0;
  RandomPack::RuleName waived_;  // what a waiver that is being made is about
  std::vector<model::ChangeEvent> held_back_;
  std::optional<model::ChangeEvent> last_;
};

// For people: what a failing run did.
std::string text_of(const model::ChangeEvent& event, const model::Schema& schema);

}  // namespace patuh::engine::naive
