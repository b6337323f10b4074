// Whom a sink works with, in tests: an outbox in memory, and Debian's Alertmanager.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "sinks/sinks.h"

namespace patuh::sinks {

// Notice `number`, of one rule, agency and cause unless it is changed.
alerts::Notice make_notice(int number, bool firing = true);

class MemoryOutbox {
 public:
  Outbox outbox();
  void add(const alerts::Notice& notice);
  void add(std::string kind, std::string payload);
  void stand_open(const alerts::Notice& notice);  // what a start finds told and open
  void break_down(bool broken);                   // everything answers kUnavailable
  std::size_t waiting() const;
  std::size_t attempts() const;  // calls of failed()

 private:
  mutable std::mutex mutex_;
  std::map<std::uint64_t, Row> rows_;
  std::uint64_t last_ = 0;
  std::vector<std::string> open_;
  bool broken_ = false;
  std::size_t attempts_ = 0;
};

// The real program on a free port of the loopback, its data in a folder that goes with it.
class RealAlertmanager {
 public:
  static bool installed();
  RealAlertmanager();
  ~RealAlertmanager();
  RealAlertmanager(const RealAlertmanager&) = delete;
  RealAlertmanager& operator=(const RealAlertmanager&) = delete;
  void start();  // and waits until it is ready; on the same port each time
  void stop();
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // The active alerts, as its API gives them.
  struct Seen {
    std::map<std::string, std::string> labels, annotations;
    std::string starts, link;
  };
  std::vector<Seen> alerts() const;
  std::vector<std::string> elements() const;  // of the active alerts, sorted

 private:
  std::string folder_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

// Looks until `done` or for half a minute; says whether it was.
bool eventually(const std::function<bool()>& done);

}  // namespace patuh::sinks
