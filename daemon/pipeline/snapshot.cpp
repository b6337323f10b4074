#include "pipeline/snapshot.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <iterator>
#include <numeric>

#include "pipeline/snapshot_rows.h"

namespace patuh::pipeline {
namespace {

using engine::Engine;
using model::ElementRef;
using store::SnapshotPart;
using store::SnapshotSpace;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kTidyParts = 128;
constexpr std::size_t kTidyPartsAlone = 16;  // the engine waits for it
constexpr std::size_t kLatePlaces = 16'384;  // the end takes so many along, a millisecond or two
constexpr std::uint32_t kPartOfPlaces = 64;  // weighs as many rows, so that few follow a whole one
constexpr std::uint64_t kTailParts = 5;      // the shortest tail is such a part of the longest
constexpr std::size_t kBodiesAtOnce = 64;
// Saving a row is mostly waiting for memory: what those behind it need comes near meanwhile.
constexpr std::size_t kPlacesAhead = 6;
constexpr std::size_t kRowsAhead = 3;

// Rows behind a bucket's whole ones, by these: from which on it may be written whole, and is.
constexpr double kHeavy = 0.5;
constexpr double kTooHeavy = 2;

// Of a bucket, while there are so many in all.
std::size_t places_of(std::uint32_t bucket, std::uint32_t places) {
  return std::min(kBucketPlaces, places - bucket * kBucketPlaces);
}

// Of the calling thread.
double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// Measures how long a step keeps the engine.
class Pause {
 public:
  explicit Pause(SnapshotStats& stats) : stats_(stats) {}
  ~Pause() {
    const std::chrono::duration<double> took = Steady::now() - begun_;
    stats_.longest_pause_seconds = std::max(stats_.longest_pause_seconds, took.count());
    stats_.longest_pause_cpu_seconds =
        std::max(stats_.longest_pause_cpu_seconds, cpu_seconds() - cpu_begun_);
  }
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;

 private:
  SnapshotStats& stats_;
  Steady::time_point begun_ = Steady::now();
  double cpu_begun_ = cpu_seconds();
};

}  // namespace

Snapshotter::Snapshotter(store::Store& store, SnapshotOptions options, SnapshotState state,
                         std::uint64_t tail, const Driver* driver)
    : store_(store), options_(options), state_(std::move(state)), pace_(tail) {
  stats_.due_at = options_.tail_events;
  if (driver != nullptr) look_at_size(*driver);
  stats_.seq = state_.seq;
  stats_.now = state_.now;
  stats_.tail = stats_.longest_tail = tail;
}

// In an estate greater than the tail few rows change twice within it: a shorter one costs little
// more there, and leaves a start the time that loading takes.
void Snapshotter::look_at_size(const Driver& driver) {
  const std::uint64_t places = driver.engine().registry().places();
  const std::uint64_t most = options_.tail_events;
  // At least one event, or snapshots would be taken without end.
  const std::uint64_t least = std::max<std::uint64_t>(1, most / kTailParts);
  stats_.due_at = places <= most ? most : std::max(least, most * most / places);
}

void Snapshotter::note(const store::Batch& batch) {
  const std::uint64_t more = 1 + batch.record.events.size();
  pace_.note(more);
  if (batch.snapshot.end) return;  // stands behind it
  // On the disk nothing comes before the end does.
  (is_ending_ ? since_end_ : stats_.tail) += more;
  stats_.longest_tail = std::max(stats_.longest_tail, stats_.tail);
}

bool Snapshotter::is_due() const {
  return options_.tail_events > 0 && pace_.since() >= stats_.due_at;
}

bool Snapshotter::has_step() const {
  return options_.tail_events > 0 && (stage_ != Stage::kRest || is_due());
}

store::SnapshotStep Snapshotter::next(Driver& driver) {
  const Pause pause(stats_);
  store::SnapshotStep step;
  step.tidy = is_untidy_ ? kTidyParts : 0;
  if (stage_ == Stage::kRest || (stage_ == Stage::kTidy && is_due())) {
    begin(driver);
    step.begins = true;
  }
  if (stage_ == Stage::kSlices) slice(driver, step);
  return step;
}

void Snapshotter::written(const store::SnapshotStep& step, const StoreState& behind) {
  if (step.end) {
    state_.seq = stats_.seq = behind.tail.seq;
    state_.now = stats_.now = behind.tail.now;
    stats_.tail = since_end_;
    is_ending_ = false;
    ++stats_.taken;
  }
  const std::uint64_t deleted = std::exchange(deleted_, behind.stats.snapshot_parts_deleted);
  const bool is_tidy = step.tidy > 0 && deleted_ - deleted < step.tidy;
  // Unless an end was made since, which leaves more.
  if (is_tidy && !is_ending_) is_untidy_ = false;
  if (stage_ == Stage::kTidy && !is_untidy_) stage_ = Stage::kRetain;
}

base::Status Snapshotter::step(Driver& driver) {
  const Pause pause(stats_);
  if (stage_ == Stage::kRetain) return retain();
  store::SnapshotStep step = next(driver);
  step.tidy = std::min(step.tidy, kTidyPartsAlone);
  auto done = store_.write_snapshot(step);
  if (done) {
    written(step, state_of(store_));
    return done;
  }
  ++stats_.failed;
  is_ending_ = false;
  pace_.begin(stats_.due_at);
  // What this snapshot had written is gone with it: the next one writes everything.
  if (stage_ == Stage::kSlices || step.end) write_everything(driver);
  stage_ = Stage::kRest;
  return done;
}

void Snapshotter::write_everything(Driver& driver) {
  pending_.clear();
  ahead_.clear();
  changed_.clear();
  unplaced_.clear();
  state_ = {};
  engine::Engine& engine = driver.engine();
  for (std::uint32_t i = 0; i < engine.registry().places(); ++i) engine.touch(ElementRef(i));
}

void Snapshotter::begin(Driver& driver) {
  if (state_.is_foreign) write_everything(driver);
  stage_ = Stage::kSlices;
  stats_.rows = 0;
  pace_.begin(stats_.due_at);
  for (const ElementRef place : state_.late) driver.engine().touch(place);
  state_.late.clear();
  gather(driver);
  choose_whole(driver.engine().registry().places());
  gather_sources(driver.engine());  // what is new to them later is the end's
}

void Snapshotter::gather(Driver& driver) {
  for (const ElementRef place : driver.engine().take_touched()) changed_.push_back(place);
  // Mostly in order, so that a bucket is looked up once for many.
  Bucket bucket{SnapshotSpace::kElements, UINT32_MAX};
  std::vector<std::uint32_t>* places = nullptr;
  for (const ElementRef place : changed_) {
    if (bucket.second != place.value / kBucketPlaces) {
      bucket.second = place.value / kBucketPlaces;
      places = &pending_[bucket].numbers;
    }
    places->push_back(place.value);
  }
  changed_.clear();
}

void Snapshotter::gather_sources(const Engine& engine) {
  const registry::Registry& registry = engine.registry();
  for (std::uint32_t i = 0; i < registry.source_count(); ++i) {
    if (i < state_.remembered.size() && state_.remembered[i] == registry.remembered(i)) continue;
    pending_[{SnapshotSpace::kSources, i / kBucketSources}].numbers.push_back(i);
  }
}

// Of buckets that were written whole at one time most would be due at one time again, and one
// snapshot would write the estate: so they begin early, the heaviest first.
void Snapshotter::choose_whole(std::uint32_t places) {
  struct Heavy {
    double weight = 0;  // 1: as many rows follow the whole ones as they are
    std::size_t more = 0;
    Pending* pending = nullptr;
  };
  std::vector<Heavy> heavy;
  std::size_t changed = 0;
  for (auto& [bucket, pending] : pending_) {
    const store::SnapshotBucket& stands = state_.buckets[bucket];
    const std::size_t some = pending.numbers.size();
    changed += some;
    if (stands.rows == 0) continue;  // is written whole anyway
    const double weight =
        static_cast<double>(stands.later_rows + some) / static_cast<double>(stands.rows);
    const std::size_t more = places_of(bucket.second, places) - some;
    if (weight >= kHeavy) heavy.push_back({weight, more, &pending});
  }
  std::ranges::stable_sort(heavy, std::greater{}, &Heavy::weight);
  std::size_t allowed = changed;
  for (const Heavy& each : heavy) {
    const bool is_first = allowed == changed;
    const bool must = each.weight >= kTooHeavy || (each.weight >= 1 && is_first);
    if (each.more > allowed && !must) continue;
    each.pending->whole = true;
    allowed -= std::min(allowed, each.more);
  }
}

// ── Slices ──

// Buckets of some `most` rows: none that lies beyond it by more than half. How many rows it were.
std::size_t Snapshotter::take_pending(Driver& driver, std::size_t most,
                                      std::vector<SnapshotPart>& out) {
  const std::uint32_t places = driver.engine().registry().places();
  std::size_t rows = 0;
  for (auto next = pending_.begin(); next != pending_.end(); next = pending_.erase(next)) {
    if (rows + weight_of(next->first, next->second, places) / 2 >= most) break;
    out.push_back(part_of(driver, next->first, next->second));
    rows += out.back().rows;
  }
  return rows;
}

// Its rows may change again before the batch ends, and are written once more then.
void Snapshotter::between(Driver& driver) {
  if (stage_ != Stage::kSlices) return;
  const Pause pause(stats_);
  take_pending(driver, pace_.rows_between(), ahead_);
}

void Snapshotter::slice(Driver& driver, store::SnapshotStep& step) {
  step.parts = std::exchange(ahead_, {});
  std::size_t rows = 0;
  for (const SnapshotPart& part : step.parts) rows += part.rows;
  const std::size_t waiting = rows + rows_waiting(driver.engine().registry().places());
  const std::vector<ElementRef> fresh = driver.engine().take_touched();
  changed_.insert(changed_.end(), fresh.begin(), fresh.end());
  const std::size_t most = pace_.slice(fresh.size(), waiting, rows);
  if (pending_.empty() && changed_.size() <= pace_.rows_at_the_end()) return end(driver, step);
  // Nothing is left where there is room: what the next batch changes is to be all that is left.
  const auto fill = [&] { rows += take_pending(driver, most - std::min(most, rows), step.parts); };
  fill();
  if (pending_.empty() && !changed_.empty()) {
    gather(driver);
    fill();
  }
  write_places(rows, step);
}

std::size_t Snapshotter::rows_waiting(std::uint32_t places) const {
  std::size_t rows = changed_.size();
  for (const auto& [bucket, pending] : pending_) rows += weight_of(bucket, pending, places);
  return rows;
}

// In rows of places.
std::size_t Snapshotter::weight_of(const Bucket& bucket, const Pending& pending,
                                   std::uint32_t places) {
  if (bucket.first == SnapshotSpace::kSources) return pending.numbers.size() * kBucketSources;
  return pending.whole ? places_of(bucket.second, places) : pending.numbers.size();
}

SnapshotPart Snapshotter::part_of(Driver& driver, const Bucket& bucket, Pending& pending) {
  const bool of_sources = bucket.first == SnapshotSpace::kSources;
  const std::uint32_t size = of_sources ? kBucketSources : kBucketPlaces;
  const registry::Registry& registry = driver.engine().registry();
  const std::uint32_t end = of_sources ? registry.source_count() : registry.places();
  std::vector<std::uint32_t>& numbers = pending.numbers;
  store::SnapshotBucket& stands = state_.buckets[bucket];
  SnapshotPart part{.space = bucket.first, .bucket = bucket.second};
  const std::size_t weight =
      of_sources ? stands.later_rows + numbers.size() * kBucketSources : numbers.size();
  part.whole = pending.whole || weight >= stands.rows;
  if (part.whole) {
    const std::uint32_t first = bucket.second * size;
    numbers.resize(std::min(size, end - first));
    std::iota(numbers.begin(), numbers.end(), first);
    stands = {.space = bucket.first, .bucket = bucket.second};
  }
  if (of_sources) {
    add_sources(driver.engine(), numbers, part, part.whole);
  } else {
    std::vector<ElementRef> places(numbers.begin(), numbers.end());
    add_places(driver, places, part);
  }
  (part.whole ? stands.rows : stands.later_rows) += part.rows;
  return part;
}

void Snapshotter::add_places(Driver& driver, const std::vector<ElementRef>& places,
                             SnapshotPart& part) {
  std::string row;
  std::string packed;
  const Engine& engine = driver.engine();
  for (std::size_t i = 0; i < places.size(); ++i) {
    const ElementRef place = places[i];
    if (i + kPlacesAhead < places.size()) engine.expect_place(places[i + kPlacesAhead]);
    if (i + kRowsAhead < places.size()) engine.expect_row(places[i + kRowsAhead]);
    row.clear();
    packed.clear();
    engine.save(place, row, packed);
    part.marks.push_back(mark_of(engine.registry(), place));
    note_place(place.value, part.marks.back());
    add_row(place.value, row, part.bytes);
    add_row(place.value, packed, part.packed);
  }
  part.rows += static_cast<std::uint32_t>(places.size());
  stats_.rows += places.size();
}

void Snapshotter::add_sources(const Engine& engine, const std::vector<std::uint32_t>& sources,
                              SnapshotPart& part, bool whole) {
  const std::uint32_t count = engine.registry().source_count();
  if (state_.remembered.size() < count) state_.remembered.resize(count, UINT64_MAX);
  std::string row;
  for (const std::uint32_t source : sources) {
    row.clear();
    std::uint64_t& stands = state_.remembered[source];
    const std::uint64_t now = engine.registry().remembered(source);
    const std::uint64_t first = whole || stands == UINT64_MAX ? 0 : stands;
    engine.save_source(source, first, row);
    add_row(source, row, part.bytes);
    if (part.space == SnapshotSpace::kSources) stands = now;
    // A source weighs as many rows as a place would, by its bytes.
    part.rows += static_cast<std::uint32_t>(1 + row.size() / 256);
  }
}

// ── Places by their marks ──

void Snapshotter::note_place(std::uint32_t place, std::uint32_t mark) {
  if (place >= state_.marks.size()) state_.marks.resize(place + 1);
  if (std::exchange(state_.marks[place], mark) == mark || mark == 0) return;
  unplaced_[store::shard_of_mark(mark)].push_back(place);
}

// Of its next part, which is all of it once that weighs no more than what follows it.
std::size_t Snapshotter::weight_of_places(std::uint32_t shard) const {
  const auto stands = state_.buckets.find({SnapshotSpace::kPlaces, shard});
  const auto fresh = unplaced_.find(shard);
  const std::size_t weight = fresh == unplaced_.end() ? 0 : fresh->second.size();
  if (stands == state_.buckets.end()) return weight;
  const auto& [rows, later] = std::pair(stands->second.rows, stands->second.later_rows);
  return later + weight >= rows ? rows + later + weight : weight;
}

// While there is more than the end should take along: as many rows as of places, so that it keeps
// up with them.
void Snapshotter::write_places(std::size_t rows, store::SnapshotStep& step) {
  std::size_t left = 0;
  for (const auto& [shard, places] : unplaced_) left += weight_of_places(shard);
  for (std::size_t written = 0; left > kLatePlaces && written < rows;) {
    const auto heaviest = std::ranges::max_element(
        unplaced_, {}, [this](const auto& one) { return weight_of_places(one.first); });
    const std::size_t weight = weight_of_places(heaviest->first);
    step.parts.push_back(part_of_places(heaviest->first));
    left -= weight;
    written += weight;
  }
}

SnapshotPart Snapshotter::part_of_places(std::uint32_t shard) {
  store::SnapshotBucket& stands = state_.buckets[{SnapshotSpace::kPlaces, shard}];
  std::vector<std::uint32_t> places = std::move(unplaced_[shard]);
  unplaced_.erase(shard);
  SnapshotPart part{.space = SnapshotSpace::kPlaces, .bucket = shard};
  part.whole = stands.later_rows + places.size() >= stands.rows;
  if (part.whole) {
    places.clear();
    for (std::uint32_t place = 0; place < state_.marks.size(); ++place) {
      const std::uint32_t mark = state_.marks[place];
      if (mark != 0 && store::shard_of_mark(mark) == shard) places.push_back(place);
    }
    stands = {.space = SnapshotSpace::kPlaces, .bucket = shard};
  }
  for (const std::uint32_t place : places) {
    add_row(place, bytes_of_mark(state_.marks[place]), part.bytes);
  }
  part.rows = static_cast<std::uint32_t>(places.size()) + kPartOfPlaces;
  (part.whole ? stands.rows : stands.later_rows) += part.rows;
  return part;
}

// ── The end ──

std::vector<SnapshotPart> Snapshotter::late_parts(Driver& driver) {
  std::vector<SnapshotPart> parts(2);
  parts[0].space = SnapshotSpace::kLateElements;
  add_places(driver, changed_, parts[0]);
  parts[1].space = SnapshotSpace::kLateSources;
  std::vector<std::uint32_t> sources;
  const registry::Registry& registry = driver.engine().registry();
  for (std::uint32_t i = 0; i < registry.source_count(); ++i) {
    const bool stands =
        i < state_.remembered.size() && state_.remembered[i] == registry.remembered(i);
    if (!stands) sources.push_back(i);
  }
  add_sources(driver.engine(), sources, parts[1], false);
  return parts;
}

void Snapshotter::end(Driver& driver, store::SnapshotStep& step) {
  std::ranges::move(late_parts(driver), std::back_inserter(step.parts));
  unplaced_[0];  // says that this snapshot knows places
  while (!unplaced_.empty()) step.parts.push_back(part_of_places(unplaced_.begin()->first));
  state_.late = std::exchange(changed_, {});
  look_at_size(driver);
  step.end = store::SnapshotStep::End{.keep_months = options_.keep_months};
  save_driver(driver, step.end->head, step.end->packed);
  is_ending_ = is_untidy_ = true;
  since_end_ = 0;
  stage_ = Stage::kTidy;
}

// ── Retention ──

base::Status Snapshotter::retain() {
  stage_ = Stage::kRest;
  if (options_.keep_for == base::Duration(0) && options_.keep_bytes == 0) return {};
  const auto from = retained_from();
  if (!from) return std::unexpected(from.error());
  const auto deleted = store_.delete_bodies(*from, kBodiesAtOnce);
  if (!deleted) return base::fail(deleted, "deleting what is older than is kept");
  stats_.bodies_deleted += *deleted;
  if (*deleted > 0) stage_ = Stage::kRetain;
  return {};
}

// The first record to keep: right behind the newest snapshot that is old enough, or behind the
// oldest but one while the database is too large.
base::Result<model::Seq> Snapshotter::retained_from() const {
  auto snapshots = store_.read().snapshots();
  if (!snapshots) return std::unexpected(snapshots.error());
  const auto kept = store_.read().kept();
  if (!kept) return std::unexpected(kept.error());
  model::Seq from = kept->seq;
  const bool too_large =
      options_.keep_bytes > 0 && store_.read().used_bytes() > options_.keep_bytes;
  bool gave_way = false;
  for (auto snapshot = snapshots->rbegin(); snapshot != snapshots->rend(); ++snapshot) {
    const model::Seq behind(snapshot->seq.value + 1);
    if (behind <= from) continue;
    const bool too_old = options_.keep_for > base::Duration(0) &&
                         snapshot->now <= store_.tail().now - options_.keep_for;
    if (!too_old && (!too_large || gave_way)) break;
    gave_way = gave_way || !too_old;
    from = behind;
  }
  return from;
}

SnapshotStats Snapshotter::stats() const {
  SnapshotStats out = stats_;
  out.busy = has_step();
  return out;
}

}  // namespace patuh::pipeline
