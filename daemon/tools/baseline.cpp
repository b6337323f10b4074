// The baseline of a neglected estate: drawn, lifted, shown.
#include <cstdio>

#include "tools/offline.h"
#include "tools/online.h"

namespace patuh::tools {
namespace {

// Asked of the daemon under `path`, or written into the folder's log.
int act(const Place& place, const std::string& path, pipeline::Action action, const char* good) {
  if (!place.url.empty()) {
    return print(ask(place, "POST", path, {{"by", action.principal}, {"reason", action.reason}}));
  }
  Opened opened = open_existing(place);
  if (opened.status != kDone) return opened.status;
  opened.pipeline->start();
  const auto status = opened.pipeline->baseline(std::move(action));
  opened.pipeline->stop();
  if (!status) return refuse(status.error());
  std::puts(good);
  return kDone;
}

}  // namespace

int baseline_show(const Place& place) {
  if (!place.url.empty()) return print(ask(place, "GET", "/-/baseline", {}));
  OpenedReader opened = open_reader(place);
  if (opened.status != kDone) return opened.status;
  const auto tail = opened.reader->tail();
  if (!tail) return complain(tail.error());
  if (tail->seq.value == 0) {
    std::puts("no baseline stands: the log is empty");
    return kDone;
  }
  pipeline::Books books;
  const auto view = pipeline::Past(*opened.reader, books).view(tail->now);
  if (!view) return complain(view.error());
  if (view->baseline == base::Instant::min()) {
    std::puts("no baseline stands");
    return kDone;
  }
  model::Tally all;
  for (const auto& [code, domains] : view->tallies.agencies) {
    for (const auto& [domain, tally] : domains) all += tally;
  }
  std::printf("baseline   %s\ninherited  %lld of %lld open violations\n",
              base::to_rfc3339(view->baseline).c_str(),
              static_cast<long long>(model::total(all.inherited)),
              static_cast<long long>(model::total(all.violating)));
  return kDone;
}

int baseline_draw(const Place& place, const std::string& reason) {
  return act(place, "/-/baseline", {"baseline", principal(), reason, std::string(pipeline::kDraw)},
             "what violates by now is inherited");
}

int baseline_lift(const Place& place, const std::string& reason) {
  return act(place, "/-/baseline/lift", {"baseline", principal(), reason, "lift"},
             "nothing is inherited any more");
}

}  // namespace patuh::tools
