#include "pipeline/outline.h"

#include <algorithm>
#include <array>
#include <bit>

namespace patuh::pipeline {
namespace {

using base::Decoder;
using base::Encoder;
using model::Tally;

// On disk: do not renumber.
constexpr std::uint8_t kForm = 1;
constexpr std::uint8_t kOwes = 1;
constexpr std::uint8_t kReporting = 2;
constexpr std::uint8_t kIsGone = 4;

constexpr std::uint64_t kBytesAtLeast = 65536;  // behind a whole outline before the next one
constexpr std::size_t kCells = 24;

// The cells of a tally by number.
template <class Of>
auto cells_of(Of& tally) {
  const std::array parts{&tally.compliant, &tally.violating, &tally.undetermined,
                         &tally.waived,    &tally.overdue,   &tally.inherited};
  return [parts](std::size_t i) -> auto& { return (*parts[i / 4])[i % 4]; };
}

// Which cells are not zero, then those.
void write_tally(const Tally& tally, Encoder& out) {
  const auto cell = cells_of(tally);
  std::uint64_t filled = 0;
  for (std::size_t i = 0; i < kCells; ++i) filled |= std::uint64_t{cell(i) != 0} << i;
  out.number(filled);
  for (; filled != 0; filled &= filled - 1) {
    out.integer(cell(static_cast<std::size_t>(std::countr_zero(filled))));
  }
}

Tally read_tally(Decoder& in) {
  Tally out;
  const std::uint64_t filled = in.number_below(std::uint64_t{1} << kCells);
  const auto cell = cells_of(out);
  for (std::size_t i = 0; i < kCells; ++i) {
    if ((filled >> i & 1U) != 0) cell(i) = in.integer();
  }
  return out;
}

void write_tallies(const engine::Tallies& tallies, Encoder& out) {
  out.number(tallies.agencies.size());
  for (const auto& [code, domains] : tallies.agencies) {
    out.text(code);
    out.number(domains.size());
    for (const auto& [domain, tally] : domains) {
      out.text(domain);
      write_tally(tally, out);
    }
  }
  out.number(tallies.rules.size());
  for (const auto& [rule, tally] : tallies.rules) {
    out.text(rule);
    write_tally(tally, out);
  }
}

void read_tallies(Decoder& in, engine::Tallies& tallies) {
  for (std::uint64_t agencies = in.count(); agencies > 0 && in.ok(); --agencies) {
    const std::string code = in.owned();
    auto& domains = tallies.agencies[code];
    for (std::uint64_t count = in.count(); count > 0 && in.ok(); --count) {
      const std::string domain = in.owned();
      const Tally tally = read_tally(in);
      if (tally == Tally{}) {
        domains.erase(domain);
      } else {
        domains[domain] = tally;
      }
    }
    if (domains.empty()) tallies.agencies.erase(code);
  }
  for (std::uint64_t rules = in.count(); rules > 0 && in.ok(); --rules) {
    const std::string rule = in.owned();
    tallies.rules[rule] = read_tally(in);
  }
}

bool is_same(const AgencyName& a, const AgencyName& b) {
  return a.id == b.id && a.name == b.name && a.owes_domains == b.owes_domains &&
         a.reporting == b.reporting;
}

void write_agencies(const std::map<std::string, AgencyName>& agencies, Encoder& out) {
  out.number(agencies.size());
  for (const auto& [code, agency] : agencies) {
    out.text(code);
    out.byte(static_cast<std::uint8_t>((agency.owes_domains ? kOwes : 0U) |
                                       (agency.reporting ? kReporting : 0U) |
                                       (agency.id.empty() ? kIsGone : 0U)));
    out.text(agency.id);
    out.text(agency.name);
  }
}

void read_agencies(Decoder& in, std::map<std::string, AgencyName>& agencies) {
  for (std::uint64_t count = in.count(); count > 0 && in.ok(); --count) {
    const std::string code = in.owned();
    const std::uint8_t flags = in.byte();
    AgencyName agency{.id = in.owned(), .name = in.owned()};
    agency.owes_domains = (flags & kOwes) != 0;
    agency.reporting = (flags & kReporting) != 0;
    if ((flags & kIsGone) != 0) {
      agencies.erase(code);
    } else {
      agencies.insert_or_assign(code, std::move(agency));
    }
  }
}

}  // namespace

store::Outline Outliner::behind(engine::Engine& engine, ClockMode clock, base::Instant at,
                                const LogCounts& counts) {
  std::map<std::string, AgencyName> agencies = agencies_of(engine);
  for (const auto& [code, agency] : agencies) {
    const auto before = agencies_.find(code);
    if (before == agencies_.end() || !is_same(before->second, agency)) changed_[code] = agency;
  }
  for (const auto& [code, agency] : agencies_) {
    if (!agencies.contains(code)) changed_[code] = {};
  }
  agencies_ = std::move(agencies);
  clock_ = clock;
  counts_ = counts;
  return write(engine, at);
}

store::Outline Outliner::between(engine::Engine& engine, base::Instant at) {
  return write(engine, at);
}

store::Outline Outliner::write(engine::Engine& engine, base::Instant at) {
  engine::TallyChanges changes = engine.take_tally_changes();
  store::Outline outline{.at = at, .whole = changes.whole, .bytes = {}};
  if (whole_bytes_ == 0 || bytes_since_ > std::max(kBytesAtLeast, 4 * whole_bytes_)) {
    outline.whole = true;
  }
  if (outline.whole && !changes.whole) changes.tallies = engine.tallies();
  const engine::Engine::Sizes sizes = engine.sizes();
  Encoder out(outline.bytes);
  out.byte(kForm);
  out.byte(static_cast<std::uint8_t>(clock_));
  for (const std::uint64_t count :
       {sizes.elements, sizes.stubs, sizes.pairs, counts_.events, counts_.set_aside}) {
    out.number(count);
  }
  write_tallies(changes.tallies, out);
  write_agencies(outline.whole ? agencies_ : changed_, out);
  // It ends here where there is none, as those of before baselines do.
  if (engine.baseline() != base::Instant::min()) out.instant(engine.baseline());
  changed_.clear();
  bytes_since_ = outline.whole ? 0 : bytes_since_ + outline.bytes.size();
  if (outline.whole) whole_bytes_ = outline.bytes.size();
  return outline;
}

bool take_outline(const store::Outline& outline, PastView& view) {
  if (outline.whole) {
    view.tallies = {};
    view.agencies.clear();
  }
  view.at = outline.at;
  Decoder in(outline.bytes);
  if (in.byte() != kForm) return false;
  view.clock = in.enumerator(ClockMode::kEvent);
  for (std::uint64_t* const count :
       {&view.elements, &view.stubs, &view.pairs, &view.events, &view.set_aside}) {
    *count = in.number();
  }
  read_tallies(in, view.tallies);
  read_agencies(in, view.agencies);
  view.baseline = in.ok() && in.at_end() ? base::Instant::min() : in.instant();
  return in.ok() && in.at_end();
}

}  // namespace patuh::pipeline
