#include "tools/sample/estate.h"

#include <algorithm>

namespace patuh::sample {
namespace {

// What is there whatever the size: reference codes, agencies with their quarterly statements and
// sources.
int fixed_elements(const Options& options) {
  const int quarters = options.months / 3 + 1;
  return 200 + options.agencies * (2 + quarters);
}

// A PIC's statements are one element a quarter.
int elements_of_pic(const Options& options) { return 1 + options.months / 3 + 1; }

constexpr int kPics = 110;
constexpr int kOthers = 3880;  // of a regency of about 5,000 elements

}  // namespace

Sizes sizes_of(const Options& options) {
  const double wanted = options.elements - fixed_elements(options);
  const double usual = kOthers + kPics * elements_of_pic(options);
  const double scale = std::max(wanted / usual, 0.01);
  const auto of = [&](int n) { return std::max(1, static_cast<int>(n * scale)); };
  return {.processes = of(350),
          .services = of(420),
          .data = of(900),
          .applications = of(190),
          .integrations = of(70),
          .servers = of(90),
          .clouds = of(30),
          .networks = of(60),
          .software = of(140),
          .villages = of(198),
          .certificates = of(180),
          .security = of(240),
          .findings = of(300),
          .processing = of(120),
          .risks = of(250),
          .activities = of(110),
          .documents = of(60),
          .pics = of(kPics),
          .incidents = of(26)};
}

Estate::Estate(const Options& wanted)
    : options(wanted),
      sizes(sizes_of(wanted)),
      start(add_months(Day(wanted.until), -wanted.months)),
      end(wanted.until),
      timeline(at(start, {}), at(end, {})) {}

std::size_t Estate::agency_of(std::string_view code) const {
  const auto found = agency_by_code.find(code);
  if (found != agency_by_code.end()) return found->second;
  std::size_t spread = 0;
  for (const char c : code) spread = spread * 31 + static_cast<unsigned char>(c);
  return spread % std::min<std::size_t>(agencies.size(), 10);
}

std::vector<std::size_t> Estate::by_weight(bool whole_only) const {
  std::vector<std::size_t> out;
  // One of each first: every agency has something in every domain.
  for (int round = 1; round <= 4; ++round) {
    for (std::size_t i = 0; i < agencies.size(); ++i) {
      if (whole_only && agencies[i].partial) continue;
      if (agencies[i].weight >= round) out.push_back(i);
    }
  }
  return out;
}

Estate make_estate(const Options& options) {
  Estate estate(options);
  make_people(estate);
  make_processes(estate);
  make_services(estate);
  make_data(estate);
  make_infrastructure(estate);
  make_applications(estate);
  make_exchanges(estate);
  make_names(estate);
  make_security(estate);
  make_roadmap(estate);
  make_policies(estate);
  make_deployments(estate);
  make_machinery(estate);
  make_attestations(estate);
  estate.timeline.sort();
  return estate;
}

}  // namespace patuh::sample
