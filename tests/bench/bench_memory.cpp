// What an element costs in memory, all included, beside its serialised form; and what a patch of
// one field costs on small and large registries. One JSON object a line.
#include <malloc.h>
#include <time.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "registry/registry.h"
#include "tests/bench/bench.h"

namespace {

using patuh::base::Instant;
using patuh::expr::Value;
using patuh::model::AttributeType;
using patuh::registry::FieldId;
using patuh::registry::KindId;
namespace model = patuh::model;

constexpr std::uint32_t kAgencies = 50;
constexpr std::uint32_t kOfficers = 1000;
constexpr std::uint32_t kServices = 2000;

// What the C library has given out, its own overhead included.
std::uint64_t allocated() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// ── An application with 12 attributes and 3 relations, as a regency keeps it ──

struct Column {
  const char* name;
  AttributeType type;
  bool indexed = false;
  bool telemetry = false;
};
constexpr std::array kColumns = {
    Column{"kode", AttributeType::kString, true},
    Column{"nama", AttributeType::kString},
    Column{"uraian", AttributeType::kText},
    Column{"alamat", AttributeType::kString},
    Column{"status", AttributeType::kEnum, true},
    Column{"basis", AttributeType::kEnum},
    Column{"akses_publik", AttributeType::kBool},
    Column{"pengguna", AttributeType::kInt},
    Column{"biaya", AttributeType::kNumber},
    Column{"mulai_dibangun_pada", AttributeType::kDate},
    Column{"dukungan_sampai", AttributeType::kDeadline},
    Column{"cadangan_terakhir", AttributeType::kTimestamp, false, true}};
constexpr std::array kRelations = {"perangkat_daerah", "pic", "layanan"};
constexpr std::uint16_t kUsers = 7;

model::Kind& add_kind(model::Schema& schema, const char* name) {
  model::Kind& kind = schema.kinds.emplace_back();
  kind.id = KindId(static_cast<std::uint16_t>(schema.kinds.size() - 1));
  kind.name = name;
  schema.by_name.add(name, kind.id.value);
  return kind;
}

void add_field(model::Kind& kind, const char* name,
               std::variant<model::Attribute, model::Relation> is) {
  kind.by_name.add(name, static_cast<std::uint16_t>(kind.fields.size()));
  model::Field field;
  field.name = name;
  field.is = std::move(is);
  kind.fields.push_back(std::move(field));
}

std::shared_ptr<const model::Schema> make_schema() {
  auto schema = std::make_shared<model::Schema>();
  schema->arena = std::make_shared<patuh::expr::Arena>();
  for (const char* name : {"perangkat_daerah", "pic", "layanan", "aplikasi"}) {
    add_kind(*schema, name);
  }
  add_field(schema->kinds[0], "singkatan", model::Attribute{});
  schema->roles.agency.emplace();
  model::Kind& app = schema->kinds[3];
  for (const Column& column : kColumns) {
    model::Attribute attribute;
    attribute.type = column.type;
    attribute.indexed = column.indexed;
    attribute.telemetry = column.telemetry;
    add_field(app, column.name, attribute);
  }
  for (std::uint16_t i = 0; i < kRelations.size(); ++i) {
    model::Relation relation;
    relation.to = {KindId(i)};
    relation.agency = i == 0;
    add_field(app, kRelations[i], relation);
  }
  app.agency_field = FieldId(static_cast<std::uint16_t>(kColumns.size()));
  return schema;
}

std::string padded(const char* before, std::uint32_t number) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s-%06u", before, number);
  return text.data();
}

model::FieldChange end_of(std::size_t relation, std::string_view id, patuh::expr::Arena& arena) {
  model::FieldChange change;
  change.field = FieldId(static_cast<std::uint16_t>(kColumns.size() + relation));
  const std::array<model::NamedElement, 1> end = {{{{}, id}}};
  change.ends = model::copy_of(end, arena);
  return change;
}

model::ChangeEvent application(std::uint32_t number) {
  static constexpr std::array kStatus = {"rencana", "pembangunan", "operasional", "berhenti"};
  static constexpr std::array kBasis = {"web", "mobile", "desktop"};
  model::ChangeEvent event;
  event.source = padded("sumber", number % kAgencies);
  event.id = padded("peristiwa", number);
  event.version = number;
  event.time = Instant(std::chrono::seconds(1'700'000'000 + number));
  event.kind = KindId(3);
  event.element_id = padded("apl", number);
  event.arena = std::make_shared<patuh::expr::Arena>();
  const auto text = [&](const std::string& value) {
    return Value::string(event.arena->copy(value));
  };
  const auto day = [&](std::int64_t days) { return Value::timestamp(days * 86'400, 0); };
  const std::array<Value, kColumns.size()> values = {
      text(padded("FUNGSI", number)),
      text("Sistem Informasi Layanan " + std::to_string(number)),
      text("Mencatat dan menyajikan data layanan bagi warga dan perangkat daerah"),
      text("https://layanan" + std::to_string(number) + ".contohkab.go.id"),
      text(kStatus[number % kStatus.size()]),
      text(kBasis[number % kBasis.size()]),
      Value::boolean(number % 2 == 0),
      Value::integer(number % 997),
      Value::number(1.5 * number),
      day(18'000 + number % 900),
      day(20'000 + number % 900),
      Value::timestamp(1'700'000'000 + number, 0)};
  for (std::uint16_t i = 0; i < values.size(); ++i)
    event.fields.push_back({FieldId(i), values[i], {}});
  event.fields.push_back(end_of(0, padded("opd", number % kAgencies), *event.arena));
  event.fields.push_back(end_of(1, padded("pic", number % kOfficers), *event.arena));
  event.fields.push_back(end_of(2, padded("lay", number % kServices), *event.arena));
  return event;
}

model::ChangeEvent users_patch(std::uint32_t number, std::uint32_t round) {
  model::ChangeEvent event;
  event.operation = model::Operation::kPatch;
  event.source = padded("sumber", number % kAgencies);
  event.id = padded("ubah", round);
  event.version = std::int64_t{1'000'000'000} + round;
  event.time = Instant(std::chrono::seconds(1'800'000'000 + round));
  event.kind = KindId(3);
  event.element_id = padded("apl", number);
  event.fields.push_back({FieldId(kUsers), Value::integer(1000 + round), {}});
  return event;
}

// The same element as an agency would send it.
std::size_t json_bytes(const model::ChangeEvent& event) {
  std::string out = "{";
  const auto member = [&](std::string_view name, std::string_view value, bool quoted) {
    if (out.size() > 1) out += ',';
    out += '"';
    out += name;
    out += quoted ? "\":\"" : "\":";
    out += value;
    if (quoted) out += '"';
  };
  member("id", event.element_id, true);
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    const Value& value = event.fields[i].value;
    if (value.kind() == patuh::expr::Kind::kString) {
      member(kColumns[i].name, value.as_string(), true);
    } else if (value.kind() == patuh::expr::Kind::kTimestamp) {
      const std::string time = patuh::base::to_rfc3339(value.as_instant());
      const bool day = kColumns[i].type != AttributeType::kTimestamp;
      member(kColumns[i].name, std::string_view(time).substr(0, day ? 10 : time.size()), true);
    } else {
      member(kColumns[i].name, patuh::expr::to_text(value), false);
    }
  }
  for (std::size_t i = 0; i < kRelations.size(); ++i) {
    member(kRelations[i], event.fields[kColumns.size() + i].ends.front().id, true);
  }
  return out.size() + 1;
}

struct Measured {
  double bytes = 0;    // per application, by the C library's count
  double counted = 0;  // by the registry's own
  double json = 0;
};

std::unique_ptr<patuh::registry::Registry> fill(std::uint32_t elements, Measured& measured) {
  const std::uint64_t before = allocated();
  auto registry =
      std::make_unique<patuh::registry::Registry>(make_schema(), patuh::registry::Options{});
  std::uint64_t json = 0;
  for (std::uint32_t i = 0; i < elements; ++i) {
    const model::ChangeEvent event = application(i);
    registry->apply(event, event.time);
    json += json_bytes(event);
  }
  measured.bytes = static_cast<double>(allocated() - before) / elements;
  measured.counted = static_cast<double>(registry->stats().bytes) / elements;
  measured.json = static_cast<double>(json) / elements;
  return registry;
}

// Of this thread: what else runs on the machine does not count.
double cpu_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

struct Patched {
  double first = 0;  // nanoseconds of an element's first patch: a new block
  double again = 0;  // of the next ones of the same field: in place
};

// Events are made before the clock starts; elements are scattered over the whole registry.
Patched patch(patuh::registry::Registry& registry, std::uint32_t elements) {
  constexpr std::uint32_t kBatch = 10'000;
  constexpr std::uint32_t kBatches = 6;
  Patched best{1e18, 1e18};
  for (std::uint32_t batch = 0; batch < kBatches; ++batch) {
    std::vector<model::ChangeEvent> events;
    for (std::uint32_t i = 0; i < kBatch; ++i) {
      const std::uint64_t scattered = i * std::uint64_t{2'654'435'761};
      events.push_back(
          users_patch(static_cast<std::uint32_t>(scattered % elements), batch * kBatch + i));
    }
    const double start = cpu_nanoseconds();
    for (const model::ChangeEvent& event : events) registry.apply(event, event.time);
    const double each = (cpu_nanoseconds() - start) / kBatch;
    double& place = batch == 0 ? best.first : best.again;
    place = std::min(place, each);
  }
  return best;
}

void print_memory(const Measured& measured, std::uint32_t elements) {
  std::printf(
      "{\"name\":\"memory_per_element\",\"value\":%.0f,\"unit\":\"bytes\",\"better\":\"lower\","
      "\"beside\":[{\"name\":\"element_as_json\",\"value\":%.0f},{\"name\":\"counted_by_registry\","
      "\"value\":%.0f}],\"ratio\":%.2f,\"params\":{\"elements\":%u,\"attributes\":%zu,"
      "\"relations\":%zu,\"indexed\":2}}\n",
      measured.bytes, measured.json, measured.counted, measured.bytes / measured.json, elements,
      kColumns.size(), kRelations.size());
}

void print_patch(const Patched& patched, const Patched& small, std::uint32_t elements) {
  std::printf(
      "{\"name\":\"registry_patch_of_one_field\",\"value\":%.0f,\"unit\":\"ns\",\"better\":"
      "\"lower\",\"beside\":[{\"name\":\"on_10000_elements\",\"value\":%.0f},{\"name\":"
      "\"first_patch_of_an_element\",\"value\":%.0f}],\"ratio\":%.2f,"
      "\"params\":{\"elements\":%u}}\n",
      patched.again, small.again, patched.first, patched.again / small.again, elements);
}

}  // namespace

int main(int argc, char** argv) {
  const auto sizes = patuh::bench::numbers_from(argc, argv, "[ELEMENTS…]", 8, {100'000, 1'000'000});
  Measured measured;
  const Patched small = patch(*fill(10'000, measured), 10'000);
  for (const std::uint64_t size : sizes) {
    const auto elements = static_cast<std::uint32_t>(size);
    const auto registry = fill(elements, measured);
    print_memory(measured, elements);
    print_patch(patch(*registry, elements), small, elements);
  }
  return 0;
}
