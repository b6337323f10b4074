// config: /etc/patuh/patuh.toml and --set section.key=value, as typed options.
//
// Every option is declared once, in options.cpp: its key, its default, its bounds and what it
// means. `patuhctl config docs` prints that table. It reads files, never the environment.
//
//   auto config = config::load({.file = "/etc/patuh/patuh.toml", .sets =
//   {"http.listen=[::1]:8466"}}); if (!config) { std::cerr << config.error().render(); return 78; }
//
// Threads: a Config is a plain value.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base.h"

namespace patuh::config {

struct Config {
  // [rules]
  std::string rules_pack;
  std::string rules_site;
  // [engine]
  std::string engine_clock;
  std::int64_t engine_budget = 0;
  std::int64_t engine_duplicate_window = 0;
  base::Duration engine_tombstone_age{0};
  // [pipeline]
  std::int64_t pipeline_batch_events = 0;
  std::int64_t pipeline_queue_deliveries = 0;
  std::int64_t pipeline_max_event_bytes = 0;
  // [store]
  std::int64_t store_snapshot_tail = 0;
  std::int64_t store_snapshot_months = 0;
  base::Duration store_keep_for{0};
  std::int64_t store_keep_bytes = 0;
  // [http]
  std::string http_listen;
  std::string http_external_url;
  std::int64_t http_max_body_bytes = 0;
  base::Duration http_timeout{0};
  // [file]
  std::string file_spool;
  // [kafka]
  std::string kafka_brokers;
  std::vector<std::string> kafka_topics;
  std::string kafka_group;
  std::vector<std::pair<std::string, std::string>> kafka_properties;
  // [alertmanager]
  std::vector<std::string> alertmanager_urls;
  base::Duration alertmanager_resend{0};
  // [metrics]
  std::int64_t metrics_series_max = 0;
  // [log]
  std::string log_level;
};

enum class Type : std::uint8_t { kText, kInteger, kDuration, kTexts, kTable };
std::string_view name_of(Type type);

// An option as it is documented.
struct OptionDoc {
  std::string_view key;  // "http.listen"
  Type type = Type::kText;
  std::string_view default_text;  // as it would stand in the file
  std::string_view meaning;
};
std::vector<OptionDoc> documentation();
// The reference of all options as a Markdown table.
std::string reference();

struct Input {
  std::optional<std::filesystem::path> file;  // absent: the defaults alone
  std::span<const std::string> sets;          // "section.key=value", later ones win
};

// All faults at once, codes CONFIG-….
std::expected<Config, base::Diagnostics> load(const Input& input);
Config defaults();
// Keys of the options that the two do not say alike.
std::vector<std::string_view> differing(const Config& a, const Config& b);

// "90d", "72h", "15m", "10s", "250ms".
base::Result<base::Duration> parse_duration(std::string_view text);

// "127.0.0.1:8466" or "[::1]:8466"; port 0 asks for a free one. kInvalid otherwise.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
};
base::Result<Endpoint> parse_endpoint(std::string_view text);
// "localhost" or an IP address, without brackets.
bool is_address(const std::string& host);

}  // namespace patuh::config
