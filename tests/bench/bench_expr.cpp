// Five everyday shapes of expression over 10,000 varying records, beside the same predicate written
// by hand in C++ on the same slots; then the shipped pack. One JSON object a line.
// `bench_expr --shapes` prints the shapes with their records, for peers.
#include <cstdio>
#include <ctime>
#include <random>

#include "expr/expr.h"
#include "tests/bench/bench.h"
#include "tests/bench/expr_pack.h"

namespace patuh::expr {
namespace {

constexpr std::size_t kRecords = 10'000;
constexpr int kRounds = 7;

enum Field : std::uint16_t { kNama, kStatus, kTingkat, kPengguna, kPemilik, kFields };
using Record = std::array<Value, kFields>;

// Kind 0 is the records themselves, kind 1 their owners, which have the same fields.
class Table final : public Host, public ObjectTypes {
 public:
  Table() : records_(kRecords) {
    static constexpr std::array<std::string_view, 5> kStatusTexts = {
        "rencana", "pembangunan", "uji_coba", "operasional", "dihentikan"};
    static constexpr std::array<std::string_view, 4> kNames = {
        "SIMPEG Daerah", "e-Kinerja", "SIMDA Keuangan", "Layanan Aduan Warga"};
    std::mt19937 random(1);
    for (std::size_t i = 0; i < kRecords; ++i) {
      records_[i] = {Value::string(kNames[random() % kNames.size()]),
                     Value::string(kStatusTexts[random() % kStatusTexts.size()]),
                     Value::integer(static_cast<std::int64_t>(random() % 6)),
                     Value::integer(static_cast<std::int64_t>(random() % 10'000)),
                     Value::object(0, static_cast<std::uint32_t>(random() % kRecords))};
    }
  }

  bool has_type(std::string_view object) const override { return object == "aplikasi"; }
  std::optional<ObjectTypes::Field> field(std::string_view /*object*/,
                                          std::string_view name) const override {
    static const std::vector<std::pair<std::string_view, Type>> kTypes = {
        {"nama", Type::string()},
        {"status", Type::string()},
        {"tingkat", Type::integer()},
        {"pengguna", Type::integer()},
        {"pemilik", Type::object("aplikasi")}};
    for (std::uint16_t i = 0; i < kTypes.size(); ++i) {
      if (kTypes[i].first != name) continue;
      ObjectTypes::Field out;
      out.type = kTypes[i].second;
      out.number = i;
      return out;
    }
    return std::nullopt;
  }
  std::vector<std::string_view> field_names(std::string_view /*object*/) const override {
    return {};
  }

  Value select(Context& /*context*/, Value object, std::uint16_t field) override {
    return records_[object.object_index()][field];
  }
  bool has(Context& /*context*/, const Value& object, std::uint16_t field) override {
    return !records_[object.object_index()][field].is_null();
  }
  Value select_dynamic(Context& context, const Value& /*object*/,
                       std::string_view /*field*/) override {
    return context.fail(ErrorCode::kNoSuchField, "error.no_field");
  }
  bool known(Context& /*context*/, const Value& /*object*/) override { return true; }

  const std::vector<Record>& records() const { return records_; }

 private:
  std::vector<Record> records_;
};

bool is_int_above(const Value& value, std::int64_t limit) {
  return value.kind() == Kind::kInt && value.as_int() > limit;
}
bool is_text(const Value& value, std::string_view text) {
  return value.kind() == Kind::kString && value.as_string() == text;
}

struct Shape {
  std::string_view name;
  std::string_view expression;
  bool (*by_hand)(const Table&, const Record&);
};

constexpr std::array<Shape, 5> kShapes = {{
    {"expr/number", "self.tingkat > 3",
     [](const Table&, const Record& r) { return is_int_above(r[kTingkat], 3); }},
    {"expr/two", "self.tingkat > 2 && self.pengguna > 5000",
     [](const Table&, const Record& r) {
       return is_int_above(r[kTingkat], 2) && is_int_above(r[kPengguna], 5'000);
     }},
    {"expr/in", "self.status in ['pembangunan', 'uji_coba', 'operasional']",
     [](const Table&, const Record& r) {
       const Value& status = r[kStatus];
       return is_text(status, "pembangunan") || is_text(status, "uji_coba") ||
              is_text(status, "operasional");
     }},
    {"expr/prefix", "self.nama.startsWith('SIM') && self.tingkat > 2",
     [](const Table&, const Record& r) {
       return r[kNama].kind() == Kind::kString && r[kNama].as_string().starts_with("SIM") &&
              is_int_above(r[kTingkat], 2);
     }},
    {"expr/nested", "self.pemilik.pemilik.tingkat > 3",
     [](const Table& table, const Record& r) {
       if (r[kPemilik].kind() != Kind::kObject) return false;
       const Record& owner = table.records()[r[kPemilik].object_index()];
       if (owner[kPemilik].kind() != Kind::kObject) return false;
       return is_int_above(table.records()[owner[kPemilik].object_index()][kTingkat], 3);
     }},
}};

struct Timing {
  double nanos = 1e300;  // a record, in the fastest round
  std::size_t matches = 0;
};

template <class Pass>
Timing measure(std::uint64_t passes, Pass pass) {
  Timing timing;
  for (int round = 0; round < kRounds; ++round) {
    std::size_t matches = 0;
    const std::clock_t begin = std::clock();  // of this process: others may be busy beside it
    for (std::uint64_t i = 0; i < passes; ++i) matches += pass();
    const double spent = static_cast<double>(std::clock() - begin) * (1e9 / CLOCKS_PER_SEC);
    timing.nanos = std::min(timing.nanos, spent / static_cast<double>(passes * kRecords));
    timing.matches = matches / passes;
  }
  return timing;
}

Timing measure_program(std::uint64_t passes, Table& table, const Program& program) {
  Arena arena;
  Context context{.arena = &arena, .host = &table};
  return measure(passes, [&] {
    std::size_t matches = 0;
    for (std::uint32_t i = 0; i < kRecords; ++i) {
      context.budget = 100'000;
      const Value self = Value::object(0, i);
      matches += evaluate(program, {&self, 1}, context).is_true() ? 1U : 0U;
    }
    return matches;
  });
}

Timing measure_by_hand(std::uint64_t passes, const Table& table, const Shape& shape) {
  return measure(passes, [&] {
    std::size_t matches = 0;
    for (const Record& record : table.records()) matches += shape.by_hand(table, record) ? 1U : 0U;
    return matches;
  });
}

// A line a shape: {"name", "expr", "records": [[tingkat, pengguna, nama, status, pemilik], …]}.
// None of these texts needs an escape in JSON.
void print_shapes(const Table& table) {
  for (const Shape& shape : kShapes) {
    std::printf("{\"name\":\"%s\",\"expr\":\"%s\",\"records\":[", shape.name.data(),
                shape.expression.data());
    const char* comma = "";
    for (const Record& record : table.records()) {
      std::printf(
          "%s[%s,%s,\"%s\",\"%s\",%u]", comma, to_text(record[kTingkat]).c_str(),
          to_text(record[kPengguna]).c_str(), std::string(record[kNama].as_string()).c_str(),
          std::string(record[kStatus].as_string()).c_str(), record[kPemilik].object_index());
      comma = ",";
    }
    std::printf("]}\n");
  }
}

int run(std::uint64_t passes) {
  Table table;
  Environment environment(&table);
  environment.add_variable("self", Type::object("aplikasi"));
  for (const Shape& shape : kShapes) {
    const auto program =
        compile(environment, {.text = shape.expression, .place = {}}, Type::boolean());
    PATUH_ASSERT(program.has_value());
    const Timing planned = measure_program(passes, table, *program);
    const Timing by_hand = measure_by_hand(passes, table, shape);
    PATUH_ASSERT(planned.matches == by_hand.matches);
    std::printf(
        "{\"name\":\"%s\",\"value\":%.2f,\"unit\":\"ns\",\"better\":\"lower\",\"beside\":[{"
        "\"name\":\"C++ by "
        "hand\",\"value\":%.2f}],\"ratio\":%.2f,\"params\":{\"records\":%zu,\"matches\":%zu}}\n",
        shape.name.data(), planned.nanos, by_hand.nanos, planned.nanos / by_hand.nanos, kRecords,
        planned.matches);
  }
  return 0;
}

}  // namespace
}  // namespace patuh::expr

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--shapes") {
    patuh::expr::print_shapes(patuh::expr::Table());
    return 0;
  }
  const std::uint64_t passes =
      patuh::bench::numbers_from(argc, argv, "[--shapes | PASSES]", 1, {100}).front();
  const int status = patuh::expr::run(passes);
  return status == 0 ? patuh::bench::run_pack() : status;
}
