// What stands behind the public door.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "engine/verdicts.h"

namespace patuh::engine {

inline registry::Options with_grants(registry::Options options, const rulebook::RuleBook& book) {
  for (const rulebook::Grant& grant : book.grants) {
    options.grants.push_back({grant.source, grant.kind});
  }
  return options;
}

struct Engine::Impl {
  Impl(std::shared_ptr<const rulebook::RuleBook> book, Options the_options)
      : options(std::move(the_options)),
        registry(book->schema, with_grants(options.registry, *book)),
        verdicts(book, registry, options) {}

  void pass_to(base::Instant to, StepResult& out);
  Switch take_schema(const rulebook::RuleBook& book, const Moment& moment);
  void look_before(const model::ChangeEvent& event);
  void look_before(model::KindId kind, std::string_view id);
  void hear(const model::ChangeEvent& event, const registry::Applied& applied,
            const Moment& moment);

  Options options;
  registry::Registry registry;
  Verdicts verdicts;
  base::Instant now = base::Instant::min();
  bool is_packed = false;  // the snapshot that is being loaded brings what judgements read
  bool has_facts = false;  // all of them, and what follows from them
  // The minute that stands in each source's element, so that most events need not write it.
  std::unordered_map<std::string, base::Instant> heard;
};

}  // namespace patuh::engine
