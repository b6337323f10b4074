#include "tools/offline.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>

namespace patuh::tools {
namespace {

using Steady = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kTerminalEvery{100};
constexpr std::chrono::seconds kLineEvery{5};

}  // namespace

ProgressLine::ProgressLine(std::string what)
    : what_(std::move(what)), terminal_(::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (shown_ && terminal_) std::fputs("\n", stderr);
}

void ProgressLine::show(std::uint64_t done, std::uint64_t all, const std::string& more) {
  const auto now = Steady::now();
  const bool last = done == all;
  if (!last &&
      now - last_ < (terminal_ ? Steady::duration(kTerminalEvery) : Steady::duration(kLineEvery))) {
    return;
  }
  last_ = now;
  shown_ = true;
  const std::uint64_t percent = all == 0 ? 100 : done * 100 / all;
  std::fprintf(stderr, "%s%s %3llu %% %s%s", terminal_ ? "\r" : "", what_.c_str(),
               static_cast<unsigned long long>(percent), more.c_str(), terminal_ ? "" : "\n");
}

base::Result<std::unique_ptr<store::Store>> open_store(const Place& place) {
  ProgressLine progress("bringing an older store forward");
  store::Options options;
  options.upgrading = [&](std::uint64_t done, std::uint64_t all) { progress.show(done, all); };
  return store::Store::open(place.data_dir, options);
}

Opened open_pipeline(const Place& place, pipeline::ClockMode clock) {
  Opened out;
  config::Input input;
  if (!place.config_file.empty()) input.file = place.config_file;
  input.sets = place.sets;
  auto config = config::load(input);
  if (!config) {
    out.status = complain(config.error());
    return out;
  }
  out.config = std::move(*config);
  std::vector<std::filesystem::path> layers = {out.config.rules_pack};
  std::error_code error;
  const auto site = std::filesystem::status(out.config.rules_site, error);
  if (site.type() != std::filesystem::file_type::not_found) {
    layers.emplace_back(out.config.rules_site);
  }
  auto book = rulebook::load(layers);
  if (!book) {
    out.status = complain(book.error());
    return out;
  }
  out.book = *book;
  auto store = open_store(place);
  if (!store) {
    out.status = complain(store.error());
    return out;
  }
  pipeline::Options options;
  options.clock = clock;
  options.batch_events = static_cast<std::size_t>(out.config.pipeline_batch_events);
  options.engine.budget = static_cast<std::uint64_t>(out.config.engine_budget);
  options.engine.registry.duplicate_window =
      static_cast<std::size_t>(out.config.engine_duplicate_window);
  options.engine.registry.tombstone_age = out.config.engine_tombstone_age;
  options.snapshots = {.tail_events = static_cast<std::uint64_t>(out.config.store_snapshot_tail),
                       .keep_months = static_cast<std::size_t>(out.config.store_snapshot_months),
                       .keep_for = out.config.store_keep_for,
                       .keep_bytes = static_cast<std::uint64_t>(out.config.store_keep_bytes)};
  if (!out.config.alertmanager_urls.empty()) options.sinks = {"alertmanager"};
  ProgressLine progress("recovering from the log");
  options.progress = [&](std::uint64_t done, std::uint64_t all) { progress.show(done, all); };
  auto opened = pipeline::Pipeline::open(std::move(*store), out.book, std::move(options));
  if (!opened) {
    out.status = complain(opened.error());
    return out;
  }
  out.pipeline = std::move(*opened);
  return out;
}

Opened open_existing(const Place& place) {
  if (const int status = open_reader(place).status; status != kDone) {
    Opened none;
    none.status = status;
    return none;
  }
  return open_pipeline(place, pipeline::ClockMode::kWall);
}

base::Result<std::unique_ptr<store::Reader>> reader_of(const Place& place) {
  auto reader = store::Reader::open(place.data_dir);
  if (!reader && reader.error().code == base::Code::kNotFound) {
    reader.error().message += "; --data-dir names the daemon's data folder";
  }
  return reader;
}

OpenedReader open_reader(const Place& place) {
  OpenedReader out;
  auto reader = reader_of(place);
  if (reader) {
    out.reader = std::move(*reader);
  } else {
    out.status = complain(reader.error());
  }
  return out;
}

base::Result<std::unique_ptr<engine::Engine>> engine_at(store::Reader& reader,
                                                        const std::string& at) {
  base::Instant until = base::kNever;
  if (!at.empty()) {
    const auto instant = base::from_rfc3339(at);
    if (!instant) return base::fail(instant, "--at");
    until = *instant;
  }
  const auto tail = reader.tail();
  if (!tail) return std::unexpected(tail.error());
  if (tail->seq.value == 0) {
    return base::fail(base::Code::kNotFound, "the log is empty: no event has come yet");
  }
  ProgressLine progress("applying the log");
  pipeline::ReplayOptions options;
  options.progress = [&](std::uint64_t done, std::uint64_t all) { progress.show(done, all); };
  auto engine = pipeline::replay(reader, until, options);
  if (engine || engine.error().code != base::Code::kNotFound) return engine;
  const auto kept = reader.kept();
  if (!kept || kept->seq.value <= 1) return engine;
  return base::fail(base::Code::kNotFound, "the oldest instant that is kept is " +
                                               base::to_rfc3339(kept->from) + ": " +
                                               engine.error().message);
}

}  // namespace patuh::tools
