#include "naive.h"

#include <algorithm>

#include "text/text.h"

namespace patuh::engine::naive {

using expr::Value;
using model::ElementRef;
using model::VerdictState;
using rulebook::Rule;

namespace {

constexpr std::uint64_t kBudget = 100'000;  // Options::budget's default

// Judges one pair at one instant, plainly.
class Judging {
 public:
  Judging(const rulebook::RuleBook& book, const registry::Registry& registry, base::Instant now)
      : book_(book), registry_(registry), world_(registry, *book.schema), now_(now) {}

  void record(ReadFacts* reads) { world_.record(reads); }
  void remember(const std::map<std::string, Past>& past) { world_.remember(&past); }
  // What holds of the pair that is judged next, in the order of when and require.
  void hold(std::vector<base::Instant> since) { since_ = std::move(since); }
  bool is_true(const expr::Program& condition, ElementRef element) {
    self_ = world_.object(element);
    return run(condition, since_).is_true();
  }

  Pair judge(const Rule& rule, ElementRef element) {
    self_ = world_.object(element);
    Pair out;
    const std::span<const base::Instant> since(since_);
    const std::size_t in_require = rule.require->facts().held_conditions;
    if (rule.effective_from && now_ < *rule.effective_from) return out;
    if (rule.effective_until && now_ >= *rule.effective_until) return out;
    if (rule.when) {
      const Value when = run(*rule.when, since);
      if (when.is_false()) return out;
      if (!when.is_true()) {
        out.state = VerdictState::kUndetermined;
        out.reason = why(when);
        return out;
      }
    }
    const Value require = run(*rule.require, since.last(in_require));
    if (require.is_true()) {
      out.state = VerdictState::kCompliant;
      return out;
    }
    if (!require.is_false()) out.reason = why(require);
    if (!require.is_false() && !lacks_own(require)) {
      out.state = VerdictState::kUndetermined;
      return out;
    }
    out.state = is_waived(rule, element) ? VerdictState::kWaived : VerdictState::kViolating;
    if (rule.occurrence) {
      const Value value = run(*rule.occurrence);
      if (value.kind() == expr::Kind::kString) {
        out.occurrence = value.as_string();
      } else if (!value.is_null() && !value.is_error()) {
        out.occurrence = expr::to_text(value);
      }
    }
    return out;
  }

 private:
  Value run(const expr::Program& program, std::span<const base::Instant> since = {}) {
    expr::Context context{.arena = &arena_, .host = &world_, .now = now_, .budget = kBudget};
    context.held_since = since;
    return expr::evaluate(program, std::span(&self_, 1), context);
  }

  static std::optional<expr::Origin> origin(const Value& value) {
    if (value.is_null()) return value.origin();
    if (!value.is_error() || value.as_error().code != expr::ErrorCode::kMissing) return {};
    if (!value.as_error().has_origin) return {};
    return value.as_error().origin;
  }

  bool lacks_own(const Value& value) const {
    const auto from = origin(value);
    return from && from->object_index == self_.object_index();
  }

  std::string why(const Value& value) const {
    const auto from = origin(value);
    if (value.is_error() && !from) return message_of(value.as_error());
    if (!from) return value.is_null() ? "missing" : "neither true nor false";
    const model::KindId kind{static_cast<std::uint16_t>(from->object_kind)};
    const std::string& field = book_.schema->field(kind, model::FieldId{from->field}).name;
    if (from->object_index == self_.object_index()) return "missing: " + field;
    return "missing: " + registry_.key_of(ElementRef{from->object_index}).text() + "." + field;
  }

  bool is_waived(const Rule& rule, ElementRef element) {
    const auto& role = book_.schema->roles.waiver;
    if (!role || rule.kind == role->kind) return false;
    bool waived = false;
    registry_.for_each(role->kind, [&](ElementRef waiver) {
      const auto about = registry_.related(waiver, role->about);
      const bool is_about = std::find(about.begin(), about.end(), element) != about.end();
      waived = waived || (is_about && stands(waiver, rule));
    });
    return waived;
  }

  bool stands(ElementRef waiver, const Rule& rule) {
    const auto& role = *book_.schema->roles.waiver;
    const auto text = [&](model::FieldId field) {
      const Value value = registry_.value(waiver, field);
      return value.kind() == expr::Kind::kString ? std::string(value.as_string()) : std::string();
    };
    if (text(role.rule) != rule.id || text(role.status) != role.granted) return false;
    const Value from = registry_.value(waiver, role.from);
    const Value until = registry_.value(waiver, role.until);
    if (!from.is_null() && now_ < from.as_instant()) return false;
    const bool last_counts = book_.schema->field(role.kind, role.until).attribute().type ==
                             model::AttributeType::kDeadline;
    if (!until.is_null() && last_counts && now_ > until.as_instant()) return false;
    if (!until.is_null() && !last_counts && now_ >= until.as_instant()) return false;
    const std::string condition = text(role.condition);
    if (condition.empty()) return true;
    const auto environment = rulebook::environment(book_, rule.kind);
    const auto program =
        expr::compile(environment, {.text = condition, .place = {}}, expr::Type::boolean());
    return program.has_value() && run(*program).is_false();
  }

  const rulebook::RuleBook& book_;
  const registry::Registry& registry_;
  World world_;
  base::Instant now_;
  expr::Arena arena_;
  Value self_;
  std::vector<base::Instant> since_;
};

std::string time(base::Instant at) { return at == base::kNever ? "never" : base::to_rfc3339(at); }

std::string verdict_line(const PairName& name, VerdictState from, VerdictState to,
                         model::Closing closing, base::Instant since,
                         const std::string& occurrence) {
  return name.first + " " + name.second + " " + std::string(model::name_of(from)) + ">" +
         std::string(model::name_of(to)) + " [" + std::string(model::name_of(closing)) + "] " +
         time(since) + " '" + occurrence + "'";
}

std::string notice_line(bool firing, const std::string& key, base::Instant at) {
  return std::string(firing ? "fires " : "resolved ") + key + " at " + time(at);
}

// Names of attributes that stand in previous(….x) or changes(….x, …).
void add_asked(const std::string& text, std::set<std::string>& names) {
  for (const std::string call : {"previous(", "changes("}) {
    for (std::size_t at = text.find(call); at != std::string::npos; at = text.find(call, at + 1)) {
      int open = 1;
      std::size_t end = at + call.size();
      while (open > 1 || (text[end] != ',' && text[end] != ')')) {
        open += text[end] == '(' ? 1 : text[end] == ')' ? -1 : 0;
        ++end;
      }
      const std::size_t dot = text.rfind('.', end);
      names.insert(text.substr(dot + 1, end - dot - 1));
    }
  }
}

std::set<std::string> asked_of(const rulebook::RuleBook& book) {
  std::set<std::string> names;
  for (const Rule& rule : book.rules) {
    if (rule.when) add_asked(std::string(rule.when->text()), names);
    add_asked(std::string(rule.require->text()), names);
  }
  for (const model::Kind& kind : book.schema->kinds) {
    for (const model::Field& field : kind.fields) {
      if (!field.is_relation()) add_asked(field.attribute().derive, names);
    }
  }
  return names;
}

// The conditions of held_for(…, …) in a text, inner ones first.
void add_held(const std::string& text, std::vector<std::string>& out) {
  const std::string call = "held_for(";
  for (std::size_t at = text.find(call); at != std::string::npos; at = text.find(call, at)) {
    at += call.size();
    int open = 0;
    bool quoted = false;
    std::size_t comma = at;
    std::size_t end = at;
    for (; open > 0 || quoted || text[end] != ')'; ++end) {
      const char c = text[end];
      if (c == '\'') quoted = !quoted;
      if (quoted) continue;
      if (c == ',' && open == 0) comma = end;
      open += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
    }
    const std::string condition = text.substr(at, comma - at);
    add_held(condition, out);
    out.push_back(condition);
    at = end;
  }
}

std::map<std::string, std::vector<HeldCondition>> held_of(const rulebook::RuleBook& book) {
  std::map<std::string, std::vector<HeldCondition>> out;
  for (const Rule& rule : book.rules) {
    std::vector<std::string> texts;
    if (rule.when) add_held(std::string(rule.when->text()), texts);
    add_held(std::string(rule.require->text()), texts);
    const auto environment = rulebook::environment(book, rule.kind);
    for (const std::string& text : texts) {
      const expr::Source source{.text = text, .place = {}, .keeps_state = true};
      out[rule.id].push_back({text, *expr::compile(environment, source, expr::Type::boolean())});
    }
  }
  return out;
}

bool is_violation(VerdictState state) {
  return state == VerdictState::kViolating || state == VerdictState::kWaived;
}

}  // namespace

std::string line_of(const model::Transition& t) {
  return verdict_line({t.rule, t.element.text()}, t.from, t.to, t.closing, t.since, t.occurrence) +
         (t.reason.empty() ? "" : " " + t.reason);
}

// The evaluator knows of no causes: the key is compared without it.
std::string line_of(const alerts::Notice& notice) {
  PATUH_ASSERT(notice.key.ends_with("|" + notice.cause));
  const std::size_t size = notice.key.size() - notice.cause.size() - 1;
  return notice_line(notice.firing, notice.key.substr(0, size), notice.at);
}

Evaluator::Evaluator(std::shared_ptr<const rulebook::RuleBook> book, std::set<base::Duration> spans)
    : book_(std::move(book)),
      spans_(std::move(spans)),
      asked_(asked_of(*book_)),
      held_(held_of(*book_)) {}

void Evaluator::activate(std::shared_ptr<const rulebook::RuleBook> book,
                         std::set<base::Duration> spans, base::Instant now) {
  for (auto at = pairs_.begin(); at != pairs_.end();) {
    const Rule* const rule = book->rule(at->first.first);
    const std::string kind = at->first.second.substr(0, at->first.second.find('/'));
    const bool stays = rule != nullptr && book->schema->kind(rule->kind).name == kind;
    if (!stays) close(at->first, at->second, model::Closing::kRuleWithdrawn, now);
    at = stays ? std::next(at) : pairs_.erase(at);
  }
  std::erase_if(held_since_, [&](const auto& one) {
    const auto& [rule, element] = one.first.first;
    return !pairs_.contains({rule, element}) ||
           book->rule(rule)->version != book_->rule(rule)->version;
  });
  book_ = std::move(book);
  spans_ = std::move(spans);
  held_ = held_of(*book_);
  asked_ = asked_of(*book_);
  std::erase_if(past_, [&](const auto& one) {
    return !asked_.contains(one.first.substr(one.first.rfind('.') + 1));
  });
}

// ── The past of attributes ──

void Evaluator::remember(const registry::Registry& registry, base::Instant now) {
  std::set<std::string> there;
  registry.for_each(std::nullopt, [&](ElementRef element) {
    const model::Kind& kind = book_->schema->kind(registry.kind_of(element));
    for (std::uint16_t i = 0; i < kind.fields.size(); ++i) {
      if (kind.fields[i].is_relation() || !asked_.contains(kind.fields[i].name)) continue;
      const std::string fact = fact_of(registry, element, model::FieldId{i});
      there.insert(fact);
      const Value value = expr::deep_copy(registry.value(element, model::FieldId{i}), *kept_);
      const auto [at, is_new] = past_.try_emplace(fact, Past{value, {}, {}});
      if (is_new || expr::equals(at->second.present, value)) continue;
      at->second.before = std::exchange(at->second.present, value);
      at->second.changes.push_back(now);
    }
  });
  std::erase_if(past_, [&](const auto& one) { return !there.contains(one.first); });
}

// ── What must have held ──

void Evaluator::look_at_held(const registry::Registry& registry, base::Instant now) {
  decltype(held_since_) before;
  std::swap(before, held_since_);
  Judging judging(*book_, registry, now);
  judging.remember(past_);
  for (const auto& [id, conditions] : held_) {
    registry.for_each(book_->rule(id)->kind, [&](ElementRef element) {
      const PairName name{id, registry.key_of(element).text()};
      for (const HeldCondition& one : conditions) {
        std::vector<std::string> within;
        add_held(one.text, within);
        judging.hold(since_of(name, within));
        if (!judging.is_true(one.program, element)) continue;
        const auto known = before.find({name, one.text});
        held_since_[{name, one.text}] = known == before.end() ? now : known->second;
      }
    });
  }
}

std::vector<base::Instant> Evaluator::since_of(const PairName& name,
                                               const std::vector<std::string>& texts) const {
  std::vector<base::Instant> out;
  for (const std::string& text : texts) {
    const auto known = held_since_.find({name, text});
    out.push_back(known == held_since_.end() ? base::kNever : known->second);
  }
  return out;
}

std::vector<base::Instant> Evaluator::since_of(const PairName& name) const {
  std::vector<std::string> texts;
  if (const auto found = held_.find(name.first); found != held_.end()) {
    for (const HeldCondition& one : found->second) texts.push_back(one.text);
  }
  return since_of(name, texts);
}

// ── Time ──

void Evaluator::pass(const registry::Registry& registry, base::Instant to) {
  std::set<base::Instant> open = candidates(registry, to);
  while (!open.empty()) {
    const base::Instant at = *open.begin();
    open.erase(open.begin());
    const std::size_t told = transitions_.size();
    const auto held = held_since_;
    look(registry, at);
    if (transitions_.size() == told && held_since_ == held) continue;
    // Something began here: its grace ends later.
    for (const base::Duration span : spans_) {
      if (at + span <= to) open.insert(at + span);
    }
  }
  now_ = to;
}

// Every instant that stands anywhere, with every span added and taken, a microsecond
// before and after, and the beginnings of months: after `now_` up to `to`.
std::set<base::Instant> Evaluator::candidates(const registry::Registry& registry,
                                              base::Instant to) const {
  std::set<base::Instant> bases;
  registry.for_each(std::nullopt, [&](ElementRef element) {
    bases.insert(registry.changed_at(element));
    const model::Kind& kind = book_->schema->kind(registry.kind_of(element));
    for (std::uint16_t i = 0; i < kind.fields.size(); ++i) {
      if (kind.fields[i].is_relation()) {
        // An end may be removed, and yet tell when it was.
        for (const ElementRef end : registry.related(element, model::FieldId{i})) {
          bases.insert(registry.changed_at(end));
        }
        continue;
      }
      const Value value = registry.value(element, model::FieldId{i});
      if (value.kind() == expr::Kind::kTimestamp) bases.insert(value.as_instant());
    }
  });
  for (const auto& [name, pair] : pairs_) {
    bases.insert({pair.since, pair.violating_since, pair.started});
  }
  for (const auto& [condition, since] : held_since_) bases.insert(since);
  for (const auto& [fact, past] : past_) {
    bases.insert(past.changes.begin(), past.changes.end());
    if (past.before.kind() == expr::Kind::kTimestamp) bases.insert(past.before.as_instant());
  }
  for (const Rule& rule : book_->rules) {
    if (rule.effective_from) bases.insert(*rule.effective_from);
    if (rule.effective_until) bases.insert(*rule.effective_until);
  }
  bases.erase(base::kNever);
  std::set<base::Duration> shifts = {base::Duration(0)};
  for (const base::Duration span : spans_) shifts.insert({span, -span});
  std::set<base::Instant> out;
  const auto add = [&](base::Instant at) {
    for (const int tick : {-1, 0, 1}) {
      const base::Instant near = at + base::Duration(tick);
      if (near > now_ && near <= to) out.insert(near);
    }
  };
  for (const base::Instant from : bases) {
    for (const base::Duration shift : shifts) add(from + shift);
  }
  if (now_ == base::Instant::min()) return out;
  const auto zone = text::zone(book_->schema->time_zone);
  const text::Month last = zone->month_of(to);
  for (text::Month m = zone->month_of(now_); m <= last; m += std::chrono::months(1)) {
    add(zone->first_of(m));
  }
  return out;
}

// ── Verdicts ──

void Evaluator::look(const registry::Registry& registry, base::Instant now) {
  std::set<PairName> there;
  remember(registry, now);
  look_at_held(registry, now);
  Judging judging(*book_, registry, now);
  judging.remember(past_);
  for (const Rule& rule : book_->rules) {
    registry.for_each(rule.kind, [&](ElementRef element) {
      const PairName name{rule.id, registry.key_of(element).text()};
      there.insert(name);
      judging.hold(since_of(name));
      settle(name, pairs_[name], judging.judge(rule, element), now);
    });
  }
  for (auto at = pairs_.begin(); at != pairs_.end();) {
    const bool gone = !there.contains(at->first);
    if (gone) close(at->first, at->second, model::Closing::kElementRemoved, now);
    at = gone ? pairs_.erase(at) : std::next(at);
  }
  now_ = now;
}

void Evaluator::settle(const PairName& name, Pair& pair, const Pair& found, base::Instant now) {
  const Rule& rule = *book_->rule(name.first);
  const bool goes_on = pair.violating_since != base::kNever && is_violation(found.state);
  if (goes_on && pair.occurrence != found.occurrence) {
    close(name, pair, model::Closing::kNewOccurrence, now);
  }
  const bool first = !pair.judged;
  pair.judged = true;
  pair.reason = found.reason;
  if (pair.state != found.state) {
    Pair to = found;
    if (!pair.occurrence.empty()) to.occurrence = pair.occurrence;
    if (!first || found.state != VerdictState::kCompliant) {
      tell(name, pair, to, model::Closing::kNone, now);
      pair.recorded = true;
    }
    pair.state = found.state;
    pair.since = now;
  } else if (first) {
    pair.since = now;
  }
  if (is_violation(pair.state)) {
    if (pair.violating_since == base::kNever) pair.violating_since = now;
    pair.occurrence = found.occurrence;
  } else if (pair.state != VerdictState::kUndetermined) {
    resolve(pair, now);
    pair.violating_since = base::kNever;
    pair.occurrence.clear();
  }
  alert(name, pair, rule, now);
}

void Evaluator::close(const PairName& name, Pair& pair, model::Closing closing, base::Instant now) {
  Pair closed;
  closed.occurrence = pair.occurrence;
  const bool implied = pair.state == VerdictState::kCompliant && !pair.recorded;
  if (pair.state != VerdictState::kNotApplicable && !implied) {
    tell(name, pair, closed, closing, now);
  }
  resolve(pair, now);
  closed = Pair{};
  closed.since = now;
  closed.judged = pair.judged;
  closed.recorded = pair.recorded;
  pair = closed;
}

void Evaluator::tell(const PairName& name, const Pair& from, const Pair& to, model::Closing closing,
                     base::Instant now) {
  transitions_.push_back(verdict_line(name, from.state, to.state, closing, now, to.occurrence) +
                         (to.reason.empty() ? "" : " " + to.reason));
}

// ── Alerts ──

void Evaluator::alert(const PairName& name, Pair& pair, const Rule& rule, base::Instant now) {
  const bool critical = rule.severity == model::Severity::kCritical;
  if (rule.mode == rulebook::Mode::kShadow || pair.state == VerdictState::kWaived) {
    resolve(pair, now);
    return;
  }
  const bool violates = pair.state == VerdictState::kViolating;
  const bool gap = pair.state == VerdictState::kUndetermined;
  if (pair.phase == alerts::Phase::kFiring || !(violates || (gap && critical))) return;
  base::Instant began = violates ? pair.violating_since : pair.since;
  if (gap) began = std::min(began, pair.violating_since);
  if (pair.phase == alerts::Phase::kPending) began = std::min(began, pair.started);
  pair.started = began;
  pair.due = began + rule.grace;
  pair.phase = alerts::Phase::kPending;
  if (now < pair.due) return;
  pair.phase = alerts::Phase::kFiring;
  pair.fired = name.first + "|" + name.second + "|" + pair.occurrence + "|" + time(pair.started);
  notices_.push_back(notice_line(true, pair.fired, now));
}

void Evaluator::resolve(Pair& pair, base::Instant now) {
  if (pair.phase == alerts::Phase::kFiring) {
    notices_.push_back(notice_line(false, pair.fired, now));
  }
  pair.phase = alerts::Phase::kNone;
  pair.started = base::kNever;
  pair.due = base::kNever;
}

// ── Reads ──

std::map<PairName, ReadFacts> Evaluator::reads(const registry::Registry& registry,
                                               base::Instant now) const {
  std::map<PairName, ReadFacts> out;
  Judging judging(*book_, registry, now);
  judging.remember(past_);
  for (const Rule& rule : book_->rules) {
    registry.for_each(rule.kind, [&](ElementRef element) {
      const PairName name{rule.id, registry.key_of(element).text()};
      judging.record(&out[name]);
      judging.hold(since_of(name));
      const auto held = held_.find(rule.id);
      if (held != held_.end()) {
        for (const HeldCondition& one : held->second) judging.is_true(one.program, element);
      }
      judging.judge(rule, element);
    });
  }
  return out;
}

// ── Counts ──

Tallies Evaluator::tallies(const registry::Registry& registry, base::Instant now) const {
  Tallies out;
  for (const Rule& rule : book_->rules) {
    model::Tally& of_rule = out.rules[rule.id];
    registry.for_each(rule.kind, [&](ElementRef element) {
      const Pair& pair = pairs_.at({rule.id, registry.key_of(element).text()});
      model::Tally one;
      one.add(pair.state, rule.severity, 1);
      if (pair.state == VerdictState::kViolating && now >= pair.violating_since + rule.grace) {
        ++one.overdue[static_cast<std::size_t>(rule.severity)];
      }
      of_rule += one;
      if (one == model::Tally{} || rule.mode == rulebook::Mode::kShadow) return;
      out.agencies[std::string(registry.agency_code(element))]
                  [book_->schema->kind(rule.kind).domain] += one;
    });
  }
  return out;
}

}  // namespace patuh::engine::naive
