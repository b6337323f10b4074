// A month's figures as canonical JSON. The order of members is part of the format.
#include <algorithm>

#include "json/json.h"
#include "reports/month.h"

namespace patuh::reports {
namespace {

constexpr std::size_t kWorstMost = 20;

using model::VerdictState;

class Writer {
 public:
  explicit Writer(const Month& month)
      : month_(month), engine_(*month.engine), book_(month.engine->book()) {}

  std::string write() {
    out_.begin_object().member("format", "patuh-monthly/1");
    out_.member("month", text::to_text(month_.request.month));
    out_.member("agency", month_.request.agency);
    instant("from", month_.from);
    instant("until", month_.until);
    out_.key("complete").boolean(month_.complete);
    out_.member("pack", book_.schema->pack).member("pack_version", book_.schema->version);
    out_.member("pack_hash", base::to_hex(book_.hash));
    out_.member("elements", static_cast<std::int64_t>(engine_.stats().registry.elements));
    // Histories without one keep their bytes.
    if (const base::Instant baseline = engine_.baseline(); baseline != base::Instant::min()) {
      instant("baseline", baseline);
    }
    out_.key("regency").begin_object();
    tally(month_.whole);
    counts("inherited", month_.inherited);
    flow(month_.flow);
    out_.end_object();
    domains();
    agencies();
    episodes();
    worst();
    late();
    return out_.end_object().take();
  }

 private:
  void counts(std::string_view key, const std::array<std::int64_t, 4>& by_severity) {
    out_.key(key).begin_object();
    for (const model::Severity severity : model::kSeverities) {
      out_.member(model::name_of(severity), by_severity[static_cast<std::size_t>(severity)]);
    }
    out_.end_object();
  }

  // In hundredths, so that the text does not hang on a division's last bits.
  void percent(std::string_view key, std::optional<double> value) {
    out_.key(key);
    if (value) {
      out_.number(static_cast<double>(static_cast<std::int64_t>(*value * 100 + 0.5)) / 100);
    } else {
      out_.null();
    }
  }

  void instant(std::string_view key, base::Instant at) { out_.member(key, base::to_rfc3339(at)); }

  void tally(const model::Tally& tally, bool ranked = true) {
    percent("score", ranked ? model::score(tally) : std::nullopt);
    percent("coverage", model::coverage(tally));
    counts("compliant", tally.compliant);
    counts("violations", tally.violating);
    counts("overdue", tally.overdue);
    counts("undetermined", tally.undetermined);
    counts("waived", tally.waived);
  }

  void flow(const Flow& flow) {
    out_.key("flow")
        .begin_object()
        .member("opened", flow.opened)
        .member("reopened", flow.reopened)
        .member("fixed", flow.fixed)
        .member("removed", flow.removed)
        .member("late", flow.late)
        .end_object();
  }

  void domains() {
    out_.key("domains").begin_array();
    for (const auto& [domain, sum] : month_.domains) {
      out_.begin_object().member("domain", domain);
      const auto title = book_.schema->domain_titles.find(domain);
      const bool known = title != book_.schema->domain_titles.end();
      out_.member("title_id", known ? title->second.id : domain);
      out_.member("title_en", known ? title->second.in(model::Language::kEnglish) : domain);
      tally(sum);
      out_.end_object();
    }
    out_.end_array();
  }

  void agencies() {
    out_.key("agencies").begin_array();
    for (const auto& [code, agency] : month_.agencies) {
      if (!month_.shows(code)) continue;
      out_.begin_object().member("agency", code).member("name", agency.name);
      out_.key("reporting").boolean(agency.reporting);
      tally(agency.tally, agency.reporting);
      counts("inherited", agency.inherited);
      flow(agency.flow);
      out_.end_object();
    }
    out_.end_array();
  }

  void episodes() {
    out_.key("episodes").begin_array();
    for (const Episode& episode : month_.episodes) {
      out_.begin_object().member("rule", episode.rule).member("element", episode.element);
      out_.member("agency", episode.agency).member("occurrence", episode.occurrence);
      instant("since", episode.since);
      out_.key("until");
      if (episode.until) {
        out_.string(base::to_rfc3339(*episode.until));
      } else {
        out_.null();
      }
      out_.end_object();
    }
    out_.end_array();
  }

  // The most urgent open violations: most severe first, then oldest.
  void worst() {
    std::vector<engine::Verdict> all;
    for (const auto& [code, agency] : month_.agencies) {
      if (!month_.shows(code)) continue;
      for (engine::Verdict& verdict : engine_.owed_by(code)) {
        if (verdict.state == VerdictState::kViolating) all.push_back(std::move(verdict));
      }
    }
    std::ranges::stable_sort(all, [&](const engine::Verdict& a, const engine::Verdict& b) {
      const auto severity_a = book_.rules[a.rule.value].severity;
      const auto severity_b = book_.rules[b.rule.value].severity;
      return severity_a != severity_b ? severity_a > severity_b : a.since < b.since;
    });
    all.resize(std::min(all.size(), kWorstMost));
    out_.key("worst").begin_array();
    for (const engine::Verdict& verdict : all) item(verdict);
    out_.end_array();
  }

  void item(const engine::Verdict& verdict) {
    const rulebook::Rule& rule = book_.rules[verdict.rule.value];
    const registry::Registry& registry = engine_.registry();
    out_.begin_object().member("rule", rule.id);
    out_.member("element", registry.key_of(verdict.element).text());
    out_.member("agency", registry.agency_code(verdict.element));
    out_.member("severity", model::name_of(rule.severity));
    out_.member("title_id", rule.title.id);
    out_.member("title_en", rule.title.in(model::Language::kEnglish));
    out_.member("remedy_id", rule.remedy.id);
    out_.member("remedy_en", rule.remedy.in(model::Language::kEnglish));
    instant("since", verdict.since);
    out_.member("due", verdict.due == base::kNever ? "" : base::to_rfc3339(verdict.due));
    out_.end_object();
  }

  void late() {
    out_.key("late").begin_object().key("events").unsigned_integer(month_.late_events);
    out_.key("changes").begin_array();
    for (const LateChange& change : month_.late) {
      const model::Transition& t = change.transition;
      out_.begin_object().member("rule", t.rule).member("element", t.element.text());
      out_.member("agency", t.agency).member("from", model::name_of(t.from));
      out_.member("to", model::name_of(t.to));
      instant("happened", change.happened);
      instant("recorded", t.recorded);
      out_.end_object();
    }
    out_.end_array().end_object();
  }

  const Month& month_;
  const engine::Engine& engine_;
  const rulebook::RuleBook& book_;
  json::Writer out_;
};

}  // namespace

std::string to_json(const Month& month) { return Writer(month).write(); }

}  // namespace patuh::reports
