#include "engine/counts.h"

#include <algorithm>

namespace patuh::engine {

using model::ElementRef;
using model::Tally;
using model::VerdictState;

namespace {

bool is_open(VerdictState state) {
  return state == VerdictState::kViolating || state == VerdictState::kWaived ||
         state == VerdictState::kUndetermined;
}

void count(Tally& tally, const Counted& counted, model::Severity severity, int by) {
  tally.add(counted.state, severity, by);
  if (counted.overdue) tally.overdue[static_cast<std::size_t>(severity)] += by;
}

}  // namespace

Counts::Counts(const rulebook::RuleBook& book) : book_(book), rules_(book.rules.size()) {
  const std::vector<std::string>& domains = book.schema->domains;
  for (const model::Kind& kind : book.schema->kinds) {
    const auto found = std::ranges::find(domains, kind.domain);
    domain_of_.push_back(static_cast<std::uint32_t>(found - domains.begin()));
  }
}

std::uint32_t Counts::agency(std::optional<ElementRef> agency, std::string_view code) {
  const auto number = static_cast<std::uint32_t>(agencies_.size());
  if (!agency) {
    if (nobody_) return *nobody_;
    nobody_ = number;
  } else {
    const auto [known, is_new] = numbers_.try_emplace(agency->value, number);
    if (!is_new) return known->second;
  }
  agencies_.push_back(
      {std::string(code), std::vector<Tally>(book_.schema->domains.size() + 1), {}});
  return number;
}

void Counts::set_code(ElementRef agency, std::string_view code) {
  agencies_[numbers_.at(agency.value)].code = code;
}

void Counts::add(std::uint32_t agency, const PairRef& pair, const Counted& counted, int by) {
  const rulebook::Rule& rule = book_.rules[pair.rule.value];
  count(rules_[pair.rule.value], counted, rule.severity, by);
  if (rule.mode == rulebook::Mode::kShadow) return;
  Agency& of = agencies_[agency];
  count(of.domains[domain_of_[rule.kind.value]], counted, rule.severity, by);
  if (!is_open(counted.state)) return;
  if (by > 0) {
    of.open.insert(pair);
  } else {
    of.open.erase(pair);
  }
}

Tallies Counts::tallies() const {
  Tallies out;
  const std::vector<std::string>& domains = book_.schema->domains;
  for (const Agency& agency : agencies_) {
    for (std::size_t i = 0; i < agency.domains.size(); ++i) {
      if (agency.domains[i] == Tally{}) continue;
      out.agencies[agency.code][i < domains.size() ? domains[i] : ""] += agency.domains[i];
    }
  }
  for (const rulebook::Rule& rule : book_.rules) out.rules[rule.id] = rules_[rule.number.value];
  return out;
}

std::vector<PairRef> Counts::open(std::string_view code) const {
  std::vector<PairRef> pairs;
  for (const Agency& agency : agencies_) {
    if (agency.code == code) pairs.insert(pairs.end(), agency.open.begin(), agency.open.end());
  }
  return pairs;
}

std::uint64_t Counts::bytes() const {
  std::uint64_t bytes = rules_.capacity() * sizeof(Tally);
  for (const Agency& agency : agencies_) {
    bytes += sizeof(Agency) + agency.domains.capacity() * sizeof(Tally);
    bytes += agency.open.size() * (sizeof(PairRef) + 4 * sizeof(void*));
  }
  return bytes;
}

}  // namespace patuh::engine
