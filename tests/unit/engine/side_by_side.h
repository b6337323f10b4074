// The engine and the plain truth, driven together and compared after every step.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "naive.h"

namespace patuh::engine::naive {

class SideBySide {
 public:
  SideBySide(std::shared_ptr<const rulebook::RuleBook> book, std::set<base::Duration> spans);

  // Each answers what differs afterwards; empty: nothing does.
  std::string apply(base::Instant now, const model::ChangeEvent& event);
  std::string advance(base::Instant now);
  std::string activate(base::Instant now, std::shared_ptr<const rulebook::RuleBook> book,
                       std::set<base::Duration> spans);

  Engine& engine() { return engine_; }
  const Engine& engine() const { return engine_; }
  const StepResult& result() const { return result_; }  // of the last step
  std::uint64_t judged() const { return judged_; }      // by the engine in the last step
  // What the engine told in the last step, one line each, as it told it.
  const std::vector<std::string>& told() const { return told_; }
  // What each pair reads now, by the plain truth.
  std::map<PairName, ReadFacts> reads() const {
    return naive_.reads(engine_.registry(), engine_.now());
  }
  std::uint64_t compared() const { return compared_; }  // verdicts

 private:
  std::string compare(StepResult result, std::uint64_t judgements_before);
  std::string compare_verdicts();
  std::string compare_tallies();

  Engine engine_;
  Evaluator naive_;
  StepResult result_;
  std::uint64_t judged_ = 0;
  std::vector<std::string> told_;
  std::uint64_t compared_ = 0;
};

}  // namespace patuh::engine::naive
