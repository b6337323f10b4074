#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <thread>

#include "http_client/http_client.h"
#include "sinks/standing.h"

namespace patuh::sinks {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kRowsMost = 1000;
constexpr std::size_t kAlertsInPost = 500;
constexpr milliseconds kLookEvery{1000};
constexpr milliseconds kRetryFirst{250};
constexpr milliseconds kRetryMost{60'000};
// Of one that does not answer while others do: each look at it holds up what those are told next.
constexpr milliseconds kRestFirst{15'000};
constexpr milliseconds kRestMost{120'000};
// Alertmanager resolves by itself what is not repeated; three missed repetitions are a death.
constexpr int kLivesResends = 4;
constexpr std::chrono::hours kDigestStands{24};

// Answers after which the same bytes are of no use.
bool is_refusal(long status) { return status == 400 || status == 413 || status == 422; }

// kTaken: what will ever be taken was taken.
enum class Posted : std::uint8_t { kTaken, kAway };

// Waits between attempts: doubled each time, somewhere in the upper half.
class Backoff {
 public:
  Backoff(milliseconds first, milliseconds most) : first_(first), most_(most) {}
  void succeeded() { wait_ = milliseconds(0); }
  void failed(Steady::time_point now) {
    wait_ = std::clamp(wait_ * 2, first_, most_);
    std::uniform_int_distribution<milliseconds::rep> spread(wait_.count() / 2, wait_.count());
    until_ = now + milliseconds(spread(random_));
  }
  bool has_failed() const { return wait_.count() > 0; }
  bool waits(Steady::time_point now) const { return has_failed() && now < until_; }

 private:
  milliseconds first_, most_;
  milliseconds wait_{0};
  Steady::time_point until_{};
  std::minstd_rand random_{std::random_device{}()};
};

http_client::Options waiting(milliseconds timeout) {
  http_client::Options out;
  out.timeout = timeout;
  return out;
}

class AlertmanagerSink final : public Sink {
 public:
  AlertmanagerSink(AlertmanagerOptions options, Outbox outbox)
      : options_(std::move(options)),
        outbox_(std::move(outbox)),
        client_(waiting(options_.timeout)),
        brief_client_(waiting(options_.timeout / 3)),
        maker_(options_.external_url),
        standing_(maker_, options_.group_over) {
    for (const std::string& url : options_.urls) peers_.emplace_back(url, options_.resend);
  }
  ~AlertmanagerSink() override { stop(); }

  void start() override {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  void stop() override {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
  }
  void wake() override {
    int nudge = 0;
    // A full queue of nudges wakes as well as one more.
    static_cast<void>(nudges_.try_push(nudge));
  }
  Stats stats() const override {
    const auto held = stats_.load();
    return held ? *held : Stats{};
  }

 private:
  void run(const std::stop_token& stop) {
    stop_ = stop;
    while (!stop.stop_requested()) {
      if (!backoff_.waits(Steady::now())) work();
      state_.active = standing_.size();
      stats_.store(std::make_shared<const Stats>(state_));
      static_cast<void>(nudges_.pop_some(nudges_.capacity(), kLookEvery, stop));
    }
  }

  void work() {
    if (!restored_ && !restore()) return;
    while (flush() && !stop_.stop_requested()) {
    }
    if (!backoff_.waits(Steady::now())) resend();
  }

  // After a start: what stands open was told and is told again until it resolves.
  bool restore() {
    const auto open = outbox_.open_notices();
    if (!open) return outbox_failed(open.error());
    std::vector<alerts::Notice> notices;
    for (const std::string& payload : *open) {
      if (auto notice = decode_notice(payload); notice && notice->firing) {
        notices.push_back(std::move(*notice));
      }
    }
    standing_.commit(standing_.plan(std::move(notices), base::Instant{}));
    restored_ = true;
    return true;
  }

  base::Instant lives_until() const {
    return base::system_clock().now() + options_.resend * kLivesResends;
  }

  // Sends the oldest rows. True when there may be more to send now.
  bool flush() {
    const auto rows = outbox_.pending(kRowsMost);
    if (!rows) return outbox_failed(rows.error());
    state_.queued = rows->size();
    if (rows->empty()) return false;
    std::vector<alerts::Notice> notices;
    std::vector<Alert> digests;
    for (const Row& row : *rows) read(row, notices, digests);
    Standing::Plan plan = standing_.plan(std::move(notices), lives_until());
    std::ranges::move(digests, std::back_inserter(plan.alerts));
    if (post_all(plan.alerts) == Posted::kAway) {
      note_attempt(*rows);
      return false;
    }
    standing_.commit(std::move(plan));
    return settle(*rows) && rows->size() == kRowsMost;
  }

  void read(const Row& row, std::vector<alerts::Notice>& notices, std::vector<Alert>& digests) {
    if (row.kind == kNoticeKind) {
      if (auto notice = decode_notice(row.payload)) return notices.push_back(std::move(*notice));
    } else if (row.kind == kDigestKind) {
      if (const auto digest = decode_digest(row.payload)) {
        const base::Instant until = base::system_clock().now() + kDigestStands;
        return digests.push_back(maker_.of(*digest, until));
      }
    }
    ++state_.refused;
    base::log(base::LogLevel::kError, "an outbox row cannot be read and is dropped",
              {{"row", std::to_string(row.id)}, {"kind", row.kind}});
  }

  // The rows stay due: only in their order do alerts end as they should. When to try again is this
  // thread's own affair.
  void note_attempt(const std::vector<Row>& rows) {
    if (stop_.stop_requested()) return;
    const auto noted = outbox_.failed(ids_of(rows), base::system_clock().now());
    if (!noted) outbox_failed(noted.error());
  }

  bool settle(const std::vector<Row>& rows) {
    const base::Instant done = base::system_clock().now();
    // Not removed: told once more, which Alertmanager takes as the same alerts.
    if (const auto removed = outbox_.delivered(ids_of(rows)); !removed) {
      return outbox_failed(removed.error());
    }
    for (const Row& row : rows) {
      state_.seconds += std::chrono::duration<double>(done - row.queued).count();
    }
    state_.sent += rows.size();
    state_.queued = 0;
    return true;
  }

  static std::vector<std::uint64_t> ids_of(const std::vector<Row>& rows) {
    std::vector<std::uint64_t> out;
    out.reserve(rows.size());
    for (const Row& row : rows) out.push_back(row.id);
    return out;
  }

  // The store did not answer: later again.
  bool outbox_failed(const base::Error& error) {
    backoff_.failed(Steady::now());
    base::log(base::LogLevel::kWarning, "a sink cannot reach the outbox",
              {{"sink", "alertmanager"}, {"error", error.message}});
    return false;
  }

  void resend() {
    const Steady::time_point now = Steady::now();
    if (now < resend_at_) return;
    // What was not tried again when it was its turn stands no more.
    std::erase_if(refused_, [&](const auto& one) {
      return one.second + options_.refused_rest + options_.resend < now;
    });
    std::vector<Alert> alerts = standing_.alerts(lives_until());
    std::erase_if(alerts, [&](const Alert& alert) {
      const auto refused = refused_.find(alert.labels);
      return refused != refused_.end() && now < refused->second;
    });
    if (alerts.empty() || post_all(alerts) == Posted::kTaken) resend_at_ = now + options_.resend;
  }

  // In order, some hundreds a request.
  Posted post_all(std::span<const Alert> alerts) {
    while (!alerts.empty()) {
      const std::size_t size = std::min(alerts.size(), kAlertsInPost);
      if (post(alerts.first(size)) == Posted::kAway) {
        ++state_.failed;
        state_.up = false;
        backoff_.failed(Steady::now());
        return Posted::kAway;
      }
      alerts = alerts.subspan(size);
      state_.up = true;
      state_.last_success = base::system_clock().now();
    }
    backoff_.succeeded();
    return Posted::kTaken;
  }

  // Of an array that was refused the good alerts may have been taken or not: halved, until the one
  // that is at fault is alone.
  Posted post(std::span<const Alert> alerts) {
    const std::optional<Posted> answer = post_once(alerts);
    if (answer) return *answer;
    if (alerts.size() == 1) {
      ++state_.refused;
      const Steady::time_point again = Steady::now() + options_.refused_rest;
      const bool first = refused_.insert_or_assign(alerts.front().labels, again).second;
      base::log(first ? base::LogLevel::kError : base::LogLevel::kDebug,
                "Alertmanager refuses an alert; while it fires it is tried again now and then",
                {{"alert", alerts.front().link}});
      return Posted::kTaken;
    }
    const std::size_t half = alerts.size() / 2;
    if (post(alerts.first(half)) == Posted::kAway) return Posted::kAway;
    return post(alerts.subspan(half));
  }

  struct Peer {
    // Back before what it was told last ends by itself.
    Peer(std::string at, milliseconds resend)
        : url(std::move(at)), rest(std::min(kRestFirst, resend), std::min(kRestMost, resend * 2)) {}
    std::string url;
    Backoff rest;
    bool complained = false;
  };

  // Every Alertmanager is told, as they do not tell each other; one that takes it is enough. Those
  // that took the last are told first: one that hangs holds up none of them.
  // Nothing: all that answered refuse it.
  std::optional<Posted> post_once(std::span<const Alert> alerts) {
    const std::string body = body_of(alerts);
    std::ranges::partition(peers_, [](const Peer& peer) { return !peer.rest.has_failed(); });
    bool taken = false;
    bool refused = false;
    for (Peer& peer : peers_) {
      if (taken && peer.rest.waits(Steady::now())) continue;
      http_client::Client& client = taken && peer.rest.has_failed() ? brief_client_ : client_;
      const auto answer = client.send(
          {"POST", peer.url + "/api/v2/alerts", {{"Content-Type", "application/json"}}, body},
          stop_);
      if (answer && answer->status / 100 == 2) {
        taken = true;
        peer.rest.succeeded();
        peer.complained = false;
        continue;
      }
      if (answer && is_refusal(answer->status)) {
        refused = true;
      } else {
        peer.rest.failed(Steady::now());
      }
      complain(peer, answer ? std::to_string(answer->status) + " " + answer->body
                            : answer.error().message);
    }
    if (taken) return Posted::kTaken;
    return refused ? std::nullopt : std::optional(Posted::kAway);
  }

  // Once an outage of each, not once an attempt.
  void complain(Peer& peer, const std::string& why) {
    if (stop_.stop_requested()) return;
    base::log(peer.complained ? base::LogLevel::kDebug : base::LogLevel::kWarning,
              "Alertmanager did not take the alerts",
              {{"url", http_client::shown(peer.url)}, {"error", why}});
    peer.complained = true;
  }

  const AlertmanagerOptions options_;
  const Outbox outbox_;
  http_client::Client client_;
  http_client::Client brief_client_;  // for who did not answer, while others do
  const AlertMaker maker_;
  Standing standing_;
  std::vector<Peer> peers_;
  bool restored_ = false;
  // By their labels, with when they may be sent again.
  std::map<std::map<std::string, std::string>, Steady::time_point> refused_;
  Backoff backoff_{kRetryFirst, kRetryMost};
  Steady::time_point resend_at_{};
  Stats state_;
  std::stop_token stop_;
  base::Published<Stats> stats_;
  base::Queue<int> nudges_{64};
  std::jthread thread_;
};

}  // namespace

std::unique_ptr<Sink> make_alertmanager(AlertmanagerOptions options, Outbox outbox) {
  // As browsers show it: behind another slash its paths would lead elsewhere.
  for (std::string& url : options.urls) {
    while (url.ends_with('/')) url.pop_back();
  }
  return std::make_unique<AlertmanagerSink>(std::move(options), std::move(outbox));
}

}  // namespace patuh::sinks
