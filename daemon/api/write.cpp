#include "api/write.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "json/json.h"

namespace patuh::api {
namespace {

constexpr std::size_t kLimitMax = 1000;

void write_tally(json::Writer& out, std::string_view key,
                 const std::array<std::int64_t, 4>& counts) {
  out.key(key).begin_object();
  for (const model::Severity severity : model::kSeverities) {
    out.member(model::name_of(severity), counts[static_cast<std::size_t>(severity)]);
  }
  out.end_object();
}

void write_optional(json::Writer& out, std::string_view key, std::optional<double> value) {
  out.key(key);
  if (value) {
    out.number(*value);
  } else {
    out.null();
  }
}

void write_instant(json::Writer& out, std::string_view key, base::Instant at) {
  out.key(key);
  if (at == base::kNever || at == base::Instant::min()) {
    out.null();
  } else {
    out.string(base::to_rfc3339(at));
  }
}

void write_tallies(json::Writer& out, const model::Tally& tally) {
  write_tally(out, "compliant", tally.compliant);
  write_tally(out, "violations", tally.violating);
  write_tally(out, "overdue", tally.overdue);
  write_tally(out, "inherited", tally.inherited);
  write_tally(out, "undetermined", tally.undetermined);
  write_tally(out, "waived", tally.waived);
}

void write_owing(json::Writer& out, const Owing& owing) {
  out.begin_object().member("agency", owing.code).member("name", owing.name);
  out.key("reporting").boolean(owing.reporting);
  out.key("pending").unsigned_integer(owing.pending);
  write_optional(out, "score", owing.score);
  write_optional(out, "coverage", owing.coverage);
  write_tallies(out, owing.tally);
  out.end_object();
}

void write_text(json::Writer& out, std::string_view key, const model::Text& text) {
  out.key(key).begin_object().member("id", text.id).member("en", text.en).end_object();
}

void write_item(json::Writer& out, const Item& item) {
  out.begin_object().member("rule", item.rule).member("element", item.element);
  out.member("name", item.element_name).member("agency", item.agency);
  out.member("domain", item.domain).member("state", model::name_of(item.state));
  out.member("severity", model::name_of(item.severity));
  write_instant(out, "since", item.since);
  write_instant(out, "due", item.due);
  out.key("overdue").boolean(item.overdue);
  out.key("inherited").boolean(item.inherited);
  out.key("pending").boolean(item.pending);
  if (!item.occurrence.empty()) out.member("occurrence", item.occurrence);
  write_text(out, "title", {item.title_id, item.title_en});
  write_text(out, "remedy", {item.remedy_id, item.remedy_en});
  out.end_object();
}

base::Status check_name(const std::string& what, const std::string& name,
                        std::span<const std::string_view> known) {
  if (name.empty() || std::ranges::find(known, name) != known.end()) return {};
  const std::string_view near = base::nearest(name, known);
  return base::fail(base::Code::kInvalid,
                    "there is no " + what + " " + name +
                        (near.empty() ? "" : "; did you mean " + std::string(near) + "?"));
}

std::optional<std::size_t> number(const std::string& text, std::size_t otherwise) {
  if (text.empty()) return otherwise;
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void write_steps(json::Writer& out, std::string_view name,
                 std::span<const engine::ExplainedStep> steps) {
  out.key(name).begin_array();
  for (const engine::ExplainedStep& step : steps) {
    out.begin_object().member("part", step.part).key("begin").unsigned_integer(step.begin);
    out.key("end").unsigned_integer(step.end).member("text", step.text);
    out.member("value", step.value);
    write_text(out, "told", step.told);
    out.end_object();
  }
  out.end_array();
}

void write_lines(json::Writer& out, const VerdictAnswer& verdict) {
  out.key("lines").begin_object();
  for (const model::Language language : {model::Language::kIndonesian, model::Language::kEnglish}) {
    out.key(model::name_of(language)).begin_array();
    for (const model::Text& line : verdict.lines) out.string(line.in(language));
    out.end_array();
  }
  out.end_object();
}

void write_change(json::Writer& out, const engine::SmallestChange& change) {
  out.key("smallest_change").begin_object().member("outcome", engine::name_of(change.outcome));
  out.key("tries").unsigned_integer(change.tries);
  write_text(out, "told", change.told);
  out.key("changes").begin_array();
  for (const engine::SmallestChange::Change& one : change.changes) {
    out.begin_object().member("attribute", one.attribute).key("value").raw(one.json);
    out.key("stand_in").boolean(one.stand_in);
    write_text(out, "told", one.told);
    out.end_object();
  }
  out.end_array().end_object();
}

// "300", or "300.12.dinkes": that agency's list is to be gone on with behind its twelfth.
std::string cursor_behind(const Items& items, const Filter& filter) {
  std::string out = std::to_string(filter.skip + filter.limit);
  if (!items.reached) return out;
  return out + "." + std::to_string(items.reached->passed) + "." + items.reached->agency;
}

bool take_cursor(const Request& request, Filter& out) {
  const std::string cursor = parameter(request, "cursor");
  const std::size_t dot = std::min(cursor.find('.'), cursor.size());
  const auto skip = number(cursor.substr(0, dot), 0);
  if (!skip) return false;
  out.skip = *skip;
  if (dot == cursor.size()) return true;
  const std::size_t second = cursor.find('.', dot + 1);
  if (second == std::string::npos) return false;
  const auto passed = number(cursor.substr(dot + 1, second - dot - 1), 0);
  if (!passed) return false;
  out.from = Reached{.agency = cursor.substr(second + 1), .passed = *passed};
  return true;
}

// The others are counted only.
bool is_listed(model::VerdictState state) {
  return state == model::VerdictState::kViolating || state == model::VerdictState::kUndetermined ||
         state == model::VerdictState::kWaived;
}

}  // namespace

std::string summary_json(const Summary& summary) {
  static constexpr std::size_t kShown = 3;
  json::Writer out;
  out.begin_object();
  write_instant(out, "now", summary.now);
  out.member("clock", summary.clock).member("trouble", summary.trouble);
  write_instant(out, "baseline", summary.baseline);
  out.member("pack", summary.pack).member("pack_version", summary.pack_version);
  out.key("events").unsigned_integer(summary.events);
  out.key("set_aside").unsigned_integer(summary.set_aside);
  out.key("elements").unsigned_integer(summary.elements);
  out.key("stubs").unsigned_integer(summary.stubs);
  out.key("verdicts").unsigned_integer(summary.verdicts);
  out.key("pending").unsigned_integer(summary.pending);
  out.key("agencies").unsigned_integer(summary.agencies.size());
  write_tallies(out, summary.tally);
  write_optional(out, "score", summary.score);
  write_optional(out, "coverage", summary.coverage);
  out.key("owe_most").begin_array();
  for (std::size_t i = 0; i < std::min(kShown, summary.agencies.size()); ++i) {
    write_owing(out, summary.agencies[i]);
  }
  out.end_array();
  out.key("year_end").begin_object();
  out.key("agencies_owing_domains").unsigned_integer(summary.agencies_owing);
  out.key("agencies_with_all_domains").unsigned_integer(summary.agencies_complete);
  out.member("late_milestones", summary.late_milestones).member("days_left", summary.days_left);
  return out.end_object().end_object().take();
}

std::string agencies_json(const std::vector<Owing>& agencies) {
  json::Writer out;
  out.begin_object().key("agencies").begin_array();
  for (const Owing& owing : agencies) write_owing(out, owing);
  return out.end_array().end_object().take();
}

std::string items_json(const Items& items, const Filter& filter) {
  json::Writer out;
  out.begin_object().key("items").begin_array();
  for (const Item& item : items.items) write_item(out, item);
  out.end_array().key("next_cursor");
  if (items.more) {
    out.string(cursor_behind(items, filter));
  } else {
    out.null();
  }
  return out.end_object().take();
}

std::string element_json(const ElementAnswer& element) {
  json::Writer out;
  out.begin_object().member("kind", element.kind).member("id", element.id);
  out.member("name", element.name).member("agency", element.agency);
  out.key("stub").boolean(element.stub);
  write_instant(out, "changed_at", element.changed_at);
  out.key("attributes").begin_object();
  for (const auto& value : element.values) {
    out.key(value.field).begin_object().member("value", value.json);
    out.member("source", value.writer).end_object();
  }
  out.end_object();
  for (const auto& [key, list] :
       {std::pair{"relations", &element.relations}, std::pair{"referrers", &element.referrers}}) {
    out.key(key).begin_object();
    for (const auto& [name, ends] : *list) {
      out.key(name).begin_array();
      for (const std::string& end : ends) out.string(end);
      out.end_array();
    }
    out.end_object();
  }
  out.key("undeclared").begin_object();
  for (const auto& [name, text] : element.unknown) out.key(name).raw(text);
  out.end_object().key("verdicts").begin_array();
  for (const Item& item : element.verdicts) write_item(out, item);
  return out.end_array().end_object().take();
}

std::string verdict_json(const VerdictAnswer& verdict) {
  json::Writer out;
  out.begin_object().key("verdict");
  write_item(out, verdict.item);
  out.member("reason", verdict.item.reason);
  write_text(out, "reason_told", verdict.reason_told);
  write_text(out, "message", {verdict.item.message_id, verdict.item.message_en});
  out.member("mode", verdict.mode).member("owner", verdict.owner);
  out.member("when", verdict.when).member("require", verdict.require);
  out.member("confirmed_by", verdict.confirmed_by);
  write_instant(out, "next_change", verdict.next_change);
  out.key("facts").begin_array();
  for (const model::Fact& fact : verdict.facts) {
    out.begin_object().member("element", fact.element).member("field", fact.field);
    out.key("value").raw(fact.value).end_object();
  }
  out.end_array();
  write_steps(out, "steps", verdict.steps);
  write_steps(out, "decided", verdict.decided);
  write_lines(out, verdict);
  write_change(out, verdict.smallest_change);
  out.key("basis").begin_array();
  for (const rulebook::Basis& basis : verdict.basis) {
    out.begin_object().member("law", basis.law).member("article", basis.article);
    out.member("confidence", rulebook::name_of(basis.confidence)).end_object();
  }
  out.end_array().key("indicators").begin_array();
  for (const std::string& indicator : verdict.indicators) out.string(indicator);
  return out.end_array().end_object().take();
}

std::string rules_json(const rulebook::RuleBook& book, const engine::Tallies& tallies) {
  json::Writer out;
  out.begin_object().key("rules").begin_array();
  for (const rulebook::Rule& rule : book.rules) {
    out.begin_object().member("rule", rule.id);
    out.member("kind", book.schema->kind(rule.kind).name);
    out.member("severity", model::name_of(rule.severity));
    out.member("mode", rulebook::name_of(rule.mode)).member("owner", rule.owner);
    out.member("grace_seconds",
               std::chrono::duration_cast<std::chrono::seconds>(rule.grace).count());
    out.key("title").begin_object().member("id", rule.title.id);
    out.member("en", rule.title.in(model::Language::kEnglish)).end_object();
    const auto tally = tallies.rules.find(rule.id);
    out.member("violations",
               tally == tallies.rules.end() ? 0 : model::total(tally->second.violating));
    out.end_object();
  }
  return out.end_array().end_object().take();
}

std::string parameter(const Request& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

std::vector<std::string> filter_names() {
  return {"agency", "rule", "domain", "severity", "state", "limit", "cursor"};
}

base::Result<Filter> filter_of(const Request& request) {
  Filter out;
  out.agency = parameter(request, "agency");
  out.rule = parameter(request, "rule");
  out.domain = parameter(request, "domain");
  if (const std::string name = parameter(request, "severity"); !name.empty()) {
    out.severity = model::severity_of(name);
    if (!out.severity) return base::fail(base::Code::kInvalid, "there is no severity " + name);
  }
  if (const std::string name = parameter(request, "state"); !name.empty()) {
    out.state = model::verdict_state_of(name);
    if (!out.state || !is_listed(*out.state)) {
      return base::fail(base::Code::kInvalid,
                        "state is violating, undetermined or waived, not " + name);
    }
  }
  const auto limit = number(parameter(request, "limit"), out.limit);
  if (!limit || *limit == 0 || *limit > kLimitMax || !take_cursor(request, out)) {
    return base::fail(base::Code::kInvalid, "limit is a number from 1 to 1000, cursor one given");
  }
  out.limit = *limit;
  return out;
}

base::Status check_names(const Filter& filter, const rulebook::RuleBook& book,
                         const engine::Tallies& tallies,
                         const std::map<std::string, pipeline::AgencyName>& agencies) {
  std::vector<std::string_view> codes, rules;
  for (const auto& [code, name] : agencies) codes.push_back(code);
  for (const auto& [code, tally] : tallies.agencies) codes.push_back(code);
  for (const rulebook::Rule& rule : book.rules) rules.push_back(rule.id);
  const std::vector<std::string_view> domains(book.schema->domains.begin(),
                                              book.schema->domains.end());
  if (auto known = check_name("agency", filter.agency, codes); !known) return known;
  if (auto known = check_name("rule", filter.rule, rules); !known) return known;
  return check_name("domain", filter.domain, domains);
}

}  // namespace patuh::api
