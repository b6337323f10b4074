// systemd's notifications: READY, RELOADING, STOPPING, WATCHDOG. Private to app.
#pragma once

#include <chrono>
#include <string>

namespace patuh::app {

// Each does nothing outside systemd (no NOTIFY_SOCKET).
void notify_ready(const std::string& status);
void notify_reloading();
void notify_stopping();
void notify_status(const std::string& status);
void notify_alive();
// How often notify_alive() is wanted: half of what systemd waits; zero without a watchdog.
std::chrono::milliseconds watchdog_period();

}  // namespace patuh::app
