#include "peers.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "http_client/http_client.h"
#include "json/json.h"
#include "tests/unit/http_client/server.h"

extern char** environ;

namespace patuh::sinks {
namespace {

constexpr const char* kProgram = "/usr/bin/prometheus-alertmanager";

std::unexpected<base::Error> broken() {
  return base::fail(base::Code::kUnavailable, "the outbox is broken");
}

std::map<std::string, std::string> strings_of(const json::Node& node) {
  std::map<std::string, std::string> out;
  for (const json::Member& member : node.members()) {
    out[std::string(member.key)] = member.value.string();
  }
  return out;
}

}  // namespace

alerts::Notice make_notice(int number, bool firing) {
  alerts::Notice out;
  const std::string n = std::to_string(number);
  out.firing = firing;
  out.agency = "DISKOMINFO";
  out.rule = "APP-SEC-01";
  out.element = {"aplikasi", "app " + n};
  out.severity = model::Severity::kCritical;
  out.cause = "e-1";
  out.started = *base::from_rfc3339("2026-01-02T03:04:05Z") + std::chrono::seconds(number);
  out.at = out.started + std::chrono::minutes(1);
  out.key = out.rule + "|" + out.element.text() + "||" + base::to_rfc3339(out.started);
  out.summary_id = "Aplikasi \"" + n + "\" tanpa ITSA";
  out.summary_en = "Application \"" + n + "\" without a security test";
  out.remedy_id = "Jadwalkan ITSA";
  out.remedy_en = "Schedule a security test";
  return out;
}

Outbox MemoryOutbox::outbox() {
  Outbox out;
  out.pending = [this](std::size_t limit) -> base::Result<std::vector<Row>> {
    const std::scoped_lock lock(mutex_);
    if (broken_) return broken();
    std::vector<Row> found;
    for (const auto& [id, row] : rows_) {
      if (found.size() < limit) found.push_back(row);
    }
    return found;
  };
  out.delivered = [this](const std::vector<std::uint64_t>& ids) -> base::Status {
    const std::scoped_lock lock(mutex_);
    if (broken_) return broken();
    for (const std::uint64_t id : ids) rows_.erase(id);
    return {};
  };
  out.failed = [this](const std::vector<std::uint64_t>&, base::Instant) -> base::Status {
    const std::scoped_lock lock(mutex_);
    ++attempts_;
    if (broken_) return broken();
    return {};
  };
  out.open_notices = [this]() -> base::Result<std::vector<std::string>> {
    const std::scoped_lock lock(mutex_);
    if (broken_) return broken();
    return open_;
  };
  return out;
}

void MemoryOutbox::add(const alerts::Notice& notice) {
  add(std::string(kNoticeKind), encode(notice));
}

void MemoryOutbox::add(std::string kind, std::string payload) {
  const std::scoped_lock lock(mutex_);
  ++last_;
  rows_[last_] = {last_, std::move(kind), std::move(payload), base::system_clock().now()};
}

void MemoryOutbox::stand_open(const alerts::Notice& notice) {
  const std::scoped_lock lock(mutex_);
  open_.push_back(encode(notice));
}

void MemoryOutbox::break_down(bool broken) {
  const std::scoped_lock lock(mutex_);
  broken_ = broken;
}

std::size_t MemoryOutbox::waiting() const {
  const std::scoped_lock lock(mutex_);
  return rows_.size();
}

std::size_t MemoryOutbox::attempts() const {
  const std::scoped_lock lock(mutex_);
  return attempts_;
}

bool RealAlertmanager::installed() { return std::filesystem::exists(kProgram); }

RealAlertmanager::RealAlertmanager() {
  folder_ = (std::filesystem::temp_directory_path() / "patuh-alertmanager-XXXXXX").string();
  if (::mkdtemp(folder_.data()) == nullptr) std::abort();
  std::ofstream(folder_ + "/alertmanager.yml")
      << "route: {receiver: none, group_by: [agency, cause]}\nreceivers: [{name: none}]\n";
  // A port that was free a moment ago.
  const testing_http::Server free_port([](const testing_http::Received&) { return ""; });
  port_ = free_port.port();
}

RealAlertmanager::~RealAlertmanager() {
  stop();
  std::filesystem::remove_all(folder_);
}

void RealAlertmanager::start() {
  std::vector<std::string> words = {kProgram,
                                    "--config.file=" + folder_ + "/alertmanager.yml",
                                    "--storage.path=" + folder_ + "/data",
                                    "--web.listen-address=127.0.0.1:" + std::to_string(port_),
                                    "--cluster.listen-address=",
                                    "--log.level=error"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  ASSERT_EQ(::posix_spawn(&pid_, kProgram, &actions, nullptr, arguments.data(), environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  http_client::Client client({});
  ASSERT_TRUE(eventually([&] {
    const auto ready = client.send({.url = url() + "/-/ready"});
    return ready && ready->status == 200;
  }));
}

void RealAlertmanager::stop() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::vector<RealAlertmanager::Seen> RealAlertmanager::alerts() const {
  http_client::Client client({});
  const auto answer = client.send({.url = url() + "/api/v2/alerts"});
  if (!answer || answer->status != 200) return {};
  const auto document = json::parse(answer->body, {});
  if (!document) return {};
  std::vector<Seen> out;
  for (const json::Node& alert : document->root().items()) {
    out.push_back({strings_of(*alert.find("labels")), strings_of(*alert.find("annotations")),
                   std::string(alert.find("startsAt")->string()),
                   std::string(alert.find("generatorURL")->string())});
  }
  return out;
}

std::vector<std::string> RealAlertmanager::elements() const {
  std::vector<std::string> out;
  for (Seen& seen : alerts()) out.push_back(seen.labels["element"]);
  std::ranges::sort(out);
  return out;
}

bool eventually(const std::function<bool()>& done) {
  for (int i = 0; i < 1500; ++i) {
    if (done()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

}  // namespace patuh::sinks
