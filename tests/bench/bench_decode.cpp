// How fast the sample's CloudEvents are decoded: from bytes to an envelope, and on to typed values
// by the pack's schema, as collector and pipeline do it. Beside it, in turns: simdjson alone, which
// parses the same bytes and walks every value of them.
#include <simdjson.h>
#include <stdlib.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "collectors/decode/decode.h"
#include "rulebook/rulebook.h"
#include "tests/bench/bench.h"
#include "tools/sample/sample.h"

namespace patuh::decode {
namespace {

using bench::give_up;

constexpr std::size_t kEventsMost = 10'000;  // beyond the caches, as events come
constexpr std::string_view kWholeElement = "id.patuh.element.upserted.v1";

using Lines = std::vector<std::string>;

Lines sample_lines() {
  std::string folder = (std::filesystem::temp_directory_path() / "patuh-bench-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) give_up("no temporary folder");
  const auto written =
      sample::generate({.seed = 1,
                        .agencies = 50,
                        .elements = 10'000,
                        .months = 2,
                        .until = std::chrono::year(2026) / std::chrono::January / 1,
                        .out = folder});
  if (!written) give_up(written.error().message);
  Lines out;
  std::ifstream in(written->events);
  for (std::string line; out.size() < kEventsMost && std::getline(in, line);) {
    if (line.find(kWholeElement) != std::string::npos) out.push_back(line);
  }
  std::filesystem::remove_all(folder);
  return out;
}

std::shared_ptr<const rulebook::RuleBook> load_pack() {
  const std::vector<std::filesystem::path> layers = {PATUH_SOURCE_DIR "/rules/spbe"};
  auto book = rulebook::load(layers);
  if (!book) give_up(book.error().render());
  return *book;
}

// ── What is measured ────────────────────────────────────────────────────────────────────────────

// Each answers a number that depends on all it read, so that nothing is optimised away.

std::size_t to_envelopes(const Lines& lines) {
  std::size_t out = 0;
  for (const std::string& line : lines) {
    Message message;
    message.body = line;
    message.position = {"kafka", "patuh.changes", 0, 1};
    for (const Item& item : decode(message)) out += std::get<Event>(item).data.size();
  }
  return out;
}

// As the collectors do it: both steps at once, some hundred messages a delivery.
std::size_t to_changes(const Lines& lines, std::shared_ptr<const model::Schema> schema) {
  constexpr std::size_t kMessages = 500;
  std::size_t out = 0;
  for (std::size_t begin = 0; begin < lines.size(); begin += kMessages) {
    Delivery delivery;
    delivery.schema = schema;
    for (std::size_t i = begin; i < std::min(begin + kMessages, lines.size()); ++i) {
      Message message;
      message.body = lines[i];
      message.position = {"kafka", "patuh.changes", 0, 1};
      decode_into(message, {}, delivery);
    }
    for (const Change& change : delivery.changes) {
      if (!change) give_up("an event could not be read");
      out += change->fields.size();
    }
  }
  return out;
}

std::size_t walk(const simdjson::dom::element& element) {
  using Type = simdjson::dom::element_type;
  std::size_t out = 1;
  switch (element.type()) {
    case Type::ARRAY:
      for (const simdjson::dom::element item : simdjson::dom::array(element)) out += walk(item);
      return out;
    case Type::OBJECT:
      for (const auto& [key, value] : simdjson::dom::object(element)) {
        out += key.size() + walk(value);
      }
      return out;
    case Type::STRING:
      return std::string_view(element).size();
    case Type::DOUBLE:
      return static_cast<std::size_t>(double(element) != 0);
    case Type::INT64:
      return static_cast<std::size_t>(std::int64_t(element) != 0);
    default:
      return out;
  }
}

std::size_t simdjson_alone(const std::vector<simdjson::padded_string>& lines) {
  simdjson::dom::parser parser;
  std::size_t out = 0;
  for (const simdjson::padded_string& line : lines) out += walk(parser.parse(line));
  return out;
}

// ── The runs ────────────────────────────────────────────────────────────────────────────────────

// Seconds of CPU that a round took; the last answer is checked, since each round reads the same.
struct Contender {
  std::string name;
  std::function<std::size_t()> run;
  std::size_t answer = 0;
  std::vector<double> seconds{};

  void round() {
    const std::clock_t begin = std::clock();  // of this process: others may be busy beside it
    const std::size_t found = run();
    const std::clock_t took = std::clock() - begin;
    if (answer != 0 && found != answer) give_up(name + " read something else than before");
    answer = found;
    seconds.push_back(static_cast<double>(took) / CLOCKS_PER_SEC);
  }
  double median() const {
    std::vector<double> sorted = seconds;
    std::ranges::sort(sorted);
    return sorted[sorted.size() / 2];
  }
};

void say(const std::string& name, const char* unit, double amount, const Contender& ours,
         const Contender& beside, const std::string& params) {
  const double value = amount / ours.median();
  const double other = amount / beside.median();
  std::printf(
      R"({"name":"%s","value":%.6g,"unit":"%s","better":"higher","beside":[{"name":"%s","value":%.6g}],"ratio":%.4g,"params":{%s}})"
      "\n",
      name.c_str(), value, unit, beside.name.c_str(), other, value / other, params.c_str());
  std::fflush(stdout);
}

void run(std::uint64_t rounds) {
  const auto book = load_pack();
  const Lines lines = sample_lines();
  const std::vector<simdjson::padded_string> padded(lines.begin(), lines.end());
  std::size_t bytes = 0;
  for (const std::string& line : lines) bytes += line.size();

  Contender envelopes{"decode", [&] { return to_envelopes(lines); }};
  Contender changes{"decode and interpret", [&] { return to_changes(lines, book->schema); }};
  Contender alone{"simdjson DOM, every value walked", [&] { return simdjson_alone(padded); }};
  for (std::uint64_t i = 0; i < rounds; ++i) {
    for (Contender* one : {&envelopes, &alone, &changes}) one->round();
  }

  const auto events = static_cast<double>(lines.size());
  const double megabytes = static_cast<double>(bytes) / 1e6;
  const std::string params = R"("events":)" + std::to_string(lines.size()) +
                             R"(,"bytes_average":)" + std::to_string(bytes / lines.size()) +
                             R"(,"rounds":)" + std::to_string(rounds);
  say("decode_envelope", "events/s", events, envelopes, alone, params);
  say("decode_envelope_bytes", "MB/s", megabytes, envelopes, alone, params);
  say("decode_change", "events/s", events, changes, alone, params);
  say("decode_change_bytes", "MB/s", megabytes, changes, alone, params);
}

}  // namespace
}  // namespace patuh::decode

int main(int argc, char** argv) {
  patuh::decode::run(patuh::bench::numbers_from(argc, argv, "[ROUNDS]", 1, {15}).front());
}
