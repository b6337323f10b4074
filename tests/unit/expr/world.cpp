#include "world.h"

#include <algorithm>

namespace patuh::expr {
namespace {

constexpr std::uint64_t kBudget = 100'000;

ObjectTypes::Field field_of(Type type, std::vector<std::string> values = {}, bool closed = false) {
  ObjectTypes::Field field;
  field.type = std::move(type);
  field.values = std::move(values);
  field.closed = closed;
  return field;
}

ObjectTypes::Field bounded(Type type, Value min, Value max) {
  ObjectTypes::Field field = field_of(std::move(type));
  field.min = min;
  field.max = max;
  return field;
}

Value day(int year, unsigned month, unsigned of_month) {
  return Value::timestamp(base::Instant{std::chrono::sys_days{
      std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{of_month}}});
}

Function simple_function(std::string name, std::size_t arguments,
                         std::function<Value(Context&, std::span<const Value>)> call) {
  Function function;
  function.name = std::move(name);
  function.arguments_min = arguments;
  function.arguments_max = arguments;
  function.call = [call = std::move(call)](Context& context, std::uint64_t /*bound*/,
                                           std::span<const Value> given) {
    return call(context, given);
  };
  return function;
}

// {'dasar': 3, 'luar': {'kota': 5}}
Value tariffs(Arena& arena) {
  const Value outside =
      make_map(arena, std::array{MapEntry{Value::string("kota"), Value::integer(5)}});
  return make_map(arena, std::array{MapEntry{Value::string("dasar"), Value::integer(3)},
                                    MapEntry{Value::string("luar"), outside}});
}

}  // namespace

World::World() {
  declare();
  fill();
}

void World::declare() {
  KindOf aplikasi;
  aplikasi.name = "aplikasi";
  aplikasi.fields = {
      {"nama", field_of(Type::string())},
      {"status", field_of(Type::string(), {"rencana", "operasional", "dihentikan"}, true)},
      {"akses_publik", field_of(Type::boolean())},
      {"data_pribadi", field_of(Type::boolean())},
      {"tingkat", field_of(Type::integer())},
      {"biaya", field_of(Type::number())},
      {"tag", field_of(Type::list(Type::string()), {"web", "mobile"}, false)},
      {"ekstra", field_of(Type::map(Type::string(), Type::dyn()))},
      {"berlaku_sampai", field_of(Type::timestamp())},
      {"selang", field_of(Type::duration())},
      {"pemilik", field_of(Type::object("perangkat_daerah"))},
      {"keamanan", field_of(Type::list(Type::object("keamanan")))},
      {"bebas", field_of(Type::dyn())},
      {"kapabilitas", bounded(Type::integer(), Value::integer(1), Value::integer(5))},
      {"progres", bounded(Type::number(), Value::number(0), Value::number(100))},
      {"tahun", bounded(Type::integer(), Value::integer(1945), Value())},
  };
  KindOf keamanan;
  keamanan.name = "keamanan";
  keamanan.fields = {
      {"jenis", field_of(Type::string(), {"itsa", "standar", "pelatihan"}, false)},
      {"nilai", field_of(Type::integer())},
      {"bobot", field_of(Type::number())},
      {"tanggal", field_of(Type::timestamp())},
      {"nama", field_of(Type::string())},
  };
  KindOf agency;
  agency.name = "perangkat_daerah";
  agency.fields = {{"nama", field_of(Type::string())},
                   {"induk", field_of(Type::object("perangkat_daerah"))}};
  kinds_ = {std::move(aplikasi), std::move(keamanan), std::move(agency)};
  for (KindOf& kind : kinds_) {
    std::uint16_t number = 0;
    for (auto& [name, field] : kind.fields) {
      field.number = number++;
      if (field.type.of() == Type::Of::kList) field.size_max = 5;
    }
  }
}

// aplikasi 0 is full, aplikasi 1 empty. The agency of 0 has no parent.
void World::fill() {
  securities_ =
      make_list(arena_, std::array{Value::object(1, 0), Value::object(1, 1), Value::object(1, 2)});
  no_securities_ = make_list(arena_, {});
  kinds_[0].elements.resize(2);
  kinds_[1].elements.resize(4);
  kinds_[2].elements.resize(2);
  set(0, 0, "nama", Value::string("SIMPEG"));
  set(0, 0, "status", Value::string("operasional"));
  set(0, 0, "akses_publik", Value::boolean(true));
  set(0, 0, "data_pribadi", Value::boolean(false));
  set(0, 0, "tingkat", Value::integer(3));
  set(0, 0, "biaya", Value::number(1.5));
  set(0, 0, "tag", make_list(arena_, std::array{Value::string("web"), Value::string("mobile")}));
  set(0, 0, "ekstra",
      make_map(arena_, std::array{MapEntry{Value::string("kunci"), Value::integer(7)},
                                  MapEntry{Value::string("kosong"), Value()}}));
  set(0, 0, "berlaku_sampai", day(2026, 6, 30));
  set(0, 0, "selang", Value::duration(std::chrono::hours{24}));
  set(0, 0, "pemilik", Value::object(2, 0));
  set(0, 0, "keamanan", related(0));
  set(2, 0, "nama", Value::string("Diskominfo"));
  set(1, 0, "jenis", Value::string("itsa"));
  set(1, 0, "nilai", Value::integer(4));
  set(1, 0, "bobot", Value::number(0.5));
  set(1, 0, "tanggal", day(2025, 3, 1));
  set(1, 1, "jenis", Value::string("standar"));
  set(1, 1, "nilai", Value::integer(9));
  set(1, 1, "tanggal", day(2025, 9, 1));
  set(1, 2, "jenis", Value::string("itsa"));
  set(1, 2, "tanggal", day(2025, 9, 1));
}

Value World::related(std::uint32_t index) { return index == 0 ? securities_ : no_securities_; }

void World::set(std::uint32_t kind, std::uint32_t index, std::string_view field, Value value) {
  const auto declared = this->field(kinds_[kind].name, field);
  PATUH_ASSERT(declared.has_value());
  kinds_[kind].elements[index][declared->number] = value;
}

const World::KindOf* World::kind_named(std::string_view name) const {
  const auto found = std::ranges::find(kinds_, name, &KindOf::name);
  return found == kinds_.end() ? nullptr : &*found;
}

bool World::has_type(std::string_view object) const { return kind_named(object) != nullptr; }

std::optional<ObjectTypes::Field> World::field(std::string_view object,
                                               std::string_view name) const {
  if (object == "*" && name == "nama") return std::nullopt;
  const KindOf* const kind = kind_named(object);
  if (kind == nullptr) return std::nullopt;
  const auto found = std::ranges::find(kind->fields, name, &std::pair<std::string, Field>::first);
  if (found == kind->fields.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string_view> World::field_names(std::string_view object) const {
  std::vector<std::string_view> names;
  if (const KindOf* const kind = kind_named(object)) {
    for (const auto& [name, field] : kind->fields) names.push_back(name);
  }
  return names;
}

Value World::select(Context& /*context*/, Value object, std::uint16_t field) {
  reads_.insert({object.object_kind(), field});
  const auto& values = kinds_[object.object_kind()].elements[object.object_index()];
  const auto found = values.find(field);
  if (found != values.end() && !found->second.is_null()) return found->second;
  return Value::null({object.object_kind(), object.object_index(), field});
}

bool World::has(Context& context, const Value& object, std::uint16_t field) {
  return !select(context, object, field).is_null();
}

Value World::select_dynamic(Context& context, const Value& object, std::string_view field) {
  const auto declared = this->field(kinds_[object.object_kind()].name, field);
  if (!declared) return context.fail(ErrorCode::kNoSuchField, "error.no_field", {"object", field});
  return select(context, object, declared->number);
}

bool World::known(Context& /*context*/, const Value& object) { return object.object_index() != 3; }

Environment World::environment() {
  Environment env(this);
  env.add_variable("self", Type::object("aplikasi"));
  env.add_variable("lain", Type::dyn());
  env.add_constant("params.batas", Value::integer(2), Type::integer());
  env.add_constant("params.umur", Value::duration(std::chrono::hours{24 * 30}), Type::duration());
  env.add_constant("params.ketat", Value::boolean(false), Type::boolean());
  env.add_constant("params.tarif", tariffs(arena_), Type::map(Type::string(), Type::dyn()));
  env.add_constant("each.topik", Value::string("layanan"), Type::string());
  env.add_constant("peta",
                   make_map(arena_, std::array{MapEntry{Value::string("satu"), Value::integer(1)}}),
                   Type::map(Type::string(), Type::integer()));
  Function related_to = simple_function(
      "related", 2,
      [this](Context&, std::span<const Value> given) { return related(given[0].object_index()); });
  related_to.resolve = [](std::span<const Argument> given) {
    Resolved resolved;
    resolved.result = Type::list(Type::object("keamanan"));
    resolved.size_max = 5;
    const auto& relation = given[1].literal;
    if (!relation || relation->kind() != Kind::kString) {
      resolved.error = "the relation is named by a text literal";
      resolved.error_argument = 1;
    } else if (relation->as_string() != "keamanan") {
      resolved.error = "'aplikasi' has no relation '" + std::string(relation->as_string()) + "'";
      resolved.hint = "did you mean 'keamanan'?";
      resolved.error_argument = 1;
    }
    return resolved;
  };
  env.add_function(std::move(related_to));
  Function known_to =
      simple_function("known", 1, [this](Context& context, std::span<const Value> given) {
        return Value::boolean(!given[0].is_null() && known(context, given[0]));
      });
  known_to.takes_null = true;
  known_to.resolve = [](std::span<const Argument>) {
    Resolved resolved;
    resolved.result = Type::boolean();
    return resolved;
  };
  env.add_function(std::move(known_to));
  env.add_function(simple_function("too_many", 0, [](Context& context, std::span<const Value>) {
    return context.fail(ErrorCode::kLimit, "error.reach", {"1000", "9"});
  }));
  Function code = simple_function("kode", 1, [](Context&, std::span<const Value> given) {
    return Value::integer(given[0].object_index() + 100);
  });
  code.method = true;
  env.add_function(std::move(code));
  Function any = simple_function("any_of", 0, [](Context& context, std::span<const Value>) {
    return make_list(*context.arena, std::array{Value::object(1, 0), Value::object(2, 0)});
  });
  any.resolve = [](std::span<const Argument>) {
    Resolved resolved;
    resolved.result = Type::list(Type::object("*"));
    return resolved;
  };
  env.add_function(std::move(any));
  return env;
}

std::vector<Value> World::variables(std::uint32_t self) {
  const Value map =
      make_map(arena_, std::array{MapEntry{Value::string("teks"), Value::string("abc")},
                                  MapEntry{Value::string("angka"), Value::integer(5)},
                                  MapEntry{Value::string("kosong"), Value()}});
  return {Value::object(0, self), map};
}

std::string World::name_of(const Origin& origin) const {
  const KindOf& kind = kinds_[origin.object_kind];
  return kind.name + "#" + std::to_string(origin.object_index) + "." +
         kind.fields[origin.field].first;
}

std::string_view name_of(ErrorCode code) {
  static constexpr std::array<std::string_view, 9> kNames = {
      "missing", "no-such-field", "no-such-overload", "divide-by-zero", "overflow",
      "invalid", "out-of-range",  "budget",           "limit"};
  return kNames[static_cast<std::size_t>(code)];
}

std::string error_text(const World& world, const Value& error) {
  const ErrorRep& rep = error.as_error();
  std::string text = "error " + std::string(name_of(rep.code));
  if (rep.has_origin) text += " " + world.name_of(rep.origin);
  return text;
}

Outcome run_in(World& world, std::string_view text, std::uint32_t self, base::Instant now) {
  Outcome outcome;
  const auto program = compile(world.environment(), {.text = text, .place = {}}, Type::dyn());
  if (!program) {
    outcome.text = "refused";
    for (const auto& d : program.error().list()) outcome.text += " " + d.code;
    return outcome;
  }
  const std::vector<Value> variables = world.variables(self);
  Context context{.arena = &outcome.arena, .host = &world, .now = now, .budget = kBudget};
  outcome.value = evaluate(*program, variables, context);
  outcome.next_change = context.next_change;
  outcome.spent = kBudget - context.budget;
  outcome.text =
      outcome.value.is_error() ? error_text(world, outcome.value) : to_text(outcome.value);
  return outcome;
}

}  // namespace patuh::expr
