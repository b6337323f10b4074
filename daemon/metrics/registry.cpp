#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <algorithm>

#include "metrics/write.h"

namespace patuh::metrics {
namespace {

bool is_name(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && letter(name[0]) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

bool is_well_formed(const Family& family) {
  if (!is_name(family.name)) return false;
  if (family.type == Type::kCounter && !family.name.ends_with("_total")) return false;
  if (family.type == Type::kInfo && !family.name.ends_with("_info")) return false;
  return std::ranges::all_of(family.samples, [](const Sample& sample) {
    return std::ranges::all_of(sample.labels, [](const auto& label) {
      return is_name(label.first) && !label.first.starts_with("__") && base::is_utf8(label.second);
    });
  });
}

prometheus::ClientMetric native(const Sample& sample, Type type) {
  prometheus::ClientMetric out;
  for (const auto& [name, value] : sample.labels) out.label.push_back({name, value});
  if (type == Type::kCounter) {
    out.counter.value = sample.value;
  } else {
    out.gauge.value = sample.value;
  }
  return out;
}

Prepared prepare(Family family) {
  std::ranges::sort(family.samples, {}, &Sample::labels);
  Prepared out;
  out.family.name = std::move(family.name);
  out.family.help = std::move(family.help);
  out.info = family.type == Type::kInfo;
  out.family.type = family.type == Type::kCounter ? prometheus::MetricType::Counter
                                                  : prometheus::MetricType::Gauge;
  for (Sample& sample : family.samples) {
    out.family.metric.push_back(native(sample, family.type));
    out.exemplars.push_back(std::move(sample.exemplar));
  }
  return out;
}

Family plain(const prometheus::MetricFamily& from) {
  Family out{from.name, from.help, Type::kCounter, {}};
  for (const prometheus::ClientMetric& metric : from.metric) {
    Sample sample;
    for (const auto& label : metric.label) sample.labels.emplace(label.name, label.value);
    sample.value = metric.counter.value;
    out.samples.push_back(std::move(sample));
  }
  return out;
}

using Families = std::map<std::string, Family>;

// The smaller a family, the earlier it has its room: what grows with what senders write (a series a
// source) is cut, and not what people are alerted by. Returns how many series were cut.
std::size_t cut_to(std::size_t most, Families& by_name) {
  std::vector<Family*> families;
  for (auto& [name, family] : by_name) families.push_back(&family);
  std::ranges::sort(families, {}, [](const Family* one) {
    return std::pair(one->samples.size(), std::string_view(one->name));
  });
  std::size_t cut = 0;
  for (std::size_t i = 0; i < families.size(); ++i) {
    std::vector<Sample>& samples = families[i]->samples;
    const std::size_t share = most / (families.size() - i);
    if (samples.size() > share) {
      cut += samples.size() - share;
      samples.resize(share);
    }
    most -= samples.size();
  }
  return cut;
}

}  // namespace

struct Registry::Impl {
  Options options;
  std::vector<Source> sources;
  prometheus::Registry own;  // counters of the process; its own lock
};

Registry::Registry(const Options& options) : impl_(std::make_unique<Impl>()) {
  impl_->options = options;
}
Registry::~Registry() = default;

void Registry::add(Source source) { impl_->sources.push_back(std::move(source)); }

void Registry::count(const std::string& name, const std::string& help, const Labels& labels,
                     double by) {
  PATUH_ASSERT(is_name(name) && name.ends_with("_total"));
  prometheus::BuildCounter().Name(name).Help(help).Register(impl_->own).Add(labels).Increment(by);
}

std::string Registry::render(Format format) const {
  Families by_name;
  double malformed = 0;
  const auto put = [&](Family family) {
    if (!is_well_formed(family)) {
      ++malformed;
      return;
    }
    auto [at, is_new] = by_name.try_emplace(family.name, family);
    if (!is_new) std::ranges::move(family.samples, std::back_inserter(at->second.samples));
  };
  for (const Source& source : impl_->sources) {
    for (Family& family : source()) put(std::move(family));
  }
  for (const prometheus::MetricFamily& family : impl_->own.Collect()) put(plain(family));

  const std::size_t cut = cut_to(impl_->options.series_max, by_name);
  put({"patuh_metrics_series_cut",
       "Series left out of this page beyond the configured most",
       Type::kGauge,
       {{{}, static_cast<double>(cut), std::nullopt}}});
  put({"patuh_metrics_families_malformed",
       "Families left out for a malformed name or label",
       Type::kGauge,
       {{{}, malformed, std::nullopt}}});

  std::vector<Prepared> prepared;
  for (auto& [name, family] : by_name) {
    if (!family.samples.empty()) prepared.push_back(prepare(std::move(family)));
  }
  return format == Format::kText ? write_text(prepared) : write_open_metrics(prepared);
}

Format format_of(std::string_view accept) {
  return accept.find("application/openmetrics-text") != std::string_view::npos
             ? Format::kOpenMetrics
             : Format::kText;
}

std::string_view content_type_of(Format format) {
  return format == Format::kText ? "text/plain; version=0.0.4; charset=utf-8"
                                 : "application/openmetrics-text; version=1.0.0; charset=utf-8";
}

}  // namespace patuh::metrics
