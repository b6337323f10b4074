#include "script.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <thread>

#include "tests/unit/pack.h"

namespace patuh::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr std::uint64_t kSecondBookAt = 100;  // step at which other rules come
constexpr std::uint64_t kTimeEvery = 10;      // steps between two longer passages of time
constexpr std::uint64_t kDeliverEvery = 7;    // steps between two visits of the sink
constexpr std::size_t kKeptInOutbox = 3;      // rows that the sink leaves
constexpr std::uint64_t kRedriveAt[] = {60, 180};
constexpr milliseconds kPatience{20'000};
constexpr int kAttempts = 8;
// A snapshot about every fifteen records; what is older than the course's last third goes.
constexpr std::uint64_t kSnapshotTail = 60;
constexpr std::chrono::hours kKeepFor{5};

constexpr std::string_view kAttributes = R"toml(
approved = { type = "string" }
size = { type = "int" }
ends = { type = "timestamp" })toml";

std::shared_ptr<const rulebook::RuleBook> load_book(bool second) {
  const std::string schema = testing::schema_of_apps(kAttributes, "uses = { to = \"app\" }");
  std::string rules =
      testing::rule_of("R-1", "critical", "filled(self.approved)") +
      testing::rule_of("R-2", "low", "self.ends > now", "when = \"filled(self.ends)\"\n") +
      testing::rule_of("R-3", "high", "self.uses == null || filled(self.uses.approved)");
  if (second) rules += testing::rule_of("R-4", "medium", "self.size < 40");
  return testing::book_of(schema, rules);
}

base::Instant time_of(std::uint64_t step) {
  static const base::Instant kBegin = *base::from_rfc3339("2026-06-01T00:00:00Z");
  // No time passes before the other rules come: nothing falls due together with them.
  const std::uint64_t passed = step < kSecondBookAt ? step : step - 1;
  return kBegin + minutes(static_cast<std::int64_t>(passed + 40 * (passed / kTimeEvery)));
}

std::string upsert(std::uint64_t id, const std::string& subject, const std::string& data,
                   base::Instant time) {
  return R"({"op":"upsert","source":"//s","id":"e)" + std::to_string(id) + R"(","subject":")" +
         subject + R"(","time":")" + base::to_rfc3339(time) + R"(","data":)" + data + "}";
}

std::string some_app(std::mt19937_64& random, base::Instant now) {
  const std::uint64_t draw = random();
  std::string out = R"({"owner":"ag)" + std::to_string(draw % 3) + "\"";
  if (draw % 5 < 2) out += R"(,"approved":"by-)" + std::to_string(draw % 97) + "\"";
  if (draw % 7 < 3) out += R"(,"uses":"a)" + std::to_string(draw % 11) + "\"";
  if (draw % 4 == 0) {
    const base::Instant ends = now + minutes(static_cast<std::int64_t>(draw % 300));
    out += R"(,"ends":")" + base::to_rfc3339(ends) + "\"";
  }
  return out + R"(,"size":)" + std::to_string(draw % 80) + "}";
}

template <class T>
std::string text_of(const T& value) {
  return std::to_string(value) + "\n";
}

base::Digest digest_of_engine(const engine::Engine& engine) {
  std::vector<std::string> lines;
  const registry::Registry& registry = engine.registry();
  registry.for_each(std::nullopt, [&](model::ElementRef element) {
    const model::Kind& kind = registry.schema().kind(registry.kind_of(element));
    std::string line = registry.key_of(element).text();
    for (std::size_t i = 0; i < kind.fields.size(); ++i) {
      const model::FieldId field(static_cast<std::uint16_t>(i));
      line += "|";
      if (!registry.has(element, field)) continue;
      if (!kind.fields[i].is_relation()) {
        line += expr::to_text(registry.value(element, field));
        continue;
      }
      for (const model::ElementRef end : registry.related(element, field)) {
        line += registry.key_of(end).text() + " ";
      }
    }
    lines.push_back(line);
  });
  engine.for_each_verdict([&](const engine::Verdict& verdict) {
    lines.push_back(
        engine.book().rules[verdict.rule.value].id + "|" + registry.key_of(verdict.element).text() +
        "|" + std::string(model::name_of(verdict.state)) + "|" + base::to_rfc3339(verdict.since));
  });
  std::ranges::sort(lines);
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return base::sha256(all);
}

base::Digest digest_of_transitions(store::Reader& reader) {
  std::string all;
  const auto rows = reader.transitions({.limit = 1'000'000});
  if (!rows) return {};
  for (const store::StoredTransition& row : *rows) {
    const model::Transition& t = row.transition;
    all += text_of(row.number.value) + t.agency + "|" + t.element.text() + "|" + t.rule + "|" +
           std::string(model::name_of(t.from)) + std::string(model::name_of(t.to)) +
           std::string(model::name_of(t.closing)) + text_of(t.since.time_since_epoch().count()) +
           text_of(t.recorded.time_since_epoch().count()) + t.occurrence + "|" + t.reason + "|" +
           t.cause_id + "\n";
    for (const model::Fact& fact : t.evidence) {
      all += fact.element + "." + fact.field + "=" + fact.value + "\n";
    }
  }
  return base::sha256(all);
}

base::Digest digest_of_alerts(store::Reader& reader) {
  std::string all;
  const auto rows = reader.alerts_within(store::kAlways, base::kNever);
  if (!rows) return {};
  for (const store::AlertRow& row : *rows) {
    all += row.key + "|" + row.agency + "|" + row.rule + "|" + row.element.text() + "|" +
           std::string(store::name_of(row.phase)) + base::to_rfc3339(row.started) +
           text_of(row.fired.time_since_epoch().count()) +
           text_of(row.resolved.time_since_epoch().count()) + row.cause + "|" + row.notice + "\n";
  }
  return base::sha256(all);
}

base::Digest digest_of_outbox(store::Reader& reader) {
  std::string all;
  const auto rows = reader.outbox("am", 1'000'000);
  if (!rows) return {};
  for (const store::PendingOutbox& row : *rows) {
    all += text_of(row.id.value) + row.row.kind + "|" + row.row.payload + "\n";
  }
  return base::sha256(all);
}

std::string hex_of(const base::Digest& digest) { return " " + base::to_hex(digest); }

}  // namespace

// Loaded once: children take them over.
std::shared_ptr<const rulebook::RuleBook> book_of(bool second) {
  static const auto kFirst = load_book(false);
  static const auto kSecond = load_book(true);
  return second ? kSecond : kFirst;
}

std::vector<std::string> inputs_of(std::uint64_t step) {
  std::mt19937_64 random(step);
  std::vector<std::string> out;
  if (step < 3) {
    const std::string n = std::to_string(step);
    out.push_back(
        upsert(step, "agency/ag" + n, R"({"code":"ag)" + n + R"(","nama":"A"})", time_of(step)));
  }
  const std::uint64_t count = 1 + random() % 4;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string subject = "app/a" + std::to_string(random() % 11);
    out.push_back(
        upsert(100 + step * 10 + i, subject, some_app(random, time_of(step)), time_of(step)));
  }
  if (step % 9 == 4) out.emplace_back("nonsense of step " + std::to_string(step));
  if (step % 11 == 5) out.push_back(out.back());
  return out;
}

std::string Seen::text() const {
  std::string out = std::to_string(record);
  for (const base::Digest& digest : {chain, elements, transitions, alerts, outbox}) {
    out += hex_of(digest);
  }
  return out;
}

Seen Seen::from_text(const std::string& text) {
  Seen out;
  std::size_t at = 0;
  out.record = std::stoull(text, &at);
  for (base::Digest* digest :
       {&out.chain, &out.elements, &out.transitions, &out.alerts, &out.outbox}) {
    const auto bytes = base::from_hex(text.substr(at + 1, 64));
    std::ranges::copy(*bytes, digest->begin());
    at += 65;
  }
  return out;
}

bool Seen::means_the_same(const Seen& other) const {
  return elements == other.elements && transitions == other.transitions && alerts == other.alerts &&
         outbox == other.outbox;
}

namespace {

// The operator put other rules in place, and the log says so.
bool asked_for_other_rules(store::Reader& reader) {
  const auto offsets = reader.offsets();
  if (!offsets || offsets->empty()) return false;
  const auto step = static_cast<std::uint64_t>(offsets->front().next);
  if (step != kSecondBookAt) return step > kSecondBookAt;
  store::Cursor cursor = reader.records(model::Seq(step));
  while (true) {
    const auto record = cursor.next();
    if (!record || !*record) return false;
    if ((*record)->record.payload.find("\"reload\"") != std::string::npos) return true;
  }
}

}  // namespace

class Script::Clock final : public base::Clock {
 public:
  base::Instant now() const override { return base::Instant(base::Duration(at_.load())); }
  void set(base::Instant at) { at_ = at.time_since_epoch().count(); }

 private:
  std::atomic<std::int64_t> at_{time_of(0).time_since_epoch().count()};
};

Script::Script(std::string folder, Acknowledged acknowledged, Way way)
    : folder_(std::move(folder)),
      acknowledged_(std::move(acknowledged)),
      way_(way),
      clock_(std::make_unique<Clock>()) {}

Script::~Script() {
  if (pipeline_) pipeline_->stop();
}

std::string Script::open(int attempts) {
  std::string trouble = "not tried";
  for (int i = 0; i < attempts; ++i) {
    // A small limit on the WAL puts checkpoints among the calls.
    auto store = store::Store::open(folder_, {.checkpoint_wal_bytes = std::uint64_t{40} * 4096});
    if (!store) {
      trouble = store.error().message;
      continue;
    }
    clock_->set(std::max(time_of(0), (*store)->tail().now));
    pipeline::Options options;
    options.wall = clock_.get();
    options.sinks = {"am"};
    options.retry_first = milliseconds(1);
    options.stop_at_disagreement = true;
    options.careful_inputs = way_.careful_inputs;
    if (way_.keeps_snapshots) {
      options.snapshots.tail_events = kSnapshotTail;
      options.snapshots.keep_for = kKeepFor;
    }
    const auto book = book_of(asked_for_other_rules((*store)->read()));
    auto opened = pipeline::Pipeline::open(std::move(*store), book, options);
    if (opened) {
      pipeline_ = std::move(*opened);
      pipeline_->start();
      return judges_by(*book) ? "" : "the rules are not taken over";
    }
    trouble = opened.error().message;
  }
  return trouble;
}

// Rules that the log does not have yet come with the next record, which nothing need bring.
bool Script::judges_by(const rulebook::RuleBook& book) {
  if (pipeline_->view()->tail.seq.value == 0) return true;
  for (int i = 0; i < 20'000; ++i) {
    const auto hash =
        pipeline_->ask([](const engine::Engine& engine) { return engine.book().hash; }, kPatience);
    if (!hash || *hash == book.hash) return true;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return false;
}

Progress Script::progress() const {
  return kParts * static_cast<Progress>(pipeline_->next_offset("kafka", "t", 0).value_or(0));
}

std::uint64_t Script::disagreements() const { return pipeline_->view()->replay_disagreements; }

bool Script::step() {
  const std::uint64_t step = progress() / kParts;
  Progress done = kParts * step;
  for (const auto part : {&Script::pass_time, &Script::activate, &Script::deliver_outbox,
                          &Script::redrive, &Script::send}) {
    if (!(this->*part)(step)) return false;
    if (acknowledged_) acknowledged_(*this, ++done);
  }
  return true;
}

// What falls due is a record before the next one.
bool Script::pass_time(std::uint64_t step) {
  clock_->set(std::max(clock_->now(), time_of(step)));
  if (step == 0) return true;
  for (int i = 0; i < 20'000; ++i) {
    const auto wake =
        pipeline_->ask([](const engine::Engine& engine) { return engine.next_wake(); }, kPatience);
    if (!wake) return false;
    if (*wake > clock_->now()) return true;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return false;
}

bool Script::activate(std::uint64_t step) {
  if (step != kSecondBookAt) return true;
  const auto other = book_of(true);
  const auto hash =
      pipeline_->ask([](const engine::Engine& engine) { return engine.book().hash; }, kPatience);
  if (!hash) return false;
  if (*hash == other->hash) return true;
  return pipeline_->activate(other, {"reload", "sri", "other rules", ""}).has_value();
}

bool Script::redrive(std::uint64_t step) {
  if (std::ranges::find(kRedriveAt, step) == std::end(kRedriveAt)) return true;
  const std::uint64_t id = step / 20;
  for (int i = 0; i < kAttempts; ++i) {
    const auto done =
        pipeline_->redrive({store::QuarantineId(id)}, {"sri", "mended"}, {}, kPatience);
    if (done) return true;
  }
  return false;
}

bool Script::deliver_outbox(std::uint64_t step) {
  if (step == 0 || step % kDeliverEvery != 0) return true;
  for (int i = 0; i < kAttempts; ++i) {
    const auto reader = store::Reader::open(folder_);
    if (!reader) continue;
    const auto rows = (*reader)->outbox("am", 1'000'000);
    if (!rows) continue;
    std::vector<store::OutboxId> ids;
    for (std::size_t n = 0; n + kKeptInOutbox < rows->size(); ++n) ids.push_back((*rows)[n].id);
    if (ids.empty() || pipeline_->outbox_delivered(ids)) return true;
  }
  return false;
}

bool Script::send(std::uint64_t step) {
  const auto offset = static_cast<std::int64_t>(step);
  decode::Delivery delivery;
  for (const std::string& text : inputs_of(step)) {
    delivery.items.push_back(decode::decode_one(text, {"kafka", "t", 0, offset}));
  }
  delivery.next = {{"kafka", "t", 0, offset + 1}};
  const auto receipts = decode::deliver(std::move(delivery), pipeline_->intake(), kPatience);
  return receipts && !receipts->empty();
}

void Script::between(const std::function<void()>& work) const {
  static_cast<void>(pipeline_->ask([&](const engine::Engine&) { return work(), 0; }, kPatience));
}

Seen Script::see() const { return fault::see(*pipeline_, folder_); }
Seen Script::see(store::Reader& reader) const { return fault::see(*pipeline_, reader); }

Seen see(pipeline::Pipeline& pipeline, const std::string& folder) {
  const auto reader = store::Reader::open(folder);
  return reader ? see(pipeline, **reader) : Seen{};
}

Seen see(pipeline::Pipeline& pipeline, store::Reader& reader) {
  Seen out;
  const auto head = reader.chain_head();
  if (!head) return out;
  out.record = head->seq.value;
  out.chain = head->entry;
  out.elements = pipeline.ask([](const engine::Engine& engine) { return digest_of_engine(engine); })
                     .value_or(base::Digest{});
  out.transitions = digest_of_transitions(reader);
  out.alerts = digest_of_alerts(reader);
  out.outbox = digest_of_outbox(reader);
  return out;
}

}  // namespace patuh::fault
