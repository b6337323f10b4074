// The families that /metrics shows, from the modules' plain values. Private to app; the reference
// is docs/metrics.md.
#pragma once

#include <vector>

#include "api/api.h"
#include "collectors/file/file.h"
#include "collectors/kafka/kafka.h"
#include "metrics/metrics.h"
#include "pipeline/pipeline.h"
#include "sinks/sinks.h"

namespace patuh::app {

std::vector<metrics::Family> families_of(const pipeline::View& view);
std::vector<metrics::Family> families_of(const file::Stats& stats);
std::vector<metrics::Family> families_of(const api::Stats& stats);
std::vector<metrics::Family> families_of(const collectors::KafkaStats& stats);
std::vector<metrics::Family> families_of(const std::string& sink, const sinks::Stats& stats);
std::vector<metrics::Family> build_family();

}  // namespace patuh::app
