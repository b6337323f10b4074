// A snapshot, read back into a driver that can go on from its record.
#include <algorithm>
#include <array>
#include <map>

#include "pipeline/ahead.h"
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

// Buckets that wait to be taken apart, or whose facts were and whose verdicts were not: some 16 MiB
// of each.
constexpr std::size_t kBucketsAhead = 32;

struct Row {
  std::string_view row, packed;
};

// ReadRows of a bucket, or of what changed last, whose facts stand in the registry by now.
struct ReadRows {
  struct Of {
    ElementRef place;
    base::Decoder rest;  // of the row
    std::string_view packed;
  };
  std::vector<Of> all;
  std::vector<SnapshotPart> parts;  // what they view into
};

using Refused = std::unexpected<base::Error>;
Refused refused(std::string what) { return base::fail(Code::kCorrupt, std::move(what)); }

// Calls visit(number, row, packed) for each row of a part until it answers false. False then, and
// when the bytes are no rows.
template <class Visit>
bool for_each_pair_of_rows(const SnapshotPart& part, const Visit& visit) {
  base::Decoder packed(part.packed);
  return base::for_each_row(part.bytes,
                            [&](std::uint32_t number, std::string_view row) {
                              Row both{row, {}};
                              if (!packed.at_end()) {
                                if (packed.number_below(UINT32_MAX) != number) return false;
                                both.packed = packed.text();
                              }
                              return packed.ok() && visit(number, both);
                            }) &&
         packed.at_end();
}

// The parts of a bucket, read and unpacked.
struct ReadBucket {
  SnapshotSpace space{};
  std::uint32_t number = 0;
  std::vector<SnapshotPart> parts;
};

// Reads buckets of facts in the order in which they are taken apart: behind the last one the
// sources that changed last.
class Buckets {
 public:
  Buckets(store::Reader& reader, store::SnapshotId id) : reader_(reader), id_(id) {}

  base::Status begin(SnapshotState& state) {
    auto buckets = reader_.snapshot_buckets(id_);
    if (!buckets) return std::unexpected(buckets.error());
    for (const store::SnapshotBucket& bucket : *buckets) {
      const bool has_facts =
          bucket.space == SnapshotSpace::kSources || bucket.space == SnapshotSpace::kElements;
      if (!has_facts && bucket.space != SnapshotSpace::kPlaces) continue;
      state.buckets.emplace(std::pair(bucket.space, bucket.bucket), bucket);
      if (has_facts) order_.emplace_back(bucket.space, bucket.bucket);
    }
    order_.emplace_back(SnapshotSpace::kLateSources, 0);
    return {};
  }

  std::optional<base::Result<ReadBucket>> next() {
    if (at_ == order_.size()) return std::nullopt;
    const auto [space, number] = order_[at_++];
    auto parts = reader_.snapshot_parts(id_, space, number);
    if (parts) return ReadBucket{space, number, std::move(*parts)};
    at_ = order_.size();
    return base::Result<ReadBucket>(std::unexpected(parts.error()));
  }

 private:
  store::Reader& reader_;
  const store::SnapshotId id_;
  std::vector<std::pair<SnapshotSpace, std::uint32_t>> order_;
  std::size_t at_ = 0;
};

// The half of loading that brings the facts: takes buckets apart, and what changed last behind
// them, into the registry.
class Facts {
 public:
  explicit Facts(engine::Engine& engine) : engine_(engine) {}

  // What changed last: its rows count in place of those of the buckets.
  base::Status begin(std::vector<SnapshotPart> late, SnapshotState& state) {
    late_parts_ = std::move(late);
    for (const SnapshotPart& part : late_parts_) {
      const bool is_whole = for_each_pair_of_rows(part, [&](std::uint32_t place, const Row& row) {
        late_[place] = row;
        return true;
      });
      if (!is_whole) return refused("a late part is not whole");
    }
    for (const auto& [place, row] : late_) state.late.emplace_back(place);
    return {};
  }

  // The rows of the next bucket of `from`; nothing behind what changed last.
  std::optional<base::Result<ReadRows>> next(Ahead<base::Result<ReadBucket>>& from) {
    if (over_) return std::nullopt;
    base::Result<ReadRows> out;
    auto read = from.next();
    auto done =
        *read ? take(std::move(**read), *out) : base::Status(std::unexpected(read->error()));
    if (!done) out = std::unexpected(done.error());
    over_ = over_ || !done;
    return out;
  }

  // Once nothing more comes. By source: ids that stand in buckets.
  const std::vector<std::uint64_t>& remembered() const { return remembered_; }

 private:
  base::Status take(ReadBucket&& bucket, ReadRows& out) {
    over_ = bucket.space == SnapshotSpace::kLateSources;
    if (over_) return late(bucket.parts, out);
    const bool of_sources = bucket.space == SnapshotSpace::kSources;
    if (of_sources ? sources(bucket.parts) : places(bucket.number, bucket.parts, out)) {
      out.parts = std::move(bucket.parts);
      return {};
    }
    return refused((of_sources ? "bucket of sources " : "bucket of elements ") +
                   std::to_string(bucket.number) + ": " + where_);
  }

  // A row of another bucket would be taken for what stands there, or missed by what builds on it.
  bool is_of(std::uint32_t bucket, std::uint32_t number, std::uint32_t size, const char* what) {
    if (number / size == bucket) return true;
    where_ = std::string("the row of ") + what + " " + std::to_string(number) +
             " stands in it, which belongs to bucket " + std::to_string(number / size);
    return false;
  }

  // Of a place's rows the last counts; in the order of places, in which memory is given.
  bool places(std::uint32_t bucket, const std::vector<SnapshotPart>& parts, ReadRows& out) {
    std::array<std::optional<Row>, kBucketPlaces> rows;
    for (const SnapshotPart& part : parts) {
      where_ = "a part is no rows";
      const bool read = for_each_pair_of_rows(part, [&](std::uint32_t place, const Row& row) {
        if (!is_of(bucket, place, kBucketPlaces, "place")) return false;
        rows[place % kBucketPlaces] = row;
        return true;
      });
      if (!read) return false;
    }
    const std::uint32_t first = bucket * kBucketPlaces;
    for (auto late = late_.lower_bound(first); late != late_.end(); ++late) {
      if (late->first - first >= kBucketPlaces) break;
      rows[late->first - first].reset();
    }
    out.all.reserve(kBucketPlaces);
    for (std::uint32_t i = 0; i < kBucketPlaces; ++i) {
      if (rows[i] && !facts(first + i, *rows[i], out)) return false;
    }
    return true;
  }

  bool facts(std::uint32_t place, const Row& row, ReadRows& out) {
    ReadRows::Of& of = out.all.emplace_back(ElementRef(place), base::Decoder(row.row), row.packed);
    if (engine_.load_facts(of.place, of.rest)) {
      ++loaded_;
      return true;
    }
    where_ = "the row of place " + std::to_string(place) + " cannot be";
    return false;
  }

  bool sources(const std::vector<SnapshotPart>& parts) {
    for (const SnapshotPart& part : parts) {
      where_ = "a part is no rows";
      const bool is_late = part.space == SnapshotSpace::kLateSources;
      const bool read =
          base::for_each_row(part.bytes, [&](std::uint32_t source, std::string_view row) {
            if (!is_late && !is_of(part.bucket, source, kBucketSources, "source")) return false;
            const bool loaded = engine_.load_source(row);
            if (!loaded) where_ = "the row of source " + std::to_string(source) + " cannot be";
            return loaded;
          });
      if (!read) return false;
    }
    return true;
  }

  base::Status late(const std::vector<SnapshotPart>& late_sources, ReadRows& out) {
    for (std::uint32_t i = 0; i < engine_.registry().source_count(); ++i) {
      remembered_.push_back(engine_.registry().remembered(i));
    }
    bool is_right = sources(late_sources);
    for (const auto& [place, row] : late_) is_right = is_right && facts(place, row, out);
    if (!is_right) return refused("among those that changed last: " + where_);
    if (loaded_ != engine_.registry().places()) return refused("rows are missing");
    if (!engine_.load_facts_end()) return refused("its rows do not fit together");
    return {};
  }

  engine::Engine& engine_;
  bool over_ = false;
  std::vector<SnapshotPart> late_parts_;
  std::map<std::uint32_t, Row> late_;  // views of the late parts
  std::vector<std::uint64_t> remembered_;
  std::uint64_t loaded_ = 0;
  std::string where_;  // of what was refused
};

class Loading {
 public:
  Loading(store::Reader& reader, const store::SnapshotInfo& info, const engine::Options& options)
      : reader_(reader), info_(info), options_(options) {}

  base::Result<LoadedSnapshot> run() {
    for (const auto& stage : {&Loading::outline, &Loading::head, &Loading::rows, &Loading::end}) {
      if (auto done = (this->*stage)(); !done) return std::unexpected(done.error());
    }
    out_.state.seq = info_.seq;
    out_.state.now = info_.now;
    // Of an older release: elements could not be found in what builds on it.
    const auto has_places = reader_.has_places(info_.id);
    if (!has_places) return std::unexpected(has_places.error());
    out_.state.is_foreign = !*has_places;
    return std::move(out_);
  }

 private:
  // What there is to read.
  base::Status outline() {
    if (auto done = buckets_.begin(out_.state); !done) return done;
    auto late = reader_.snapshot_parts(info_.id, SnapshotSpace::kLateElements, 0);
    if (!late) return std::unexpected(late.error());
    late_ = std::move(*late);
    for (const auto& [place, bucket] : out_.state.buckets) {
      if (place.first == SnapshotSpace::kElements) rows_most_ += kBucketPlaces;
    }
    for (const SnapshotPart& part : late_) {
      base::for_each_row(part.bytes, [this](std::uint32_t, std::string_view) {
        ++rows_most_;
        return true;
      });
    }
    return {};
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
    const auto loading = out_.driver->engine().load_head(engine, snapshot->packed, rows_most_);
    out_.packed = loading == engine::Engine::Loading::kPacked;
    if (loading == engine::Engine::Loading::kRefused) {
      return refused(
          "its kinds, fields and rules are not those of its rulebook, or it has too few rows");
    }
    return {};
  }

  // One thread reads and unpacks, one brings the facts, this one what was made of them.
  base::Status rows() {
    engine::Engine& engine = out_.driver->engine();
    Facts facts(engine);
    if (auto done = facts.begin(std::move(late_), out_.state); !done) return done;
    out_.state.marks.resize(engine.registry().places());
    {
      Ahead<base::Result<ReadBucket>> read(kBucketsAhead, [&] { return buckets_.next(); });
      Ahead<base::Result<ReadRows>> ahead(kBucketsAhead, [&] { return facts.next(read); });
      while (auto next = ahead.next()) {
        if (!*next) return std::unexpected(next->error());
        for (ReadRows::Of& row : (*next)->all) {
          out_.state.marks[row.place.value] = mark_of(engine.registry(), row.place);
          if (engine.load_verdicts(row.place, row.rest, row.packed)) continue;
          return refused("the row of place " + std::to_string(row.place.value) + " cannot be");
        }
      }
    }
    out_.state.remembered = facts.remembered();
    return {};
  }

  base::Status end() {
    engine::Engine& engine = out_.driver->engine();
    if (!engine.load_end()) return refused("its rows do not fit together");
    // Who was told of what fires stands with the alerts: most of those are open still.
    const auto open = reader_.open_alerts();  // by key
    if (!open) return std::unexpected(open.error());
    base::Status done;
    engine.for_each_firing([&](const alerts::Notice& notice) {
      const auto at = std::ranges::lower_bound(*open, notice.key, {}, &store::AlertRow::key);
      if (at != open->end() && at->key == notice.key) {
        return out_.driver->goes_on_firing(notice, at->fired, at->told);
      }
      const auto row = reader_.alert(notice.key);
      if (!row) done = std::unexpected(row.error());
      if (row && *row) out_.driver->goes_on_firing(notice, (*row)->fired, (*row)->told);
    });
    return done;
  }

  store::Reader& reader_;
  const store::SnapshotInfo& info_;
  const engine::Options& options_;
  Buckets buckets_{reader_, info_.id};
  std::vector<SnapshotPart> late_;  // elements that changed last
  std::uint64_t rows_most_ = 0;     // of places
  LoadedSnapshot out_;
};

}  // namespace

void add_row(std::uint32_t number, std::string_view row, std::string& out) {
  base::Encoder writer(out);
  writer.number(number);
  writer.text(row);
}

std::uint32_t mark_of(const registry::Registry& registry, ElementRef place) {
  const std::string_view id = registry.id_of(place);
  if (id.empty()) return 0;
  return store::element_mark(registry.schema().kind(registry.kind_of(place)).name, id);
}

std::string bytes_of_mark(std::uint32_t mark) {
  std::string out;
  for (unsigned i = 0; i < 4; ++i) out += static_cast<char>(mark >> (8 * i));
  return out;
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
