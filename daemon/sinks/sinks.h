// sinks: tell people's systems what the store's outbox holds. One worker thread a sink, fed from
// the durable outbox, so that nothing is lost when a receiver is away, and nothing here ever blocks
// the engine. Alertmanager's v2 API is the first sink; webhook and Kafka topic take the same seam.
//
// A sink never sees the registry: what it tells stands whole in the outbox row.
//
//   auto sink = sinks::make_alertmanager({.urls = {"http://127.0.0.1:9093"}}, outbox);
//   sink->start();
//   sink->wake();                      // rows were committed
//
// Threads: start(), stop() on the owner's thread; wake() and stats() from any.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/alerts.h"
#include "base/base.h"

namespace patuh::sinks {

// ── What outbox rows carry ──────────────────────────────────────────────────────────────────────

inline constexpr std::string_view kNoticeKind = "notice";
inline constexpr std::string_view kDigestKind = "digest";

// JSON with fixed member order; decode(encode(x)) is x. kCorrupt for anything else.
std::string encode(const alerts::Notice& notice);
base::Result<alerts::Notice> decode_notice(std::string_view payload);

// What still fires in one agency at the end of an import: one message in place of many.
struct Digest {
  std::string agency;
  base::Instant at{};
  std::array<std::uint64_t, 4> firing{};  // by Severity's value
};
std::string encode(const Digest& digest);
base::Result<Digest> decode_digest(std::string_view payload);
// Counts what is open.
class Digests {
 public:
  void add(const alerts::Notice& open);
  // One an agency, by agency code.
  std::vector<Digest> as_of(base::Instant at) const;

 private:
  std::map<std::string, Digest, std::less<>> by_agency_;
};

// ── The outbox, as the composer of the program provides it ──────────────────────────────────────

struct Row {
  std::uint64_t id = 0;
  std::string kind;
  std::string payload;
  base::Instant queued{};
};
// Each may be called from the sink's thread and may block for as long as the disk does.
struct Outbox {
  // The oldest rows, in order, at most `limit`; one that is not due ends them.
  std::function<base::Result<std::vector<Row>>(std::size_t limit)> pending;
  std::function<base::Status(std::vector<std::uint64_t> ids)> delivered;
  std::function<base::Status(std::vector<std::uint64_t> ids, base::Instant next_attempt)> failed;
  // Notices of episodes that were told and stand open; asked once at the start, to send them again.
  std::function<base::Result<std::vector<std::string>>()> open_notices;
};

struct Stats {
  bool up = false;            // the last attempt succeeded
  std::uint64_t sent = 0;     // rows delivered
  std::uint64_t failed = 0;   // attempts that failed
  std::uint64_t refused = 0;  // alerts, each time they were refused, and rows nobody can read
  std::uint64_t queued = 0;   // rows that waited when it last looked; at most a thousand
  std::uint64_t active = 0;   // firing alerts that are sent again and again
  base::Instant last_success = base::kNever;
  double seconds = 0;  // from commit to delivery, summed over sent rows
};

// ── Sinks ───────────────────────────────────────────────────────────────────────────────────────

class Sink {
 public:
  virtual ~Sink() = default;
  virtual void start() = 0;
  virtual void stop() = 0;  // what is not sent stays in the outbox
  virtual void wake() = 0;  // rows were committed
  virtual Stats stats() const = 0;
};

struct AlertmanagerOptions {
  std::vector<std::string> urls;  // all of them are told; one that takes it is enough
  std::string external_url;       // of the console, in every link; no slash at its end
  std::chrono::milliseconds resend{60'000};
  std::chrono::milliseconds timeout{15'000};  // of one request
  // After which firing alerts that all refused are tried once more: it may have been mended.
  std::chrono::milliseconds refused_rest{600'000};
  // More that begin at once with one agency, rule and cause become one alert with their count.
  std::size_t group_over = 50;
};
std::unique_ptr<Sink> make_alertmanager(AlertmanagerOptions options, Outbox outbox);

}  // namespace patuh::sinks
