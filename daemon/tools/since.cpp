#include <cstdio>

#include "reports/reports.h"
#include "tools/offline.h"

namespace patuh::tools {
namespace {

base::Result<base::Instant> instant_of(const char* option, const std::string& text) {
  auto instant = base::from_rfc3339(text);
  if (!instant) return base::fail(instant, option);
  return instant;
}

}  // namespace

int since(const Place& place, const SinceOptions& options, Format format) {
  const auto from = instant_of("--from", options.from);
  if (!from) return complain(from.error());
  base::Result<base::Instant> to = base::kNever;
  if (!options.to.empty()) to = instant_of("--to", options.to);
  if (!to) return complain(to.error());
  OpenedReader opened = open_reader(place);
  if (opened.status != kDone) return opened.status;
  const auto changes = reports::changes_between(*opened.reader, *from, *to, options.agency);
  if (!changes) return complain(changes.error());
  Table table({"agency", "turn", "severity", "rule", "element", "since", "recorded"});
  bool is_finding = false;
  for (const reports::Changed& one : *changes) {
    is_finding =
        is_finding || one.turn == reports::Turn::kNew || one.turn == reports::Turn::kReopened;
    table.add({one.agency, std::string(reports::name_of(one.turn)),
               std::string(model::name_of(one.severity)), one.rule, one.element.text(),
               base::to_rfc3339(one.since), base::to_rfc3339(one.recorded)});
  }
  std::fputs(table.render(format).c_str(), stdout);
  return is_finding ? kFinding : kDone;
}

}  // namespace patuh::tools
