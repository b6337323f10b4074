// reports: the monthly compliance report, a pure function of a span of the stored history.
//
// The canonical JSON comes first and is the same bytes for the same history; HTML is made from it.
// It reads the store and nothing else: months close on `recorded`, by the pack's time zone.
//
//   auto report = reports::monthly(reader, {.month = *text::parse_month("2026-10")});
//   write("report.json", report->json);
//   write("report.html", reports::to_html(report->json, report->head, text::Lang::kIndonesian));
//
// Threads: pure functions over a store::Reader, which belongs to one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "model/model.h"
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
  // What the log's chain came to by the month's end, for `patuhctl audit verify --head`. Not in the
  // JSON, since it hangs on how the history was cut into batches.
  store::ChainHead head;
};

// kNotFound when the store holds nothing before the month's end.
base::Result<Report> monthly(store::Reader& reader, const Request& request);

// The accessible original: one file, nothing fetched from outside, usable printed. `json` is a
// report's canonical JSON; kInvalid when it is not. `head` is named; seq 0: it is not known.
base::Result<std::string> to_html(const std::string& json, const store::ChainHead& head,
                                  text::Lang lang);

// ── What changed between two instants ──

enum class Turn : std::uint8_t {
  kNew,       // violating at the end, and never before
  kReopened,  // violating at the end, anew: it had been violating before
  kFixed,     // violating at the beginning, and no longer: by its facts
  kRemoved,   // violating at the beginning; its element was removed or its rule withdrawn
  kWaived,    // violating at the beginning, and waived at the end
};
std::string_view name_of(Turn turn);  // "new", "reopened", "fixed", "removed", "waived"

struct Changed {
  Turn turn = Turn::kNew;
  std::string agency, rule;
  model::ElementKey element;
  model::Severity severity = model::Severity::kLow;
  base::Instant since{}, recorded{};  // of the transition that made it so
};

// Of every pair that was recorded to change after `from` up to and including `to`; `agency` empty:
// all. By agency, then turn, then rule and element. What is undetermined at the end is no turn.
base::Result<std::vector<Changed>> changes_between(store::Reader& reader, base::Instant from,
                                                   base::Instant to,
                                                   const std::string& agency = {});

}  // namespace patuh::reports
