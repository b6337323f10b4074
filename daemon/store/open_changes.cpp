#include "store/open_changes.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <tuple>
#include <utility>

namespace patuh::store {

using model::VerdictState;

void encode(std::string& out, const OpenChange& change) {
  Encoder to(out);
  to.number(change.order);
  to.byte(change.stated ? 1 : 0);
  for (const std::string_view text : {change.agency, change.rule, change.kind, change.id}) {
    to.text(text);
  }
  to.byte(static_cast<std::uint8_t>(change.state));
  to.instant(change.since);
  to.instant(change.recorded);
  to.text(change.occurrence);
  if (change.stated) to.instant(change.started);
}

OpenChange decode_open_change(Decoder& in) {
  OpenChange out;
  out.order = in.number();
  out.stated = in.byte() == 1;
  for (std::string_view* const text : {&out.agency, &out.rule, &out.kind, &out.id}) {
    *text = in.text();
  }
  out.state = in.enumerator(VerdictState::kWaived);
  out.since = in.instant();
  out.recorded = in.instant();
  out.occurrence = in.text();
  if (out.stated) out.started = in.instant();
  return out;
}

OpenChange change_of(const OpenPair& pair, std::uint64_t order, Instant recorded) {
  return {.order = order,
          .stated = true,
          .agency = pair.agency,
          .rule = pair.rule,
          .kind = pair.element.kind,
          .id = pair.element.id,
          .occurrence = pair.occurrence,
          .state = pair.state,
          .since = pair.since,
          .recorded = recorded,
          .started = pair.started};
}

namespace {

bool is_open(VerdictState state) {
  return state == VerdictState::kViolating || state == VerdictState::kWaived ||
         state == VerdictState::kUndetermined;
}

auto pair_of(const OpenChange& change) {
  return std::tie(change.rule, change.agency, change.kind, change.id);
}

// A pair behind its changes up to one.
struct Standing {
  const OpenChange* name = nullptr;  // a change that names it
  bool open = false;
  VerdictState state{};
  Instant since{}, started = base::kNever;
  std::string_view occurrence{};

  void take(const OpenChange& change) {
    const bool goes_on = std::exchange(open, is_open(change.state));
    if (!open) return;
    if (!goes_on) *this = {.name = name, .open = true};
    state = change.state;
    since = change.since;
    const bool begins = change.state != VerdictState::kUndetermined && started == base::kNever;
    if (!change.stated && !begins) return;
    started = change.stated ? change.started : change.since;
    occurrence = change.occurrence;
  }
  OpenPair pair() const {
    return {.agency = std::string(name->agency),
            .rule = std::string(name->rule),
            .element = {std::string(name->kind), std::string(name->id)},
            .state = state,
            .since = since,
            .started = started,
            .occurrence = std::string(occurrence)};
  }
};

// All pairs that are named, each once, in the order in which they are first: a table of places with
// linear probing, half of it empty.
class Standings {
 public:
  explicit Standings(std::size_t most) : places_(std::bit_ceil(2 * most + 1), kNone) {
    all_.reserve(most);
  }
  Standing& of(const OpenChange& change) {
    const std::hash<std::string_view> hash;
    const std::size_t mask = places_.size() - 1;
    std::size_t at = hash(change.id) ^ 3 * hash(change.rule) ^ 5 * hash(change.agency);
    for (at &= mask; places_[at] != kNone; at = (at + 1) & mask) {
      Standing& found = all_[places_[at]];
      if (pair_of(*found.name) == pair_of(change)) return found;
    }
    places_[at] = static_cast<std::uint32_t>(all_.size());
    return all_.emplace_back(Standing{.name = &change});
  }
  std::vector<Standing>& all() { return all_; }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  std::vector<std::uint32_t> places_;
  std::vector<Standing> all_;
};

}  // namespace

std::vector<OpenPair> fold(std::optional<std::string_view> agency,
                           std::vector<OpenChange> changes) {
  std::erase_if(changes,
                [agency](const OpenChange& change) { return agency && change.agency != *agency; });
  // As rows have them, but for what was stated in between.
  if (!std::ranges::is_sorted(changes, {}, &OpenChange::order)) {
    std::ranges::stable_sort(changes, {}, &OpenChange::order);
  }
  Standings standings(changes.size());
  for (const OpenChange& change : changes) standings.of(change).take(change);
  std::erase_if(standings.all(), [](const Standing& one) { return !one.open; });
  std::ranges::sort(standings.all(), [](const Standing& a, const Standing& b) {
    return pair_of(*a.name) < pair_of(*b.name);
  });
  std::vector<OpenPair> out;
  out.reserve(standings.all().size());
  for (const Standing& one : standings.all()) out.push_back(one.pair());
  return out;
}

}  // namespace patuh::store
