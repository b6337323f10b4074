#include <cstdio>
#include <thread>

#include "collectors/file/file.h"
#include "text/text.h"
#include "tools/offline.h"
#include "tools/sample/sample.h"

namespace patuh::tools {
namespace {

base::Result<sample::Options> wanted_of(const SampleOptions& options) {
  const auto until = text::parse_day(options.until);
  if (!until) return base::fail(until, "--until");
  return sample::Options{.seed = options.seed,
                         .agencies = options.agencies,
                         .elements = options.elements,
                         .months = options.months,
                         .until = *until,
                         .out = options.out};
}

}  // namespace

int sample(const SampleOptions& options) {
  const auto wanted = wanted_of(options);
  if (!wanted) return complain(wanted.error());
  ProgressLine line("making the sample");
  const auto written = sample::generate(*wanted, [&](const sample::Progress& done) {
    line.show(done.events_written, done.events_total);
  });
  if (!written) return complain(written.error());
  std::printf("%s: %llu events on %llu elements, %s to %s\n", written->events.c_str(),
              static_cast<unsigned long long>(written->count),
              static_cast<unsigned long long>(written->elements),
              base::to_rfc3339(written->first).c_str(), base::to_rfc3339(written->last).c_str());
  return kDone;
}

int sample_live(const SampleOptions& options, std::uint64_t count,
                std::chrono::milliseconds every) {
  const auto wanted = wanted_of(options);
  if (!wanted) return complain(wanted.error());
  sample::Live live(*wanted);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i > 0) std::this_thread::sleep_for(every);
    std::puts(live.next(base::system_clock().now()).c_str());
    // Whoever reads the other end of a pipe wants each event as it comes; its end is ours.
    if (std::fflush(stdout) != 0) return kDone;
  }
  return kDone;
}

int sample_deployment(std::uint64_t seed, std::uint64_t n, bool heal) {
  const base::Instant now = base::system_clock().now();
  if (!heal) {
    std::puts(sample::bad_deployment(seed, n, now).c_str());
    return kDone;
  }
  for (const std::string& event : sample::healing_events(seed, n, now)) std::puts(event.c_str());
  return kDone;
}

int import_file(const Place& place, const std::string& file, bool event_clock) {
  Opened opened =
      open_pipeline(place, event_clock ? pipeline::ClockMode::kEvent : pipeline::ClockMode::kWall);
  if (opened.status != kDone) return opened.status;
  const auto identity = file::identity_of(file);
  if (!identity) return complain(identity.error());
  opened.pipeline->start();
  ProgressLine line("importing");
  file::FeedOptions feed;
  feed.first_line = opened.pipeline->next_offset("file", *identity, 0).value_or(1);
  feed.limits.event_bytes_max = static_cast<std::size_t>(opened.config.pipeline_max_event_bytes);
  feed.schema = [&] { return opened.pipeline->view()->book->schema; };
  feed.progress = [&](const file::Progress& done) {
    line.show(done.bytes, done.bytes_all, std::to_string(done.lines) + " events");
  };
  const auto done = file::feed(file, opened.pipeline->intake(), feed);
  opened.pipeline->stop();
  if (!done) return complain(done.error());
  std::printf("%llu events taken, %llu of them set aside\n",
              static_cast<unsigned long long>(done->lines),
              static_cast<unsigned long long>(done->set_aside));
  return done->set_aside == 0 ? kDone : kFinding;
}

int config_docs() {
  std::fputs(config::reference().c_str(), stdout);
  return kDone;
}

}  // namespace patuh::tools
