#include "hostile.h"

#include <algorithm>
#include <array>

#include "collectors/decode/decode.h"
#include "engine/engine.h"
#include "pipeline/outline.h"
#include "store/body.h"
#include "store/encoding.h"
#include "tests/unit/pack_text.h"

namespace patuh::hostile {
namespace {

using engine::Engine;
using model::ElementRef;
using std::chrono::hours;

constexpr int kEvents = 60;
const base::Instant kBegin = *base::from_rfc3339("2026-06-01T00:00:00Z");

std::shared_ptr<const rulebook::RuleBook> load_book() {
  static constexpr std::string_view kAttributes = R"toml(
approved = { type = "string" }
size = { type = "int" }
share = { type = "number" }
marks = { type = "list", of = "int" }
ends = { type = "timestamp" })toml";
  const std::vector<rulebook::PackFile> files = {
      {"0:schema.toml",
       testing::schema_of_apps(kAttributes, "needs = { to = \"app\", many = true }")},
      {"0:rules.toml",
       testing::rule_of("R-1", "critical", "filled(self.approved)") +
           testing::rule_of("R-2", "low", "self.ends > now", "when = \"filled(self.ends)\"\n") +
           testing::rule_of("R-3", "high", "related(self, 'needs').all(n, filled(n.approved))",
                            "grace = \"36h\"\n") +
           testing::rule_of("R-4", "low", "held_for(self.size < 9, hours(24))") +
           testing::rule_of("R-5", "medium", "previous(self.size) == null")}};
  auto book = rulebook::load(std::span(files));
  PATUH_ASSERT(book.has_value());
  return *book;
}

const std::shared_ptr<const rulebook::RuleBook>& book() {
  static const auto kBook = load_book();
  return kBook;
}

model::Envelope envelope(int n, base::Instant at) {
  const std::string number = std::to_string(n);
  model::Envelope out;
  out.type = "id.patuh.element.upserted.v1";
  out.source = "//s" + std::to_string(n % 3);
  out.id = number;
  out.time = at;
  out.version = n;
  out.subject = n % 9 == 0 ? "agency/" + std::to_string(n % 3) : "app/" + std::to_string(n % 14);
  out.data = n % 9 == 0 ? R"({"code":"c)" + std::to_string(n % 3) + "\"}"
                        : R"({"owner":")" + std::to_string(n % 3) + R"(","size":)" + number +
                              R"(,"share":0.5,"marks":[1,)" + number + R"(],"needs":[")" +
                              std::to_string(n * 7 % 17) + R"("],"ends":")" +
                              base::to_rfc3339(at + hours(n)) + R"(","drift":{"a":1})" +
                              (n % 4 == 0 ? R"(,"approved":"x")" : "") + "}";
  out.position = {"http", "", 0, n};
  return out;
}

struct Good {
  std::array<std::vector<std::string>, kKinds> of;
};
std::vector<std::string>& list(Good& good, Of of) { return good.of[static_cast<std::size_t>(of)]; }

void note(Good& good, store::Batch& batch, Engine& engine, pipeline::Outliner& outliner) {
  for (const store::Chunk& chunk : store::encode_chunks(batch.transitions, 1)) {
    list(good, Of::kChunk).push_back(chunk.raw);
  }
  list(good, Of::kBody).push_back(store::encode_body(batch).raw);
  list(good, Of::kOutline)
      .push_back(outliner
                     .behind(engine, pipeline::ClockMode::kWall, batch.record.now,
                             {.events = 1, .set_aside = 0})
                     .bytes);
}

Good make_good() {
  Good out;
  Engine engine(book(), {});
  pipeline::Outliner outliner;
  base::Instant now = kBegin;
  for (int n = 1; n <= kEvents; ++n) {
    now += hours(5);
    store::Batch batch;
    batch.record.now = now;
    batch.record.payload = "payload";
    batch.record.events.push_back(envelope(n, now));
    batch.offsets.push_back({"kafka", "t", 0, n});
    store::AlertRow alert;
    alert.key = "R-1|app/1||" + std::to_string(n);
    alert.element = {"app", "1"};
    batch.alerts.push_back(alert);
    const auto event = decode::interpret(batch.record.events[0], *book()->schema);
    PATUH_ASSERT(event.has_value());
    batch.transitions = engine.apply(now, *event).transitions;
    note(out, batch, engine, outliner);
  }
  static_cast<void>(engine.set_baseline(now + hours(1), true));
  std::string head;
  std::string packed;
  engine.save_head(head, packed);
  list(out, Of::kHead) = {head, packed};
  for (std::uint32_t place = 0; place < engine.registry().places(); ++place) {
    std::string row;
    std::string beside;
    engine.save(ElementRef(place), row, beside);
    list(out, Of::kRow).push_back(row);
    list(out, Of::kPacked).push_back(beside);
  }
  for (std::uint32_t i = 0; i < engine.registry().source_count(); ++i) {
    std::string row;
    engine.save_source(i, 0, row);
    list(out, Of::kSource).push_back(row);
  }
  return out;
}

const Good& all_good() {
  static const Good kGood = make_good();
  return kGood;
}

// What a started daemon does first with an engine that was read back.
void go_on(Engine& engine) {
  engine.for_each_verdict([](const engine::Verdict&) {});
  engine.for_each_firing([](const alerts::Notice&) {});
  std::string row;
  std::string packed;
  for (std::uint32_t place = 0; place < engine.registry().places(); ++place) {
    engine.save(ElementRef(place), row, packed);
  }
  static_cast<void>(engine.tallies());
}

// A snapshot of good bytes, one piece of which is another.
bool load(Of of, std::string_view bytes) {
  const auto piece = [&](Of what, std::size_t at, std::size_t victim) -> std::string_view {
    return what == of && at == victim ? bytes : std::string_view(good(what)[at]);
  };
  // Which one, the bytes themselves say.
  std::size_t sum = 0;
  for (const char c : bytes) sum = sum * 31 + static_cast<unsigned char>(c);
  const std::size_t victim = of == Of::kHead ? 0 : sum % good(of).size();
  Engine engine(book(), {});
  if (engine.load_head(piece(Of::kHead, 0, victim), good(Of::kHead)[1], good(Of::kRow).size()) ==
      Engine::Loading::kRefused) {
    return false;
  }
  for (std::size_t at = 0; at < good(Of::kRow).size(); ++at) {
    const ElementRef place(static_cast<std::uint32_t>(at));
    if (!engine.load(place, piece(Of::kRow, at, victim), piece(Of::kPacked, at, victim))) {
      return false;
    }
  }
  for (std::size_t at = 0; at < good(Of::kSource).size(); ++at) {
    if (!engine.load_source(piece(Of::kSource, at, victim))) return false;
  }
  if (!engine.load_end()) return false;
  go_on(engine);
  return true;
}

bool read_body(std::string_view bytes) {
  const bool parted = store::split_body(bytes).has_value();
  const auto body = store::decode_body(bytes);
  PATUH_ASSERT(parted || !body);  // what is decoded can be taken apart
  if (!body) return false;
  static constexpr std::array<std::uint32_t, 1> kFirst = {0};
  const auto without = store::body_without(bytes, kFirst, model::Seq{9});
  PATUH_ASSERT(!without || store::split_body(*without));
  return true;
}

bool read_chunk(std::string_view bytes) {
  bool all = false;
  for (std::size_t count = 0; count < 6; ++count) {
    const auto parts = store::split_chunk(bytes, count);
    if (!parts) continue;
    all = std::ranges::all_of(*parts, [](std::string_view part) {
      static_cast<void>(store::peek_transition(part));
      return store::decode_transition(part).has_value();
    });
  }
  return all;
}

}  // namespace

const std::vector<std::string>& good(Of of) { return all_good().of[static_cast<std::size_t>(of)]; }

bool try_bytes(Of of, std::string_view bytes) {
  switch (of) {
    case Of::kBody:
      return read_body(bytes);
    case Of::kChunk:
      return read_chunk(bytes);
    case Of::kOutline: {
      pipeline::PastView view;
      store::Outline outline;
      outline.bytes = bytes;
      return pipeline::take_outline(outline, view);
    }
    case Of::kHead:
    case Of::kRow:
    case Of::kPacked:
    case Of::kSource:
      break;
  }
  return load(of, bytes);
}

bool try_input(std::string_view bytes) {
  if (bytes.empty()) return false;
  const auto of = static_cast<Of>(static_cast<std::uint8_t>(bytes[0]) % kKinds);
  return try_bytes(of, bytes.substr(1));
}

}  // namespace patuh::hostile
