// What patuhd's command line says. Private to app.
#pragma once

#include <string>
#include <vector>

namespace patuh::app {

struct Options {
  std::string config_file;
  std::string data_dir = "/var/lib/patuh";
  std::vector<std::string> sets;
  bool check_only = false;
};

inline constexpr int kDone = 0;
inline constexpr int kUsage = 2;
inline constexpr int kAway = 69;     // a service, the disk or an address is away
inline constexpr int kRefused = 78;  // configuration or pack refused

}  // namespace patuh::app
