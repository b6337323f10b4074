#include "app/families.h"

#include <numeric>

#include "app/version.h"

namespace patuh::app {
namespace {

using metrics::Family;
using metrics::Labels;
using metrics::Sample;
using metrics::Type;

constexpr std::size_t kAgencyDomainMost = 100;  // agencies up to which agency × domain is shown

double seconds(base::Instant instant) {
  return static_cast<double>(instant.time_since_epoch().count()) / 1e6;
}

Family gauge(std::string name, std::string help, double value) {
  return {std::move(name), std::move(help), Type::kGauge, {{{}, value, {}}}};
}

Family counter(std::string name, std::string help, double value) {
  return {std::move(name), std::move(help), Type::kCounter, {{{}, value, {}}}};
}

double number(std::uint64_t value) { return static_cast<double>(value); }

Family by_label(std::string name, std::string help, std::string label,
                const std::map<std::string, std::uint64_t>& values) {
  Family out{std::move(name), std::move(help), Type::kCounter, {}};
  for (const auto& [key, value] : values) {
    out.samples.push_back({{{label, key}}, number(value), {}});
  }
  return out;
}

model::Tally sum_of(const std::map<std::string, model::Tally>& domains) {
  model::Tally out;
  for (const auto& [domain, tally] : domains) out += tally;
  return out;
}

void add_by_severity(Family& family, const Labels& labels,
                     const std::array<std::int64_t, 4>& counts) {
  for (const model::Severity severity : model::kSeverities) {
    Labels all = labels;
    all.emplace("severity", model::name_of(severity));
    family.samples.push_back(
        {std::move(all), static_cast<double>(counts[static_cast<std::size_t>(severity)]), {}});
  }
}

void add_ratio(Family& family, const Labels& labels, std::optional<double> percent) {
  if (percent) family.samples.push_back({labels, *percent / 100.0, {}});
}

// Agencies: open and overdue violations, score, coverage.
void add_agencies(const pipeline::View& view, std::vector<Family>& out) {
  Family open{"patuh_violations", "Open violations, overdue ones among them", Type::kGauge, {}};
  Family overdue{
      "patuh_violations_overdue", "Open violations past their due time", Type::kGauge, {}};
  Family undetermined{"patuh_undetermined", "Rules that could not be decided", Type::kGauge, {}};
  Family score{"patuh_score_ratio",
               "Weighted share of compliant verdicts; not the official index",
               Type::kGauge,
               {}};
  Family coverage{
      "patuh_coverage_ratio", "Share of verdicts that could be decided", Type::kGauge, {}};
  Family names{"patuh_agency_info", "Agencies and their names", Type::kInfo, {}};
  Family reporting{"patuh_agency_reporting",
                   "1 when the agency has registered every domain that it owes",
                   Type::kGauge,
                   {}};
  for (const auto& [code, domains] : view.tallies->agencies) {
    const model::Tally tally = sum_of(domains);
    const Labels labels = {{"agency", code}};
    add_by_severity(open, labels, tally.violating);
    add_by_severity(overdue, labels, tally.overdue);
    add_by_severity(undetermined, labels, tally.undetermined);
    add_ratio(score, labels, model::score(tally));
    add_ratio(coverage, labels, model::coverage(tally));
  }
  Family inherited{"patuh_violations_inherited",
                   "Open violations from before the baseline; they have no alerts",
                   Type::kGauge,
                   {}};
  if (view.baseline != base::Instant::min()) {
    for (const auto& [code, domains] : view.tallies->agencies) {
      inherited.samples.push_back(
          {{{"agency", code}}, static_cast<double>(model::total(sum_of(domains).inherited)), {}});
    }
    out.push_back(
        gauge("patuh_baseline_timestamp_seconds", "The baseline in force", seconds(view.baseline)));
  }
  for (const auto& [code, agency] : view.agencies) {
    names.samples.push_back({{{"agency", code}, {"name", agency.name}}, 1, {}});
    if (agency.owes_domains) {
      reporting.samples.push_back({{{"agency", code}}, agency.reporting ? 1.0 : 0.0, {}});
    }
  }
  for (Family* const family :
       {&open, &overdue, &inherited, &undetermined, &score, &coverage, &names, &reporting}) {
    out.push_back(std::move(*family));
  }
}

void add_states(Family& family, const Labels& labels, const model::Tally& tally) {
  const auto add = [&](std::string_view state, const std::array<std::int64_t, 4>& counts) {
    Labels all = labels;
    all.emplace("state", state);
    add_by_severity(family, all, counts);
  };
  add("compliant", tally.compliant);
  add("violating", tally.violating);
  add("undetermined", tally.undetermined);
  add("waived", tally.waived);
}

// The regency: by domain, and in all.
void add_domains(const pipeline::View& view, std::vector<Family>& out) {
  std::map<std::string, model::Tally> domains;
  for (const auto& [code, by_domain] : view.tallies->agencies) {
    for (const auto& [domain, tally] : by_domain) domains[domain] += tally;
  }
  Family verdicts{"patuh_domain_verdicts", "Verdicts of the regency by domain", Type::kGauge, {}};
  for (const auto& [domain, tally] : domains) {
    add_states(verdicts, {{"domain", domain.empty() ? "other" : domain}}, tally);
  }
  const model::Tally all = sum_of(domains);
  Family score{"patuh_regency_score_ratio",
               "Weighted share of compliant verdicts of the whole; not the official index",
               Type::kGauge,
               {}};
  Family coverage{
      "patuh_regency_coverage_ratio", "Share of verdicts that could be decided", Type::kGauge, {}};
  add_ratio(score, {}, model::score(all));
  add_ratio(coverage, {}, model::coverage(all));
  out.push_back(std::move(verdicts));
  out.push_back(std::move(score));
  out.push_back(std::move(coverage));

  if (view.tallies->agencies.size() > kAgencyDomainMost) return;
  Family matrix{
      "patuh_agency_domain_violations", "Open violations by agency and domain", Type::kGauge, {}};
  for (const auto& [code, by_domain] : view.tallies->agencies) {
    for (const auto& [domain, tally] : by_domain) {
      matrix.samples.push_back({{{"agency", code}, {"domain", domain.empty() ? "other" : domain}},
                                static_cast<double>(model::total(tally.violating)),
                                {}});
    }
  }
  out.push_back(std::move(matrix));
}

void add_rules(const pipeline::View& view, std::vector<Family>& out) {
  Family family{"patuh_rule_violations", "Open violations of a rule", Type::kGauge, {}};
  for (const auto& [id, tally] : view.tallies->rules) {
    const rulebook::Rule* const rule = view.book->rule(id);
    if (rule == nullptr) continue;
    family.samples.push_back(
        {{{"rule", id},
          {"severity", std::string(model::name_of(rule->severity))},
          {"mode", rule->mode == rulebook::Mode::kShadow ? "shadow" : "enforced"}},
         static_cast<double>(model::total(tally.violating)),
         {}});
  }
  out.push_back(std::move(family));
}

void add_intake(const pipeline::View& view, std::vector<Family>& out) {
  out.push_back(counter("patuh_events_received_total", "Events that reached the pipeline",
                        number(view.received)));
  out.push_back(
      by_label("patuh_events_taken_total", "Events by what became of them", "result", view.taken));
  out.push_back(by_label("patuh_events_set_aside_total", "Events put in quarantine", "reason",
                         view.set_aside));
  out.push_back(counter("patuh_unknown_attributes_total",
                        "Members of events that the schema does not declare",
                        number(view.unknown_attributes)));
  out.push_back(by_label("patuh_transitions_total", "Changes of verdicts by their new state", "to",
                         view.transitions));
  out.push_back({"patuh_alerts_total",
                 "Alert episodes that fired and that were resolved",
                 Type::kCounter,
                 {{{{"change", "fired"}}, number(view.alerts_fired), {}},
                  {{{"change", "resolved"}}, number(view.alerts_resolved), {}}}});
  out.push_back(gauge("patuh_intake_queue_length", "Deliveries waiting for the pipeline",
                      static_cast<double>(view.queue_length)));
  out.push_back(gauge("patuh_intake_queue_capacity", "Deliveries that may wait",
                      static_cast<double>(view.queue_capacity)));
  out.push_back(gauge("patuh_intake_stopped", "1 while intake stands still for a fault",
                      view.trouble.empty() ? 0 : 1));
  Family heard{"patuh_source_last_heard_timestamp_seconds",
               "When a reporting source was last heard, rounded down to the minute",
               Type::kGauge,
               {}};
  for (const auto& [source, at] : view.last_heard) {
    heard.samples.push_back({{{"source", source}}, seconds(at), {}});
  }
  out.push_back(std::move(heard));
}

void add_engine(const pipeline::View& view, std::vector<Family>& out) {
  const engine::Stats& engine = view.engine;
  out.push_back(gauge("patuh_elements", "Elements known", number(engine.registry.elements)));
  out.push_back(
      gauge("patuh_stubs", "Elements that were only referred to", number(engine.registry.stubs)));
  out.push_back(gauge("patuh_relations", "Edges between elements", number(engine.registry.edges)));
  out.push_back(gauge("patuh_registry_bytes", "Memory of the registry, counted",
                      number(engine.registry.bytes)));
  out.push_back(gauge("patuh_engine_bytes", "Memory of verdicts, reads and timers, counted",
                      number(engine.bytes.sum())));
  out.push_back(
      gauge("patuh_verdicts", "Pairs of rule and element that apply", number(engine.pairs)));
  out.push_back(gauge("patuh_timers", "Wake-ups that wait", number(engine.timers)));
  out.push_back(
      counter("patuh_judgements_total", "Evaluations of a pair", number(engine.judgements)));
  out.push_back(
      counter("patuh_wakes_total", "Evaluations that time alone brought", number(engine.wakes)));
  out.push_back(gauge("patuh_engine_backlog_pairs",
                      "Pairs that a change concerns and that wait to be judged again",
                      number(engine.backlog)));
  const bool waits = engine.backlog_since != base::kNever && engine.backlog_since < view.now;
  const base::Duration lag = waits ? view.now - engine.backlog_since : base::Duration(0);
  out.push_back(gauge("patuh_engine_backlog_seconds", "Age of the oldest change that one waits for",
                      std::chrono::duration<double>(lag).count()));
  out.push_back(counter("patuh_engine_seconds_total", "Time spent interpreting and judging",
                        view.engine_seconds));
  out.push_back(counter("patuh_replay_disagreements_total",
                        "Records whose replay differed from the stored verdicts, which stand",
                        number(view.replay_disagreements)));
  out.push_back(gauge("patuh_clock_event", "1 while event clock runs (history is imported)",
                      view.clock == pipeline::ClockMode::kEvent ? 1 : 0));
  out.push_back(counter("patuh_clock_behind_total",
                        "Batches at which the wall clock stood behind the log's time",
                        number(view.clock_behind)));
  out.push_back(gauge("patuh_clock_behind_seconds",
                      "How far the wall clock stands behind the log's time",
                      static_cast<double>(view.clock_behind_by.count()) / 1e6));
  out.push_back(gauge("patuh_clock_jump_seconds",
                      "By how much the wall clock leapt ahead, while that holds up intake",
                      static_cast<double>(view.clock_jump.count()) / 1e6));
  out.push_back(gauge("patuh_careful", "1 while one event a batch is taken after an unclean end",
                      view.careful ? 1 : 0));
  out.push_back(counter("patuh_events_skipped_total",
                        "Inputs set aside because they brought the daemon down twice",
                        number(view.skipped)));
}

void add_snapshots(const pipeline::SnapshotStats& snapshots, std::vector<Family>& out) {
  out.push_back(
      counter("patuh_snapshots_total", "Snapshots taken since start", number(snapshots.taken)));
  out.push_back(counter("patuh_snapshots_failed_total", "Snapshots that could not be written",
                        number(snapshots.failed)));
  out.push_back(gauge("patuh_snapshot_tail_events",
                      "Events and records that a start now would apply again",
                      number(snapshots.tail)));
  out.push_back(
      gauge("patuh_snapshot_rows", "Rows that the last snapshot wrote", number(snapshots.rows)));
  out.push_back(gauge("patuh_snapshot_longest_pause_seconds",
                      "The longest that a slice of a snapshot kept the engine since start",
                      snapshots.longest_pause_seconds));
  out.push_back(counter("patuh_store_bodies_deleted_total",
                        "Records whose body went by age or size since start",
                        number(snapshots.bodies_deleted)));
  if (snapshots.seq.value == 0) return;
  out.push_back(gauge("patuh_snapshot_timestamp_seconds", "The now of the newest snapshot",
                      seconds(snapshots.now)));
}

void add_store(const pipeline::View& view, std::vector<Family>& out) {
  const store::Stats& store = view.store;
  out.push_back(
      counter("patuh_store_commits_total", "Batches made durable", number(store.commits)));
  out.push_back(counter("patuh_store_failed_commits_total", "Commits that failed",
                        number(store.failed_commits)));
  out.push_back(
      counter("patuh_store_commit_seconds_total", "Time spent committing", store.commit_seconds));
  out.push_back({"patuh_store_file_bytes",
                 "Size of the store's files",
                 Type::kGauge,
                 {{{{"file", "database"}}, number(store.files.database), {}},
                  {{{"file", "wal"}}, number(store.files.wal), {}}}});
  out.push_back(
      gauge("patuh_log_sequence", "Number of the last record", number(view.tail.seq.value)));
  if (view.tail.seq.value > 0) {
    out.push_back(gauge("patuh_log_last_record_timestamp_seconds", "The now of the last record",
                        seconds(view.now)));
  }
  out.push_back({"patuh_chain_head_info",
                 "Head of the hash chain",
                 Type::kInfo,
                 {{{{"store", view.store_id},
                    {"head", base::to_hex(view.chain.entry)},
                    {"seq", std::to_string(view.chain.seq.value)}},
                   1,
                   {}}}});
  out.push_back({"patuh_rulebook_info",
                 "The rulebook in force",
                 Type::kInfo,
                 {{{{"pack", view.book->schema->pack},
                    {"version", view.book->schema->version},
                    {"hash", base::to_hex(view.book->hash).substr(0, 16)}},
                   1,
                   {}}}});
}

}  // namespace

std::vector<Family> families_of(const pipeline::View& view) {
  std::vector<Family> out;
  add_agencies(view, out);
  add_domains(view, out);
  add_rules(view, out);
  add_intake(view, out);
  add_engine(view, out);
  add_store(view, out);
  add_snapshots(view.snapshots, out);
  return out;
}

std::vector<Family> families_of(const file::Stats& stats) {
  return {counter("patuh_file_files_total", "Spooled files taken", number(stats.files)),
          counter("patuh_file_lines_total", "Lines of spooled files taken", number(stats.lines)),
          counter("patuh_file_failed_total", "Spooled files that could not be read",
                  number(stats.failed))};
}

std::vector<Family> families_of(const api::Stats& stats) {
  return {
      gauge("patuh_http_connections", "Connections open", number(stats.connections)),
      counter("patuh_http_accepted_total", "Connections accepted", number(stats.accepted)),
      counter("patuh_http_refused_total", "Connections refused for their number",
              number(stats.refused)),
      counter("patuh_http_too_large_total", "Bodies answered with 413", number(stats.too_large))};
}

std::vector<Family> families_of(const collectors::KafkaStats& stats) {
  Family lag{"patuh_kafka_lag_messages", "Messages not read yet", Type::kGauge, {}};
  Family lag_seconds{
      "patuh_kafka_lag_seconds", "How far reading is behind, by message time", Type::kGauge, {}};
  const base::Instant now = base::system_clock().now();
  for (const kafka::PartitionStats& partition : stats.consumer.partitions) {
    const Labels labels = {{"topic", partition.at.topic.value},
                           {"partition", std::to_string(partition.at.partition.value)}};
    if (const auto messages = partition.lag()) {
      lag.samples.push_back({labels, static_cast<double>(*messages), {}});
    }
    if (const auto behind = partition.lag_time(now)) {
      lag_seconds.samples.push_back({labels, static_cast<double>(behind->count()) / 1e6, {}});
    }
  }
  std::vector<Family> out;
  out.push_back(std::move(lag));
  out.push_back(std::move(lag_seconds));
  out.push_back(gauge("patuh_kafka_assigned_partitions", "Partitions this daemon reads",
                      static_cast<double>(stats.consumer.partitions.size())));
  out.push_back(gauge("patuh_kafka_paused", "1 while reading is paused for back-pressure",
                      stats.consumer.paused ? 1 : 0));
  out.push_back(gauge("patuh_kafka_stopped", "1 when reading stopped for a fault",
                      stats.stopped.empty() ? 0 : 1));
  out.push_back(
      counter("patuh_kafka_records_total", "Messages read", number(stats.consumer.records)));
  out.push_back(counter("patuh_kafka_bytes_total", "Bytes of keys and values read",
                        number(stats.consumer.bytes)));
  out.push_back(counter("patuh_kafka_rebalances_total", "Changes of the assignment",
                        number(stats.consumer.rebalances)));
  out.push_back(counter("patuh_kafka_troubles_total", "Errors that librdkafka retries by itself",
                        number(stats.consumer.troubles)));
  out.push_back(counter("patuh_kafka_commits_total", "Offsets committed for lag tools",
                        number(stats.consumer.commits)));
  out.push_back(counter("patuh_kafka_commits_failed_total", "Commits of offsets that failed",
                        number(stats.consumer.commits_failed)));
  return out;
}

std::vector<Family> families_of(const std::string& sink, const sinks::Stats& stats) {
  const Labels labels = {{"sink", sink}};
  const auto one = [&](std::string name, std::string help, Type type, double value) {
    return Family{std::move(name), std::move(help), type, {{labels, value, {}}}};
  };
  std::vector<Family> out = {
      one("patuh_sink_up", "1 when the last attempt succeeded", Type::kGauge, stats.up ? 1 : 0),
      one("patuh_sink_sent_total", "Outbox rows delivered", Type::kCounter, number(stats.sent)),
      one("patuh_sink_failed_total", "Attempts that failed", Type::kCounter, number(stats.failed)),
      one("patuh_sink_refused_total", "Refusals of alerts, and rows that cannot be read",
          Type::kCounter, number(stats.refused)),
      one("patuh_sink_queued_rows",
          "Outbox rows that waited when the sink last looked (at most 1,000)", Type::kGauge,
          number(stats.queued)),
      one("patuh_sink_active_alerts", "Firing alerts that are sent again until resolved",
          Type::kGauge, number(stats.active)),
      one("patuh_sink_delivery_seconds_total", "Time from commit to delivery", Type::kCounter,
          stats.seconds)};
  if (stats.last_success != base::kNever) {
    out.push_back(one("patuh_sink_last_success_timestamp_seconds", "The last delivery",
                      Type::kGauge, seconds(stats.last_success)));
  }
  return out;
}

std::vector<Family> build_family() {
  return {{"patuh_build_info",
           "The running release",
           Type::kInfo,
           {{{{"version", std::string(kVersion)}, {"compiler", std::string(kCompiler)}}, 1, {}}}},
          gauge("patuh_up", "1 while the daemon runs", 1)};
}

}  // namespace patuh::app
