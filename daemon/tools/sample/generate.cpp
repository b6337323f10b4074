#include <fstream>

#include "json/json.h"
#include "tools/sample/estate.h"

namespace patuh::sample {
namespace {

namespace fs = std::filesystem;

std::string range(std::string_view name, std::int64_t least, std::int64_t most) {
  return std::string(name) + " must lie between " + std::to_string(least) + " and " +
         std::to_string(most);
}

base::Status check(const Options& options) {
  const auto outside = [](int value, int least, int most) { return value < least || value > most; };
  if (outside(options.agencies, 1, 500)) {
    return base::fail(base::Code::kInvalid, range("agencies", 1, 500));
  }
  if (outside(options.elements, 200, 1'000'000)) {
    return base::fail(base::Code::kInvalid, range("elements", 200, 1'000'000));
  }
  if (outside(options.months, 1, 120)) {
    return base::fail(base::Code::kInvalid, range("months", 1, 120));
  }
  if (!options.until.ok() || outside(static_cast<int>(options.until.year()), 2000, 2200)) {
    return base::fail(base::Code::kInvalid, "until must be a day of the years 2000 to 2200");
  }
  return {};
}

// A file that appears whole or not at all.
class File {
 public:
  explicit File(fs::path path) : path_(std::move(path)), partial_(path_.string() + ".part") {
    out_.open(partial_, std::ios::binary | std::ios::trunc);
  }
  ~File() {
    if (out_.is_open()) {
      out_.close();
      std::error_code ignored;
      fs::remove(partial_, ignored);
    }
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void write(std::string_view text) {
    out_.write(text.data(), static_cast<std::streamsize>(text.size()));
  }
  base::Status finish() {
    out_.flush();
    const bool good = out_.good();
    out_.close();
    std::error_code wrong;
    if (good) fs::rename(partial_, path_, wrong);
    if (good && !wrong) return {};
    return base::fail(base::Code::kUnavailable, "cannot write " + path_.string());
  }

 private:
  fs::path path_, partial_;
  std::ofstream out_;
};

constexpr std::uint64_t kReportEvery = 5'000;

class Generation {
 public:
  Generation(const Options& options, const std::function<void(const Progress&)>& progress)
      : options_(options), progress_(progress) {}

  base::Result<Written> run() {
    std::error_code wrong;
    fs::create_directories(options_.out, wrong);
    if (wrong) {
      return base::fail(base::Code::kUnavailable,
                        "cannot make the folder " + options_.out.string() + ": " + wrong.message());
    }
    const Estate estate = make_estate(options_);
    if (auto events = write_events(estate); !events) return base::fail(events.error(), "sample");
    if (auto manifest = write_manifest(); !manifest) {
      return base::fail(manifest.error(), "sample");
    }
    return std::move(written_);
  }

 private:
  base::Status write_events(const Estate& estate) {
    const std::vector<Event>& events = estate.timeline.events();
    written_.events = options_.out / "events.ndjson";
    written_.count = events.size();
    File file(written_.events);
    Numbering numbering(estate.timeline);
    std::uint64_t done = 0;
    for (const Event& event : events) {
      file.write(numbering.line(event) + "\n");
      ++done;
      if (done % kReportEvery == 0 || done == events.size()) report(done);
    }
    written_.elements = numbering.elements();
    written_.by_kind = numbering.by_kind();
    if (!events.empty()) {
      written_.first = events.front().at;
      written_.last = events.back().at;
    }
    return file.finish();
  }

  void report(std::uint64_t done) {
    if (progress_) progress_({done, written_.count});
  }

  base::Status write_manifest() {
    json::Writer out;
    out.begin_object().member("seed", std::to_string(options_.seed));
    out.member("agencies", std::int64_t{options_.agencies});
    out.member("elements", std::int64_t{options_.elements});
    out.member("months", std::int64_t{options_.months});
    out.key("written").begin_object();
    out.member("events", static_cast<std::int64_t>(written_.count));
    out.member("elements", static_cast<std::int64_t>(written_.elements));
    out.member("first", base::to_rfc3339(written_.first));
    out.member("last", base::to_rfc3339(written_.last));
    out.key("by_kind").begin_object();
    for (const auto& [kind, count] : written_.by_kind) {
      out.member(kind, static_cast<std::int64_t>(count));
    }
    out.end_object().end_object().end_object();
    File file(options_.out / "manifest.json");
    file.write(out.take() + "\n");
    return file.finish();
  }

  const Options& options_;
  const std::function<void(const Progress&)>& progress_;
  Written written_;
};

}  // namespace

base::Result<Written> generate(const Options& options,
                               const std::function<void(const Progress&)>& progress) {
  if (auto good = check(options); !good) return base::fail(good.error(), "sample");
  return Generation(options, progress).run();
}

}  // namespace patuh::sample
