// A snapshot, read back into a driver that can go on from its record.
#include <unordered_map>

#include "pipeline/snapshot.h"
#include "pipeline/snapshot_rows.h"

namespace patuh::pipeline {
namespace {

using base::Code;
using base::Decoder;
using base::Encoder;
using model::ElementRef;
using store::SnapshotPart;
using store::SnapshotSpace;

constexpr std::uint64_t kHeadForm = 1;

struct Row {
  std::string_view row, packed;
};

class Loading {
 public:
  Loading(store::Reader& reader, const store::SnapshotInfo& info, const engine::Options& options)
      : reader_(reader), info_(info), options_(options) {}

  base::Result<LoadedSnapshot> run() {
    for (const auto& stage : {&Loading::head, &Loading::late, &Loading::buckets,
                              &Loading::late_sources, &Loading::end}) {
      if (auto done = (this->*stage)(); !done) return std::unexpected(done.error());
    }
    out_.state.seq = info_.seq;
    out_.state.now = info_.now;
    // Parts without marks are of an older format: elements cannot be found in what builds on them.
    const auto marked = reader_.snapshot_rows(info_.id, 0);
    if (!marked) return std::unexpected(marked.error());
    out_.state.is_foreign = !*marked;
    return std::move(out_);
  }

 private:
  static std::unexpected<base::Error> refused(std::string what) {
    return base::fail(Code::kCorrupt, std::move(what));
  }

  base::Status head() {
    const auto snapshot = reader_.snapshot(info_.id);
    if (!snapshot) return std::unexpected(snapshot.error());
    base::Decoder in(snapshot->head);
    const std::uint64_t form = in.number();
    const auto clock = static_cast<ClockMode>(in.byte());
    const base::Instant now = in.instant();
    const std::string_view pack = in.text();
    const std::string_view engine = in.text();
    const bool has_baseline = in.ok() && !in.at_end();
    const base::Instant baseline = has_baseline ? in.instant() : base::Instant::min();
    if (!in.ok() || !in.at_end() || form != kHeadForm || clock > ClockMode::kEvent) {
      return refused("its head is of another form");
    }
    auto book = decode_pack(pack);
    if (!book) return base::fail(book, "its rulebook");
    out_.driver = std::make_unique<Driver>(std::move(*book), options_, clock);
    out_.driver->set_now(now);
    out_.driver->engine().load_baseline(baseline);
    const auto loading = out_.driver->engine().load_head(engine, snapshot->packed);
    out_.packed = loading == engine::Engine::Loading::kPacked;
    if (loading == engine::Engine::Loading::kRefused) {
      return refused("its kinds, fields and rules are not those of its rulebook");
    }
    return {};
  }

  // Read first: a place's late row stands for all its others.
  base::Status late() {
    auto parts = reader_.snapshot_parts(info_.id, SnapshotSpace::kLateElements, 0);
    if (!parts) return std::unexpected(parts.error());
    late_parts_ = std::move(*parts);
    for (const SnapshotPart& part : late_parts_) {
      if (!collect(part, late_)) return refused("a late part is not whole");
    }
    for (const auto& [place, row] : late_) out_.state.late.emplace_back(place);
    return {};
  }

  base::Status buckets() {
    auto all = reader_.snapshot_buckets(info_.id);
    if (!all) return std::unexpected(all.error());
    for (const store::SnapshotBucket& bucket : *all) {
      if (bucket.space != SnapshotSpace::kElements && bucket.space != SnapshotSpace::kSources) {
        continue;
      }
      out_.state.buckets.emplace(std::pair(bucket.space, bucket.bucket), bucket);
      auto parts = reader_.snapshot_parts(info_.id, bucket.space, bucket.bucket);
      if (!parts) return std::unexpected(parts.error());
      const bool of_sources = bucket.space == SnapshotSpace::kSources;
      if (!(of_sources ? sources(*parts) : places(*parts))) {
        return refused((of_sources ? "bucket of sources " : "bucket of elements ") +
                       std::to_string(bucket.bucket) + ": " + where_);
      }
    }
    const engine::Engine& engine = out_.driver->engine();
    for (std::uint32_t i = 0; i < engine.registry().source_count(); ++i) {
      out_.state.remembered.push_back(engine.registry().remembered(i));
    }
    return load(late_) ? base::Status() : refused("among those that changed last: " + where_);
  }

  static bool collect(const SnapshotPart& part, std::unordered_map<std::uint32_t, Row>& into) {
    std::vector<std::uint32_t> numbers;
    const bool rows = for_each_row(part.bytes, [&](std::uint32_t number, std::string_view row) {
      into[number].row = row;
      numbers.push_back(number);
      return true;
    });
    std::size_t at = 0;
    return rows && for_each_row(part.packed, [&](std::uint32_t number, std::string_view row) {
             if (at == numbers.size() || numbers[at++] != number) return false;
             into[number].packed = row;
             return true;
           });
  }

  // A row of another bucket would be taken for what stands there, or missed by what builds on it.
  bool is_of(std::uint32_t bucket, std::uint32_t number, std::uint32_t size, const char* what) {
    if (number / size == bucket) return true;
    where_ = std::string("the row of ") + what + " " + std::to_string(number) +
             " stands in it, which belongs to bucket " + std::to_string(number / size);
    return false;
  }

  bool places(const std::vector<SnapshotPart>& parts) {
    std::unordered_map<std::uint32_t, Row> rows;
    for (const SnapshotPart& part : parts) {
      if (!collect(part, rows)) {
        where_ = "a part is no rows";
        return false;
      }
    }
    for (const auto& [place, row] : rows) {
      if (!is_of(parts.front().bucket, place, kBucketPlaces, "place")) return false;
    }
    std::erase_if(rows, [&](const auto& row) { return late_.contains(row.first); });
    return load(rows);
  }

  bool load(const std::unordered_map<std::uint32_t, Row>& rows) {
    for (const auto& [place, row] : rows) {
      if (!out_.driver->engine().load(ElementRef(place), row.row, row.packed)) {
        where_ = "the row of place " + std::to_string(place) + " cannot be";
        return false;
      }
      ++loaded_;
    }
    return true;
  }

  bool sources(const std::vector<SnapshotPart>& parts) {
    for (const SnapshotPart& part : parts) {
      where_ = "a part is no rows";
      const bool is_late = part.space == SnapshotSpace::kLateSources;
      const bool read = for_each_row(part.bytes, [&](std::uint32_t source, std::string_view row) {
        if (!is_late && !is_of(part.bucket, source, kBucketSources, "source")) return false;
        const bool loaded = out_.driver->engine().load_source(row);
        if (!loaded) where_ = "the row of source " + std::to_string(source) + " cannot be";
        return loaded;
      });
      if (!read) return false;
    }
    return true;
  }

  base::Status late_sources() {
    auto parts = reader_.snapshot_parts(info_.id, SnapshotSpace::kLateSources, 0);
    if (!parts) return std::unexpected(parts.error());
    return sources(*parts) ? base::Status() : refused("among those that changed last: " + where_);
  }

  base::Status end() {
    engine::Engine& engine = out_.driver->engine();
    if (loaded_ != engine.registry().places()) return refused("rows are missing");
    if (!engine.load_end()) return refused("its rows do not fit together");
    // Who was told of what fires stands with the alerts.
    base::Status done;
    engine.for_each_firing([&](const alerts::Notice& notice) {
      const auto row = reader_.alert(notice.key);
      if (!row) done = std::unexpected(row.error());
      if (row && *row) out_.driver->goes_on_firing(notice, (*row)->fired, (*row)->told);
    });
    return done;
  }

  store::Reader& reader_;
  const store::SnapshotInfo& info_;
  const engine::Options& options_;
  LoadedSnapshot out_;
  std::vector<SnapshotPart> late_parts_;
  std::unordered_map<std::uint32_t, Row> late_;  // views of the late parts
  std::uint64_t loaded_ = 0;
  std::string where_;  // of what was refused
};

}  // namespace

void add_row(std::uint32_t number, std::string_view row, std::string& out) {
  base::Encoder writer(out);
  writer.number(number);
  writer.text(row);
}

void save_driver(const Driver& driver, std::string& head, std::string& packed) {
  std::string engine;
  driver.engine().save_head(engine, packed);
  base::Encoder out(head);
  out.number(kHeadForm);
  out.byte(static_cast<std::uint8_t>(driver.clock()));
  out.instant(driver.now());
  out.text(encode_pack(driver.engine().book()));
  out.text(engine);
  if (driver.engine().baseline() != base::Instant::min()) out.instant(driver.engine().baseline());
}

base::Result<LoadedSnapshot> load_snapshot(store::Reader& reader, const store::SnapshotInfo& info,
                                           const engine::Options& options) {
  return Loading(reader, info, options).run();
}

base::Result<std::string_view> check_snapshot(store::Reader& reader,
                                              const store::SnapshotInfo& snapshot) {
  const engine::Options options;
  const auto loaded = load_snapshot(reader, snapshot, options);
  if (!loaded) return std::unexpected(loaded.error());
  return std::string_view(loaded->packed ? "packed" : "portable");
}

}  // namespace patuh::pipeline
