// patuhctl's commands: each takes its options and gives an exit status (design, section 8). Private
// to tools.
//
// Results go to standard output, progress and complaints to standard error.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/base.h"

namespace patuh::tools {

// 0 done or compliant; 1 a finding; 2 usage; 3 undetermined or truncated; 69 a service is away; 78
// configuration or pack refused.
inline constexpr int kDone = 0;
inline constexpr int kFinding = 1;
inline constexpr int kUsage = 2;
inline constexpr int kUndetermined = 3;
inline constexpr int kAway = 69;
inline constexpr int kRefused = 78;

// Of what came from outside, for a terminal: whatever would steer it is a question mark.
std::string printable(std::string_view text);

int status_of(const base::Error& error);
// Prints "patuhctl: message" and gives the status.
int complain(const base::Error& error);
int complain(const base::Diagnostics& faults);
// The same; of what there is nothing to do for (kConflict) the status is that of wrong usage.
int refuse(const base::Error& error);

enum class Format : std::uint8_t { kTable, kJson, kCsv };

// Where patuhctl works: on a folder, under its lock where it writes; some commands ask a running
// daemon instead.
struct Place {
  std::string url;  // of the daemon; empty: the folder
  std::string data_dir = "/var/lib/patuh";
  std::string config_file;  // empty: the defaults
  std::vector<std::string> sets;
};

// A table that prints in every format; the names are the JSON's field names.
class Table {
 public:
  explicit Table(std::vector<std::string> names) : names_(std::move(names)) {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string render(Format format) const;
  std::size_t size() const { return rows_.size(); }

 private:
  std::vector<std::string> names_;
  std::vector<std::vector<std::string>> rows_;
};

// ── rules ──
int rules_check(const std::vector<std::string>& layers);
int rules_test(const std::vector<std::string>& layers);
int rules_list(const std::vector<std::string>& layers, Format format);
int rules_show(const std::vector<std::string>& layers, const std::string& rule);

// ── data ──
struct SampleOptions {
  std::uint64_t seed = 1;
  int agencies = 50;
  int elements = 5000;
  int months = 13;
  std::string until;
  std::string out;
};
int sample(const SampleOptions& options);
// Prints events of the present: what the sample regency would send now.
int sample_live(const SampleOptions& options, std::uint64_t count, std::chrono::milliseconds every);
int sample_deployment(std::uint64_t seed, std::uint64_t n, bool heal);
int import_file(const Place& place, const std::string& file, bool event_clock);
struct PublishOptions {
  std::string brokers, topic = "patuh.changes", file;
  int partitions = 0;                   // makes the topic when it is not there; 0: does not
  bool keyed = false;                   // each line is a key, a tab and the event
  std::vector<std::string> properties;  // NAME=VALUE, any librdkafka setting
};
// Sends a file of events ("-": standard input) to a Kafka topic, keyed by their source unless told.
int publish(const PublishOptions& options);
int clock_show(const Place& place);
int clock_wall(const Place& place, const std::string& reason);
int clock_accept(const Place& place, const std::string& reason);

int baseline_show(const Place& place);
int baseline_draw(const Place& place, const std::string& reason);
int baseline_lift(const Place& place, const std::string& reason);
// `at`: those set aside up to then; empty: all.
int quarantine_list(const Place& place, const std::string& reason, const std::string& at,
                    Format format);
int quarantine_show(const Place& place, std::uint64_t id);
// Feeds inputs that were set aside in once more: a running daemon's by its URL, else the folder's.
int quarantine_redrive(const Place& place, const std::vector<std::uint64_t>& ids,
                       const std::string& reason);

// ── the log ──
struct LogOptions {
  std::uint64_t from = 1, to = INT64_MAX;  // records, both among them
  std::string kind;                        // "events", "operator", …; empty: all
  std::string since, until;                // RFC 3339, by the record's now
  std::size_t limit = 1000;                // records
};
int log_show(const Place& place, const LogOptions& options, Format format);
int log_events(const Place& place, const LogOptions& options, Format format);
// Every event as CloudEvents JSON, a line each, in the order of the log: import takes it. Or every
// transition.
int log_export(const Place& place, const LogOptions& options, bool transitions);
// `events`: RECORD/PLACE. By whoever runs this unless `by` says another.
int log_erase(const Place& place, const std::vector<std::string>& events, const std::string& reason,
              const std::string& by);
// Every element and verdict as they stand, or stood at an instant: a JSON object a line, sorted.
int state(const Place& place, const std::string& at);
// What is new, fixed, removed or reopened between two instants; kFinding when anything is new or
// reopened.
struct SinceOptions {
  std::string from, to, agency;  // RFC 3339; `to` empty: the log's end
};
int since(const Place& place, const SinceOptions& options, Format format);
// SQLite's own check, the chain, and whether each snapshot can be used.
int store_check(const Place& place);
// Copies, and checks the copy: kFinding when it, and so the store, is not whole.
int store_backup(const Place& place, const std::string& to);
int store_restore(const Place& place, const std::string& from);
int store_compact(const Place& place);
int audit_verify(const Place& place, const std::string& head);
// Why a verdict is what it is, what decided and the least that would heal it: of a running daemon
// by its URL, else from the folder, as of `at` (RFC 3339; empty: the log's end).
struct ExplainOptions {
  std::string rule, element, at, lang = "id";
};
int explain(const Place& place, const ExplainOptions& options);

// ── what stands, or stood ──
struct Reading {
  std::string path;                          // of the API, not encoded
  std::map<std::string, std::string> query;  // without `at`
  std::string at;                            // RFC 3339; empty: now, of a folder the log's end
  std::string list;                          // the member that is a list; empty: there is none
};
int read(const Place& place, const Reading& reading, Format format);

// ── one expression ──
struct ExpressionOptions {
  std::string text, data, now;  // now: RFC 3339; empty: the clock's
};
// Evaluates it over the members of a JSON object; without a text it asks for one after the other.
int expression(const ExpressionOptions& options);
int expr_conformance(const std::string& file);

// ── reports ──
struct ReportOptions {
  std::string month, agency, lang = "id", format = "html,json", out = ".";
};
int report_generate(const Place& place, const ReportOptions& options);

int config_docs();

}  // namespace patuh::tools
