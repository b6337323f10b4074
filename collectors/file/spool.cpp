#include <algorithm>

#include "collectors/file/file.h"

namespace patuh::file {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kLookEvery{200};
constexpr std::string_view kWanted = ".ndjson";

std::vector<fs::path> waiting_in(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == kWanted && entry.is_regular_file(error)) {
      out.push_back(entry.path());
    }
  }
  std::ranges::sort(out);
  return out;
}

bool rename_away(const fs::path& path, std::string_view suffix) {
  std::error_code error;
  fs::rename(path, path.string() + std::string(suffix), error);
  if (!error) return true;
  base::log(base::LogLevel::kError, "a spooled file cannot be renamed, and is left alone",
            {{"file", path.filename().string()}, {"error", error.message()}});
  return false;
}

}  // namespace

Spool::Spool(SpoolOptions options, decode::Intake& intake)
    : options_(std::move(options)), intake_(intake) {}
Spool::~Spool() { stop(); }

base::Status Spool::start() {
  std::error_code error;
  fs::create_directories(options_.folder, error);
  if (error || !fs::is_directory(options_.folder, error)) {
    return base::fail(base::Code::kUnavailable,
                      "the spool folder " + options_.folder.string() + " cannot be used");
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  return {};
}

void Spool::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

Stats Spool::stats() const { return {files_, lines_, failed_}; }

void Spool::run(const std::stop_token& stop) {
  base::Queue<int> sleeper(1);  // never filled: waiting on it is a sleep that a stop ends
  while (!stop.stop_requested() && !intake_.closed()) {
    for (const fs::path& path : waiting_in(options_.folder)) {
      if (stop.stop_requested()) return;
      take(path, stop);
    }
    static_cast<void>(sleeper.pop_some(1, kLookEvery, stop));
  }
}

void Spool::take(const fs::path& path, const std::stop_token& stop) {
  const auto identity = identity_of(path);
  const std::string known = identity ? *identity : std::string();
  const auto stays = stays_.find(path);
  if (stays != stays_.end() && stays->second == known) return;
  FeedOptions options;
  options.limits = options_.limits;
  options.schema = options_.schema;
  if (identity) options.first_line = options_.next_line(*identity).value_or(1);
  const auto done = identity ? feed(path, intake_, options, stop)
                             : base::Result<Progress>(std::unexpected(identity.error()));
  if (done) {
    ++files_;
    lines_ += done->lines;
    if (!rename_away(path, ".done")) stays_[path] = known;
    base::log(base::LogLevel::kInfo, "a spooled file is taken",
              {{"file", path.filename().string()},
               {"lines", std::to_string(done->lines)},
               {"set_aside", std::to_string(done->set_aside)}});
    return;
  }
  if (done.error().code == base::Code::kCancelled) return;
  ++failed_;
  base::log(base::LogLevel::kError, "a spooled file cannot be read",
            {{"file", path.filename().string()}, {"error", done.error().message}});
  if (!rename_away(path, ".failed")) stays_[path] = known;
}

}  // namespace patuh::file
