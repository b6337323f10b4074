// Alerts in the form of Alertmanager's v2 API, made of notices and digests. Private to sinks.
#pragma once

#include <map>
#include <span>
#include <string>

#include "sinks/sinks.h"

namespace patuh::sinks {

struct Alert {
  std::map<std::string, std::string> labels;  // its identity, fixed for the episode
  std::map<std::string, std::string> annotations;
  base::Instant starts{};
  base::Instant ends{};
  std::string link;
};

// Makes alerts whose links begin with `external_url`. Firing ones are good until `until`, when
// Alertmanager resolves them by itself unless they are sent again.
class AlertMaker {
 public:
  explicit AlertMaker(std::string external_url);
  Alert of(const alerts::Notice& notice, base::Instant until) const;
  // `count` firing ones of the first's agency, rule and cause; with none it is resolved at `until`.
  Alert of_group(const alerts::Notice& first, std::size_t count, base::Instant until) const;
  Alert of(const Digest& digest, base::Instant until) const;

 private:
  std::string agency_link(const std::string& agency) const;
  std::string external_url_;
};

// The array that POST /api/v2/alerts takes. Labels and annotations without a value are left out.
std::string body_of(std::span<const Alert> alerts);

}  // namespace patuh::sinks
