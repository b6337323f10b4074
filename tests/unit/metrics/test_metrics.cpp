#include "metrics/metrics.h"

#include <gtest/gtest.h>

namespace patuh::metrics {
namespace {

using namespace std::chrono_literals;

Family gauge(std::string name, std::vector<Sample> samples) {
  return {std::move(name), "Help.", Type::kGauge, std::move(samples)};
}

TEST(Metrics, WritesSortedFamiliesAndEscapesLabelsAndHelp) {
  Registry registry({});
  registry.add([] {
    return std::vector<Family>{
        gauge("patuh_b", {{{{"x", "2"}}, 2, {}}, {{{"x", "1\n\"\\"}}, 0.1, {}}}),
        {"patuh_a_total", "Two\nlines \\ \"q\".", Type::kCounter, {{{}, 3, {}}}}};
  });
  EXPECT_EQ(registry.render(Format::kText),
            "# HELP patuh_a_total Two\\nlines \\\\ \"q\".\n# TYPE patuh_a_total counter\n"
            "patuh_a_total 3\n"
            "# HELP patuh_b Help.\n# TYPE patuh_b gauge\n"
            "patuh_b{x=\"1\\n\\\"\\\\\"} 0.1\npatuh_b{x=\"2\"} 2\n"
            "# HELP patuh_metrics_families_malformed Families left out for a malformed name or "
            "label\n# TYPE patuh_metrics_families_malformed gauge\n"
            "patuh_metrics_families_malformed 0\n"
            "# HELP patuh_metrics_series_cut Series left out of this page beyond the configured "
            "most\n# TYPE patuh_metrics_series_cut gauge\npatuh_metrics_series_cut 0\n");
}

TEST(Metrics, WritesOpenMetricsWithExemplarsAndInfo) {
  Registry registry({});
  registry.add([] {
    return std::vector<Family>{
        {"patuh_events_total",
         "Events.",
         Type::kCounter,
         {{{}, 5, Exemplar{{{"event_id", "e-1"}}, 1, base::Instant(1500ms)}}}},
        {"patuh_agency_info", "Names.", Type::kInfo, {{{{"agency", "dinkes"}}, 1, {}}}}};
  });
  const std::string page = registry.render(Format::kOpenMetrics);
  EXPECT_NE(page.find("# TYPE patuh_events counter\n"
                      "patuh_events_total 5 # {event_id=\"e-1\"} 1 1.5\n"),
            std::string::npos)
      << page;
  EXPECT_NE(page.find("# TYPE patuh_agency info\npatuh_agency_info{agency=\"dinkes\"} 1\n"),
            std::string::npos);
  EXPECT_TRUE(page.ends_with("# EOF\n"));
}

TEST(Metrics, CutsSeriesBeyondTheMostAndSaysSo) {
  Registry registry({.series_max = 3});
  registry.add([] {
    std::vector<Sample> samples;
    for (int i = 0; i < 5; ++i) samples.push_back({{{"i", std::to_string(i)}}, 1, {}});
    return std::vector<Family>{gauge("patuh_x", samples)};
  });
  const std::string page = registry.render(Format::kText);
  EXPECT_NE(page.find("patuh_metrics_series_cut 2\n"), std::string::npos) << page;
  EXPECT_EQ(page.find("patuh_x{i=\"3\"}"), std::string::npos);
}

// A sender that writes another source with each event must not hide what people are alerted by.
TEST(Metrics, TheLargestFamiliesAreCutAndTheOthersStayWhole) {
  Registry registry({.series_max = 7});
  registry.add([] {
    std::vector<Sample> many;
    for (int i = 0; i < 9; ++i) many.push_back({{{"i", std::to_string(i)}}, 1, {}});
    const std::vector<Sample> few(many.begin(), many.begin() + 2);
    return std::vector<Family>{gauge("patuh_a", many), gauge("patuh_b", few),
                               gauge("patuh_z", {{{}, 1, {}}})};
  });
  const std::string page = registry.render(Format::kText);
  for (const char* const shown : {"patuh_z 1", "patuh_b{i=\"1\"}", "patuh_a{i=\"3\"}"}) {
    EXPECT_NE(page.find(shown), std::string::npos) << shown << "\n" << page;
  }
  EXPECT_EQ(page.find("patuh_a{i=\"4\"}"), std::string::npos);
  EXPECT_NE(page.find("patuh_metrics_series_cut 5\n"), std::string::npos) << page;
}

TEST(Metrics, LeavesMalformedFamiliesOutAndCountsThem) {
  Registry registry({});
  registry.add([] {
    return std::vector<Family>{gauge("1bad", {{{}, 1, {}}}),
                               gauge("patuh_ok", {{{{"bad-label", "x"}}, 1, {}}}),
                               gauge("patuh_utf8", {{{{"x", "\xff"}}, 1, {}}}),
                               {"patuh_count", "No suffix.", Type::kCounter, {{{}, 1, {}}}}};
  });
  EXPECT_NE(registry.render(Format::kText).find("patuh_metrics_families_malformed 4\n"),
            std::string::npos);
}

TEST(Metrics, CountsProcessEventsByLabels) {
  Registry registry({});
  registry.count("patuh_http_requests_total", "Answers.", {{"code", "200"}});
  registry.count("patuh_http_requests_total", "Answers.", {{"code", "200"}}, 2);
  EXPECT_NE(registry.render(Format::kText).find("patuh_http_requests_total{code=\"200\"} 3\n"),
            std::string::npos);
}

TEST(Metrics, NegotiatesTheFormat) {
  EXPECT_EQ(format_of("application/openmetrics-text;version=1.0.0,text/plain;q=0.5"),
            Format::kOpenMetrics);
  EXPECT_EQ(format_of("text/plain"), Format::kText);
  EXPECT_EQ(format_of(""), Format::kText);
}

}  // namespace
}  // namespace patuh::metrics
