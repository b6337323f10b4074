#include "engine/seats.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "engine/saved.h"
#include "marks/marks.h"

namespace patuh::engine {

using model::KindId;
using model::RuleId;
using rulebook::Rule;

namespace {

std::uint16_t conditions_of(const Rule& rule) {
  std::size_t count = rule.require->facts().held_conditions;
  if (rule.when) count += rule.when->facts().held_conditions;
  return static_cast<std::uint16_t>(count);
}

bool judges_alike(const Version& before, const Rule& after) {
  if (PATUH_DEFECT("rules rewritten are not judged again")) return true;
  return before.hash == after.version;
}

bool weighs_alike(const Version& before, const Rule& after) {
  return before.severity == after.severity && before.mode == after.mode &&
         before.grace == after.grace;
}

}  // namespace

// ── Another book ──

Seats::Changed Seats::switch_to(const rulebook::RuleBook& book, const model::Schema& before,
                                bool everything) {
  std::map<std::pair<std::string, std::string>, Seat> known;
  for (std::uint16_t i = 0; i < seats_.size(); ++i) {
    const Seated& seated = seats_[i];
    if (seated.used) known[{seated.id, before.kind(seated.kind).name}] = Seat{i};
  }
  Changed out;
  by_number_.assign(book.rules.size(), Seat{});
  for (const Rule& rule : book.rules) {
    const auto found = known.find({rule.id, book.schema->kind(rule.kind).name});
    const Seat seat = found == known.end() ? new_seat(rule) : found->second;
    by_number_[rule.number.value] = seat;
    if (found == known.end()) {
      out.came.push_back(seat);
      continue;
    }
    if (take(seats_[seat.value], rule, everything)) out.others.push_back(seat);
    known.erase(found);
  }
  for (const auto& [name, seat] : known) {
    if (withdraw(seats_[seat.value])) out.went.push_back(seat);
  }
  rank();
  return out;
}

std::vector<Seat> Seats::Changed::all() const {
  std::vector<Seat> out(went);
  out.insert(out.end(), came.begin(), came.end());
  out.insert(out.end(), others.begin(), others.end());
  return out;
}

std::vector<Seat> Seats::withdraw(const rulebook::RuleBook& next, const model::Schema& before) {
  std::vector<Seat> out;
  for (std::uint16_t i = 0; i < seats_.size(); ++i) {
    if (!seats_[i].used) continue;
    const Rule* const rule = next.rule(seats_[i].id);
    const std::string& kind = before.kind(seats_[i].kind).name;
    const bool stays = rule != nullptr && next.schema->kind(rule->kind).name == kind;
    if (!stays && withdraw(seats_[i])) out.push_back(Seat{i});
  }
  return out;
}

std::vector<Seat> Seats::withdrawn() const {
  std::vector<Seat> out;
  for (std::uint16_t i = 0; i < seats_.size(); ++i) {
    if (seats_[i].used && seats_[i].rule == nullptr) out.push_back(Seat{i});
  }
  std::ranges::sort(out, {}, [this](Seat seat) { return ranks_[seat.value]; });
  return out;
}

std::vector<std::uint32_t> Seats::stamps() const {
  std::vector<std::uint32_t> out;
  for (const Seated& one : seats_) out.push_back(one.used ? one.versions.back().stamp : 0);
  return out;
}

bool Seats::any_stale(std::span<const Seat> seats) const {
  return std::ranges::any_of(seats, [this](Seat seat) { return stale(seat) > 0; });
}

Seat Seats::new_seat(const Rule& rule) {
  const auto free = std::ranges::find(seats_, false, &Seated::used);
  const auto at = static_cast<std::size_t>(free - seats_.begin());
  PATUH_ASSERT(at < UINT16_MAX);
  if (at == seats_.size()) seats_.emplace_back();
  Seated& seated = seats_[at];
  seated = Seated{};
  seated.used = true;
  seated.born = ++stamps_;
  seated.id = rule.id;
  seated.versions.emplace_back();  // what stands before its first judgement
  take(seated, rule, true);
  return Seat{static_cast<std::uint16_t>(at)};
}

// Whether another version of it begins.
bool Seats::take(Seated& seated, const Rule& rule, bool everything) {
  const bool was_withdrawn = seated.rule == nullptr;
  if (was_withdrawn && seated.versions.size() > 1) PATUH_MARK("seats: a rule comes back in time");
  const Version last = seated.versions.back();
  const bool goes_on = !was_withdrawn && judges_alike(last, rule);
  seated.rule = &rule;
  seated.kind = rule.kind;
  seated.remedy = rule.remedy;
  if (goes_on && !everything && weighs_alike(last, rule)) return false;
  const bool holds_on = goes_on && !PATUH_DEFECT("what holds begins anew with another book");
  push(seated, {.severity = rule.severity,
                .mode = rule.mode,
                .grace = rule.grace,
                .hash = rule.version,
                .stamp = goes_on && !everything ? last.stamp : ++stamps_,
                .run = holds_on ? last.run : ++stamps_,
                .conditions = conditions_of(rule)});
  return true;
}

// False: it was before.
bool Seats::withdraw(Seated& seated) {
  if (seated.rule == nullptr) return false;
  seated.rule = nullptr;
  Version gone = seated.versions.back();
  gone.stamp = ++stamps_;
  gone.conditions = 0;
  push(seated, gone);
  return true;
}

void Seats::push(Seated& seated, const Version& version) {
  PATUH_ASSERT(seated.versions.size() < UINT16_MAX);
  seated.versions.push_back(version);
  ++seated.epoch;
}

void Seats::rank() {
  std::vector<std::uint16_t> order;
  for (std::uint16_t i = 0; i < seats_.size(); ++i) {
    if (seats_[i].used) order.push_back(i);
  }
  // A rule that moved to another kind has two seats for a while.
  std::ranges::sort(order, {}, [this](std::uint16_t i) {
    return std::tuple(std::string_view(seats_[i].id), seats_[i].kind, i);
  });
  ranks_.assign(seats_.size(), 0);
  for (std::uint32_t i = 0; i < order.size(); ++i) ranks_[order[i]] = i;
}

// ── Stale pairs ──

void Seats::begin(Seat seat, std::uint64_t pairs, std::uint32_t layout) {
  Seated& of = seats_[seat.value];
  all_stale_ += pairs - of.stale;
  of.stale = pairs;
  of.layout = layout;
  if (pairs == 0) trim(of);
}

void Seats::rebase(Seat seat, std::uint16_t epoch) {
  Seated& of = seats_[seat.value];
  PATUH_ASSERT(of.first == 0 && of.versions.size() == 2);
  of.first = epoch;
  of.epoch = static_cast<std::uint16_t>(epoch + 1);
}

bool Seats::catch_up(Seat seat) {
  Seated& of = seats_[seat.value];
  PATUH_ASSERT(of.stale > 0);
  --all_stale_;
  if (--of.stale > 0) return false;
  trim(of);
  return true;
}

// No pair stands under any but the last.
void Seats::trim(Seated& seated) {
  seated.versions.erase(seated.versions.begin(), seated.versions.end() - 1);
  seated.first = seated.epoch;
}

void Seats::free(Seat seat) {
  PATUH_ASSERT(seats_[seat.value].stale == 0);
  seats_[seat.value] = Seated{};
}

std::uint64_t Seats::bytes() const {
  std::uint64_t bytes = seats_.capacity() * sizeof(Seated);
  for (const Seated& one : seats_) bytes += one.versions.size() * sizeof(Version);
  return bytes;
}

// ── Snapshots ──

void Seats::save(base::Encoder& out) const {
  out.number(stamps_);
  out.number(seats_.size());
  for (const Seated& one : seats_) {
    out.byte(!one.used ? 0 : one.rule == nullptr ? 1 : 2);
    if (!one.used) continue;
    out.text(one.id);
    out.number(one.kind.value);
    out.text(one.remedy.id);
    out.text(one.remedy.en);
    out.number(one.born);
    out.number(one.layout);
    out.number(one.first);
    out.number(one.versions.size());
    for (const Version& version : one.versions) {
      out.byte(static_cast<std::uint8_t>(version.severity));
      out.byte(static_cast<std::uint8_t>(version.mode));
      out.integer(version.grace.count());
      out.number(version.hash);
      out.number(version.stamp);
      out.number(version.run);
      out.number(version.conditions);
    }
  }
}

namespace {

Version load_version(base::Decoder& in) {
  Version out;
  out.severity = in.enumerator(model::Severity::kCritical);
  out.mode = in.enumerator(rulebook::Mode::kShadow);
  out.grace = base::Duration(in.integer());
  if (out.grace < base::Duration(0) || out.grace.count() > INT64_MAX / 2) in.fault();
  out.hash = number32(in);
  out.stamp = number32(in);
  out.run = number32(in);
  out.conditions = number16(in);
  return out;
}

}  // namespace

bool Seats::load(const rulebook::RuleBook& book, base::Decoder& in) {
  stamps_ = number32(in);
  seats_.assign(in.count(), Seated{});
  by_number_.assign(book.rules.size(), Seat{});
  std::size_t known = 0;
  for (std::uint16_t i = 0; i < seats_.size() && in.ok(); ++i) {
    Seated& one = seats_[i];
    const std::uint8_t is = in.byte();
    if (is == 0) continue;
    if (!load(one, in) || one.kind.value >= book.schema->kinds.size()) return false;
    if (is == 1) continue;
    const Rule* const rule = book.rule(one.id);
    if (rule == nullptr || rule->kind != one.kind || rule->version != one.versions.back().hash) {
      return false;
    }
    one.rule = rule;
    by_number_[rule->number.value] = Seat{i};
    ++known;
  }
  rank();
  return in.ok() && known == book.rules.size();
}

bool Seats::load(Seated& seated, base::Decoder& in) {
  seated.used = true;
  seated.id = in.owned();
  seated.kind = model::KindId(number16(in));
  seated.remedy.id = in.owned();
  seated.remedy.en = in.owned();
  seated.born = number32(in);
  seated.layout = number32(in);
  seated.first = number16(in);
  for (std::uint64_t count = in.count(); count > 0 && in.ok(); --count) {
    seated.versions.push_back(load_version(in));
  }
  if (!in.ok() || seated.versions.empty()) return false;
  seated.epoch = static_cast<std::uint16_t>(seated.first + seated.versions.size() - 1);
  return true;
}

void Seats::count_stale(Seat seat) {
  ++seats_[seat.value].stale;
  ++all_stale_;
}

}  // namespace patuh::engine
