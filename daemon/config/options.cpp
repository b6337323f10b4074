#include "config/options.h"

#include <limits>

namespace patuh::config {
namespace {

constexpr std::array<std::string_view, 2> kClocks = {"wall", "event"};
constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warning", "error"};
constexpr std::int64_t kMiB = 1024 * 1024;

const std::array kOptions = {
    Option{{"rules.pack", Type::kText, "/usr/share/patuh/rules/spbe",
            "Folder of the shipped rule pack. Never edited on site."},
           &Config::rules_pack},
    Option{{"rules.site", Type::kText, "/etc/patuh/rules.d",
            "Folder of the site's layer: parameters, severities, modes, confirmations, own rules. "
            "Left out when it does not exist."},
           &Config::rules_site},
    Option{{"engine.clock", Type::kText, "wall",
            "wall, or event: time is what the events say. Event clock is for importing history and "
            "works only before the store's first wall-time record."},
           &Config::engine_clock,
           0,
           0,
           kClocks},
    Option{{"engine.budget", Type::kInteger, "100000",
            "Cost units that one evaluation of a rule may spend; beyond it the verdict is "
            "undetermined."},
           &Config::engine_budget,
           1000,
           100'000'000},
    Option{{"engine.duplicate_window", Type::kInteger, "10000",
            "Event ids remembered for each source. A repetition older than the window is not "
            "recognised by its id, only by its version."},
           &Config::engine_duplicate_window,
           1,
           10'000'000},
    Option{{"engine.tombstone_age", Type::kDuration, "90d",
            "How long the version of a removed element is remembered against late events."},
           &Config::engine_tombstone_age},
    Option{{"pipeline.batch_events", Type::kInteger, "2000",
            "Events written in one transaction at most."},
           &Config::pipeline_batch_events,
           1,
           10'000},
    Option{{"pipeline.queue_deliveries", Type::kInteger, "64",
            "Deliveries waiting between collectors and pipeline; when full, collectors stop taking "
            "input."},
           &Config::pipeline_queue_deliveries,
           1,
           100'000},
    Option{{"pipeline.max_event_bytes", Type::kInteger, "1048576",
            "A larger event is set aside with its size, SHA-256 and first 64 KiB."},
           &Config::pipeline_max_event_bytes,
           1024,
           16 * kMiB},
    Option{{"store.snapshot_tail", Type::kInteger, "150000",
            "Events and records behind the last snapshot after which the next one is taken: what a "
            "start must apply again, and half as many more at most. Where the estate has more "
            "elements than that, fewer do, down to a fifth. Fewer cost more while events come "
            "fast. 0: none is taken, a start applies the whole log."},
           &Config::store_snapshot_tail,
           0,
           1'000'000'000},
    Option{{"store.snapshot_months", Type::kInteger, "24",
            "Months back for which the last snapshot of each stays, so that questions about the "
            "past need not apply the log from its beginning."},
           &Config::store_snapshot_months,
           0,
           1200},
    Option{{"store.keep_for", Type::kDuration, "0s",
            "Bodies of older records are deleted behind a snapshot; their digests and all verdicts "
            "stay. 0s: all are kept."},
           &Config::store_keep_for},
    Option{{"store.keep_bytes", Type::kInteger, "0",
            "The oldest bodies are deleted behind a snapshot while the database is larger. 0: any "
            "size."},
           &Config::store_keep_bytes,
           0,
           std::numeric_limits<std::int64_t>::max()},
    Option{{"http.listen", Type::kText, "127.0.0.1:8466",
            "Address and port of metrics, health, API and console. Port 0 takes a free one. Beyond "
            "loopback only behind a proxy that authenticates."},
           &Config::http_listen},
    Option{{"http.external_url", Type::kText, "",
            "How people reach the console; stands in every link, and its host is taken for ours "
            "behind a proxy. Empty: http:// and http.listen."},
           &Config::http_external_url},
    Option{{"http.max_body_bytes", Type::kInteger, "16777216",
            "A larger request body is answered with 413 and nothing of it is kept."},
           &Config::http_max_body_bytes,
           1024,
           64 * kMiB},
    Option{{"http.timeout", Type::kDuration, "30s",
            "How long a peer may take to send a request or to read its answer."},
           &Config::http_timeout,
           100},
    Option{{"file.spool", Type::kText, "",
            "Folder watched for *.ndjson files of events; a file is taken once it has that name. "
            "Empty: no file collector. Relative paths are below the data folder."},
           &Config::file_spool},
    Option{{"kafka.brokers", Type::kText, "",
            "Bootstrap servers, host:port with commas between. Empty: no Kafka collector."},
           &Config::kafka_brokers},
    Option{
        {"kafka.topics", Type::kTexts, "[\"patuh.changes\"]", "Topics that carry change events."},
        &Config::kafka_topics},
    Option{{"kafka.group", Type::kText, "patuh", "Consumer group."}, &Config::kafka_group},
    Option{{"kafka.properties", Type::kTable, "{}",
            "Any librdkafka setting, passed on as it is: TLS, SASL, fetch sizes. A name ending in "
            ".file reads the value from that file."},
           &Config::kafka_properties},
    Option{{"alertmanager.urls", Type::kTexts, "[]",
            "Alertmanagers to post alerts to, e.g. [\"http://127.0.0.1:9093\"]. Empty: none."},
           &Config::alertmanager_urls},
    Option{{"alertmanager.resend", Type::kDuration, "60s",
            "Firing alerts are sent again this often until they resolve."},
           &Config::alertmanager_resend,
           1000},
    Option{{"metrics.series_max", Type::kInteger, "20000",
            "Series that /metrics shows at most; what is cut is counted."},
           &Config::metrics_series_max,
           100,
           1'000'000},
    Option{{"log.level", Type::kText, "info", "debug, info, warning or error."},
           &Config::log_level,
           0,
           0,
           kLevels},
};

}  // namespace

std::span<const Option> options() { return kOptions; }

std::vector<OptionDoc> documentation() {
  std::vector<OptionDoc> out;
  for (const Option& option : kOptions) out.push_back(option.doc);
  return out;
}

std::string reference() {
  std::string out = "| Option | Type | Default | Meaning |\n| --- | --- | --- | --- |\n";
  for (const Option& option : kOptions) {
    const OptionDoc& doc = option.doc;
    out += "| `" + std::string(doc.key) + "` | " + std::string(name_of(doc.type)) + " | `" +
           std::string(doc.default_text) + "` | " + std::string(doc.meaning) + " |\n";
  }
  return out;
}

}  // namespace patuh::config
