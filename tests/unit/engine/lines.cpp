#include "lines.h"

#include "naive.h"

namespace patuh::engine::naive {

std::string text_of(const StepResult& result) {
  std::string out;
  for (const model::Transition& t : result.transitions) {
    out += line_of(t) + " " + t.agency + " " + t.cause_source + " " + t.cause_id + " " +
           t.cause_type + " " + std::to_string(t.rule_version) + "\n";
    for (const model::Fact& fact : t.evidence) {
      out += "  " + fact.element + "." + fact.field + "=" + fact.value + "\n";
    }
  }
  for (const alerts::Notice& n : result.notices) {
    out += line_of(n) + " " + n.agency + " " + n.cause + " " + n.summary_id + "\n";
  }
  return out;
}

}  // namespace patuh::engine::naive
