#include "engine/counts.h"

#include <algorithm>
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

Counts::Counts(const rulebook::RuleBook& book, const Seats& seats)
    : book_(book), seats_(seats), rules_(seats.size()), is_rule_changed_(seats.size()) {
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
  const std::size_t domains = book_.schema->domains.size() + 1;
  agencies_.push_back(
      {agency, std::string(code), std::vector<Tally>(domains), std::vector<bool>(domains)});
  by_code_.emplace(code, number);
  return number;
}

void Counts::set_code(ElementRef agency, std::string_view code) {
  const std::uint32_t number = numbers_.at(agency.value);
  note_all_changed(number);
  const auto [first, last] = by_code_.equal_range(agencies_[number].code);
  by_code_.erase(std::find_if(first, last, [&](const auto& one) { return one.second == number; }));
  codes_before_.push_back(std::exchange(agencies_[number].code, std::string(code)));
  by_code_.emplace(code, number);
}

void Counts::name_all(const std::function<std::string_view(std::uint32_t)>& code_of) {
  by_code_.clear();
  for (std::uint32_t number = 0; number < agencies_.size(); ++number) {
    agencies_[number].code = code_of(number);
    by_code_.emplace(agencies_[number].code, number);
  }
}

void Counts::note_change(std::uint32_t agency, std::size_t domain) {
  agencies_[agency].changed[domain] = true;
  if (std::exchange(agencies_[agency].has_changed, true)) return;
  agencies_changed_.push_back(agency);
}

void Counts::note_all_changed(std::uint32_t agency) {
  for (std::size_t i = 0; i < agencies_[agency].domains.size(); ++i) note_change(agency, i);
}

void Counts::add(std::uint32_t agency, Seat seat, const Version& version, const Counted& counted,
                 int by) {
  count(rules_[seat.value], counted, version.severity, by);
  if (!is_rule_changed_[seat.value]) {
    is_rule_changed_[seat.value] = true;
    rules_changed_.push_back(seat);
  }
  if (version.mode == rulebook::Mode::kShadow) return;
  const std::size_t domain = domain_of_[seats_.kind(seat).value];
  note_change(agency, domain);
  count(agencies_[agency].domains[domain], counted, version.severity, by);
}

void Counts::take_over(Counts& before) {
  agencies_ = std::move(before.agencies_);
  numbers_ = std::move(before.numbers_);
  nobody_ = before.nobody_;
  rules_ = std::move(before.rules_);
  by_code_ = std::move(before.by_code_);
  rules_.resize(seats_.size());
  // All of them are to be told of.
  for (Agency& agency : agencies_) {
    agency.changed.assign(agency.domains.size(), false);
    agency.has_changed = false;
  }
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

// What the agencies of a code come to together.
void Counts::tell_changed(const std::vector<bool>& domains, const std::string& code,
                          Tallies& out) const {
  auto& told = out.agencies[code];
  const auto [first, last] = by_code_.equal_range(code);
  for (std::size_t i = 0; i < domains.size(); ++i) {
    if (!domains[i]) continue;
    Tally sum;
    for (auto one = first; one != last; ++one) sum += agencies_[one->second].domains[i];
    told[domain(i)] = sum;
  }
}

TallyChanges Counts::take_changes() {
  TallyChanges out;
  out.whole = std::exchange(all_changed_, false);
  if (out.whole) out.tallies = tallies();
  for (const std::string& code : codes_before_) {
    const std::vector<bool> all(book_.schema->domains.size() + 1, true);
    if (!out.whole) tell_changed(all, code, out.tallies);
  }
  for (const std::uint32_t number : agencies_changed_) {
    Agency& agency = agencies_[number];
    if (!out.whole) tell_changed(agency.changed, agency.code, out.tallies);
    agency.changed.assign(agency.changed.size(), false);
    agency.has_changed = false;
  }
  for (const Seat seat : rules_changed_) {
    is_rule_changed_[seat.value] = false;
    const rulebook::Rule* const rule = seats_.rule(seat);
    if (!out.whole && rule != nullptr) out.tallies.rules[rule->id] = rules_[seat.value];
  }
  codes_before_.clear();
  agencies_changed_.clear();
  rules_changed_.clear();
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
  for (const rulebook::Rule& rule : book_.rules) {
    out.rules[rule.id] = rules_[seats_.of(rule.number).value];
  }
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
