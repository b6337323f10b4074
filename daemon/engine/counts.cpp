#include "engine/counts.h"

#include <algorithm>
#include <set>
#include <utility>

namespace patuh::engine {

using model::ElementRef;
using model::Tally;

namespace {

void count(Tally& tally, const Counted& counted, model::Severity severity, int by) {
  tally.add(counted.state, severity, by);
  const auto at = static_cast<std::size_t>(severity);
  if (counted.overdue) tally.overdue[at] += by;
  if (counted.inherited) tally.inherited[at] += by;
}

}  // namespace

Counts::Counts(const rulebook::RuleBook& book)
    : book_(book), rules_(book.rules.size()), rules_changed_(book.rules.size()) {
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
  const std::uint32_t number = numbers_.at(agency.value);
  note_change(number);
  codes_before_.push_back(std::exchange(agencies_[number].code, std::string(code)));
}

void Counts::note_change(std::uint32_t agency) {
  if (std::exchange(agencies_[agency].changed, true)) return;
  agencies_changed_.push_back(agency);
}

void Counts::add(std::uint32_t agency, const PairRef& pair, const Counted& counted, int by) {
  const rulebook::Rule& rule = book_.rules[pair.rule.value];
  count(rules_[pair.rule.value], counted, rule.severity, by);
  rules_changed_[pair.rule.value] = true;
  if (rule.mode == rulebook::Mode::kShadow) return;
  note_change(agency);
  count(agencies_[agency].domains[domain_of_[rule.kind.value]], counted, rule.severity, by);
}

void Counts::take_over(Counts& before) {
  agencies_ = std::move(before.agencies_);
  numbers_ = std::move(before.numbers_);
  nobody_ = before.nobody_;
  rules_ = std::move(before.rules_);
  // All of them are to be told of.
  for (Agency& agency : agencies_) agency.changed = false;
}

// The last one is of kinds without a domain.
const std::string& Counts::domain(std::size_t number) const {
  static const std::string kNoDomain;
  const std::vector<std::string>& domains = book_.schema->domains;
  return number < domains.size() ? domains[number] : kNoDomain;
}

bool Counts::has_changes() const {
  return all_changed_ || !agencies_changed_.empty() || !codes_before_.empty();
}

TallyChanges Counts::take_changes() {
  TallyChanges out;
  out.whole = std::exchange(all_changed_, false);
  std::set<std::string> codes(codes_before_.begin(), codes_before_.end());
  for (const std::uint32_t number : agencies_changed_) {
    agencies_[number].changed = false;
    codes.insert(agencies_[number].code);
  }
  agencies_changed_.clear();
  codes_before_.clear();
  if (out.whole) {
    out.tallies = tallies();
  } else {
    for (const std::string& code : codes) {
      auto& domains = out.tallies.agencies[code];
      for (std::size_t i = 0; i <= book_.schema->domains.size(); ++i) domains[domain(i)];
      for (const Agency& agency : agencies_) {
        if (agency.code != code) continue;
        for (std::size_t i = 0; i < agency.domains.size(); ++i) {
          domains[domain(i)] += agency.domains[i];
        }
      }
    }
    for (const rulebook::Rule& rule : book_.rules) {
      if (!rules_changed_[rule.number.value]) continue;
      out.tallies.rules[rule.id] = rules_[rule.number.value];
    }
  }
  rules_changed_.assign(rules_changed_.size(), false);
  return out;
}

Tallies Counts::tallies() const {
  Tallies out;
  for (const Agency& agency : agencies_) {
    for (std::size_t i = 0; i < agency.domains.size(); ++i) {
      if (agency.domains[i] == Tally{}) continue;
      out.agencies[agency.code][domain(i)] += agency.domains[i];
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
