// reports: the monthly compliance report, a pure function of a span of the stored history.
//
// The canonical JSON comes first and is the same bytes for the same history; HTML is made from it.
// It reads the store and nothing else: months close on `recorded`, by the pack's time zone.
//
//   auto report = reports::monthly(reader, {.month = *text::parse_month("2026-10")});
//   write("report.json", report->json);
//   write("report.html", reports::to_html(*report, text::Lang::kIndonesian));
//
// Threads: pure functions over a store::Reader, which belongs to one thread.
#pragma once

#include <optional>
#include <string>

#include "base/base.h"
#include "store/store.h"
#include "text/text.h"

namespace patuh::reports {

struct Request {
  text::Month month{};
  std::string agency;  // label code; empty: the whole regency
};

struct Report {
  std::string json;  // canonical: members in fixed order, no white space, numbers as short as exact
  base::Digest digest{};  // SHA-256 of json
};

// kNotFound when the store holds nothing before the month's end.
base::Result<Report> monthly(store::Reader& reader, const Request& request);

// The accessible original: one file, nothing fetched from outside, usable printed. `json` is a
// report's canonical JSON; kInvalid when it is not.
base::Result<std::string> to_html(const std::string& json, text::Lang lang);

}  // namespace patuh::reports
