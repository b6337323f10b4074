// From the stored history to a month's figures.
#include <algorithm>
#include <set>

#include "pipeline/pipeline.h"
#include "reports/month.h"

namespace patuh::reports {
namespace {

using model::VerdictState;

// Late changes that are named one by one; all are counted.
constexpr std::size_t kLateMost = 200;
constexpr std::size_t kRowsAtOnce = 10'000;

class Gatherer {
 public:
  Gatherer(store::Reader& reader, const Request& request) : reader_(reader) {
    out_.request = request;
  }

  base::Result<Month> run() {
    if (auto status = set_span(); !status) return std::unexpected(status.error());
    auto engine = pipeline::replay(reader_, out_.until);
    if (!engine) {
      return base::fail(engine, "the month " + text::to_text(out_.request.month));
    }
    out_.engine = std::move(*engine);
    name_agencies();
    add_tallies();
    add_inherited();
    if (auto status = find_late_events(); !status) return std::unexpected(status.error());
    if (auto status = add_transitions(); !status) return std::unexpected(status.error());
    if (!out_.request.agency.empty() && !out_.agencies.contains(out_.request.agency)) {
      return base::fail(base::Code::kNotFound, "there is no agency " + out_.request.agency);
    }
    return std::move(out_);
  }

 private:
  base::Status set_span() {
    const auto zone = text::zone(kZone);
    if (!zone) return base::fail(zone, "the report's time zone; install tzdata");
    const auto tail = reader_.tail();
    if (!tail) return std::unexpected(tail.error());
    out_.from = zone->first_of(out_.request.month);
    out_.end = zone->first_of(out_.request.month + std::chrono::months(1));
    if (tail->seq.value == 0 || tail->now < out_.from) {
      return base::fail(base::Code::kNotFound, "nothing is recorded in " +
                                                   text::to_text(out_.request.month) + " or later");
    }
    const auto first = reader_.record(model::Seq{1});
    if (!first) return std::unexpected(first.error());
    if (*first) {
      day_one_ = zone->last_of(zone->day_of((*first)->record.now));
      // An action stands first only when event clock was asked for.
      began_by_event_clock_ = (*first)->record.kind == store::RecordKind::kOperatorAction;
    }
    last_ = tail->seq;
    out_.complete = tail->now >= out_.end;
    out_.until = std::min(out_.end - base::Duration(1), tail->now);
    return set_head();
  }

  base::Status set_head() {
    const auto seq = reader_.record_at(out_.until);
    if (!seq) return std::unexpected(seq.error());
    const auto record = reader_.record(*seq);
    if (!record) return std::unexpected(record.error());
    if (*record) out_.head = {*seq, (*record)->entry};
    return {};
  }

  // An agency that owes is named also when it has nothing that could be judged.
  void name_agencies() {
    for (const auto& [code, known] : pipeline::agencies_of(*out_.engine)) {
      const bool silent = known.owes_domains && !known.reporting;
      names_[code] = known.name;
      if (!silent) continue;
      silent_.insert(code);
      agency(code);
    }
  }

  AgencyMonth& agency(const std::string& code) {
    const auto [found, is_new] = out_.agencies.try_emplace(code);
    if (is_new) {
      if (const auto known = names_.find(code); known != names_.end()) {
        found->second.name = known->second;
      }
      found->second.reporting = !silent_.contains(code);
    }
    return found->second;
  }

  void add_tallies() {
    for (const auto& [code, domains] : out_.engine->tallies().agencies) {
      for (const auto& [domain, tally] : domains) {
        agency(code).tally += tally;
        if (!out_.shows(code)) continue;
        out_.domains[domain] += tally;
        out_.whole += tally;
      }
    }
  }

  // Of the baseline that stood; without one, what violates since the log's first day.
  void add_inherited() {
    if (out_.engine->baseline() != base::Instant::min()) {
      for (auto& [code, month] : out_.agencies) month.inherited = month.tally.inherited;
      out_.inherited = out_.whole.inherited;
      return;
    }
    std::vector<std::string> codes;
    for (const auto& [code, month] : out_.agencies) codes.push_back(code);
    for (const std::string& code : codes) {
      for (const engine::Verdict& verdict : out_.engine->owed_by(code)) {
        if (verdict.state != VerdictState::kViolating || verdict.since > day_one_) continue;
        const auto severity =
            static_cast<std::size_t>(out_.engine->book().rules[verdict.rule.value].severity);
        ++agency(code).inherited[severity];
        if (out_.shows(code)) ++out_.inherited[severity];
      }
    }
  }

  // The first record of the month: records are numbered without a gap and in order of `now`.
  base::Result<model::Seq> first_record() {
    std::uint64_t low = 1;
    std::uint64_t high = last_.value + 1;
    while (low < high) {
      const std::uint64_t middle = low + (high - low) / 2;
      const auto record = reader_.record(model::Seq{middle});
      if (!record) return std::unexpected(record.error());
      if (*record && (*record)->record.now < out_.from) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return model::Seq{low};
  }

  base::Status find_late_events() {
    const auto first = first_record();
    if (!first) return base::fail(first, "finding the month's records");
    store::Cursor cursor = reader_.records(*first);
    base::Instant before = out_.from - base::Duration(1);  // the `now` ahead of the record
    while (before < out_.end) {
      const auto stored = cursor.next();
      if (!stored) return base::fail(stored, "reading the month's records");
      if (!*stored) return {};
      find_late_events((*stored)->record, before);
      before = (*stored)->record.now;
    }
    return {};
  }

  void find_late_events(const store::Record& record, base::Instant before) {
    const bool each_its_own = is_by_event_clock(record, before);
    base::Instant now = each_its_own ? before : record.now;
    for (const model::Envelope& event : record.events) {
      if (!event.time) continue;
      if (each_its_own) now = std::max(now, *event.time);
      if (*event.time >= out_.from || now < out_.from || now >= out_.end) continue;
      ++out_.late_events;
      late_events_.emplace(std::pair(event.source, event.id), *event.time);
    }
  }

  // Under event clock a record may begin in one month and end in the next: each event brings its
  // own `now`, and the record's is that of the last one.
  bool is_by_event_clock(const store::Record& record, base::Instant before) const {
    if (!began_by_event_clock_) return false;
    base::Instant last = before;
    for (const model::Envelope& event : record.events) {
      if (event.time) last = std::max(last, *event.time);
    }
    return last == std::max(before, record.now);
  }

  base::Status add_transitions() {
    store::TransitionFilter filter;
    filter.from = out_.from;
    filter.to = out_.end;
    filter.limit = kRowsAtOnce;
    while (true) {
      const auto rows = reader_.transitions(filter);
      if (!rows) return base::fail(rows, "reading the month's transitions");
      for (const store::StoredTransition& row : *rows) {
        add_transition(row.transition);
        filter.after = row.number;
      }
      if (rows->size() < filter.limit) return {};
    }
  }

  void add_transition(const model::Transition& t) {
    if (!out_.shows(t.agency)) return;
    const rulebook::Rule* const rule = out_.engine->book().rule(t.rule);
    if (rule != nullptr && rule->mode == rulebook::Mode::kShadow) return;
    const Flow moved = flow_of(t);
    for (Flow* const flow : {&out_.flow, &agency(t.agency).flow}) {
      flow->opened += moved.opened;
      flow->fixed += moved.fixed;
      flow->reopened += moved.reopened;
      flow->removed += moved.removed;
      flow->late += moved.late;
    }
    if (moved.late > 0 && out_.late.size() < kLateMost) {
      out_.late.push_back({t, happened(t)});
      out_.late.back().transition.evidence.clear();
    }
    if (!t.occurrence.empty()) add_episode(t);
  }

  // What one change counts as.
  Flow flow_of(const model::Transition& t) const {
    Flow out;
    const bool was = t.from == VerdictState::kViolating;
    const bool is = t.to == VerdictState::kViolating;
    const bool well_before = t.from == VerdictState::kCompliant || t.from == VerdictState::kWaived;
    const bool well_now = t.to == VerdictState::kCompliant || t.to == VerdictState::kWaived;
    const bool closed =
        t.closing == model::Closing::kElementRemoved || t.closing == model::Closing::kRuleWithdrawn;
    if (was && !is && closed) out.removed = 1;
    if (was && !is && !closed && well_now) out.fixed = 1;
    if (is && !was) out.opened = 1;
    if (is && !was && well_before) out.reopened = 1;
    const bool counts = out.removed + out.fixed + out.opened > 0;
    if (counts && happened(t) < out_.from) out.late = 1;
    return out;
  }

  // The time of the event that caused it, where that lies before the month; else when it became so.
  base::Instant happened(const model::Transition& t) const {
    const auto event = late_events_.find(std::pair(t.cause_source, t.cause_id));
    return event == late_events_.end() ? t.since : std::min(event->second, t.since);
  }

  // An episode of a rule with occurrences begins and ends with rows that name the occurrence.
  void add_episode(const model::Transition& t) {
    if (t.to == VerdictState::kViolating) {
      out_.episodes.push_back(
          {t.rule, t.element.text(), t.agency, t.occurrence, t.since, std::nullopt});
      return;
    }
    if (t.from != VerdictState::kViolating) return;
    const auto open = std::ranges::find_if(out_.episodes, [&](const Episode& e) {
      return !e.until && e.rule == t.rule && e.element == t.element.text();
    });
    if (open != out_.episodes.end()) open->until = t.since;
  }

  store::Reader& reader_;
  Month out_;
  model::Seq last_;
  base::Instant day_one_ = base::Instant::min();
  bool began_by_event_clock_ = false;
  std::map<std::string, std::string> names_;
  std::set<std::string> silent_;
  std::map<std::pair<std::string, std::string>, base::Instant> late_events_;
};

}  // namespace

base::Result<Month> gather(store::Reader& reader, const Request& request) {
  return Gatherer(reader, request).run();
}

}  // namespace patuh::reports
