// metrics: what Prometheus scrapes. The only includer of prometheus-cpp.
//
// Modules return plain Stats; whoever composes the program registers sources that turn them into
// families when somebody scrapes, so that no series needs book-keeping. Two formats: Prometheus'
// text and OpenMetrics (exemplars), both sorted, so that equal states give equal pages.
//
//   metrics::Registry registry({.series_max = 20000});
//   registry.add([&] { return families_of(*pipeline.view()); });
//   std::string page = registry.render(metrics::Format::kText);
//
// Threads: add() before others use it; render(), count() from any thread. Sources are called on the
// scraping thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"

namespace patuh::metrics {

using Labels = std::map<std::string, std::string>;

enum class Type : std::uint8_t { kCounter, kGauge, kInfo };

// An example event behind a counter, shown in OpenMetrics only.
struct Exemplar {
  Labels labels;  // at most 128 characters in all, else it is left out
  double value = 1;
  base::Instant at{};
};
struct Sample {
  Labels labels;
  double value = 0;
  std::optional<Exemplar> exemplar;
};
// Names: prefix patuh_, base units, counters end in _total, infos in _info. Checked when rendered:
// a family with a bad name or label name is left out and counted.
struct Family {
  std::string name;
  std::string help;
  Type type = Type::kGauge;
  std::vector<Sample> samples;
};
using Source = std::function<std::vector<Family>()>;

enum class Format : std::uint8_t { kText, kOpenMetrics };
// What a scraper's Accept header asks for.
Format format_of(std::string_view accept);
std::string_view content_type_of(Format format);

struct Options {
  std::size_t series_max = 20'000;
};

class Registry {
 public:
  explicit Registry(const Options& options);
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  void add(Source source);
  // Counts an event of the process itself, e.g. an HTTP answer.
  void count(const std::string& name, const std::string& help, const Labels& labels, double by = 1);
  // The page. Families of one name are put together; beyond series_max the largest families are cut
  // until the rest has room, which patuh_metrics_series_cut counts.
  std::string render(Format format) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace patuh::metrics
