#include <algorithm>

#include "api/handlers.h"
#include "api/queries.h"
#include "api/templates.h"
#include "text/text.h"

namespace patuh::api {
namespace {

using text::Lang;

// What a page knows of whoever reads it.
struct Reader {
  Lang lang = Lang::kIndonesian;
  text::Zone zone;

  std::string of(std::string_view key,
                 std::initializer_list<std::string_view> arguments = {}) const {
    return text::of(lang, key, arguments);
  }
  const std::string& pick(const std::string& id, const std::string& en) const {
    return lang == Lang::kEnglish && !en.empty() ? en : id;
  }
  std::string time(base::Instant at) const { return text::time_in(lang, zone, at); }
  std::string number(std::int64_t value) const { return text::number_in(lang, value); }
  std::string percent(std::optional<double> value) const {
    return value ? text::number_in(lang, *value, 1) + " %" : "–";
  }
  std::string link(std::string path) const {
    return path + "?lang=" + std::string(text::name_of(lang));
  }
};

Reader reader_of(const Request& request, const pipeline::View& view) {
  auto zone = text::zone(view.book->schema->time_zone);
  PATUH_ASSERT(zone.has_value());  // the rulebook has checked it
  Reader out{Lang::kIndonesian, std::move(*zone)};
  const auto asked = request.query.find("lang");
  const auto lang = asked == request.query.end() ? std::nullopt : text::lang_of(asked->second);
  out.lang = lang ? *lang : text::preferred_lang(request.header("accept-language"));
  return out;
}

html::Dictionary page_of(const Reader& reader, const std::string& title,
                         const pipeline::View& view) {
  html::Dictionary page;
  const bool english = reader.lang == Lang::kEnglish;
  page.set("TITLE", title)
      .set("LANG", text::name_of(reader.lang))
      .set("OTHER_LANG", english ? "id" : "en")
      .set("OTHER_LANG_NAME", english ? "Bahasa Indonesia" : "English")
      .set("NOT_OFFICIAL", reader.of("note.not_official"))
      .set("AS_OF", reader.of("console.as_of", {reader.time(view.wall)}));
  return page;
}

Response html_response(std::string body, int status = 200) {
  Response out;
  out.status = status;
  out.content_type = "text/html; charset=utf-8";
  out.body = std::move(body);
  return out;
}

std::string encoded_key(const std::string& key) {
  const std::size_t slash = std::min(key.find('/'), key.size());
  return key.substr(0, slash) + "/" +
         base::percent_encoded(std::string_view(key).substr(std::min(slash + 1, key.size())));
}

std::string element_link(const Reader& reader, const std::string& key) {
  return reader.link("/elements/" + encoded_key(key));
}

std::string verdict_link(const Reader& reader, const Item& item) {
  return reader.link("/verdicts/" + base::percent_encoded(item.rule) + "/" +
                     encoded_key(item.element));
}

std::string severity_text(const Reader& reader, model::Severity severity) {
  return reader.of("severity." + std::string(model::name_of(severity)));
}

std::string state_text(const Reader& reader, model::VerdictState state) {
  return reader.of("state." + std::string(model::name_of(state)));
}

// Says so where the state is only the one that stood.
std::string state_text(const Reader& reader, const Item& item) {
  const std::string state = state_text(reader, item.state);
  if (item.pending) return reader.of("console.pending", {state});
  return item.inherited ? reader.of("console.inherited", {state}) : state;
}

std::string due_text(const Reader& reader, const Item& item) {
  if (item.due == base::kNever) return {};
  return reader.of(item.overdue ? "console.overdue" : "console.due", {reader.time(item.due)});
}

using Words = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// The page's own words: name in the template, key in the catalogue.
void set_words(html::Dictionary& page, const Reader& reader, Words words) {
  for (const auto& [name, key] : words) page.set(name, reader.of(key));
}

void add_figure(html::Dictionary& page, std::string_view name, std::string_view value) {
  page.add("FIGURE").set("NAME", name).set("VALUE", value);
}

void add_severities(html::Dictionary& page, const Reader& reader, const model::Tally& tally) {
  for (const model::Severity severity : model::kSeverities) {
    const auto at = static_cast<std::size_t>(severity);
    page.add("SEVERITY")
        .set("CLASS", model::name_of(severity))
        .set("NAME", severity_text(reader, severity))
        .set("OPEN", reader.number(tally.violating[at]))
        .set("OVERDUE", reader.number(tally.overdue[at]));
  }
}

// A link to its page; elements without an agency have none.
void add_agency_name(html::Dictionary& into, const Reader& reader, const std::string& code,
                     const std::string& name) {
  if (code.empty()) {
    into.add("OWNERLESS").set("TEXT", reader.of("console.no_agency"));
  } else {
    into.add("OWNER").set("CODE", base::percent_encoded(code)).set("NAME", name);
  }
}

void add_agencies(html::Dictionary& page, const Reader& reader, const Summary& summary) {
  for (const Owing& owing : summary.agencies) {
    html::Dictionary& row = page.add("AGENCY");
    add_agency_name(row, reader, owing.code, owing.name.empty() ? owing.code : owing.name);
    row.set("OPEN", reader.number(model::total(owing.tally.violating)))
        .set("OVERDUE", reader.number(model::total(owing.tally.overdue)))
        .set("SCORE", owing.reporting ? reader.percent(owing.score) : "–")
        .set("COVERAGE", reader.percent(owing.coverage));
    if (!owing.reporting) row.add("SILENT").set("TEXT", reader.of("note.not_reporting"));
    if (owing.pending > 0) {
      row.add("PENDING")
          .set("COUNT", reader.number(static_cast<std::int64_t>(owing.pending)))
          .set("TEXT", reader.of("console.pending_count"));
    }
  }
}

void add_figures(html::Dictionary& page, const Reader& reader, const Summary& summary) {
  add_figure(page, reader.of("console.score"), reader.percent(summary.score));
  add_figure(page, reader.of("console.coverage"), reader.percent(summary.coverage));
  add_figure(page, reader.of("console.open"), reader.number(model::total(summary.tally.violating)));
  add_figure(page, reader.of("console.overdue_count"),
             reader.number(model::total(summary.tally.overdue)));
  if (summary.baseline != base::Instant::min()) {
    add_figure(page, reader.of("console.inherited_count", {reader.time(summary.baseline)}),
               reader.number(model::total(summary.tally.inherited)));
  }
  add_figure(page, reader.of("console.elements"),
             reader.number(static_cast<std::int64_t>(summary.elements)));
  add_figure(page, reader.of("console.set_aside"),
             reader.number(static_cast<std::int64_t>(summary.set_aside)));
  if (summary.pending == 0) return;
  add_figure(page, reader.of("console.pending_count"),
             reader.number(static_cast<std::int64_t>(summary.pending)));
}

Response summary_page(const Services& services, const Request& request) {
  const auto view = services.pipeline->view();
  const Reader reader = reader_of(request, *view);
  const Summary summary = summary_of(*view);
  html::Dictionary page = page_of(reader, reader.of("console.summary"), *view);
  if (!summary.trouble.empty()) page.add("TROUBLE").set("TEXT", summary.trouble);
  add_figures(page, reader, summary);
  set_words(page, reader,
            {{"BY_SEVERITY", "console.by_severity"},
             {"H_SEVERITY", "word.severity"},
             {"H_OPEN", "console.open"},
             {"H_OVERDUE", "console.overdue_count"},
             {"H_AGENCY", "console.agency"},
             {"H_SCORE", "console.score"},
             {"H_COVERAGE", "console.coverage"},
             {"AGENCIES", "console.owe_most"},
             {"YEAR_END", "console.year_end"}});
  page.set("YEAR_END_TEXT",
           reader.of("console.year_end_text",
                     {reader.number(static_cast<std::int64_t>(summary.agencies_complete)),
                      reader.number(static_cast<std::int64_t>(summary.agencies_owing)),
                      reader.number(summary.late_milestones), reader.number(summary.days_left)}));
  add_severities(page, reader, summary.tally);
  add_agencies(page, reader, summary);
  return html_response(html::render(kSummaryPage, page));
}

void add_item(html::Dictionary& page, const Reader& reader, const Item& item) {
  page.add("ITEM")
      .set("CLASS", model::name_of(item.severity))
      .set("SEVERITY", severity_text(reader, item.severity))
      .set("MESSAGE", reader.pick(item.title_id, item.title_en))
      .set("REMEDY", reader.pick(item.remedy_id, item.remedy_en))
      .set("ELEMENT", item.element_name.empty() ? item.element : item.element_name)
      .set("ELEMENT_LINK", element_link(reader, item.element))
      .set("VERDICT_LINK", verdict_link(reader, item))
      .set("RULE", item.rule)
      .set("STATE", state_text(reader, item))
      .set("SINCE", reader.of("console.since", {reader.time(item.since)}))
      .set("DUE", due_text(reader, item));
}

Response error_page(const base::Error& error) { return problem_of(error); }

Response agency_page(const Services& services, const Request& request, const std::string& code) {
  static constexpr std::size_t kShownMost = 500;
  const auto view = services.pipeline->view();
  const auto agency = view->agencies.find(code);
  const bool is_named = agency != view->agencies.end() && !agency->second.name.empty();
  // One that was removed may still owe.
  if (agency == view->agencies.end() && !view->tallies->agencies.contains(code)) return not_known();
  const Reader reader = reader_of(request, *view);
  Filter filter;
  filter.agency = code;
  filter.limit = kShownMost;
  const auto found = services.pipeline->ask(
      [filter](const engine::Engine& engine) { return items_of(engine, filter); });
  if (!found) return error_page(found.error());
  const std::string& name = is_named ? agency->second.name : code;
  html::Dictionary page = page_of(reader, name, *view);
  page.set("INTRO", reader.of(found->more ? "console.owes_first" : "console.owes",
                              {reader.number(static_cast<std::int64_t>(found->items.size()))}));
  if (found->items.empty()) page.add("NOTHING").set("TEXT", reader.of("console.owes_nothing"));
  for (const Item& item : found->items) add_item(page, reader, item);
  return html_response(html::render(kAgencyPage, page));
}

void add_basis(html::Dictionary& page, const Reader& reader, const VerdictAnswer& verdict) {
  for (const rulebook::Basis& basis : verdict.basis) {
    page.add("BASIS").set(
        "TEXT", basis.law + " " + basis.article + " – " +
                    reader.of("confidence." + std::string(rulebook::name_of(basis.confidence))));
  }
  page.set("CONFIRMED", verdict.confirmed_by.empty()
                            ? reader.of("console.guidance")
                            : reader.of("console.confirmed", {verdict.confirmed_by}));
}

void add_verdict(html::Dictionary& page, const Reader& reader, const VerdictAnswer& verdict) {
  const Item& item = verdict.item;
  page.set("CLASS", model::name_of(item.severity))
      .set("SEVERITY", severity_text(reader, item.severity))
      .set("DUE", due_text(reader, item))
      .set("REMEDY", reader.pick(item.remedy_id, item.remedy_en))
      .set("ELEMENT", item.element)
      .set("ELEMENT_LINK", element_link(reader, item.element));
  for (const model::Text& line : verdict.lines) {
    page.add("LINE").set("TEXT", reader.pick(line.id, line.en));
  }
}

// "require 17": the expression and where in it, counted from 1.
std::string place_of(const engine::ExplainedStep& step) {
  return step.part + " " + std::to_string(step.begin + 1);
}

void add_evidence(html::Dictionary& page, const Reader& reader, const VerdictAnswer& verdict) {
  for (const model::Fact& fact : verdict.facts) {
    page.add("FACT")
        .set("ELEMENT", fact.element.empty() ? verdict.item.element : fact.element)
        .set("FIELD", fact.field)
        .set("VALUE", fact.value);
  }
  for (const engine::ExplainedStep& step : verdict.steps) {
    page.add("STEP")
        .set("TEXT", step.text)
        .set("PLACE", place_of(step))
        .set("VALUE", reader.pick(step.told.id, step.told.en));
  }
}

Response verdict_page(const Services& services, const Request& request, const Parts& parts) {
  const auto view = services.pipeline->view();
  const Reader reader = reader_of(request, *view);
  const auto found = services.pipeline->ask([parts](const engine::Engine& engine) {
    return verdict_of(engine, parts[0], parts[1], parts[2]);
  });
  if (!found) return error_page(found.error());
  if (!*found) return not_known();
  const VerdictAnswer& verdict = **found;
  const Item& item = verdict.item;
  html::Dictionary page =
      page_of(reader, item.rule + " · " + reader.pick(item.title_id, item.title_en), *view);
  set_words(page, reader,
            {{"H_REMEDY", "console.remedy"},
             {"H_RULE", "console.rule"},
             {"H_FACTS", "console.facts"},
             {"H_MORE", "console.more"},
             {"H_STEPS", "console.steps"},
             {"H_STEP", "console.step"},
             {"H_PLACE", "explain.place"},
             {"H_BASIS", "console.basis"},
             {"H_ELEMENT", "console.element"},
             {"H_FIELD", "console.field"},
             {"H_VALUE", "console.value"}});
  add_verdict(page, reader, verdict);
  page.set("REQUIRE", verdict.require);
  if (!verdict.when.empty()) page.add("WHEN").set("TEXT", verdict.when);
  add_evidence(page, reader, verdict);
  add_basis(page, reader, verdict);
  return html_response(html::render(kVerdictPage, page));
}

void add_ends(html::Dictionary& page, const Reader& reader,
              const std::vector<std::pair<std::string, std::vector<std::string>>>& relations,
              const std::vector<std::string>& removed) {
  for (const auto& [name, ends] : relations) {
    html::Dictionary& row = page.add("RELATION").set("NAME", name);
    for (const std::string& end : ends) {
      if (std::ranges::find(removed, end) == removed.end()) {
        row.add("END").set("LINK", element_link(reader, end)).set("TEXT", end);
      } else {
        row.add("GONE").set("TEXT", end).set("WHY", reader.of("closing.element_removed"));
      }
    }
  }
}

void add_element_verdicts(html::Dictionary& page, const Reader& reader,
                          const ElementAnswer& element) {
  for (const Item& item : element.verdicts) {
    page.add("VERDICT")
        .set("CLASS", model::name_of(item.severity))
        .set("SEVERITY", severity_text(reader, item.severity))
        .set("STATE", state_text(reader, item))
        .set("LINK", verdict_link(reader, item))
        .set("RULE", item.rule)
        .set("TITLE_TEXT", reader.pick(item.title_id, item.title_en));
  }
}

void add_values(html::Dictionary& page, const Reader& reader, const ElementAnswer& element) {
  for (const ElementAnswer::Value& value : element.values) {
    const std::string& title = reader.pick(value.title_id, value.title_en);
    page.add("VALUE")
        .set("NAME", title.empty() ? value.field : title)
        .set("TEXT", value.json)
        .set("WRITER", value.writer);
  }
}

Response element_page(const Services& services, const Request& request, const Parts& parts) {
  const auto view = services.pipeline->view();
  const Reader reader = reader_of(request, *view);
  const auto found = services.pipeline->ask(
      [parts](const engine::Engine& engine) { return element_of(engine, parts[0], parts[1]); });
  if (!found) return error_page(found.error());
  if (!*found) return not_known();
  const ElementAnswer& element = **found;
  html::Dictionary page = page_of(reader, element.name.empty() ? element.id : element.name, *view);
  page.set("KIND", element.kind + "/" + element.id)
      .set("H_VERDICTS", reader.of("console.verdicts"))
      .set("H_SEVERITY", reader.of("word.severity"))
      .set("H_STATE", reader.of("console.state"))
      .set("H_RULE", reader.of("word.rule"))
      .set("H_TITLE", reader.of("console.wanted"))
      .set("H_ATTRIBUTES", reader.of("console.attributes"))
      .set("H_RELATIONS", reader.of("console.relations"));
  add_agency_name(page, reader, element.agency, element.agency);
  if (element.stub) page.add("STUB").set("TEXT", reader.of("console.stub"));
  add_element_verdicts(page, reader, element);
  add_values(page, reader, element);
  add_ends(page, reader, element.relations, element.removed);
  add_ends(page, reader, element.referrers, {});
  return html_response(html::render(kElementPage, page));
}

}  // namespace

void add_console(Router& router, const Services& services) {
  router.add("GET", "/", "", [&services](const Request& request, const Parts&) {
    return summary_page(services, request);
  });
  router.add("GET", "/agencies/{code}", "",
             [&services](const Request& request, const Parts& parts) {
               return agency_page(services, request, parts[0]);
             });
  router.add("GET", "/verdicts/{rule}/{kind}/{id...}", "",
             [&services](const Request& request, const Parts& parts) {
               return verdict_page(services, request, parts);
             });
  router.add("GET", "/elements/{kind}/{id...}", "",
             [&services](const Request& request, const Parts& parts) {
               return element_page(services, request, parts);
             });
  router.add("GET", "/assets/patuh.css", "", [](const Request&, const Parts&) {
    Response out;
    out.content_type = "text/css; charset=utf-8";
    out.body = kStyle;
    return out;
  });
  // Browsers ask for it of their own accord, and complain where there is none.
  router.add("GET", "/favicon.ico", "", [](const Request&, const Parts&) {
    Response out;
    out.content_type = "image/svg+xml";
    out.body = kIcon;
    return out;
  });
}

}  // namespace patuh::api
