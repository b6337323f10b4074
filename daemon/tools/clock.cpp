// The clock of a store: where it stands, a leap taken for right, event clock ended.
#include <cstdio>

#include "tools/offline.h"
#include "tools/online.h"

namespace patuh::tools {
int clock_show(const Place& place) {
  if (!place.url.empty()) return print(ask(place, "GET", "/-/clock", {}));
  OpenedReader opened = open_reader(place);
  if (opened.status != kDone) return opened.status;
  const auto tail = opened.reader->tail();
  if (!tail) return complain(tail.error());
  if (tail->seq.value == 0) {
    std::puts("the log is empty");
    return kDone;
  }
  const base::Instant wall = base::system_clock().now();
  std::printf(
      "now   %s (record %llu)\nwall  %s%s\n", base::to_rfc3339(tail->now).c_str(),
      static_cast<unsigned long long>(tail->seq.value), base::to_rfc3339(wall).c_str(),
      wall < tail->now ? ", behind: the log's time holds until the wall clock is there" : "");
  return kDone;
}

int clock_wall(const Place& place, const std::string& reason) {
  if (!place.url.empty()) {
    return print(ask(place, "POST", "/-/clock/wall", {{"by", principal()}, {"reason", reason}}));
  }
  Opened opened = open_existing(place);
  if (opened.status != kDone) return opened.status;
  opened.pipeline->start();
  const auto status = opened.pipeline->clock_wall({"clock", principal(), reason, "wall"});
  opened.pipeline->stop();
  if (!status) return refuse(status.error());
  std::puts("the store runs on wall time from now on");
  return kDone;
}

int clock_accept(const Place& place, const std::string& reason) {
  if (!place.url.empty()) {
    return print(ask(place, "POST", "/-/clock/accept", {{"by", principal()}, {"reason", reason}}));
  }
  // Only a daemon that runs sees a leap; one that starts has nothing to compare with.
  OpenedReader opened = open_reader(place);
  if (opened.status != kDone) return opened.status;
  return refuse({base::Code::kConflict,
                 "only a running daemon waits for this: give its --url. One that starts takes "
                 "the wall clock as it is"});
}

}  // namespace patuh::tools
