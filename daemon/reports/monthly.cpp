#include <algorithm>
#include <map>

#include "json/json.h"
#include "model/model.h"
#include "pipeline/pipeline.h"
#include "reports/reports.h"

namespace patuh::reports {
namespace {

using model::VerdictState;

// The law's calendar: months of the report follow it whatever a pack says.
constexpr std::string_view kZone = "Asia/Jakarta";
constexpr std::size_t kWorstMost = 20;

// What changed within the month.
struct Flow {
  std::int64_t opened = 0;    // became violating
  std::int64_t fixed = 0;     // violating before, compliant or waived now
  std::int64_t reopened = 0;  // of the opened, those that had been violating before
  std::int64_t removed = 0;   // closed with their element or rule: never counted as fixed
};

struct Agency {
  std::string name;
  model::Tally tally;
  Flow flow;
};

// One line of the list of noncompliant deployments.
struct Episode {
  std::string rule, element, agency, occurrence;
  base::Instant since{};
  std::optional<base::Instant> until;
};

class Monthly {
 public:
  Monthly(store::Reader& reader, const Request& request) : reader_(reader), request_(request) {}

  base::Result<Report> run() {
    if (auto status = set_span(); !status) return std::unexpected(status.error());
    auto engine = pipeline::replay(reader_, until_);
    if (!engine) return base::fail(engine, "the month " + text::to_text(request_.month));
    engine_ = std::move(*engine);
    add_tallies();
    if (auto status = add_flow(); !status) return std::unexpected(status.error());
    if (!request_.agency.empty() && !agencies_.contains(request_.agency)) {
      return base::fail(base::Code::kNotFound, "there is no agency " + request_.agency);
    }
    Report out;
    out.json = write();
    out.digest = base::sha256(out.json);
    return out;
  }

 private:
  base::Status set_span() {
    const auto zone = text::zone(kZone);
    if (!zone) return base::fail(zone, "the report's time zone; install tzdata");
    const auto tail = reader_.tail();
    if (!tail) return std::unexpected(tail.error());
    from_ = zone->first_of(request_.month);
    end_ = zone->first_of(request_.month + std::chrono::months(1));
    if (tail->seq.value == 0 || tail->now < from_) {
      return base::fail(base::Code::kNotFound,
                        "nothing is recorded in " + text::to_text(request_.month) + " or later");
    }
    complete_ = tail->now >= end_;
    until_ = std::min(end_ - base::Duration(1), tail->now);
    return {};
  }

  bool shows(const std::string& agency) const {
    return request_.agency.empty() || request_.agency == agency;
  }

  void add_tallies() {
    const engine::Tallies tallies = engine_->tallies();
    for (const auto& [code, domains] : tallies.agencies) {
      for (const auto& [domain, tally] : domains) {
        agencies_[code].tally += tally;
        if (shows(code)) {
          domains_[domain] += tally;
          whole_ += tally;
        }
      }
    }
    const registry::Registry& registry = engine_->registry();
    const auto& role = registry.schema().roles.agency;
    if (!role) return;
    const auto title = registry.schema().kind(role->kind).title_field;
    registry.for_each(role->kind, [&](model::ElementRef element) {
      const auto found = agencies_.find(std::string(registry.agency_code(element)));
      if (found == agencies_.end() || !title) return;
      const expr::Value name = registry.value(element, *title);
      if (name.kind() == expr::Kind::kString) found->second.name = name.as_string();
    });
  }

  base::Status add_flow() {
    store::TransitionFilter filter;
    filter.from = from_;
    filter.to = end_;
    filter.limit = 10'000;
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
    if (!shows(t.agency)) return;
    const rulebook::Rule* const rule = engine_->book().rule(t.rule);
    if (rule != nullptr && rule->mode == rulebook::Mode::kShadow) return;
    for (Flow* const flow : {&flow_, &agencies_[t.agency].flow}) count(t, *flow);
    if (!t.occurrence.empty()) add_episode(t);
  }

  static void count(const model::Transition& t, Flow& flow) {
    if (t.from == VerdictState::kViolating && t.to != VerdictState::kViolating) {
      if (t.closing == model::Closing::kElementRemoved ||
          t.closing == model::Closing::kRuleWithdrawn) {
        ++flow.removed;
      } else if (t.to == VerdictState::kCompliant || t.to == VerdictState::kWaived) {
        ++flow.fixed;
      }
    }
    if (t.to != VerdictState::kViolating || t.from == VerdictState::kViolating) return;
    ++flow.opened;
    if (t.from == VerdictState::kCompliant || t.from == VerdictState::kWaived) ++flow.reopened;
  }

  // An episode of a rule with occurrences begins and ends with rows that name the occurrence.
  void add_episode(const model::Transition& t) {
    if (t.to == VerdictState::kViolating) {
      episodes_.push_back(
          {t.rule, t.element.text(), t.agency, t.occurrence, t.since, std::nullopt});
      return;
    }
    if (t.from != VerdictState::kViolating) return;
    const auto open = std::ranges::find_if(episodes_, [&](const Episode& e) {
      return !e.until && e.rule == t.rule && e.element == t.element.text();
    });
    if (open != episodes_.end()) open->until = t.since;
  }

  // ── Writing: member order is part of the format ──

  static void write_counts(json::Writer& out, std::string_view key,
                           const std::array<std::int64_t, 4>& counts) {
    out.key(key).begin_object();
    for (const model::Severity severity : model::kSeverities) {
      out.member(model::name_of(severity), counts[static_cast<std::size_t>(severity)]);
    }
    out.end_object();
  }

  // In hundredths, so that the text does not hang on a division's last bits.
  static void write_percent(json::Writer& out, std::string_view key, std::optional<double> value) {
    out.key(key);
    if (value) {
      out.number(static_cast<double>(static_cast<std::int64_t>(*value * 100 + 0.5)) / 100);
    } else {
      out.null();
    }
  }

  static void write_tally(json::Writer& out, const model::Tally& tally) {
    write_percent(out, "score", model::score(tally));
    write_percent(out, "coverage", model::coverage(tally));
    write_counts(out, "compliant", tally.compliant);
    write_counts(out, "violations", tally.violating);
    write_counts(out, "overdue", tally.overdue);
    write_counts(out, "undetermined", tally.undetermined);
    write_counts(out, "waived", tally.waived);
  }

  static void write_flow(json::Writer& out, const Flow& flow) {
    out.key("flow")
        .begin_object()
        .member("opened", flow.opened)
        .member("reopened", flow.reopened)
        .member("fixed", flow.fixed)
        .member("removed", flow.removed)
        .end_object();
  }

  std::string write() const {
    const rulebook::RuleBook& book = engine_->book();
    json::Writer out;
    out.begin_object().member("format", "patuh-monthly/1");
    out.member("month", text::to_text(request_.month)).member("agency", request_.agency);
    out.member("from", base::to_rfc3339(from_)).member("until", base::to_rfc3339(until_));
    out.key("complete").boolean(complete_);
    out.member("pack", book.schema->pack).member("pack_version", book.schema->version);
    out.member("pack_hash", base::to_hex(book.hash));
    out.member("elements", static_cast<std::int64_t>(engine_->stats().registry.elements));
    out.key("regency").begin_object();
    write_tally(out, whole_);
    write_flow(out, flow_);
    out.end_object();
    write_domains(out);
    write_agencies(out);
    write_episodes(out);
    write_worst(out);
    return out.end_object().take();
  }

  void write_domains(json::Writer& out) const {
    out.key("domains").begin_array();
    for (const auto& [domain, tally] : domains_) {
      out.begin_object().member("domain", domain);
      const auto title = engine_->book().schema->domain_titles.find(domain);
      const bool known = title != engine_->book().schema->domain_titles.end();
      out.member("title_id", known ? title->second.id : domain);
      out.member("title_en", known ? title->second.in(model::Language::kEnglish) : domain);
      write_tally(out, tally);
      out.end_object();
    }
    out.end_array();
  }

  void write_agencies(json::Writer& out) const {
    out.key("agencies").begin_array();
    for (const auto& [code, agency] : agencies_) {
      if (!shows(code)) continue;
      out.begin_object().member("agency", code).member("name", agency.name);
      write_tally(out, agency.tally);
      write_flow(out, agency.flow);
      out.end_object();
    }
    out.end_array();
  }

  void write_episodes(json::Writer& out) const {
    out.key("episodes").begin_array();
    for (const Episode& episode : episodes_) {
      out.begin_object().member("rule", episode.rule).member("element", episode.element);
      out.member("agency", episode.agency).member("occurrence", episode.occurrence);
      out.member("since", base::to_rfc3339(episode.since)).key("until");
      if (episode.until) {
        out.string(base::to_rfc3339(*episode.until));
      } else {
        out.null();
      }
      out.end_object();
    }
    out.end_array();
  }

  // The most urgent open violations: most severe first, then oldest.
  void write_worst(json::Writer& out) const {
    std::vector<engine::Verdict> worst;
    for (const auto& [code, agency] : agencies_) {
      if (!shows(code)) continue;
      for (engine::Verdict& verdict : engine_->owed_by(code)) {
        if (verdict.state == VerdictState::kViolating) worst.push_back(std::move(verdict));
      }
    }
    const auto& rules = engine_->book().rules;
    std::ranges::stable_sort(worst, [&](const engine::Verdict& a, const engine::Verdict& b) {
      const auto severity_a = rules[a.rule.value].severity;
      const auto severity_b = rules[b.rule.value].severity;
      return severity_a != severity_b ? severity_a > severity_b : a.since < b.since;
    });
    worst.resize(std::min(worst.size(), kWorstMost));
    out.key("worst").begin_array();
    for (const engine::Verdict& verdict : worst) write_item(out, verdict);
    out.end_array();
  }

  void write_item(json::Writer& out, const engine::Verdict& verdict) const {
    const rulebook::Rule& rule = engine_->book().rules[verdict.rule.value];
    const registry::Registry& registry = engine_->registry();
    out.begin_object().member("rule", rule.id);
    out.member("element", registry.key_of(verdict.element).text());
    out.member("agency", registry.agency_code(verdict.element));
    out.member("severity", model::name_of(rule.severity));
    out.member("title_id", rule.title.id);
    out.member("title_en", rule.title.in(model::Language::kEnglish));
    out.member("remedy_id", rule.remedy.id);
    out.member("remedy_en", rule.remedy.in(model::Language::kEnglish));
    out.member("since", base::to_rfc3339(verdict.since));
    out.member("due", verdict.due == base::kNever ? "" : base::to_rfc3339(verdict.due));
    out.end_object();
  }

  store::Reader& reader_;
  const Request& request_;
  base::Instant from_{}, end_{}, until_{};
  bool complete_ = false;
  std::unique_ptr<engine::Engine> engine_;
  std::map<std::string, Agency> agencies_;
  std::map<std::string, model::Tally> domains_;
  model::Tally whole_;
  Flow flow_;
  std::vector<Episode> episodes_;
};

}  // namespace

base::Result<Report> monthly(store::Reader& reader, const Request& request) {
  return Monthly(reader, request).run();
}

}  // namespace patuh::reports
