#include "engine/counts.h"

#include <algorithm>

namespace patuh::engine {

using model::ElementRef;
using model::Tally;

namespace {

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
      {agency, std::string(code), std::vector<Tally>(book_.schema->domains.size() + 1)});
  return number;
}

void Counts::set_code(ElementRef agency, std::string_view code) {
  agencies_[numbers_.at(agency.value)].code = code;
}

void Counts::add(std::uint32_t agency, const PairRef& pair, const Counted& counted, int by) {
  const rulebook::Rule& rule = book_.rules[pair.rule.value];
  count(rules_[pair.rule.value], counted, rule.severity, by);
  if (rule.mode == rulebook::Mode::kShadow) return;
  count(agencies_[agency].domains[domain_of_[rule.kind.value]], counted, rule.severity, by);
}

void Counts::take_over(Counts& before) {
  agencies_ = std::move(before.agencies_);
  numbers_ = std::move(before.numbers_);
  nobody_ = before.nobody_;
  rules_ = std::move(before.rules_);
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

std::vector<std::optional<ElementRef>> Counts::agencies(std::string_view code) const {
  std::vector<std::optional<ElementRef>> found;
  for (const Agency& agency : agencies_) {
    if (agency.code == code) found.push_back(agency.element);
  }
  return found;
}

std::uint64_t Counts::bytes() const {
  std::uint64_t bytes = rules_.capacity() * sizeof(Tally);
  for (const Agency& agency : agencies_) {
    bytes += sizeof(Agency) + agency.domains.capacity() * sizeof(Tally);
  }
  return bytes;
}

}  // namespace patuh::engine
