// Both exposition formats, from prometheus-cpp's families. Private to metrics.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

#include "metrics/metrics.h"

namespace patuh::metrics {

// A family with what prometheus-cpp's own type has no place for.
struct Prepared {
  prometheus::MetricFamily family;
  bool info = false;
  std::vector<std::optional<Exemplar>> exemplars;  // by place in family.metric; may be empty
};

// `families` are sorted by name, their metrics by labels.
std::string write_text(const std::vector<Prepared>& families);
std::string write_open_metrics(const std::vector<Prepared>& families);

}  // namespace patuh::metrics
