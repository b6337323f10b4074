#include "estate.h"

#include <charconv>
#include <iostream>

#include "collectors/decode/decode.h"
#include "random_events.h"
#include "random_pack.h"

namespace patuh::engine::naive {

using std::chrono::hours;

namespace {

std::set<base::Duration> spans_of_cases() {
  std::set<base::Duration> out = spans();
  out.insert({hours(24 * 7), hours(24 * 30)});
  return out;
}

base::Duration span_of(std::string_view text) {
  std::int64_t count = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), count).ptr;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit == "d") return hours(24 * count);
  if (unit == "h") return hours(count);
  if (unit == "s") return std::chrono::seconds(count);
  PATUH_ASSERT(unit == "us");
  return base::Duration(count);
}

}  // namespace

std::shared_ptr<const rulebook::RuleBook> load_book(const std::string& schema,
                                                    const std::string& rules) {
  const std::vector<rulebook::PackFile> files = {{"0:schema.toml", schema},
                                                 {"0:rules.toml", rules}};
  auto book = rulebook::load(files);
  if (!book) std::cerr << book.error().render();
  PATUH_ASSERT(book.has_value());
  return *book;
}

std::string common_schema() {
  return R"toml(
[pack]
id = "kasus"
version = "1"
time_zone = "Asia/Jakarta"
title.id = "Kasus"
title.en = "Cases"
[domains]
apps.title.id = "Aplikasi"
apps.title.en = "Applications"
parts.title.id = "Bagian"
parts.title.en = "Parts"

[kinds.dinas]
title.id = "Dinas"
title.en = "Agencies"
[kinds.dinas.attributes]
code = { type = "string" }
whole = { type = "bool" }

[kinds.app]
title.id = "Aplikasi"
title.en = "Applications"
domain = "apps"
name = "name"
[kinds.app.attributes]
name = { type = "string" }
status = { type = "enum", values = ["plan", "live"], default = "plan" }
note = { type = "string" }
url = { type = "string", index = true }
public = { type = "bool" }
users = { type = "int" }
until = { type = "timestamp" }
deadline = { type = "deadline" }
checked = { type = "timestamp", telemetry = true }
parts_open = { type = "int", derive = "count(referrers(self, 'part', 'app').filter(p, p.open))" }
last_check = { type = "timestamp", derive = "latest(referrers(self, 'part', 'app'), 'when').when" }
[kinds.app.relations]
owner = { to = "dinas", agency = true }
base = { to = "app" }
uses = { to = "part", many = true, max = 3 }

[kinds.part]
title.id = "Bagian"
title.en = "Parts"
domain = "parts"
[kinds.part.attributes]
open = { type = "bool" }
size = { type = "int" }
when = { type = "timestamp" }
[kinds.part.relations]
owner = { to = "dinas", agency = true }
app = { to = "app" }

[kinds.waiver]
title.id = "Pengecualian"
title.en = "Waivers"
[kinds.waiver.attributes]
rule = { type = "string" }
from = { type = "timestamp" }
until = { type = "deadline" }
status = { type = "enum", values = ["asked", "granted", "revoked"] }
unless = { type = "text" }
[kinds.waiver.relations]
about = { to = "*", many = true }

[kinds.source]
title.id = "Sumber"
title.en = "Sources"
[kinds.source.attributes]
heard = { type = "timestamp", telemetry = true }
[kinds.source.relations]
owner = { to = "dinas", agency = true }

[kinds.release]
title.id = "Penerapan"
title.en = "Deployments"
domain = "apps"
[kinds.release.attributes]
number = { type = "string" }
place = { type = "string" }
done = { type = "timestamp" }
[kinds.release.relations]
app = { to = "app" }

[roles.agency]
kind = "dinas"
code = "code"
whole = "whole"
[roles.source]
kind = "source"
last_heard = "heard"
[roles.waiver]
kind = "waiver"
about = "about"
rule = "rule"
from = "from"
until = "until"
status = "status"
condition = "unless"
granted = "granted"
revoked = "revoked"
[roles.deployment]
kind = "release"
of = "app"
environment = "place"
occurrence = "number"
at = "done"
stub = { status = "live" }
)toml";
}

std::string rule(const std::string& id, const std::string& kind, const std::string& rest) {
  std::string out = "\n[[rule]]\nid = \"" + id + "\"\nkind = \"" + kind + "\"\n" + rest + "\n";
  if (rest.find("severity") == std::string::npos) out += "severity = \"high\"\n";
  if (rest.find("message") == std::string::npos) {
    out += "message.id = \"{self.id} melanggar\"\nmessage.en = \"{self.id} violates\"\n";
  }
  return out + "title.id = \"Judul " + id + "\"\ntitle.en = \"Title " + id +
         "\"\nremedy.id = \"Perbaiki.\"\nremedy.en = \"Mend it.\"\n";
}

Estate::Estate(const std::string& rules, const std::string& schema)
    : both_(load_book(schema, rules), spans_of_cases()), now_(kBeginning) {}

Estate& Estate::at(std::string_view time) {
  now_ = time.starts_with('+') ? now_ + span_of(time.substr(1)) : *base::from_rfc3339(time);
  return *this;
}

Estate& Estate::from(const std::string& source) {
  source_ = source;
  return *this;
}

Estate& Estate::upsert(const std::string& subject, const std::string& data) {
  return send(model::Operation::kUpsert, subject, data);
}
Estate& Estate::patch(const std::string& subject, const std::string& data) {
  return send(model::Operation::kPatch, subject, data);
}
Estate& Estate::remove(const std::string& subject) {
  return send(model::Operation::kRemove, subject, "");
}

Estate& Estate::send(model::Operation operation, const std::string& subject,
                     const std::string& data) {
  ++sent_;
  const model::Envelope envelope{.type = std::string(model::name_of(operation)),
                                 .source = source_,
                                 .id = "event-" + std::to_string(sent_),
                                 .time = now_,
                                 .version = sent_,
                                 .subject = subject,
                                 .data = data,
                                 .position = {}};
  const auto event = decode::interpret(envelope, *both_.engine().book().schema);
  if (!event) ADD_FAILURE() << event.error().message;
  if (event) check(both_.apply(now_, *event), subject + " " + data);
  return *this;
}

Estate& Estate::pass() {
  check(both_.advance(now_), "pass");
  return *this;
}

Estate& Estate::activate(const std::string& rules, const std::string& schema) {
  check(both_.activate(now_, load_book(schema, rules), spans_of_cases()), "activate");
  return *this;
}

void Estate::check(const std::string& difference, const std::string& what) {
  EXPECT_EQ(difference, "") << base::to_rfc3339(now_) << " " << what;
  judged_ = both_.judged();
}

model::ElementRef Estate::find(const std::string& element) const {
  const auto key = model::element_key_of(element);
  const registry::Registry& registry = both_.engine().registry();
  const auto found = registry.find(*registry.schema().kind_of(key->kind), key->id);
  PATUH_ASSERT(found.has_value());
  return *found;
}

std::string Estate::state(const std::string& rule, const std::string& element) const {
  const auto key = model::element_key_of(element);
  const Engine& engine = both_.engine();
  const auto found =
      engine.registry().find(*engine.registry().schema().kind_of(key->kind), key->id);
  if (!found) return "-";
  const auto verdict = engine.verdict(engine.book().rule(rule)->number, *found);
  return verdict ? std::string(model::name_of(verdict->state)) : "-";
}

Verdict Estate::verdict(const std::string& rule, const std::string& element) const {
  const Engine& engine = both_.engine();
  const auto verdict = engine.verdict(engine.book().rule(rule)->number, find(element));
  PATUH_ASSERT(verdict.has_value());
  return *verdict;
}

Explanation Estate::explain(const std::string& rule, const std::string& element) const {
  const Engine& engine = both_.engine();
  const auto found = engine.explain(engine.book().rule(rule)->number, find(element));
  PATUH_ASSERT(found.has_value());
  return *found;
}

}  // namespace patuh::engine::naive
