#include "metrics/write.h"

#include <array>
#include <charconv>
#include <cmath>

namespace patuh::metrics {
namespace {

constexpr std::string_view kTotal = "_total";
constexpr std::string_view kInfo = "_info";
constexpr std::size_t kExemplarLabelsMax = 128;  // characters, OpenMetrics 1.0

void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    out.append(text.data(), end);
  }
}

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '"':
        out += quotes ? "\\\"" : "\"";
        break;
      default:
        out += c;
    }
  }
}

template <class Pairs>
void append_labels(std::string& out, const Pairs& labels) {
  if (labels.empty()) return;
  char separator = '{';
  for (const auto& [name, value] : labels) {
    out += separator;
    out += name;
    out += "=\"";
    append_escaped(out, value, true);
    out += '"';
    separator = ',';
  }
  out += '}';
}

std::map<std::string, std::string> labels_of(const prometheus::ClientMetric& metric) {
  std::map<std::string, std::string> out;
  for (const auto& label : metric.label) out.emplace(label.name, label.value);
  return out;
}

double value_of(const prometheus::ClientMetric& metric, prometheus::MetricType type) {
  return type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value;
}

std::string_view without(std::string_view name, std::string_view suffix) {
  return name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : name;
}

void append_head(std::string& out, std::string_view name, std::string_view type,
                 const std::string& help, bool escape_quotes) {
  out += "# HELP ";
  out += name;
  out += ' ';
  append_escaped(out, help, escape_quotes);
  out += "\n# TYPE ";
  out += name;
  out += ' ';
  out += type;
  out += '\n';
}

void append_exemplar(std::string& out, const Exemplar& exemplar) {
  std::size_t characters = 0;
  for (const auto& [name, value] : exemplar.labels) characters += name.size() + value.size();
  if (characters > kExemplarLabelsMax) return;
  out += " # ";
  append_labels(out, exemplar.labels);
  out += ' ';
  append_number(out, exemplar.value);
  out += ' ';
  append_number(out, static_cast<double>(exemplar.at.time_since_epoch().count()) / 1e6);
}

}  // namespace

std::string write_text(const std::vector<Prepared>& families) {
  std::string out;
  for (const Prepared& prepared : families) {
    const prometheus::MetricFamily& family = prepared.family;
    const bool counter = family.type == prometheus::MetricType::Counter;
    append_head(out, family.name, counter ? "counter" : "gauge", family.help, false);
    for (const prometheus::ClientMetric& metric : family.metric) {
      out += family.name;
      append_labels(out, labels_of(metric));
      out += ' ';
      append_number(out, value_of(metric, family.type));
      out += '\n';
    }
  }
  return out;
}

std::string write_open_metrics(const std::vector<Prepared>& families) {
  std::string out;
  for (const Prepared& prepared : families) {
    const prometheus::MetricFamily& family = prepared.family;
    const bool counter = family.type == prometheus::MetricType::Counter;
    const std::string_view base = prepared.info ? without(family.name, kInfo)
                                  : counter     ? without(family.name, kTotal)
                                                : std::string_view(family.name);
    append_head(out, base,
                prepared.info ? "info"
                : counter     ? "counter"
                              : "gauge",
                family.help, true);
    for (std::size_t i = 0; i < family.metric.size(); ++i) {
      out += family.name;
      append_labels(out, labels_of(family.metric[i]));
      out += ' ';
      append_number(out, value_of(family.metric[i], family.type));
      if (counter && i < prepared.exemplars.size() && prepared.exemplars[i]) {
        append_exemplar(out, *prepared.exemplars[i]);
      }
      out += '\n';
    }
  }
  return out + "# EOF\n";
}

}  // namespace patuh::metrics
