// The past by the store's indexes: the whole, what an agency owed, one element.
#include <algorithm>
#include <array>
#include <tuple>

#include "pipeline/driver.h"
#include "pipeline/excerpt.h"

namespace patuh::pipeline {
namespace {

using base::Code;
using model::Seq;
using model::VerdictState;

constexpr std::size_t kBooksMost = 8;
constexpr int kOwnersMost = 3;  // deployment, application, agency

std::unexpected<base::Error> before(base::Instant at) {
  return base::fail(Code::kNotFound, "nothing is kept of " + base::to_rfc3339(at));
}

base::Instant due_of(const rulebook::Rule& rule, const store::OpenPair& pair) {
  return pair.started == base::kNever ? base::kNever : pair.started + rule.grace;
}

bool is_inherited(const store::OpenPair& pair, base::Instant baseline) {
  return pair.state == VerdictState::kViolating && pair.started < baseline;
}

// One element's verdicts, from one transition to the next.
void take(const model::Transition& told, std::map<std::string, store::OpenPair>& pairs) {
  if (told.to == VerdictState::kNotApplicable) {
    pairs.erase(told.rule);
    return;
  }
  store::OpenPair& pair = pairs[told.rule];
  pair.agency = told.agency;
  pair.rule = told.rule;
  pair.element = told.element;
  pair.state = told.to;
  pair.since = told.since;
  if (told.to == VerdictState::kCompliant) {
    pair.started = base::kNever;
    pair.occurrence.clear();
  } else if (told.to != VerdictState::kUndetermined && pair.started == base::kNever) {
    pair.started = told.since;
    pair.occurrence = told.occurrence;
  }
}

// An element that names another as its agency: so that an agency's code is what its members read,
// though it be removed.
struct Member {
  std::string kind, id, field;
};

// Brings one element from a snapshot, or from the log's beginning, to an instant.
class ElementThen {
 public:
  ElementThen(store::Reader& reader, Books& books, model::ElementKey key, base::Instant at,
              std::optional<Member> member = std::nullopt)
      : reader_(reader), books_(books), key_(std::move(key)), at_(at), member_(std::move(member)) {}

  base::Status run() {
    const auto upto = reader_.record_at(at_);
    if (!upto) return std::unexpected(upto.error());
    const auto from = begin(*upto);
    if (!from) return std::unexpected(from.error());
    auto clock = clock_at(*from, *upto);
    if (!clock) return std::unexpected(clock.error());
    // Under event clock a record may reach beyond the instant.
    const Seq end = *clock == ClockMode::kEvent ? Seq(upto->value + 1) : *upto;
    const auto own = reader_.records_of(key_.kind, key_.id, *from, end);
    if (!own) return std::unexpected(own.error());
    const auto packs = reader_.records_of(store::RecordKind::kPackActivated, *from, *upto);
    if (!packs) return std::unexpected(packs.error());
    auto pack = packs->begin();
    for (const Seq seq : *own) {
      for (; pack != packs->end() && *pack < seq; ++pack) {
        if (auto done = activate(*pack); !done) return done;
      }
      if (auto done = events(seq); !done) return done;
    }
    for (; pack != packs->end(); ++pack) {
      if (auto done = activate(*pack); !done) return done;
    }
    return {};
  }

  // Null: nothing was ever known of it.
  const std::shared_ptr<registry::Registry>& registry() const { return registry_; }
  const std::shared_ptr<const rulebook::RuleBook>& book() const { return book_; }
  std::optional<model::ElementRef> find() const {
    if (registry_ == nullptr) return std::nullopt;
    const auto kind = book_->schema->kind_of(key_.kind);
    return kind ? registry_->find(*kind, key_.id) : std::nullopt;
  }
  // Of the agency that the member belongs to; empty: it was never heard of.
  std::string code() const {
    if (registry_ == nullptr || !member_) return {};
    const auto kind = book_->schema->kind_of(member_->kind);
    const auto element = kind ? registry_->find(*kind, member_->id) : std::nullopt;
    return element ? std::string(registry_->agency_code(*element)) : std::string();
  }
  // Of the agency that the snapshot says it belonged to, where it says none itself.
  const std::string& owner() const { return owner_; }

 private:
  // The record to go on behind.
  base::Result<Seq> begin(Seq upto) {
    const auto snapshots = reader_.snapshots();
    if (!snapshots) return std::unexpected(snapshots.error());
    for (const store::SnapshotInfo& info : *snapshots) {
      if (info.seq > upto) continue;
      auto found = excerpt(reader_, info, key_, books_);
      if (!found && found.error().code == Code::kNotFound)
        break;  // older ones have no marks either
      if (!found) return std::unexpected(found.error());
      book_ = found->book;
      registry_ = found->registry;
      owner_ = found->owner;
      if (registry_ != nullptr) join();
      clock_ = found->clock;
      now_ = found->now;
      return info.seq;
    }
    const auto kept = reader_.kept();
    if (!kept) return std::unexpected(kept.error());
    if (kept->seq.value > 1 || kept->marked.value > 1) return before(at_);
    return Seq{};
  }

  void join() {
    const auto kind = member_ ? book_->schema->kind_of(member_->kind) : std::nullopt;
    if (!kind) return;
    const auto field = book_->schema->kind(*kind).field_of(member_->field);
    if (!field) return;
    model::ChangeEvent event;
    event.source = "member";
    event.kind = *kind;
    event.element_id = member_->id;
    event.arena = std::make_shared<expr::Arena>();
    const std::array<model::NamedElement, 1> ends = {{{key_.kind, key_.id}}};
    event.fields.push_back({.field = *field, .value = {}, .ends = ends});
    static_cast<void>(registry_->apply(event, now_));
  }

  base::Result<ClockMode> clock_at(Seq from, Seq upto) {
    const auto actions = reader_.records_of(store::RecordKind::kOperatorAction, from, upto);
    if (!actions) return std::unexpected(actions.error());
    ClockMode clock = clock_;
    for (const Seq seq : *actions) {
      const auto record = reader_.record(seq);
      if (!record) return std::unexpected(record.error());
      if (!*record || (*record)->body_deleted) continue;
      const auto action = decode_action((*record)->record.payload);
      if (!action || action->name != "clock") continue;
      if (action->detail == "event") clock = ClockMode::kEvent;
      if (action->detail == "wall") clock = ClockMode::kWall;
    }
    return clock;
  }

  base::Status activate(Seq seq) {
    const auto record = reader_.record(seq);
    if (!record) return std::unexpected(record.error());
    if (!*record || (*record)->body_deleted) {
      return base::fail(Code::kCorrupt, "record " + std::to_string(seq.value) + " is not kept");
    }
    auto book = books_.of((*record)->record.payload);
    if (!book) return std::unexpected(book.error());
    book_ = std::move(*book);
    if (registry_ != nullptr) registry_->change_schema(book_->schema, with_grants(*book_));
    return {};
  }

  base::Status events(Seq seq) {
    if (book_ == nullptr) return base::fail(Code::kCorrupt, "events come before any rulebook");
    if (registry_ == nullptr) {
      registry_ = std::make_shared<registry::Registry>(book_->schema, with_grants(*book_));
      join();
    }
    const auto own = reader_.events_of(seq, store::element_mark(key_.kind, key_.id), at_);
    if (!own) return std::unexpected(own.error());
    const base::Instant now = own->record.now;
    for (const model::Envelope& envelope : own->record.events) {
      const auto event = decode::interpret(envelope, *book_->schema);
      if (!event) {
        return base::fail(Code::kCorrupt, "an event that was taken is not understood any more: " +
                                              event.error().message);
      }
      const model::Kind& kind = book_->schema->kind(event->kind);
      if (kind.name != key_.kind || event->element_id != key_.id) continue;
      now_ = std::max(now_, now > at_ ? event->time : now);
      static_cast<void>(registry_->apply(*event, now_));
      registry_->expire(now_);
    }
    return {};
  }

  store::Reader& reader_;
  Books& books_;
  const model::ElementKey key_;
  const base::Instant at_;
  std::shared_ptr<const rulebook::RuleBook> book_;
  std::shared_ptr<registry::Registry> registry_;
  const std::optional<Member> member_;
  std::string owner_;
  ClockMode clock_ = ClockMode::kWall;
  base::Instant now_ = base::Instant::min();
};

// The code of the agency that an element belonged to: its own word, else its application's when it
// is a deployment, else what the snapshot says.
base::Result<std::string> agency_of(store::Reader& reader, Books& books, const ElementThen& then,
                                    base::Instant at, int depth) {
  const auto element = then.find();
  if (!element) return std::string();
  const registry::Registry& registry = *then.registry();
  const model::Schema& schema = *then.book()->schema;
  const model::Kind& kind = schema.kind(registry.kind_of(*element));
  const auto& role = schema.roles.agency;
  if (role && role->kind == kind.id) return std::string(registry.agency_code(*element));
  if (kind.agency_field) {
    const registry::Refs ends = registry.related(*element, *kind.agency_field);
    if (!ends.empty()) {
      const model::ElementKey agency = registry.key_of(ends.front());
      ElementThen owner(reader, books, agency, at,
                        Member{kind.name, std::string(registry.id_of(*element)),
                               kind.fields[kind.agency_field->value].name});
      if (auto done = owner.run(); !done) return std::unexpected(done.error());
      const std::string code = owner.code();
      return code.empty() ? agency.id : code;
    }
  }
  std::optional<model::ElementKey> next;
  const auto& deployment = schema.roles.deployment;
  if (deployment && deployment->kind == kind.id) {
    const registry::Refs ends = registry.related(*element, deployment->of);
    if (!ends.empty()) next = registry.key_of(ends.front());
  }
  if (!next && registry.is_stub(*element) && !then.owner().empty()) {
    next = model::element_key_of(then.owner());
  }
  if (!next || depth == kOwnersMost) return std::string();
  ElementThen owner(reader, books, *next, at);
  if (auto done = owner.run(); !done) return std::unexpected(done.error());
  if (!owner.find()) return next->id;
  return agency_of(reader, books, owner, at, depth + 1);
}

// Whether a source sent anything of it. What only others refer to comes and goes with their events.
bool is_anyones_word(const registry::Registry& registry, model::ElementRef element) {
  if (!registry.is_stub(element) || !registry.unknown_of(element).empty()) return true;
  const std::size_t fields = registry.schema().kind(registry.kind_of(element)).fields.size();
  for (std::size_t i = 0; i < fields; ++i) {
    const model::FieldId field(static_cast<std::uint16_t>(i));
    if (!registry.writer_of(element, field).empty()) return true;
  }
  return false;
}

}  // namespace

// ── Books ──

base::Result<std::shared_ptr<const rulebook::RuleBook>> Books::of(std::string_view payload) {
  if (const auto known = books_.load()) {
    for (const auto& [hash, book] : *known) {
      if (payload.find("\"hash\":\"" + hash + "\"") != std::string_view::npos) return book;
    }
  }
  auto book = decode_pack(payload);
  if (book) add(*book);
  return book;
}

void Books::add(std::shared_ptr<const rulebook::RuleBook> book) {
  const auto known = books_.load();
  if (known != nullptr && known->contains(base::to_hex(book->hash))) return;
  auto next = known == nullptr ? std::make_shared<Map>() : std::make_shared<Map>(*known);
  if (next->size() >= kBooksMost) next->clear();
  next->insert_or_assign(base::to_hex(book->hash), std::move(book));
  books_.store(std::move(next));
}

// ── What is kept ──

base::Result<base::Instant> Past::oldest() const {
  const auto kept = reader_.kept();
  if (!kept) return std::unexpected(kept.error());
  if (kept->seq.value <= 1) return kept->outlined;
  // Rulebooks go with the bodies: what stood behind the oldest snapshot stood since its record.
  const Seq last(kept->seq.value - 1);
  const auto packs = reader_.records_of(store::RecordKind::kPackActivated, Seq{}, last);
  if (!packs) return std::unexpected(packs.error());
  if (packs->empty()) return kept->outlined;
  const auto record = reader_.record(packs->back());
  if (!record) return std::unexpected(record.error());
  return *record ? std::max(kept->outlined, (*record)->record.now) : kept->outlined;
}

base::Result<base::Instant> Past::oldest_of_elements() {
  const auto kept = reader_.kept();
  if (!kept) return std::unexpected(kept.error());
  if (kept->seq.value <= 1 && kept->marked.value <= 1) return kept->outlined;
  const auto snapshots = reader_.snapshots();
  if (!snapshots) return std::unexpected(snapshots.error());
  base::Instant out = base::kNever;
  for (auto info = snapshots->rbegin(); info != snapshots->rend(); ++info) {
    if (info->seq.value + 1 < std::max(kept->seq, kept->marked).value) continue;
    // One of an older format has no marks.
    const auto places = reader_.snapshot_places(info->id, 0);
    if (!places) return std::unexpected(places.error());
    if (!*places) continue;
    out = info->now;
    break;
  }
  return out == base::kNever ? out : std::max(out, kept->outlined);
}

// ── The whole ──

// A pack's record may be gone with the bodies: then the oldest snapshot says what stood.
base::Result<std::shared_ptr<const rulebook::RuleBook>> Past::book_at(Seq seq) {
  const auto packs = reader_.records_of(store::RecordKind::kPackActivated, Seq{}, seq);
  if (!packs) return std::unexpected(packs.error());
  if (packs->empty()) return base::fail(Code::kNotFound, "no rulebook was in force yet");
  const auto record = reader_.record(packs->back());
  if (!record) return std::unexpected(record.error());
  if (*record && !(*record)->body_deleted) return books_.of((*record)->record.payload);
  const auto snapshots = reader_.snapshots();
  if (!snapshots) return std::unexpected(snapshots.error());
  for (auto info = snapshots->rbegin(); info != snapshots->rend(); ++info) {
    if (info->seq < packs->back()) continue;
    if (info->seq > seq) {
      // Another pack may have come in between.
      const auto later = reader_.records_of(store::RecordKind::kPackActivated, seq, info->seq);
      if (!later) return std::unexpected(later.error());
      if (!later->empty()) break;
    }
    return book_of(reader_, info->id, books_);
  }
  return base::fail(Code::kNotFound, "the rulebook of that time is not kept");
}

base::Result<PastView> Past::view(base::Instant at) {
  const auto outlines = reader_.outlines(at);
  if (!outlines) return std::unexpected(outlines.error());
  if (outlines->empty()) return before(at);
  PastView out;
  for (const store::Outline& outline : *outlines) {
    if (!take_outline(outline, out)) {
      return base::fail(Code::kCorrupt,
                        "what stood in the whole at " + base::to_rfc3339(outline.at));
    }
  }
  const auto seq = reader_.record_at(at);
  if (!seq) return std::unexpected(seq.error());
  auto book = book_at(*seq);
  if (!book) return std::unexpected(book.error());
  out.book = std::move(*book);
  return out;
}

// Each outline names the one that stands.
base::Result<base::Instant> Past::baseline_at(base::Instant at) {
  const auto outlines = reader_.outlines(at);
  if (!outlines) return std::unexpected(outlines.error());
  PastView view;
  if (!outlines->empty() && !take_outline(outlines->back(), view)) {
    return base::fail(Code::kCorrupt, "what stood in the whole at " + base::to_rfc3339(at));
  }
  return view.baseline;
}

base::Result<std::vector<PastPair>> Past::owed_by(const PastView& view,
                                                  std::optional<std::string_view> agency,
                                                  base::Instant at, std::string_view rule) {
  auto pairs = reader_.open_pairs(agency, at, rule);
  if (!pairs) return std::unexpected(pairs.error());
  std::vector<PastPair> out;
  for (store::OpenPair& pair : *pairs) {
    const rulebook::Rule* const of = view.book->rule(pair.rule);
    if (of == nullptr || of->mode == rulebook::Mode::kShadow) continue;
    const base::Instant due = due_of(*of, pair);
    const bool inherited = is_inherited(pair, view.baseline);
    out.push_back({.rule = of, .pair = std::move(pair), .due = due, .inherited = inherited});
  }
  std::ranges::sort(out, [](const PastPair& a, const PastPair& b) {
    if (a.rule->severity != b.rule->severity) return a.rule->severity > b.rule->severity;
    return std::tie(a.pair.since, a.rule->number, a.pair.element) <
           std::tie(b.pair.since, b.rule->number, b.pair.element);
  });
  return out;
}

// ── One element ──

base::Result<std::optional<PastElement>> Past::element(const model::ElementKey& key,
                                                       base::Instant at) {
  const auto oldest = oldest_of_elements();
  if (!oldest) return std::unexpected(oldest.error());
  if (at < *oldest) return before(at);
  ElementThen then(reader_, books_, key, at);
  if (auto done = then.run(); !done) return std::unexpected(done.error());
  const auto element = then.find();
  if (!element || !is_anyones_word(*then.registry(), *element)) return std::optional<PastElement>();
  PastElement out{.book = then.book(),
                  .registry = then.registry(),
                  .element = *element,
                  .agency = {},
                  .pairs = {}};
  auto agency = agency_of(reader_, books_, then, at, 0);
  if (!agency) return std::unexpected(agency.error());
  out.agency = std::move(*agency);
  store::TransitionFilter filter;
  filter.element = key;
  filter.limit = SIZE_MAX;
  if (at < base::kNever) filter.to = at + base::Duration(1);
  const auto told = reader_.transitions(filter);
  if (!told) return std::unexpected(told.error());
  std::map<std::string, store::OpenPair> pairs;
  for (const store::StoredTransition& one : *told) take(one.transition, pairs);
  const auto baseline = baseline_at(at);
  if (!baseline) return std::unexpected(baseline.error());
  for (const rulebook::Rule& rule : out.book->rules) {
    const auto found = pairs.find(rule.id);
    if (found == pairs.end()) continue;
    out.pairs.push_back({.rule = &rule,
                         .pair = found->second,
                         .due = due_of(rule, found->second),
                         .inherited = is_inherited(found->second, *baseline)});
  }
  return std::optional(std::move(out));
}

}  // namespace patuh::pipeline
