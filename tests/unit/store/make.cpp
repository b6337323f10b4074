#include "make.h"

#include <cstdlib>
#include <filesystem>

namespace patuh::store {

TemporaryFolder::TemporaryFolder() {
  // In memory where that is possible: these tests are about what is written, not about the disk.
  std::filesystem::path below = "/dev/shm";
  if (!std::filesystem::is_directory(below)) below = std::filesystem::temp_directory_path();
  std::string pattern = (below / "patuh-store-XXXXXX").string();
  const char* made = ::mkdtemp(pattern.data());
  EXPECT_NE(made, nullptr);
  path_ = pattern;
}
TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(path_); }

std::unique_ptr<Store> open_store(const TemporaryFolder& folder) {
  return must(Store::open(folder.data(), {}));
}
std::unique_ptr<Reader> open_reader(const TemporaryFolder& folder) {
  return must(Reader::open(folder.data()));
}

Instant at(std::int64_t seconds) {
  return Instant(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)) +
         std::chrono::seconds(seconds);
}

model::Envelope make_event(std::uint64_t number) {
  model::Envelope out;
  out.type = "id.patuh.element.upserted.v1";
  out.source = "/simda/" + std::to_string(number % 5);
  out.id = "e-" + std::to_string(number);
  if (number % 3 != 0) out.time = at(static_cast<std::int64_t>(number));
  if (number % 2 != 0) out.version = static_cast<std::int64_t>(number) * 1'000'000;
  out.subject = "aplikasi/app-" + std::to_string(number % 20);
  out.data = R"({"nama":"Aplikasi )" + std::to_string(number) + R"(","status":"operasional"})";
  out.position = {"kafka", "patuh.changes", static_cast<std::int32_t>(number % 3),
                  static_cast<std::int64_t>(number)};
  return out;
}

model::Transition make_transition(std::uint64_t number, Instant recorded) {
  model::Transition out;
  out.rule = "APP-SEC-0" + std::to_string(number % 3);
  out.element = {"aplikasi", "app-" + std::to_string(number % 20)};
  out.agency = "opd-" + std::to_string(number % 4);
  out.from = model::VerdictState::kCompliant;
  out.to = number % 2 == 0 ? model::VerdictState::kViolating : model::VerdictState::kUndetermined;
  out.closing = static_cast<model::Closing>(number % 4);
  out.severity = static_cast<model::Severity>(number % 4);
  out.since = recorded - std::chrono::hours(1);
  out.recorded = recorded;
  if (number % 5 == 0) out.occurrence = "rilis-" + std::to_string(number);
  if (number % 5 == 1) out.reason = "missing: nama";
  out.evidence = {{"", "status", "\"operasional\""}, {"keamanan/k-1", "berlaku_sampai", "null"}};
  out.cause_source = "/simda/1";
  out.cause_id = "e-" + std::to_string(number);
  out.cause_type = "event";
  out.rule_version = static_cast<std::uint32_t>(number);
  return out;
}

AlertRow make_alert(std::uint64_t number) {
  AlertRow out;
  out.element = {"aplikasi", "app-" + std::to_string(number)};
  out.rule = "APP-SEC-01";
  out.key = out.rule + "|" + out.element.text() + "||1";
  out.agency = "opd-1";
  out.severity = model::Severity::kHigh;
  out.phase = Phase::kFiring;
  out.started = at(static_cast<std::int64_t>(number));
  out.fired = out.started + std::chrono::seconds(10);
  out.cause = "e-" + std::to_string(number);
  out.occurrence = "rilis-1";
  out.told = true;
  out.notice = R"({"rule":"APP-SEC-01"})";
  return out;
}

namespace {

Quarantined make_quarantined(std::uint64_t n) {
  Quarantined out;
  out.reason = n % 2 == 0 ? "not-json" : "too-large";
  out.message = "the input is not JSON";
  out.position = {"http", "", 0, static_cast<std::int64_t>(n)};
  out.bytes = "{broken " + std::to_string(n);
  out.size = out.bytes.size();
  out.sha256 = base::sha256(out.bytes);
  return out;
}

}  // namespace

Batch make_batch(std::uint64_t n) {
  Batch out;
  const Instant now = at(static_cast<std::int64_t>(n) * 60);
  out.record.now = now;
  for (std::uint64_t i = 1; i <= n % 7; ++i) {
    out.record.events.push_back(make_event(events_in(n - 1) + i));
  }
  for (std::uint64_t i = 1; i <= n % 4; ++i) {
    out.transitions.push_back(make_transition(transitions_in(n - 1) + i, now));
  }
  if (n % 7 == 0) out.record.kind = RecordKind::kTimeStep;
  if (n % 14 == 0) {
    out.record.kind = RecordKind::kPackActivated;
    out.record.payload = R"({"pack":"spbe","version":)" + std::to_string(n) + "}";
  }
  if (n % 3 == 0) {
    out.alerts.push_back(make_alert(n % 9));
    out.outbox.push_back({"alertmanager", "notice", "notice of batch " + std::to_string(n)});
  }
  if (n % 5 == 0) out.quarantined.push_back(make_quarantined(n));
  out.offsets.push_back({"kafka", "patuh.changes", static_cast<std::int32_t>(n % 3),
                         static_cast<std::int64_t>(n) * 100});
  return out;
}

std::uint64_t events_in(std::uint64_t n) {
  std::uint64_t sum = n / 7 * 21;
  for (std::uint64_t i = 1; i <= n % 7; ++i) sum += i;
  return sum;
}

std::uint64_t transitions_in(std::uint64_t n) {
  std::uint64_t sum = n / 4 * 6;
  for (std::uint64_t i = 1; i <= n % 4; ++i) sum += i;
  return sum;
}

void expect_equal(const model::Envelope& a, const model::Envelope& b) {
  EXPECT_EQ(a.type, b.type);
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.time, b.time);
  EXPECT_EQ(a.version, b.version);
  EXPECT_EQ(a.subject, b.subject);
  EXPECT_EQ(a.data, b.data);
  EXPECT_EQ(a.position.channel, b.position.channel);
  EXPECT_EQ(a.position.topic, b.position.topic);
  EXPECT_EQ(a.position.partition, b.position.partition);
  EXPECT_EQ(a.position.offset, b.position.offset);
}

void expect_equal(const model::Transition& a, const model::Transition& b) {
  EXPECT_EQ(a.rule, b.rule);
  EXPECT_EQ(a.element, b.element);
  EXPECT_EQ(a.agency, b.agency);
  EXPECT_EQ(a.from, b.from);
  EXPECT_EQ(a.to, b.to);
  EXPECT_EQ(a.closing, b.closing);
  EXPECT_EQ(a.severity, b.severity);
  EXPECT_EQ(a.since, b.since);
  EXPECT_EQ(a.recorded, b.recorded);
  EXPECT_EQ(a.occurrence, b.occurrence);
  EXPECT_EQ(a.reason, b.reason);
  ASSERT_EQ(a.evidence.size(), b.evidence.size());
  for (std::size_t i = 0; i < a.evidence.size(); ++i) {
    EXPECT_EQ(a.evidence[i].element, b.evidence[i].element);
    EXPECT_EQ(a.evidence[i].field, b.evidence[i].field);
    EXPECT_EQ(a.evidence[i].value, b.evidence[i].value);
  }
  EXPECT_EQ(a.cause_source, b.cause_source);
  EXPECT_EQ(a.cause_id, b.cause_id);
  EXPECT_EQ(a.cause_type, b.cause_type);
  EXPECT_EQ(a.rule_version, b.rule_version);
}

void expect_equal(const AlertRow& a, const AlertRow& b) {
  EXPECT_EQ(a.key, b.key);
  EXPECT_EQ(a.agency, b.agency);
  EXPECT_EQ(a.rule, b.rule);
  EXPECT_EQ(a.element, b.element);
  EXPECT_EQ(a.severity, b.severity);
  EXPECT_EQ(a.phase, b.phase);
  EXPECT_EQ(a.started, b.started);
  EXPECT_EQ(a.fired, b.fired);
  EXPECT_EQ(a.resolved, b.resolved);
  EXPECT_EQ(a.cause, b.cause);
  EXPECT_EQ(a.occurrence, b.occurrence);
  EXPECT_EQ(a.told, b.told);
  EXPECT_EQ(a.notice, b.notice);
}

void expect_holds(Reader& reader, std::uint64_t n) {
  SCOPED_TRACE("batch " + std::to_string(n));
  const Batch batch = make_batch(n);
  const std::optional<StoredRecord> stored = must(reader.record(Seq{n}));
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->record.kind, batch.record.kind);
  EXPECT_EQ(stored->record.now, batch.record.now);
  EXPECT_EQ(stored->record.payload, batch.record.payload);
  EXPECT_FALSE(stored->body_deleted);
  ASSERT_EQ(stored->record.events.size(), batch.record.events.size());
  for (std::size_t i = 0; i < batch.record.events.size(); ++i) {
    expect_equal(stored->record.events[i], batch.record.events[i]);
  }
  ASSERT_EQ(stored->alerts.size(), batch.alerts.size());
  for (std::size_t i = 0; i < batch.alerts.size(); ++i) {
    expect_equal(stored->alerts[i], batch.alerts[i]);
  }
  ASSERT_EQ(stored->offsets.size(), batch.offsets.size());
  EXPECT_EQ(stored->offsets.front().next, batch.offsets.front().next);
  const auto transitions =
      must(reader.transitions({.after = TransitionNumber{transitions_in(n - 1)},
                               .before = TransitionNumber{transitions_in(n) + 1}}));
  ASSERT_EQ(transitions.size(), batch.transitions.size());
  for (std::size_t i = 0; i < batch.transitions.size(); ++i) {
    EXPECT_EQ(transitions[i].seq, Seq{n});
    expect_equal(transitions[i].transition, batch.transitions[i]);
  }
}

}  // namespace patuh::store
