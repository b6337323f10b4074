#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "json/json.h"
#include "tools/offline.h"
#include "tools/online.h"

namespace patuh::tools {
namespace {

std::string position_text(const model::Position& position) {
  std::string out = position.channel;
  if (!position.topic.empty()) out += ":" + position.topic;
  if (position.channel == "kafka") out += "/" + std::to_string(position.partition);
  if (position.channel != "http") out += "@" + std::to_string(position.offset);
  return out;
}

int print_result(std::uint64_t id, std::string_view result, std::string_view reason,
                 std::string_view message) {
  std::printf("%llu  %.*s%s%.*s%s%.*s\n", static_cast<unsigned long long>(id),
              static_cast<int>(result.size()), result.data(), reason.empty() ? "" : ": ",
              static_cast<int>(reason.size()), reason.data(), message.empty() ? "" : "  ",
              static_cast<int>(message.size()), message.data());
  return result == "refused" || result == "set_aside" ? kFinding : kDone;
}

std::string_view text_of(const json::Node& object, std::string_view key) {
  const json::Node* const node = object.find(key);
  return node != nullptr && node->is(json::Of::kString) ? node->string() : std::string_view();
}

int print_answer(const std::string& body) {
  const auto answer = json::parse(body, {});
  const json::Node* const results = answer ? answer->root().find("results") : nullptr;
  if (results == nullptr || !results->is(json::Of::kArray)) {
    return complain({base::Code::kUnavailable, "the daemon's answer is not understood: " + body});
  }
  int status = kDone;
  for (const json::Node& each : results->items()) {
    const json::Node* const id = each.find("id");
    const bool numbered = id != nullptr && id->is(json::Of::kInt);
    status = std::max(status, print_result(numbered ? static_cast<std::uint64_t>(id->integer()) : 0,
                                           text_of(each, "result"), text_of(each, "reason"),
                                           text_of(each, "message")));
  }
  return status;
}

int redrive_by(const Place& place, const std::vector<std::uint64_t>& ids,
               const std::string& reason) {
  std::string list;
  for (const std::uint64_t id : ids) list += (list.empty() ? "" : ",") + std::to_string(id);
  const auto answer = ask(place, "POST", "/-/quarantine/redrive",
                          {{"ids", list}, {"by", principal()}, {"reason", reason}});
  return answer ? print_answer(*answer) : complain(answer.error());
}

int redrive_in(const Place& place, const std::vector<std::uint64_t>& numbers,
               const std::string& reason) {
  Opened opened = open_existing(place);
  if (opened.status != kDone) return opened.status;
  std::vector<store::QuarantineId> ids;
  for (const std::uint64_t number : numbers) ids.emplace_back(number);
  decode::Limits limits;
  limits.event_bytes_max = static_cast<std::size_t>(opened.config.pipeline_max_event_bytes);
  opened.pipeline->start();
  const auto results = opened.pipeline->redrive(ids, {principal(), reason}, limits);
  opened.pipeline->stop();
  if (!results) return complain(results.error());
  int status = kDone;
  for (const pipeline::Redriven& each : *results) {
    const bool refused = !each.refusal.empty();
    status = std::max(
        status,
        print_result(each.id.value, refused ? "refused" : decode::name_of(each.receipt.taken),
                     each.receipt.reason, refused ? each.refusal : each.receipt.message));
  }
  return status;
}

}  // namespace

int quarantine_list(const Place& place, const std::string& reason, const std::string& at,
                    Format format) {
  base::Result<base::Instant> until = base::kNever;
  if (!at.empty()) until = base::from_rfc3339(at);
  if (!until) return complain(base::fail(until, "--at").error());
  OpenedReader opened = open_reader(place);
  if (opened.status != kDone) return opened.status;
  store::QuarantineFilter filter;
  filter.reason = reason;
  Table table({"id", "at", "reason", "position", "source", "event", "bytes", "redriven", "by",
               "result", "message"});
  while (true) {
    const auto rows = opened.reader->quarantine(filter);
    if (!rows) return complain(rows.error());
    for (const store::QuarantineRow& row : *rows) {
      if (row.at > *until) continue;
      table.add({std::to_string(row.id.value), base::to_rfc3339(row.at), row.input.reason,
                 position_text(row.input.position), row.input.source, row.input.id,
                 std::to_string(row.input.size),
                 row.redriven ? base::to_rfc3339(*row.redriven) : "", row.redriven_by,
                 row.redriven_result, row.input.message});
    }
    if (!rows->empty()) filter.after = rows->back().id;
    if (rows->size() < filter.limit) break;
  }
  std::fputs(table.render(format).c_str(), stdout);
  return kDone;
}

int quarantine_show(const Place& place, std::uint64_t id) {
  OpenedReader opened = open_reader(place);
  if (opened.status != kDone) return opened.status;
  const auto row = opened.reader->quarantined(store::QuarantineId(id));
  if (!row) return complain(row.error());
  if (!*row) return complain({base::Code::kNotFound, "nothing is set aside under this number"});
  const store::Quarantined& input = (*row)->input;
  std::printf(
      "reason    %s\nmessage   %s\nat        %s\nposition  %s\nsource    %s\nevent     %s\n",
      input.reason.c_str(), printable(input.message).c_str(), base::to_rfc3339((*row)->at).c_str(),
      printable(position_text(input.position)).c_str(), printable(input.source).c_str(),
      printable(input.id).c_str());
  std::printf("size      %llu\nsha256    %s\n\n", static_cast<unsigned long long>(input.size),
              base::to_hex(input.sha256).c_str());
  // A file gets them as they came.
  const std::string shown = ::isatty(STDOUT_FILENO) == 1 ? printable(input.bytes) : input.bytes;
  std::fwrite(shown.data(), 1, shown.size(), stdout);
  std::fputs("\n", stdout);
  return kDone;
}

int quarantine_redrive(const Place& place, const std::vector<std::uint64_t>& ids,
                       const std::string& reason) {
  return place.url.empty() ? redrive_in(place, ids, reason) : redrive_by(place, ids, reason);
}

}  // namespace patuh::tools
