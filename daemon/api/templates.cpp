#include "api/templates.h"

// Head and foot are macros so that each template is one literal that begins with AUTOESCAPE.
#define PATUH_HEAD                                                                            \
  "{{%AUTOESCAPE context=\"HTML\"}}<!doctype html>\n<html lang=\"{{LANG}}\">\n<head>\n"       \
  "<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n"       \
  "<title>{{TITLE}} · Patuh</title>\n<link rel=\"stylesheet\" href=\"/assets/patuh.css\">\n"  \
  "</head>\n<body>\n<header><a class=\"brand\" href=\"/?lang={{LANG}}\">Patuh</a> "           \
  "<nav><a href=\"?lang={{OTHER_LANG}}\" hreflang=\"{{OTHER_LANG}}\">{{OTHER_LANG_NAME}}</a>" \
  "</nav></header>\n<main>\n<h1>{{TITLE}}</h1>\n"
#define PATUH_FOOT "</main>\n<footer>{{NOT_OFFICIAL}} · {{AS_OF}}</footer>\n</body>\n</html>\n"
#define PATUH_AGENCY                                                              \
  "{{#OWNER}}<a href=\"/agencies/{{CODE}}?lang={{LANG}}\">{{NAME}}</a>{{/OWNER}}" \
  "{{#OWNERLESS}}<em>{{TEXT}}</em>{{/OWNERLESS}}"

namespace patuh::api {

const html::Template kSummaryPage = {
    "summary", PATUH_HEAD
    "{{#TROUBLE}}<p class=\"alarm\">⚠ {{TEXT}}</p>\n{{/TROUBLE}}"
    "<dl class=\"figures\">\n{{#FIGURE}}<div><dt>{{NAME}}</dt><dd>{{VALUE}}</dd></div>\n{{/FIGURE}}"
    "</dl>\n"
    "<table><caption>{{BY_SEVERITY}}</caption>\n<thead><tr><th scope=\"col\">{{H_SEVERITY}}</th>"
    "<th scope=\"col\">{{H_OPEN}}</th><th scope=\"col\">{{H_OVERDUE}}</th></tr></thead>\n<tbody>\n"
    "{{#SEVERITY}}<tr><th scope=\"row\" class=\"{{CLASS}}\">{{NAME}}</th><td>{{OPEN}}</td>"
    "<td>{{OVERDUE}}</td></tr>\n{{/SEVERITY}}</tbody></table>\n"
    "<section><h2>{{YEAR_END}}</h2><p>{{YEAR_END_TEXT}}</p></section>\n"
    "<table><caption>{{AGENCIES}}</caption>\n<thead><tr><th scope=\"col\">{{H_AGENCY}}</th>"
    "<th scope=\"col\">{{H_OPEN}}</th><th scope=\"col\">{{H_OVERDUE}}</th>"
    "<th scope=\"col\">{{H_SCORE}}</th><th "
    "scope=\"col\">{{H_COVERAGE}}</th></tr></thead>\n<tbody>\n"
    "{{#AGENCY}}<tr><th scope=\"row\">" PATUH_AGENCY
    "{{#SILENT}} <em>{{TEXT}}</em>{{/SILENT}}"
    "{{#PENDING}} <em>{{COUNT}} {{TEXT}}</em>{{/PENDING}}</th><td>{{OPEN}}</td><td>{{OVERDUE}}</td>"
    "<td>{{SCORE}}</td><td>{{COVERAGE}}</td></tr>\n{{/AGENCY}}</tbody></table>\n" PATUH_FOOT};

const html::Template kAgencyPage = {
    "agency", PATUH_HEAD
    "<p>{{INTRO}}</p>\n"
    "{{#NOTHING}}<p class=\"good\">✓ {{TEXT}}</p>\n{{/NOTHING}}"
    "<ol class=\"owed\">\n{{#ITEM}}<li>\n"
    "<h2><span class=\"{{CLASS}}\">{{SEVERITY}}</span> {{MESSAGE}}</h2>\n"
    "<p>{{REMEDY}}</p>\n<p class=\"facts\"><a href=\"{{ELEMENT_LINK}}\">{{ELEMENT}}</a> · "
    "<a href=\"{{VERDICT_LINK}}\">{{RULE}}</a> · {{STATE}} · {{SINCE}} · <strong>{{DUE}}</strong>"
    "</p>\n</li>\n{{/ITEM}}</ol>\n" PATUH_FOOT};

const html::Template kVerdictPage = {
    "verdict", PATUH_HEAD
    "<p><span class=\"{{CLASS}}\">{{SEVERITY}}</span> <strong>{{DUE}}</strong></p>\n"
    "<pre class=\"why\">{{#LINE}}{{TEXT}}\n{{/LINE}}</pre>\n"
    "<section><h2>{{H_REMEDY}}</h2><p>{{REMEDY}}</p></section>\n"
    "<p><a href=\"{{ELEMENT_LINK}}\">{{ELEMENT}}</a></p>\n"
    "<section><h2>{{H_RULE}}</h2>{{#WHEN}}<p>when <code>{{TEXT}}</code></p>{{/WHEN}}"
    "<p>require <code>{{REQUIRE}}</code></p></section>\n"
    "<section><h2>{{H_BASIS}}</h2><ul>{{#BASIS}}<li>{{TEXT}}</li>{{/BASIS}}</ul>"
    "<p>{{CONFIRMED}}</p></section>\n"
    "<details><summary>{{H_MORE}}</summary>\n"
    "<table><caption>{{H_STEPS}}</caption><thead><tr><th scope=\"col\">{{H_STEP}}</th>"
    "<th scope=\"col\">{{H_VALUE}}</th><th scope=\"col\">{{H_PLACE}}</th></tr></thead>\n<tbody>\n"
    "{{#STEP}}<tr><td><code>{{TEXT}}</code></td><td>{{VALUE}}</td><td>{{PLACE}}</td></tr>\n"
    "{{/STEP}}</tbody></table>\n"
    "<table><caption>{{H_FACTS}}</caption><thead><tr><th scope=\"col\">{{H_ELEMENT}}</th>"
    "<th scope=\"col\">{{H_FIELD}}</th><th scope=\"col\">{{H_VALUE}}</th></tr></thead>\n<tbody>\n"
    "{{#FACT}}<tr><td>{{ELEMENT}}</td><td>{{FIELD}}</td><td><code>{{VALUE}}</code></td></tr>\n"
    "{{/FACT}}</tbody></table>\n</details>\n" PATUH_FOOT};

const html::Template kElementPage = {
    "element", PATUH_HEAD
    "<p>{{KIND}} · " PATUH_AGENCY
    "{{#STUB}} · <em>{{TEXT}}</em>{{/STUB}}</p>\n"
    "<table><caption>{{H_VERDICTS}}</caption><thead><tr><th scope=\"col\">{{H_SEVERITY}}</th>"
    "<th scope=\"col\">{{H_STATE}}</th><th scope=\"col\">{{H_RULE}}</th>"
    "<th scope=\"col\">{{H_TITLE}}</th></tr></thead>\n<tbody>\n{{#VERDICT}}<tr><td "
    "class=\"{{CLASS}}\">"
    "{{SEVERITY}}</td><td>{{STATE}}</td><td><a href=\"{{LINK}}\">{{RULE}}</a></td>"
    "<td>{{TITLE_TEXT}}</td></tr>\n{{/VERDICT}}</tbody></table>\n"
    "<table><caption>{{H_ATTRIBUTES}}</caption><tbody>\n{{#VALUE}}<tr><th scope=\"row\">{{NAME}}"
    "</th><td><code>{{TEXT}}</code></td><td>{{WRITER}}</td></tr>\n{{/VALUE}}</tbody></table>\n"
    "<table><caption>{{H_RELATIONS}}</caption><tbody>\n{{#RELATION}}<tr><th scope=\"row\">{{NAME}}"
    "</th><td>{{#END}}<a href=\"{{LINK}}\">{{TEXT}}</a> {{/END}}"
    "{{#GONE}}{{TEXT}} <em>{{WHY}}</em> {{/GONE}}</td></tr>\n{{/RELATION}}"
    "</tbody></table>\n" PATUH_FOOT};

const std::string_view kIcon =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 16 16\">"
    "<rect width=\"16\" height=\"16\" rx=\"3\" fill=\"#0b5\"/>"
    "<path d=\"M4 8.5l3 3 5-7\" fill=\"none\" stroke=\"#fff\" stroke-width=\"2\"/></svg>\n";

const std::string_view kStyle =
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;color:#1b1b1b;background:#fff}\n"
    "header,main,footer{max-width:62rem;margin:0 auto;padding:.5rem 1rem}\n"
    "header{display:flex;justify-content:space-between;border-bottom:1px solid #ccc}\n"
    ".brand{font-weight:700;text-decoration:none;color:#0b3d66}\na{color:#0b4f8a}\n"
    "table{border-collapse:collapse;width:100%;margin:1.5rem 0}\n"
    "caption{text-align:left;font-weight:600;padding:.3rem 0}\n"
    "th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ddd;vertical-align:top}\n"
    ".figures{display:flex;flex-wrap:wrap;gap:1rem}.figures div{min-width:9rem}\n"
    "dt{color:#555}dd{margin:0;font-size:1.5rem;font-weight:600}\n"
    ".critical,.high,.medium,.low{padding:.1rem .4rem;border:1px solid;border-radius:.2rem;"
    "font-size:.85rem;font-weight:600}\n"
    ".critical{color:#8c1010}.high{color:#8a4b00}.medium{color:#5f5600}.low{color:#3d4a57}\n"
    ".alarm{border:2px solid #8c1010;padding:.5rem}.owed li{margin:0 0 1.2rem}\n"
    ".owed h2{font-size:1rem;margin:0}.facts{color:#444;font-size:.9rem}\n"
    ".why{font:inherit;white-space:pre-wrap;overflow-wrap:anywhere}summary{cursor:pointer}\n"
    "code{overflow-wrap:anywhere}footer{color:#555;font-size:.85rem;border-top:1px solid #ccc}\n"
    "@media(max-width:40rem){table{font-size:.9rem}th,td{padding:.25rem .3rem}}\n";

}  // namespace patuh::api

#undef PATUH_HEAD
#undef PATUH_FOOT
