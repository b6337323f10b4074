#include "html/html.h"
#include "json/json.h"
#include "reports/reports.h"

namespace patuh::reports {
namespace {

using text::Lang;

constexpr html::Template kPage = {
    "monthly-report",
    "{{%AUTOESCAPE context=\"HTML\"}}<!doctype html>\n<html lang=\"{{LANG}}\">\n<head>\n"
    "<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>{{TITLE}}</title>\n<style>\n"
    "body{font:11pt/1.45 'DejaVu Sans',sans-serif;margin:2rem auto;max-width:60rem;padding:0 "
    "1rem}\n"
    "table{border-collapse:collapse;width:100%;margin:1rem 0}\n"
    "caption{text-align:left;font-weight:bold}th,td{text-align:left;padding:.2rem .5rem;"
    "border-bottom:1px solid #bbb;vertical-align:top}\n"
    "td.n,th.n{text-align:right}.note{color:#444}@media print{body{margin:0}}\n"
    "</style>\n</head>\n<body>\n<main>\n<h1>{{TITLE}}</h1>\n<p>{{SPAN}}</p>\n"
    "{{#PARTIAL}}<p><strong>{{TEXT}}</strong></p>\n{{/PARTIAL}}"
    "<table><caption>{{H_WHOLE}}</caption><thead><tr>{{#HEAD}}<th scope=\"col\" "
    "class=\"n\">{{TEXT}}"
    "</th>{{/HEAD}}</tr></thead>\n<tbody><tr>{{#FIGURE}}<td class=\"n\">{{VALUE}}</td>{{/FIGURE}}"
    "</tr></tbody></table>\n"
    "<table><caption>{{H_SEVERITY}}</caption><thead><tr><th scope=\"col\">{{W_SEVERITY}}</th>"
    "<th scope=\"col\" class=\"n\">{{W_OPEN}}</th><th scope=\"col\" class=\"n\">{{W_OVERDUE}}</th>"
    "</tr></thead>\n<tbody>\n{{#SEVERITY}}<tr><th scope=\"row\">{{NAME}}</th><td "
    "class=\"n\">{{OPEN}}"
    "</td><td class=\"n\">{{OVERDUE}}</td></tr>\n{{/SEVERITY}}</tbody></table>\n"
    "<table><caption>{{H_WORST}}</caption><tbody>\n{{#WORST}}<tr><td>{{SEVERITY}}</"
    "td><td>{{AGENCY}}"
    "</td><td>{{TEXT}}<br>{{REMEDY}}</td><td>{{ELEMENT}}</td><td>{{SINCE}}</td></tr>\n{{/WORST}}"
    "</tbody></table>\n"
    "<table><caption>{{H_EPISODES}}</caption><tbody>\n{{#EPISODE}}<tr><td>{{RULE}}</td>"
    "<td>{{AGENCY}}</td><td>{{ELEMENT}}</td><td>{{OCCURRENCE}}</td><td>{{SINCE}}</td><td>{{UNTIL}}"
    "</td></tr>\n{{/EPISODE}}</tbody></table>\n"
    "{{#LATE}}<table><caption>{{H_LATE}}</caption><tbody>\n{{#CHANGE}}<tr><td>{{RULE}}</td>"
    "<td>{{AGENCY}}</td><td>{{ELEMENT}}</td><td>{{STATE}}</td><td>{{HAPPENED}}</td>"
    "<td>{{RECORDED}}</td></tr>\n{{/CHANGE}}</tbody></table>\n{{/LATE}}"
    "<table><caption>{{H_DOMAINS}}</caption><thead><tr><th scope=\"col\">{{W_DOMAIN}}</th>"
    "<th scope=\"col\" class=\"n\">{{W_OPEN}}</th><th scope=\"col\" "
    "class=\"n\">{{W_SCORE}}</th></tr>"
    "</thead>\n<tbody>\n{{#DOMAIN}}<tr><th scope=\"row\">{{NAME}}</th><td class=\"n\">{{OPEN}}</td>"
    "<td class=\"n\">{{SCORE}}</td></tr>\n{{/DOMAIN}}</tbody></table>\n"
    "<table><caption>{{H_AGENCIES}}</caption><thead><tr><th scope=\"col\">{{W_AGENCY}}</th>"
    "<th scope=\"col\" class=\"n\">{{W_OPEN}}</th><th scope=\"col\" class=\"n\">{{W_OPENED}}</th>"
    "<th scope=\"col\" class=\"n\">{{W_FIXED}}</th><th scope=\"col\" class=\"n\">{{W_SCORE}}</th>"
    "</tr></thead>\n<tbody>\n{{#AGENCY_ROW}}<tr><th scope=\"row\">{{NAME}}</th><td class=\"n\">"
    "{{OPEN}}</td><td class=\"n\">{{OPENED}}</td><td class=\"n\">{{FIXED}}</td><td class=\"n\">"
    "{{SCORE}}</td></tr>\n{{/AGENCY_ROW}}</tbody></table>\n"
    "<p class=\"note\">{{NOT_OFFICIAL}} {{NOT_ADVICE}}</p>\n<p class=\"note\">{{PACK}}</p>\n"
    "{{#CHAIN}}<p class=\"note\">{{TEXT}}</p>\n{{/CHAIN}}"
    "</main>\n</body>\n</html>\n"};

constexpr std::array<std::string_view, 4> kSeverityNames = {"critical", "high", "medium", "low"};

// Makes the page from a report's JSON; members that are missing read as empty.
class Page {
 public:
  Page(const json::Node& root, const store::ChainHead& head, Lang lang)
      : root_(root), head_(head), lang_(lang) {}

  base::Result<std::string> make() {
    const auto month = text::parse_month(string(root_, "month"));
    zone_ = text::zone("Asia/Jakarta");
    if (!month || !zone_ || object(root_, "regency") == nullptr) {
      return base::fail(base::Code::kInvalid, "this is not a monthly report's JSON");
    }
    page_.set("LANG", text::name_of(lang_))
        .set("TITLE", of("report.title", {text::month_in(lang_, *month), string(root_, "agency")}))
        .set("SPAN", of("report.span", {time(string(root_, "from")), time(string(root_, "until"))}))
        .set("PACK", string(root_, "pack") + " " + string(root_, "pack_version") + " · " +
                         string(root_, "pack_hash"))
        .set("NOT_OFFICIAL", of("note.not_official"))
        .set("NOT_ADVICE", of("note.not_legal_advice"));
    if (head_.seq.value > 0) {
      page_.add("CHAIN").set(
          "TEXT", of("report.chain", {std::to_string(head_.seq.value), base::to_hex(head_.entry)}));
    }
    add_headings();
    const json::Node* const complete = root_.find("complete");
    if (complete == nullptr || !complete->is(json::Of::kBool) || !complete->boolean()) {
      page_.add("PARTIAL").set("TEXT", of("report.partial"));
    }
    add_whole(*object(root_, "regency"));
    add_rows();
    return html::render(kPage, page_);
  }

 private:
  void add_headings() {
    for (const auto& [name, key] :
         {std::pair{"H_WHOLE", "report.whole"}, std::pair{"H_SEVERITY", "console.by_severity"},
          std::pair{"H_WORST", "report.worst"}, std::pair{"H_EPISODES", "report.episodes"},
          std::pair{"H_LATE", "report.late"}, std::pair{"H_DOMAINS", "report.domains"},
          std::pair{"H_AGENCIES", "report.agencies"}, std::pair{"W_SEVERITY", "word.severity"},
          std::pair{"W_OPEN", "console.open"}, std::pair{"W_OVERDUE", "word.overdue"},
          std::pair{"W_DOMAIN", "word.domain"}, std::pair{"W_AGENCY", "word.agency"},
          std::pair{"W_SCORE", "word.score"}, std::pair{"W_OPENED", "report.opened"},
          std::pair{"W_FIXED", "report.fixed"}}) {
      page_.set(name, of(key));
    }
  }

  std::string of(std::string_view key, std::initializer_list<std::string_view> arguments = {}) {
    return text::of(lang_, key, arguments);
  }
  static std::string string(const json::Node& node, std::string_view key) {
    const json::Node* const found = node.find(key);
    return found != nullptr && found->is(json::Of::kString) ? std::string(found->string()) : "";
  }
  static const json::Node* object(const json::Node& node, std::string_view key) {
    const json::Node* const found = node.find(key);
    return found != nullptr && found->is(json::Of::kObject) ? found : nullptr;
  }
  static std::int64_t integer(const json::Node& node, std::string_view key) {
    const json::Node* const found = node.find(key);
    return found != nullptr && found->is(json::Of::kInt) ? found->integer() : 0;
  }
  std::string number(std::int64_t value) const { return text::number_in(lang_, value); }
  std::string percent(const json::Node& node, std::string_view key) const {
    const json::Node* const found = node.find(key);
    const bool has =
        found != nullptr && (found->is(json::Of::kDouble) || found->is(json::Of::kInt));
    return has ? text::number_in(lang_, found->number(), 1) + " %" : "–";
  }
  std::string time(const std::string& rfc3339) const {
    const auto at = base::from_rfc3339(rfc3339);
    return at ? text::time_in(lang_, *zone_, *at) : "–";
  }
  std::string local(const json::Node& node, const std::string& key) const {
    return string(node, key + (lang_ == Lang::kEnglish ? "_en" : "_id"));
  }
  static std::int64_t total(const json::Node& node, std::string_view key) {
    std::int64_t out = 0;
    if (const json::Node* const counts = object(node, key)) {
      for (const std::string_view severity : kSeverityNames) out += integer(*counts, severity);
    }
    return out;
  }
  static std::span<const json::Node> list(const json::Node& node, std::string_view key) {
    const json::Node* const found = node.find(key);
    return found != nullptr && found->is(json::Of::kArray) ? found->items()
                                                           : std::span<const json::Node>();
  }

  void add_figure(std::string_view name, const std::string& value) {
    page_.add("HEAD").set("TEXT", name);
    page_.add("FIGURE").set("VALUE", value);
  }

  void add_whole(const json::Node& whole) {
    add_figure(of("word.score"), percent(whole, "score"));
    add_figure(of("word.coverage"), percent(whole, "coverage"));
    add_figure(of("console.open"), number(total(whole, "violations")));
    add_figure(of("word.overdue"), number(total(whole, "overdue")));
    if (const json::Node* const flow = object(whole, "flow")) {
      add_figure(of("report.opened"), number(integer(*flow, "opened")));
      add_figure(of("report.fixed"), number(integer(*flow, "fixed")));
      add_figure(of("report.late_count"), number(integer(*flow, "late")));
    }
    const bool has_baseline = root_.find("baseline") != nullptr;
    add_figure(of(has_baseline ? "note.inherited_baseline" : "note.inherited"),
               number(total(whole, "inherited")));
    add_figure(of("word.elements"), number(integer(root_, "elements")));
    const json::Node* const open = object(whole, "violations");
    const json::Node* const overdue = object(whole, "overdue");
    if (open == nullptr || overdue == nullptr) return;
    for (const std::string_view severity : kSeverityNames) {
      page_.add("SEVERITY")
          .set("NAME", of("severity." + std::string(severity)))
          .set("OPEN", number(integer(*open, severity)))
          .set("OVERDUE", number(integer(*overdue, severity)));
    }
  }

  void add_rows() {
    for (const json::Node& row : list(root_, "worst")) add_worst(row);
    for (const json::Node& row : list(root_, "episodes")) add_episode(row);
    if (const json::Node* const late = object(root_, "late")) add_late(*late);
    for (const json::Node& row : list(root_, "domains")) add_domain(row);
    for (const json::Node& row : list(root_, "agencies")) add_agency(row);
  }

  void add_worst(const json::Node& row) {
    page_.add("WORST")
        .set("SEVERITY", of("severity." + string(row, "severity")))
        .set("AGENCY", string(row, "agency"))
        .set("TEXT", local(row, "title"))
        .set("REMEDY", local(row, "remedy"))
        .set("ELEMENT", string(row, "element"))
        .set("SINCE", time(string(row, "since")));
  }

  void add_episode(const json::Node& row) {
    page_.add("EPISODE")
        .set("RULE", string(row, "rule"))
        .set("AGENCY", string(row, "agency"))
        .set("ELEMENT", string(row, "element"))
        .set("OCCURRENCE", string(row, "occurrence"))
        .set("SINCE", time(string(row, "since")))
        .set("UNTIL", time(string(row, "until")));
  }

  void add_late(const json::Node& late) {
    if (list(late, "changes").empty()) return;
    html::Dictionary& table = page_.add("LATE");
    for (const json::Node& row : list(late, "changes")) {
      table.add("CHANGE")
          .set("RULE", string(row, "rule"))
          .set("AGENCY", string(row, "agency"))
          .set("ELEMENT", string(row, "element"))
          .set("STATE", of("state." + string(row, "to")))
          .set("HAPPENED", time(string(row, "happened")))
          .set("RECORDED", time(string(row, "recorded")));
    }
  }

  void add_domain(const json::Node& row) {
    page_.add("DOMAIN")
        .set("NAME", local(row, "title").empty() ? of("report.other") : local(row, "title"))
        .set("OPEN", number(total(row, "violations")))
        .set("SCORE", percent(row, "score"));
  }

  // An agency that does not report is named, not ranked.
  void add_agency(const json::Node& row) {
    const json::Node* const flow = object(row, "flow");
    const json::Node* const reporting = row.find("reporting");
    const bool silent =
        reporting != nullptr && reporting->is(json::Of::kBool) && !reporting->boolean();
    const std::string name = string(row, "name");
    page_.add("AGENCY_ROW")
        .set("NAME", name.empty() ? string(row, "agency") : name)
        .set("OPEN", number(total(row, "violations")))
        .set("OPENED", number(flow ? integer(*flow, "opened") : 0))
        .set("FIXED", number(flow ? integer(*flow, "fixed") : 0))
        .set("SCORE", silent ? of("note.not_reporting") : percent(row, "score"));
  }

  const json::Node& root_;
  const store::ChainHead& head_;
  Lang lang_;
  base::Result<text::Zone> zone_ = base::fail(base::Code::kNotFound, "");
  html::Dictionary page_;
};

}  // namespace

base::Result<std::string> to_html(const std::string& json, const store::ChainHead& head,
                                  text::Lang lang) {
  const auto document = json::parse(json, {});
  if (!document || !document->root().is(json::Of::kObject)) {
    return base::fail(base::Code::kInvalid, "this is not a monthly report's JSON");
  }
  return Page(document->root(), head, lang).make();
}

}  // namespace patuh::reports
