#include <algorithm>
#include <map>
#include <random>
#include <thread>

#include "http_client/http_client.h"
#include "json/json.h"
#include "sinks/sinks.h"

namespace patuh::sinks {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kRowsMost = 1000;
constexpr milliseconds kLookEvery{1000};  // for rows whose next attempt has come
constexpr milliseconds kRetryFirst{250};
constexpr milliseconds kRetryMost{60'000};
// Alertmanager resolves by itself what is not repeated; three missed repetitions are a death.
constexpr int kLivesResends = 4;
constexpr std::chrono::hours kDigestStands{24};

std::string path_encoded(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kDigits[static_cast<unsigned char>(c) >> 4U];
      out += kDigits[static_cast<unsigned char>(c) & 15U];
    }
  }
  return out;
}

// One alert as Alertmanager's v2 API takes it.
struct Alert {
  std::map<std::string, std::string> labels;  // its identity, fixed for the episode
  std::map<std::string, std::string> annotations;
  base::Instant starts{};
  base::Instant ends{};
  std::string link;
};

void write_map(json::Writer& out, std::string_view key,
               const std::map<std::string, std::string>& values) {
  out.key(key).begin_object();
  for (const auto& [name, value] : values) {
    if (!value.empty()) out.member(name, value);
  }
  out.end_object();
}

std::string body_of(const std::vector<Alert>& alerts) {
  json::Writer out;
  out.begin_array();
  for (const Alert& alert : alerts) {
    out.begin_object();
    write_map(out, "labels", alert.labels);
    write_map(out, "annotations", alert.annotations);
    out.member("startsAt", base::to_rfc3339(alert.starts));
    out.member("endsAt", base::to_rfc3339(alert.ends));
    out.member("generatorURL", alert.link);
    out.end_object();
  }
  return out.end_array().take();
}

class AlertmanagerSink final : public Sink {
 public:
  AlertmanagerSink(AlertmanagerOptions options, Outbox outbox)
      : options_(std::move(options)), outbox_(std::move(outbox)), client_({}) {}
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
    static_cast<void>(nudges_.try_push(nudge));
  }
  Stats stats() const override {
    const auto held = stats_.load();
    return held ? *held : Stats{};
  }

 private:
  void run(const std::stop_token& stop) {
    bool restored = false;
    while (!stop.stop_requested()) {
      if (!restored) restored = restore();
      flush();
      resend();
      stats_.store(std::make_shared<const Stats>(state_));
      static_cast<void>(nudges_.pop_some(64, kLookEvery, stop));
    }
  }

  // After a start: what stands open was told and is told again until it resolves.
  bool restore() {
    auto open = outbox_.open_notices();
    if (!open) return false;
    for (const std::string& payload : *open) {
      if (auto notice = decode_notice(payload)) active_.insert_or_assign(notice->key, *notice);
    }
    resend_at_ = base::Instant{};
    return true;
  }

  std::string verdict_link(const alerts::Notice& notice) const {
    return options_.external_url + "/verdicts/" + path_encoded(notice.rule) + "/" +
           path_encoded(notice.element.kind) + "/" + path_encoded(notice.element.id);
  }

  base::Instant lives_until(base::Instant now) const {
    return now + options_.resend * kLivesResends;
  }

  Alert alert_of(const alerts::Notice& notice, base::Instant now) const {
    Alert out;
    out.labels = {{"alertname", notice.rule},
                  {"agency", notice.agency},
                  {"rule", notice.rule},
                  {"element", notice.element.text()},
                  {"severity", std::string(model::name_of(notice.severity))},
                  {"cause", notice.cause},
                  {"occurrence", notice.occurrence},
                  {"deployment", notice.deployment ? "true" : ""}};
    out.link = verdict_link(notice);
    out.annotations = {
        {"summary", notice.summary_id},
        {"summary_en", notice.summary_en},
        {"remedy", notice.remedy_id},
        {"remedy_en", notice.remedy_en},
        {"link", out.link},
        {"agency_link", options_.external_url + "/agencies/" + path_encoded(notice.agency)}};
    out.starts = notice.started;
    out.ends = notice.firing ? lives_until(now) : std::max(notice.at, notice.started);
    return out;
  }

  // Many of one (agency, rule, cause) at once: one alert with their count and a link to the list.
  Alert group_of(const alerts::Notice& first, std::size_t count, base::Instant now) const {
    Alert out = alert_of(first, now);
    out.labels["element"] = "*";
    out.labels["occurrence"] = "";
    out.link = options_.external_url + "/agencies/" + path_encoded(first.agency);
    out.annotations["link"] = out.link;
    out.annotations["count"] = std::to_string(count);
    return out;
  }

  Alert alert_of(const Digest& digest, base::Instant now) const {
    Alert out;
    std::string counts;
    for (const model::Severity severity : model::kSeverities) {
      counts += (counts.empty() ? "" : ", ") + std::string(model::name_of(severity)) + " " +
                std::to_string(digest.firing[static_cast<std::size_t>(severity)]);
    }
    out.labels = {{"alertname", "PatuhDigest"}, {"agency", digest.agency}, {"severity", "digest"}};
    out.link = options_.external_url + "/agencies/" + path_encoded(digest.agency);
    out.annotations = {{"summary", "Pelanggaran dari riwayat: " + counts},
                       {"summary_en", "Violations found in history: " + counts},
                       {"link", out.link}};
    out.starts = digest.at;
    out.ends = std::max(digest.at + kDigestStands, now);
    return out;
  }

  std::string group_key(const alerts::Notice& notice) const {
    return notice.agency + "|" + notice.rule + "|" + notice.cause;
  }

  // Alerts of a set of notices, large groups as one.
  std::vector<Alert> alerts_of(const std::vector<alerts::Notice>& notices,
                               base::Instant now) const {
    std::map<std::string, std::vector<const alerts::Notice*>> groups;
    for (const alerts::Notice& notice : notices) {
      groups[group_key(notice) + (notice.firing ? "|f" : "|r")].push_back(&notice);
    }
    std::vector<Alert> out;
    for (const auto& [key, members] : groups) {
      if (members.size() > options_.group_over) {
        out.push_back(group_of(*members.front(), members.size(), now));
      } else {
        for (const alerts::Notice* const notice : members) out.push_back(alert_of(*notice, now));
      }
    }
    return out;
  }

  void flush() {
    while (true) {
      auto rows = outbox_.pending(kRowsMost);
      if (!rows || rows->empty()) return;
      const base::Instant now = base::system_clock().now();
      std::vector<alerts::Notice> notices;
      std::vector<Alert> alerts;
      for (const Row& row : *rows) read(row, now, notices, alerts);
      // Firing before resolved, so that a pair in one flush ends resolved.
      std::ranges::stable_sort(notices, {}, [](const alerts::Notice& n) { return !n.firing; });
      std::ranges::move(alerts_of(notices, now), std::back_inserter(alerts));
      if (!settle(*rows, post(alerts), now)) return;
      for (alerts::Notice& notice : notices) note(std::move(notice));
      if (rows->size() < kRowsMost) return;
    }
  }

  void read(const Row& row, base::Instant now, std::vector<alerts::Notice>& notices,
            std::vector<Alert>& alerts) {
    if (row.kind == kDigestKind) {
      if (auto digest = decode_digest(row.payload)) {
        alerts.push_back(alert_of(*digest, now));
        return;
      }
    } else if (auto notice = decode_notice(row.payload)) {
      notices.push_back(std::move(*notice));
      return;
    }
    ++state_.refused;
    base::log(base::LogLevel::kError, "an outbox row cannot be read and is dropped",
              {{"row", std::to_string(row.id)}});
  }

  void note(alerts::Notice notice) {
    if (notice.firing) {
      active_.insert_or_assign(notice.key, std::move(notice));
    } else {
      active_.erase(notice.key);
    }
    state_.active = active_.size();
  }

  enum class Posted { kTaken, kRefused, kAway };

  // Every Alertmanager is told; one that takes it is enough.
  Posted post(const std::vector<Alert>& alerts) {
    if (alerts.empty()) return Posted::kTaken;
    const std::string body = body_of(alerts);
    Posted out = Posted::kAway;
    for (const std::string& url : options_.urls) {
      const auto answer = client_.send(
          {"POST", url + "/api/v2/alerts", {{"Content-Type", "application/json"}}, body});
      if (answer && answer->status / 100 == 2) return Posted::kTaken;
      // On 400 the good ones of the array were taken all the same.
      if (answer && (answer->status == 400 || answer->status == 422)) out = Posted::kRefused;
      base::log(base::LogLevel::kWarning, "Alertmanager did not take the alerts",
                {{"url", url},
                 {"error", answer ? std::to_string(answer->status) + " " + answer->body
                                  : answer.error().message}});
    }
    return out;
  }

  // Tells the outbox; false when trying on now is of no use.
  bool settle(const std::vector<Row>& rows, Posted posted, base::Instant now) {
    std::vector<std::uint64_t> ids;
    for (const Row& row : rows) ids.push_back(row.id);
    state_.up = posted != Posted::kAway;
    if (posted == Posted::kAway) {
      ++state_.failed;
      wait_ = std::min(std::max(wait_ * 2, kRetryFirst), kRetryMost);
      const auto jitter = milliseconds(jitter_() % static_cast<unsigned>(wait_.count()));
      static_cast<void>(outbox_.failed(std::move(ids), now + wait_ / 2 + jitter / 2));
      return false;
    }
    wait_ = milliseconds(0);
    const base::Instant done = base::system_clock().now();
    for (const Row& row : rows) {
      state_.seconds += std::chrono::duration<double>(done - row.queued).count();
    }
    state_.last_success = done;
    state_.sent += rows.size();
    if (posted == Posted::kRefused) state_.refused += rows.size();
    // Not removed: it is told once more, which Alertmanager takes as the same alert.
    return outbox_.delivered(std::move(ids)).has_value();
  }

  void resend() {
    const base::Instant now = base::system_clock().now();
    if (now < resend_at_ || active_.empty()) return;
    std::vector<alerts::Notice> notices;
    for (const auto& [key, notice] : active_) notices.push_back(notice);
    const Posted posted = post(alerts_of(notices, now));
    state_.up = posted != Posted::kAway;
    if (posted == Posted::kAway) ++state_.failed;
    state_.active = active_.size();
    resend_at_ =
        now + (posted == Posted::kAway ? std::min(options_.resend, milliseconds(seconds(5)))
                                       : options_.resend);
  }

  const AlertmanagerOptions options_;
  const Outbox outbox_;
  http_client::Client client_;
  std::map<std::string, alerts::Notice> active_;  // told and firing, by key
  base::Instant resend_at_{};
  milliseconds wait_{0};
  std::minstd_rand jitter_{std::random_device{}()};
  Stats state_;
  base::Published<Stats> stats_;
  base::Queue<int> nudges_{64};
  std::jthread thread_;
};

}  // namespace

std::unique_ptr<Sink> make_alertmanager(AlertmanagerOptions options, Outbox outbox) {
  return std::make_unique<AlertmanagerSink>(std::move(options), std::move(outbox));
}

}  // namespace patuh::sinks
