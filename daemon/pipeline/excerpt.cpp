#include "pipeline/excerpt.h"

#include <algorithm>
#include <set>

#include "pipeline/snapshot.h"
#include "pipeline/snapshot_rows.h"

namespace patuh::pipeline {
namespace {

using base::Code;
using base::Decoder;
using base::Encoder;
using model::ElementRef;
using registry::SavedName;
using store::SnapshotSpace;

struct Head {
  std::uint64_t form = 0;
  ClockMode clock = ClockMode::kWall;
  base::Instant now{};
  std::string_view pack, engine;
  bool is_whole = false;
};
Head head_of(std::string_view bytes) {
  Decoder in(bytes);
  Head out;
  out.form = in.number();
  out.clock = in.enumerator(ClockMode::kEvent);
  out.now = in.instant();
  out.pack = in.text();
  out.engine = in.text();
  out.is_whole = in.ok() && out.form == 1;
  return out;
}

class Excerpting {
 public:
  Excerpting(store::Reader& reader, const store::SnapshotInfo& info, const model::ElementKey& key,
             Books& books)
      : reader_(reader), info_(info), key_(key), books_(books) {}

  base::Result<Excerpt> run() {
    const auto places = reader_.snapshot_places(info_.id, store::element_mark(key_.kind, key_.id));
    if (!places) return std::unexpected(places.error());
    if (!*places) return base::fail(Code::kNotFound, "the snapshot has no marks");
    snapshot_ = reader_.snapshot(info_.id);
    if (!snapshot_) return std::unexpected(snapshot_.error());
    const Head head = head_of(snapshot_->head);
    if (!head.is_whole) return refused();
    Excerpt out;
    out.clock = head.clock;
    out.now = head.now;
    auto book = books_.of(head.pack);
    if (!book) return std::unexpected(book.error());
    out.book = std::move(*book);
    if (!kinds(head.engine)) return refused();
    const auto row = row_of(**places);
    if (!row) return std::unexpected(row.error());
    if (row->empty()) return out;
    if (auto done = load(*row, out); !done) return std::unexpected(done.error());
    return out;
  }

 private:
  std::unexpected<base::Error> refused() const {
    return base::fail(Code::kCorrupt,
                      "snapshot " + std::to_string(info_.id.value) + ": the row of " + key_.text());
  }

  // The head's kinds, by name; a row's kind is a place among them.
  bool kinds(std::string_view engine) {
    Decoder in(engine);
    static_cast<void>(in.instant());
    const std::size_t before = in.left();
    for (std::uint64_t n = in.count(); n > 0 && in.ok(); --n) {
      kinds_.emplace_back(in.text());
      for (std::uint64_t fields = in.count(); fields > 0 && in.ok(); --fields) {
        static_cast<void>(in.text());
      }
    }
    kinds_bytes_ = engine.substr(engine.size() - before, before - in.left());
    static_cast<void>(in.number());  // places
    static_cast<void>(in.number());  // the first free one
    removals_ = in.number();
    return in.ok();
  }

  bool is_it(std::string_view row) const {
    const auto name = registry::saved_name(row);
    return name && name->kind < kinds_.size() && kinds_[name->kind] == key_.kind &&
           name->id == key_.id;
  }

  // The element's row, if its place is still its own: what has its mark may have given way.
  base::Result<std::string> row_of(const std::vector<std::uint32_t>& places) {
    for (const std::uint32_t place : places) {
      auto row = row_at(place);
      if (!row) return row;
      own_ = place;
      if (is_it(*row)) return row;
    }
    return std::string();
  }

  base::Status load(const std::string& row, Excerpt& out) {
    const auto copy = registry::renumbered(row, own_);
    if (!copy) return refused();
    auto registry = std::make_shared<registry::Registry>(out.book->schema, with_grants(*out.book));
    std::string head(kinds_bytes_);
    Encoder writer(head);
    for (const std::uint64_t value : {std::uint64_t{copy->places.size()} + 1, std::uint64_t{0},
                                      removals_, std::uint64_t{0}, std::uint64_t{0}}) {
      writer.number(value);
    }
    Decoder from_head(head);
    if (!registry->load_head(from_head, copy->places.size() + 1)) return refused();
    if (auto done = sources(copy->sources, *registry); !done) return done;
    Decoder from_row(copy->row);
    if (!registry->load(ElementRef(0), from_row)) return refused();
    std::uint32_t number = 0;
    for (const std::uint32_t place : copy->places) {
      const auto end = end_at(place);
      if (!end) return std::unexpected(end.error());
      const std::string stub = registry::saved_stub(*end);
      Decoder from_stub(stub);
      if (!registry->load(ElementRef(++number), from_stub)) return refused();
      if (copy->owner == place) out.owner = kinds_.at(end->kind) + "/" + end->id;
    }
    if (!registry->load_end()) return refused();
    out.registry = std::move(registry);
    return {};
  }

  // The newest row of a place; empty: there is none.
  base::Result<std::string> row_at(std::uint32_t place) {
    std::string out;
    for (const auto& [space, bucket] :
         {std::pair{SnapshotSpace::kElements, place / kBucketPlaces},
          std::pair{SnapshotSpace::kLateElements, std::uint32_t{0}}}) {
      const auto parts = parts_of(space, bucket);
      if (!parts) return std::unexpected(parts.error());
      for (const store::SnapshotPart& part : **parts) {
        base::for_each_row(part.bytes, [&](std::uint32_t number, std::string_view row) {
          if (number == place) out = row;
          return true;
        });
      }
    }
    return out;
  }

  base::Result<SavedName> end_at(std::uint32_t place) {
    const auto row = row_at(place);
    if (!row) return std::unexpected(row.error());
    auto out = registry::saved_name(*row);
    if (!out || out->kind >= kinds_.size()) return refused();
    return std::move(*out);
  }

  // Names of the sources that wrote it; the ids they are known by are not needed.
  base::Status sources(const std::set<std::uint64_t>& numbers, registry::Registry& registry) {
    for (const std::uint64_t wanted : numbers) {
      std::string name;
      const auto bucket = static_cast<std::uint32_t>(wanted / kBucketSources);
      for (const auto& [space, at] : {std::pair{SnapshotSpace::kSources, bucket},
                                      std::pair{SnapshotSpace::kLateSources, std::uint32_t{0}}}) {
        const auto parts = parts_of(space, at);
        if (!parts) return std::unexpected(parts.error());
        for (const store::SnapshotPart& part : **parts) {
          base::for_each_row(part.bytes, [&](std::uint32_t number, std::string_view row) {
            Decoder in(row);
            static_cast<void>(in.number());
            if (number == wanted) name = in.text();
            return true;
          });
        }
      }
      std::string row;
      Encoder out(row);
      out.number(wanted);
      out.text(name);
      out.number(0);
      out.number(0);
      Decoder in(row);
      if (name.empty() || !registry.load_source(in)) return refused();
    }
    return {};
  }

  base::Result<const std::vector<store::SnapshotPart>*> parts_of(SnapshotSpace space,
                                                                 std::uint32_t bucket) {
    const auto known = parts_.find({space, bucket});
    if (known != parts_.end()) return &known->second;
    auto parts = reader_.snapshot_parts(info_.id, space, bucket, false);
    if (!parts) return std::unexpected(parts.error());
    return &parts_.emplace(std::pair{space, bucket}, std::move(*parts)).first->second;
  }

  store::Reader& reader_;
  const store::SnapshotInfo& info_;
  const model::ElementKey& key_;
  Books& books_;
  base::Result<store::Snapshot> snapshot_ = store::Snapshot{};
  std::vector<std::string> kinds_;
  std::string_view kinds_bytes_;
  std::uint64_t removals_ = 0;
  std::uint32_t own_ = 0;  // the element's place
  std::map<std::pair<SnapshotSpace, std::uint32_t>, std::vector<store::SnapshotPart>> parts_;
};

}  // namespace

registry::Options with_grants(const rulebook::RuleBook& book) {
  registry::Options out;
  for (const rulebook::Grant& grant : book.grants) out.grants.push_back({grant.source, grant.kind});
  return out;
}

base::Result<Excerpt> excerpt(store::Reader& reader, const store::SnapshotInfo& info,
                              const model::ElementKey& key, Books& books) {
  return Excerpting(reader, info, key, books).run();
}

base::Result<std::shared_ptr<const rulebook::RuleBook>> book_of(store::Reader& reader,
                                                                store::SnapshotId id,
                                                                Books& books) {
  const auto snapshot = reader.snapshot(id);
  if (!snapshot) return std::unexpected(snapshot.error());
  const Head head = head_of(snapshot->head);
  if (!head.is_whole) return base::fail(Code::kCorrupt, "a snapshot's head is of another form");
  return books.of(head.pack);
}

}  // namespace patuh::pipeline
