// Reading commands: asked of a running daemon, or of a data folder; now or as of an instant.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <map>

#include "api/api.h"
#include "json/json.h"
#include "tools/offline.h"
#include "tools/online.h"

namespace patuh::tools {
namespace {

using json::Node;
using json::Of;

base::Result<std::string> from_daemon(const Place& place, const Reading& reading) {
  Query query;
  for (const auto& [name, value] : reading.query) query.emplace_back(name, value);
  if (!reading.at.empty()) query.emplace_back("at", reading.at);
  return ask(place, "GET", base::percent_encoded(reading.path, "/"), query);
}

base::Result<std::string> from_folder(const Place& place, const Reading& reading) {
  auto reader = reader_of(place);
  if (!reader) return std::unexpected(reader.error());
  base::Result<base::Instant> at = base::Instant{};
  if (reading.at.empty()) {
    const auto tail = (*reader)->tail();
    if (!tail) return std::unexpected(tail.error());
    at = tail->now;
  } else {
    at = base::from_rfc3339(reading.at);
    if (!at) return base::fail(at, "--at");
  }
  auto answer =
      api::answer_as_of(**reader, *at, base::percent_encoded(reading.path, "/"), reading.query);
  if (answer.status == 200) return std::move(answer.body);
  const bool is_input = answer.status >= 400 && answer.status < 500;
  std::string message = detail_of(answer.body);
  if (answer.status == 410) message += "; `patuhctl state --at` may reach further back";
  return base::fail(is_input ? base::Code::kNotFound : base::Code::kInternal, message);
}

std::string text_of(const Node& node) {
  switch (node.of()) {
    case Of::kNull:
      return {};
    case Of::kBool:
      return node.boolean() ? "true" : "false";
    case Of::kInt:
      return std::to_string(node.integer());
    case Of::kUint:
      return std::to_string(node.unsigned_integer());
    case Of::kDouble:
      return json::Writer().number(node.number()).take();
    case Of::kString:
      return std::string(node.string());
    default:
      return std::string(node.raw());
  }
}

// Members of an object by their names, those of objects within it by both names.
using Cells = std::vector<std::pair<std::string, std::string>>;
void add_cells(const Node& object, const std::string& before, Cells& out) {
  for (const json::Member& member : object.members()) {
    const std::string name = before + std::string(member.key);
    if (member.value.is(Of::kObject)) {
      add_cells(member.value, name + ".", out);
    } else {
      out.emplace_back(name, text_of(member.value));
    }
  }
}

// What each item of a list has: an empty one shows its columns too, and they keep their order.
std::vector<std::string> columns_of(const std::string& list) {
  if (list == "items") {
    return {"rule",       "element",  "name",     "agency",    "domain",    "state",
            "severity",   "since",    "due",      "overdue",   "inherited", "pending",
            "occurrence", "title.id", "title.en", "remedy.id", "remedy.en"};
  }
  if (list == "rules") {
    return {"rule",          "kind",     "severity", "mode",      "owner",
            "grace_seconds", "title.id", "title.en", "violations"};
  }
  PATUH_ASSERT(list == "agencies");
  std::vector<std::string> out = {"agency", "name", "reporting", "pending", "score", "coverage"};
  for (const char* const count :
       {"compliant", "violations", "overdue", "inherited", "undetermined", "waived"}) {
    for (const model::Severity severity : model::kSeverities) {
      out.push_back(std::string(count) + "." + std::string(model::name_of(severity)));
    }
  }
  return out;
}

// A list is a row an item; anything else a row a member.
std::string table_of(const Node& root, const std::string& list, Format format) {
  const Node* const items = list.empty() ? nullptr : root.find(list);
  if (items == nullptr) {
    Cells cells;
    add_cells(root, "", cells);
    Table table({"name", "value"});
    for (const auto& [name, value] : cells) table.add({name, value});
    return table.render(format);
  }
  std::vector<std::string> names = columns_of(list);
  std::vector<std::map<std::string, std::string>> rows;
  for (const Node& item : items->items()) {
    Cells cells;
    add_cells(item, "", cells);
    for (const auto& [name, value] : cells) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    rows.emplace_back(cells.begin(), cells.end());
  }
  Table table(names);
  for (auto& row : rows) {
    std::vector<std::string> cells;
    for (const std::string& name : names) cells.push_back(row[name]);
    table.add(std::move(cells));
  }
  return table.render(format);
}

// Kept from looking like the whole list.
int status_of_page(const Node& root, const Reading& reading) {
  const Node* const next = root.find("next_cursor");
  if (reading.list.empty() || next == nullptr || !next->is(Of::kString)) return kDone;
  std::fprintf(stderr, "patuhctl: there is more; --limit N shows up to 1000, --cursor %s goes on\n",
               std::string(next->string()).c_str());
  return kUndetermined;
}

}  // namespace

int read(const Place& place, const Reading& reading, Format format) {
  const auto body = place.url.empty() ? from_folder(place, reading) : from_daemon(place, reading);
  if (!body) return complain(body.error());
  const auto document = json::parse(*body, {});
  if (!document || !document->root().is(Of::kObject)) {
    return complain({base::Code::kUnavailable, "the answer is not Patuh's: " + *body});
  }
  if (format == Format::kJson) {
    std::printf("%s\n", body->c_str());
  } else {
    std::fputs(table_of(document->root(), reading.list, format).c_str(), stdout);
  }
  return status_of_page(document->root(), reading);
}

}  // namespace patuh::tools
