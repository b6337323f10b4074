#include <algorithm>
#include <set>

#include "collectors/decode/decode.h"
#include "engine/engine.h"
#include "lab/lab.h"

namespace patuh::lab {
namespace {

using base::Diagnostic;

// One case on an engine of its own.
class Case {
 public:
  Case(std::shared_ptr<const rulebook::RuleBook> book, const rulebook::TestCase& test,
       TestReport& report)
      : book_(std::move(book)), test_(test), report_(report), engine_(book_, {}) {}

  bool run() {
    for (const rulebook::TestStep& step : test_.steps) {
      engine_.advance(step.now);
      for (const model::Envelope& event : step.events) apply(event, step.now);
      for (const rulebook::Expectation& wanted : step.expect) check(wanted, step.now);
    }
    return good_;
  }

 private:
  void fail(const base::Place& place, std::string code, std::string message, std::string hint) {
    good_ = false;
    report_.failures.add({Diagnostic::Level::kError, std::move(code), place, "",
                          "\"" + test_.name + "\": " + std::move(message), std::move(hint)});
  }

  void apply(const model::Envelope& envelope, base::Instant now) {
    auto event = decode::interpret(envelope, *book_->schema);
    if (!event) {
      fail(test_.place, "TEST-EVENT",
           "the event on " + envelope.subject + " is set aside: " + event.error().message, "");
      return;
    }
    const engine::StepResult step = engine_.apply(now, *event);
    if (step.outcome == registry::Outcome::kNotPermitted) {
      fail(test_.place, "TEST-EVENT", "the event on " + envelope.subject + ": " + step.message, "");
    }
  }

  void check(const rulebook::Expectation& wanted, base::Instant now) {
    ++report_.expectations;
    const auto key = model::element_key_of(wanted.element);
    const auto kind = key ? book_->schema->kind_of(key->kind) : std::nullopt;
    const rulebook::Rule* const rule = book_->rule(wanted.rule);
    if (!kind || rule == nullptr) {
      fail(wanted.place, "TEST-NAME",
           "there is no rule " + wanted.rule + " or no kind for " + wanted.element, "");
      return;
    }
    auto found = model::VerdictState::kNotApplicable;
    std::string reason;
    if (const auto element = engine_.registry().find(*kind, key->id)) {
      if (const auto verdict = engine_.verdict(rule->number, *element)) found = verdict->state;
      if (const auto why = engine_.explain(rule->number, *element)) reason = why->reason;
    }
    if (found == wanted.state) return;
    fail(wanted.place, "TEST-VERDICT",
         wanted.rule + " of " + wanted.element + " at " + base::to_rfc3339(now) + " is " +
             std::string(model::name_of(found)) + ", expected " +
             std::string(model::name_of(wanted.state)),
         reason.empty() ? "" : "reason: " + reason);
  }

  std::shared_ptr<const rulebook::RuleBook> book_;
  const rulebook::TestCase& test_;
  TestReport& report_;
  engine::Engine engine_;
  bool good_ = true;
};

}  // namespace

TestReport run_tests(std::shared_ptr<const rulebook::RuleBook> book,
                     std::span<const rulebook::TestCase> tests) {
  TestReport report;
  std::set<std::string> named;
  for (const rulebook::TestCase& test : tests) {
    ++(Case(book, test, report).run() ? report.passed : report.failed);
    for (const rulebook::TestStep& step : test.steps) {
      for (const rulebook::Expectation& wanted : step.expect) named.insert(wanted.rule);
    }
  }
  for (const rulebook::Rule& rule : book->rules) {
    if (!named.contains(rule.id)) report.untested.push_back(rule.id);
  }
  return report;
}

}  // namespace patuh::lab
