// Messages of rules about an element, in both languages. Private to engine.
#pragma once

#include <string>

#include "engine/judge.h"
#include "text/text.h"

namespace patuh::engine {

class Renderer {
 public:
  // All must outlive it.
  Renderer(const rulebook::RuleBook& book, const registry::Registry& registry, Judge& judge);

  // The rule's message about the pair's element as it stands at `now`, in both languages; a missing
  // value prints as –. A rule without a message says its title. Ends what the judge answered
  // before.
  model::Text message(const PairRef& pair, base::Instant now);
  const text::Zone& zone() const { return zone_; }  // the pack's

 private:
  std::string message(const PairRef& pair, model::Language language, base::Instant now);
  const registry::Registry& registry_;
  Judge& judge_;
  text::Zone zone_;
};

}  // namespace patuh::engine
