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
using store::SnapshotSpace;

// As docs/store-format.md says of a row.
constexpr std::uint8_t kFree = 0;
constexpr unsigned kTombstone = 16;
constexpr std::uint8_t kUpserted = 1;
enum class Write : std::uint8_t { kEngine = 0, kStub = 1, kDerived = 2, kUpsert = 3, kPatch = 4 };
enum class Of : std::uint8_t {
  kCleared = 0,
  kFalse = 1,
  kTrue = 2,
  kInt = 3,
  kUint = 4,
  kDouble = 5,
  kText = 6,
  kBytes = 7,
  kTimestamp = 8,
  kDuration = 9,
  kList = 10,
  kMap = 11,
  kEnds = 12,
};
constexpr int kDepthMax = 64;

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

// A row that is read and written again with other places.
class Copier {
 public:
  // `own`: the row's place, 0 in the copy.
  Copier(std::string_view row, std::uint32_t own, std::string& out)
      : in_(row), out_(out), own_(own) {}

  // False when the bytes are no row of a place that is in use.
  bool run() {
    if (number() == kFree) return false;
    number();
    text();
    const std::uint8_t flags = byte();
    integer();
    owner_ = ref();
    ref();
    if ((flags & kTombstone) != 0) {
      number();
      integer();
    }
    for (std::uint64_t n = number(); n > 0 && in_.ok(); --n) mark();
    for (std::uint64_t n = number(); n > 0 && in_.ok(); --n) {
      number();
      write();
      value(true, 0);
    }
    for (std::uint64_t n = number(); n > 0 && in_.ok(); --n) {
      text();
      write();
      text();
    }
    return in_.ok();
  }

  // Places that the row names; the number of each in the copy is its place here + 1.
  const std::vector<std::uint32_t>& places() const { return places_; }
  const std::set<std::uint64_t>& sources() const { return sources_; }
  std::optional<std::uint32_t> owner() const { return owner_; }

 private:
  std::uint64_t number() {
    const std::uint64_t value = in_.number();
    out_.number(value);
    return value;
  }
  std::int64_t integer() {
    const std::int64_t value = in_.integer();
    out_.integer(value);
    return value;
  }
  std::uint8_t byte() {
    const std::uint8_t value = in_.byte();
    out_.byte(value);
    return value;
  }
  void text() { out_.text(in_.text()); }

  std::uint32_t number_of(std::uint32_t place) {
    if (place == own_) return 0;
    const auto found = std::ranges::find(places_, place);
    const auto at = static_cast<std::uint32_t>(found - places_.begin());
    if (found == places_.end()) places_.push_back(place);
    return at + 1;
  }
  std::optional<std::uint32_t> ref() {
    const std::uint64_t value = in_.number_below(UINT32_MAX);
    if (value == 0) {
      out_.number(0);
      return std::nullopt;
    }
    const auto place = static_cast<std::uint32_t>(value - 1);
    out_.number(std::uint64_t{number_of(place)} + 1);
    return place;
  }
  void mark() {
    sources_.insert(number());
    const std::uint8_t flags = byte();
    integer();
    if ((flags & kUpserted) != 0) integer();
  }
  void write() {
    const auto how = static_cast<Write>(byte());
    if (how == Write::kUpsert || how == Write::kPatch) number();
    if (how == Write::kPatch) integer();
  }

  void value(bool outermost, int depth) {
    const auto of = static_cast<Of>(byte());
    switch (of) {
      case Of::kCleared:
      case Of::kFalse:
      case Of::kTrue:
        return;
      case Of::kInt:
        integer();
        return;
      case Of::kUint:
        number();
        return;
      case Of::kDouble:
        out_.fixed(in_.fixed());
        return;
      case Of::kText:
      case Of::kBytes:
        return text();
      case Of::kTimestamp:
      case Of::kDuration:
        integer();
        number();
        return;
      case Of::kList:
      case Of::kMap:
        return values(of == Of::kMap, depth + 1);
      case Of::kEnds:
        if (outermost) return ends();
        break;
    }
    in_.fault();
  }
  void values(bool of_map, int depth) {
    if (depth > kDepthMax) return in_.fault();
    for (std::uint64_t n = number(); n > 0 && in_.ok(); --n) {
      value(false, depth);
      if (of_map) value(false, depth);
    }
  }
  void ends() {
    for (std::uint64_t n = number(); n > 0 && in_.ok(); --n) {
      out_.number(number_of(static_cast<std::uint32_t>(in_.number_below(UINT32_MAX))));
    }
  }

  Decoder in_;
  Encoder out_;
  const std::uint32_t own_;
  std::vector<std::uint32_t> places_;
  std::set<std::uint64_t> sources_;
  std::optional<std::uint32_t> owner_;
};

// The beginning of a row: who it is.
struct Name {
  std::uint8_t life = kFree;
  std::uint64_t kind = 0;
  std::string id;
};
std::optional<Name> name_of(std::string_view row) {
  Decoder in(row);
  Name out;
  out.life = static_cast<std::uint8_t>(in.number_below(4));
  if (out.life == kFree) return std::nullopt;
  out.kind = in.number();
  out.id = in.owned();
  return in.ok() ? std::optional(std::move(out)) : std::nullopt;
}

class Excerpting {
 public:
  Excerpting(store::Reader& reader, const store::SnapshotInfo& info, const model::ElementKey& key,
             Books& books)
      : reader_(reader), info_(info), key_(key), books_(books) {}

  base::Result<Excerpt> run() {
    const auto rows = reader_.snapshot_rows(info_.id, store::element_mark(key_.kind, key_.id));
    if (!rows) return std::unexpected(rows.error());
    if (!*rows) return base::fail(Code::kNotFound, "the snapshot has no marks");
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
    const auto row = row_of(**rows);
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
    const auto name = name_of(row);
    return name && name->kind < kinds_.size() && kinds_[name->kind] == key_.kind &&
           name->id == key_.id;
  }

  // The element's row, if its place is still its own: what has its mark may have given way.
  base::Result<std::string> row_of(const std::vector<store::MarkedRow>& marked) {
    for (auto one = marked.rbegin(); one != marked.rend(); ++one) {
      if (!is_it(one->second)) continue;
      auto row = row_at(one->first);
      if (!row) return row;
      own_ = one->first;
      if (is_it(*row)) return row;
    }
    return std::string();
  }

  base::Status load(const std::string& row, Excerpt& out) {
    std::string copy;
    Copier copier(row, own_, copy);
    if (!copier.run()) return refused();
    auto registry = std::make_shared<registry::Registry>(out.book->schema, with_grants(*out.book));
    std::string head(kinds_bytes_);
    Encoder writer(head);
    for (const std::uint64_t value : {std::uint64_t{copier.places().size()} + 1, std::uint64_t{0},
                                      removals_, std::uint64_t{0}, std::uint64_t{0}}) {
      writer.number(value);
    }
    Decoder from_head(head);
    if (!registry->load_head(from_head)) return refused();
    if (auto done = sources(copier.sources(), *registry); !done) return done;
    Decoder from_row(copy);
    if (!registry->load(ElementRef(0), from_row)) return refused();
    std::uint32_t number = 0;
    for (const std::uint32_t place : copier.places()) {
      const auto end = end_at(place);
      if (!end) return std::unexpected(end.error());
      const std::string stub = stub_of(*end);
      Decoder from_stub(stub);
      if (!registry->load(ElementRef(++number), from_stub)) return refused();
      if (copier.owner() == place) out.owner = kinds_.at(end->kind) + "/" + end->id;
    }
    if (!registry->load_end()) return refused();
    out.registry = std::move(registry);
    return {};
  }

  static std::string stub_of(const Name& name) {
    std::string out;
    Encoder to(out);
    to.byte(name.life);
    to.number(name.kind);
    to.text(name.id);
    to.byte(0);
    to.integer(0);
    for (int i = 0; i < 5; ++i) to.number(0);  // agency, fallback, sources, fields, unknown
    return out;
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
        for_each_row(part.bytes, [&](std::uint32_t number, std::string_view row) {
          if (number == place) out = row;
          return true;
        });
      }
    }
    return out;
  }

  base::Result<Name> end_at(std::uint32_t place) {
    const auto row = row_at(place);
    if (!row) return std::unexpected(row.error());
    auto out = name_of(*row);
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
          for_each_row(part.bytes, [&](std::uint32_t number, std::string_view row) {
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
