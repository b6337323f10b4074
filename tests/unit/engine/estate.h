// A small estate for named cases: a pack as text, events as JSON, the engine beside the plain
// truth, compared after every step.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "side_by_side.h"

namespace patuh::engine::naive {

std::shared_ptr<const rulebook::RuleBook> load_book(const std::string& schema,
                                                    const std::string& rules);
// A schema in which most cases play: dinas (agency), app, part, waiver, source, release.
std::string common_schema();
// [[rule]] with the texts that every rule must have.
std::string rule(const std::string& id, const std::string& kind, const std::string& rest);

class Estate {
 public:
  explicit Estate(const std::string& rules, const std::string& schema = common_schema());

  // "2026-01-01T00:00:00Z", or a span from there: "+36h", "+1d", "+90s", "+5us".
  Estate& at(std::string_view time);
  // Each applies one event and compares; `data` is a JSON object.
  Estate& upsert(const std::string& subject, const std::string& data);
  Estate& patch(const std::string& subject, const std::string& data);
  Estate& remove(const std::string& subject);
  Estate& from(const std::string& source);  // of the events that follow; default "s"
  Estate& pass();                           // lets time pass to at()
  Estate& activate(const std::string& rules, const std::string& schema = common_schema());

  // "violating", … ; "-" where the pair is not applicable or not there.
  std::string state(const std::string& rule, const std::string& element) const;
  Verdict verdict(const std::string& rule, const std::string& element) const;
  Explanation explain(const std::string& rule, const std::string& element) const;
  model::ElementRef find(const std::string& element) const;
  // Judgements of the last step.
  std::uint64_t judged() const { return judged_; }
  const StepResult& result() const { return both_.result(); }
  Engine& engine() { return both_.engine(); }
  base::Instant now() const { return now_; }

 private:
  Estate& send(model::Operation operation, const std::string& subject, const std::string& data);
  void check(const std::string& difference, const std::string& what);

  SideBySide both_;
  base::Instant now_;
  std::string source_ = "s";
  std::int64_t sent_ = 0;
  std::uint64_t judged_ = 0;
};

}  // namespace patuh::engine::naive
