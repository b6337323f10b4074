#include "app/notify.h"

#include <systemd/sd-daemon.h>
#include <time.h>

#include <cstdint>

namespace patuh::app {
namespace {

void send(const std::string& state) { static_cast<void>(sd_notify(0, state.c_str())); }

}  // namespace

void notify_ready(const std::string& status) { send("READY=1\nSTATUS=" + status); }

void notify_reloading() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const auto micros = static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(micros));
}

void notify_stopping() { send("STOPPING=1"); }
void notify_status(const std::string& status) { send("STATUS=" + status); }
void notify_alive() { send("WATCHDOG=1"); }

std::chrono::milliseconds watchdog_period() {
  std::uint64_t micros = 0;
  if (sd_watchdog_enabled(0, &micros) <= 0) return std::chrono::milliseconds(0);
  return std::chrono::milliseconds(micros / 2000);
}

}  // namespace patuh::app
