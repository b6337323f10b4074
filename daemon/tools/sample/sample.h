// sample: a made-up regency of electronic government, as a history of change events.
//
// generate() writes what the agencies of a regency would have sent over some months: reference
// codes, agencies, their architecture as it appears over the first weeks and changes, faults that
// are mended or not, milestones that slip, certificates that run out, deployments of which some
// should not have been, people in charge who fall silent. The form is CloudEvents 1.0, structured
// JSON, one a line, in order of time, for the pack rules/spbe. Live makes what comes after it, one
// event at a time.
//
// It is no test double of an agency: it knows no rule and judges nothing. Nobody in it exists:
// posts, pseudonyms and numbers only.
//
//   sample::Options options{.seed = 7, .until = 2026y / November / 24, .out = "history"};
//   auto written = sample::generate(options, [](const sample::Progress& p) { … });
//
// Equal options give equal bytes, on every machine. Memory grows with the events, by about half a
// gigabyte a million. Threads: one a call; calls share nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/base.h"

namespace patuh::sample {

struct Options {
  std::uint64_t seed = 1;
  int agencies = 50;    // 1 … 500; 50 are those of the regency, the next ones its sub-units
  int elements = 5000;  // about so many stand at the end; 200 … 1,000,000
  int months = 13;      // 1 … 120
  // The history ends before this civil day of Asia/Jakarta begins, so that no event of "until
  // today" lies ahead of the clock.
  std::chrono::year_month_day until{};
  std::filesystem::path out;  // a folder, made when it is not there
};

struct Progress {
  std::uint64_t events_written = 0;
  std::uint64_t events_total = 0;
};

struct Written {
  std::filesystem::path events;  // OUT/events.ndjson
  std::uint64_t count = 0;
  std::uint64_t elements = 0;  // different subjects that the events name
  base::Instant first{}, last{};
  std::map<std::string, std::uint64_t> by_kind;  // elements
};

// Writes OUT/events.ndjson, then OUT/manifest.json with the options and the counts. Files of these
// names are replaced, whole or not at all. kInvalid: an option is out of its bounds; kUnavailable:
// the folder cannot be written. `progress` may be empty.
base::Result<Written> generate(const Options& options,
                               const std::function<void(const Progress&)>& progress = {});

// What comes after the history: sound telemetry, heartbeats, small changes, attestations and
// deployments of the same regency, without end. Reads `seed`, `agencies`, `elements`, `months` and
// `until` only.
class Live {
 public:
  explicit Live(const Options& options);
  ~Live();
  Live(Live&&) noexcept;
  Live& operator=(Live&&) noexcept;
  // One CloudEvent as JSON, without a line end. `at` becomes its time and should not go backwards.
  std::string next(base::Instant at);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The deployment to production of an application that nobody has registered, the n-th of this seed:
// each n is another application. One CloudEvent as JSON.
std::string bad_deployment(std::uint64_t seed, std::uint64_t n, base::Instant at);
// What mends it: the application is registered with its recommendation, and what it needs beside.
// In order; their times are `at` and the microseconds after it.
std::vector<std::string> healing_events(std::uint64_t seed, std::uint64_t n, base::Instant at);

}  // namespace patuh::sample
