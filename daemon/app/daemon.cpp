#include "app/daemon.h"

#include <csignal>

#include "app/families.h"
#include "app/load.h"
#include "app/notify.h"

namespace patuh::app {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kAlertmanager = "alertmanager";
// A pipeline that gave no sign of life for this long is stuck: the watchdog is not fed any more.
constexpr milliseconds kStuckAfter{60'000};
constexpr milliseconds kProgressEvery{5'000};  // lines in the log of how far a beginning is

std::int64_t steady_now() {
  return std::chrono::duration_cast<milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

engine::Options engine_options(const config::Config& config) {
  engine::Options out;
  out.budget = static_cast<std::uint64_t>(config.engine_budget);
  out.registry.duplicate_window = static_cast<std::size_t>(config.engine_duplicate_window);
  out.registry.tombstone_age = config.engine_tombstone_age;
  return out;
}

base::LogLevel level_of(std::string_view name) {
  if (name == "debug") return base::LogLevel::kDebug;
  if (name == "warning") return base::LogLevel::kWarning;
  return name == "error" ? base::LogLevel::kError : base::LogLevel::kInfo;
}

// What a sink asks of the store, on the sink's thread: opened at its first question.
class OutboxReader {
 public:
  OutboxReader(std::string dir, std::string sink) : dir_(std::move(dir)), sink_(std::move(sink)) {}

  base::Result<std::vector<sinks::Row>> pending(std::size_t limit) {
    if (auto status = open(); !status) return std::unexpected(status.error());
    auto rows = reader_->outbox(sink_, limit);
    if (!rows) return std::unexpected(rows.error());
    std::vector<sinks::Row> found;
    const base::Instant now = base::system_clock().now();
    for (store::PendingOutbox& row : *rows) {
      if (row.next_attempt > now) break;  // in order: what came later waits too
      found.push_back(
          {row.id.value, std::move(row.row.kind), std::move(row.row.payload), row.queued});
    }
    return found;
  }

  base::Result<std::vector<std::string>> open_notices() {
    if (auto status = open(); !status) return std::unexpected(status.error());
    auto rows = reader_->open_alerts();
    if (!rows) return std::unexpected(rows.error());
    std::vector<std::string> found;
    for (store::AlertRow& row : *rows) {
      if (row.told && row.phase == store::Phase::kFiring) found.push_back(std::move(row.notice));
    }
    return found;
  }

 private:
  base::Status open() {
    if (reader_) return {};
    auto opened = store::Reader::open(dir_);
    if (!opened) return std::unexpected(opened.error());
    reader_ = std::move(*opened);
    return {};
  }

  std::string dir_, sink_;
  std::unique_ptr<store::Reader> reader_;
};

// Says how far a long beginning is: to systemd each time, into the log now and then.
class Progress {
 public:
  Progress(std::string what, std::string of) : what_(std::move(what)), of_(std::move(of)) {}
  void operator()(std::uint64_t done, std::uint64_t all) {
    const std::string text =
        what_ + ": " + of_ + " " + std::to_string(done) + " of " + std::to_string(all);
    notify_status(text);
    notify_alive();
    if (steady_now() - said_ < kProgressEvery.count()) return;
    said_ = steady_now();
    base::log(base::LogLevel::kInfo, text);
  }

 private:
  std::string what_, of_;
  std::int64_t said_ = steady_now();
};

std::vector<store::OutboxId> ids_of(const std::vector<std::uint64_t>& ids) {
  std::vector<store::OutboxId> out;
  out.reserve(ids.size());
  for (const std::uint64_t id : ids) out.emplace_back(id);
  return out;
}

}  // namespace

Daemon::Daemon(Options options, config::Config config,
               std::shared_ptr<const rulebook::RuleBook> book)
    : options_(std::move(options)),
      config_(std::move(config)),
      book_(std::move(book)),
      metrics_({static_cast<std::size_t>(config_.metrics_series_max)}) {
  base::set_log_level(level_of(config_.log_level));
}

Daemon::~Daemon() = default;

int Daemon::run() {
  static constexpr std::array kEnds = {SIGTERM, SIGINT};
  static constexpr std::array kReloads = {SIGHUP};
  loop_.on_signal(kEnds, [this](int) { loop_.stop(); });
  loop_.on_signal(kReloads, [this](int) {
    notify_reloading();
    const auto done = reload({"signal", "SIGHUP"});
    if (!done) {
      base::log(base::LogLevel::kError, "reload refused, the running rules stay in force");
      std::fputs(done.error().message.c_str(), stderr);
    }
    notify_ready(done ? "reloaded" : "reload refused, the running rules stay in force");
  });
  if (const auto status = start(); !status) {
    base::log(base::LogLevel::kError, "cannot start", {{"error", status.error().message}});
    end();
    return kAway;
  }
  ready_ = true;
  notify_ready("serving " + server_->external_url());
  base::log(base::LogLevel::kInfo, "ready", {{"url", server_->external_url()}});
  loop_.run();
  ready_ = false;
  notify_stopping();
  end();
  return kDone;
}

base::Status Daemon::start() {
  struct Named {
    std::string_view name;
    Step step;
  };
  static constexpr std::array kSteps = {
      Named{"store and engine", &Daemon::open_pipeline}, Named{"http", &Daemon::start_server},
      Named{"sinks", &Daemon::start_sinks}, Named{"file collector", &Daemon::start_spool},
      Named{"kafka collector", &Daemon::start_kafka}};
  for (const Named& named : kSteps) {
    if (const auto status = (this->*named.step)(); !status) {
      return base::fail(status, named.name);
    }
  }
  add_metrics();
  watch();
  return {};
}

base::Status Daemon::open_pipeline() {
  store::Options of_store;
  of_store.upgrading = Progress("bringing an older store forward", "step");
  auto store = store::Store::open(options_.data_dir, of_store);
  if (!store) return std::unexpected(store.error());
  pipeline::Options options;
  options.engine = engine_options(config_);
  options.clock =
      config_.engine_clock == "event" ? pipeline::ClockMode::kEvent : pipeline::ClockMode::kWall;
  options.batch_events = static_cast<std::size_t>(config_.pipeline_batch_events);
  options.queue_deliveries = static_cast<std::size_t>(config_.pipeline_queue_deliveries);
  options.snapshots = {.tail_events = static_cast<std::uint64_t>(config_.store_snapshot_tail),
                       .keep_months = static_cast<std::size_t>(config_.store_snapshot_months),
                       .keep_for = config_.store_keep_for,
                       .keep_bytes = static_cast<std::uint64_t>(config_.store_keep_bytes)};
  if (!config_.alertmanager_urls.empty()) options.sinks.emplace_back(kAlertmanager);
  options.progress = Progress("recovering", "record");
  auto opened = pipeline::Pipeline::open(std::move(*store), book_, std::move(options));
  if (!opened) return std::unexpected(opened.error());
  pipeline_ = std::move(*opened);
  pipeline_->on_beat([this] { beat_ = steady_now(); });
  pipeline_->on_outbox([this] {
    for (const auto& sink : sinks_) sink->wake();
  });
  beat_ = steady_now();
  return {};
}

sinks::Outbox Daemon::outbox_of(const std::string& sink) {
  auto reader = std::make_shared<OutboxReader>(options_.data_dir, sink);
  sinks::Outbox out;
  out.pending = [reader](std::size_t limit) { return reader->pending(limit); };
  out.open_notices = [reader] { return reader->open_notices(); };
  out.delivered = [this](const std::vector<std::uint64_t>& ids) {
    return pipeline_->outbox_delivered(ids_of(ids));
  };
  out.failed = [this](const std::vector<std::uint64_t>& ids, base::Instant next) {
    return pipeline_->outbox_failed(ids_of(ids), next);
  };
  return out;
}

base::Status Daemon::start_sinks() {
  if (!config_.alertmanager_urls.empty()) {
    sinks::AlertmanagerOptions options;
    options.urls = config_.alertmanager_urls;
    options.external_url = server_->external_url();
    options.resend = std::chrono::duration_cast<milliseconds>(config_.alertmanager_resend);
    sinks_.push_back(
        sinks::make_alertmanager(std::move(options), outbox_of(std::string(kAlertmanager))));
  }
  // From here on the pipeline's thread runs and may wake the sinks.
  pipeline_->start();
  for (const auto& sink : sinks_) sink->start();
  return {};
}

base::Status Daemon::start_server() {
  api::Options options;
  const auto endpoint = config::parse_endpoint(config_.http_listen);
  PATUH_ASSERT(endpoint.has_value());  // the configuration was checked
  options.listen = *endpoint;
  options.external_url = config_.http_external_url;
  options.max_body_bytes = static_cast<std::size_t>(config_.http_max_body_bytes);
  options.timeout = std::chrono::duration_cast<milliseconds>(config_.http_timeout);
  options.limits.event_bytes_max = static_cast<std::size_t>(config_.pipeline_max_event_bytes);
  api::Services services;
  services.pipeline = pipeline_.get();
  services.metrics = &metrics_;
  services.data_dir = options_.data_dir;
  services.ready = [this] { return readiness(); };
  services.reload = [this](const pipeline::Operator& by) { return reload(by); };
  auto server = api::Server::listen(loop_, std::move(options), std::move(services));
  if (!server) return std::unexpected(server.error());
  server_ = std::move(*server);
  return {};
}

base::Status Daemon::start_spool() {
  if (config_.file_spool.empty()) return {};
  file::SpoolOptions options;
  options.folder = std::filesystem::path(options_.data_dir) / config_.file_spool;
  options.next_line = [this](const std::string& identity) {
    return pipeline_->next_offset("file", identity, 0);
  };
  options.limits.event_bytes_max = static_cast<std::size_t>(config_.pipeline_max_event_bytes);
  options.schema = [this] { return pipeline_->view()->book->schema; };
  spool_ = std::make_unique<file::Spool>(std::move(options), pipeline_->intake());
  return spool_->start();
}

base::Status Daemon::start_kafka() {
  if (config_.kafka_brokers.empty()) return {};
  collectors::KafkaOptions options;
  options.properties = kafka_properties(config_, "patuh-" + pipeline_->view()->store_id);
  for (const std::string& topic : config_.kafka_topics) options.topics.emplace_back(topic);
  options.limits.event_bytes_max = static_cast<std::size_t>(config_.pipeline_max_event_bytes);
  options.next_offset = [this](const std::string& topic, std::int32_t partition) {
    return pipeline_->next_offset("kafka", topic, partition);
  };
  options.schema = [this] { return pipeline_->view()->book->schema; };
  auto opened = collectors::KafkaCollector::start(std::move(options), pipeline_->intake());
  if (!opened) return std::unexpected(opened.error());
  kafka_ = std::move(*opened);
  return {};
}

void Daemon::add_metrics() {
  metrics_.add([this] { return families_of(*pipeline_->view()); });
  metrics_.add([] { return build_family(); });
  metrics_.add([this] { return families_of(server_->stats()); });
  if (spool_) metrics_.add([this] { return families_of(spool_->stats()); });
  if (kafka_) metrics_.add([this] { return families_of(kafka_->stats()); });
  for (const auto& sink : sinks_) {
    metrics_.add([&sink] { return families_of(std::string(kAlertmanager), sink->stats()); });
  }
}

void Daemon::watch() {
  const milliseconds period = watchdog_period();
  if (period.count() == 0) return;
  loop_.every(period, [this] {
    if (steady_now() - beat_ < kStuckAfter.count()) notify_alive();
  });
}

api::Readiness Daemon::readiness() const {
  if (!ready_) return {false, "starting or stopping"};
  const auto view = pipeline_->view();
  if (!view->trouble.empty()) return {false, view->trouble};
  if (kafka_) {
    const std::string trouble = kafka_->stats().stopped;
    if (!trouble.empty()) return {false, trouble};
  }
  return {true, ""};
}

base::Result<std::string> Daemon::reload(const pipeline::Operator& by) {
  const auto settings = load(options_);
  if (!settings) return base::fail(base::Code::kInvalid, settings.error().render());
  const rulebook::RuleBook& book = *settings->book;
  const auto status = pipeline_->activate(settings->book, {"reload", by.principal, by.reason, ""});
  if (!status) return base::fail(status, "activating the rules");
  const std::string count = std::to_string(book.rules.size());
  base::log(base::LogLevel::kInfo, "rules reloaded",
            {{"rules", count}, {"hash", base::to_hex(book.hash).substr(0, 16)}});
  return settings->warnings.render() + count + " rules in force\n" +
         waits_for_restart(settings->config);
}

// Whoever changed more than a reload takes is told so.
std::string Daemon::waits_for_restart(const config::Config& now) const {
  std::string keys;
  for (const std::string_view key : config::differing(config_, now)) {
    if (!key.starts_with("rules.")) keys += (keys.empty() ? "" : ", ") + std::string(key);
  }
  if (keys.empty()) return {};
  base::log(base::LogLevel::kWarning, "changed, and taken at the next start", {{"options", keys}});
  return "changed, and taken at the next start: " + keys + "\n";
}

void Daemon::end() {
  if (kafka_) kafka_->stop();
  if (spool_) spool_->stop();
  if (server_) server_->close();
  // The outbox keeps what a sink has not told.
  for (const auto& sink : sinks_) sink->stop();
  if (pipeline_) pipeline_->stop();
  base::log(base::LogLevel::kInfo, "stopped");
}

}  // namespace patuh::app
