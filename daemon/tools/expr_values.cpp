#include "tools/expr_values.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace patuh::tools {
namespace {

using expr::Arena;
using expr::Kind;
using expr::Type;
using expr::Value;
using json::Of;

// What the language itself makes of a text: timestamp('…') and so on. An error when it makes none.
Value converted(std::string_view function, std::string_view text, Arena& arena) {
  expr::Environment environment;
  environment.add_variable("x", Type::string());
  const std::string source = std::string(function) + "(x)";
  const auto program = compile(environment, {.text = source, .place = {}}, Type::dyn());
  PATUH_ASSERT(program.has_value());
  expr::Context context{.arena = &arena};
  const Value value = Value::string(arena.copy(text));
  return expr::deep_copy(evaluate(*program, {&value, 1}, context), arena);
}

// Whole numbers stand as text in protobuf's JSON, or as numbers.
template <class T>
std::optional<T> whole(const json::Node& node) {
  if (node.is(Of::kInt)) return static_cast<T>(node.integer());
  if (node.is(Of::kUint)) return static_cast<T>(node.unsigned_integer());
  if (!node.is(Of::kString)) return std::nullopt;
  T value{};
  const std::string_view text = node.string();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> number(const json::Node& node) {
  if (node.is(Of::kInt) || node.is(Of::kUint) || node.is(Of::kDouble)) return node.number();
  if (!node.is(Of::kString)) return std::nullopt;
  const std::string_view text = node.string();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return kInfinity;
  if (text == "-Infinity") return -kInfinity;
  return std::nullopt;
}

std::optional<Value> good(const Value& value) {
  if (value.is_error()) return std::nullopt;
  return value;
}

std::optional<Value> scalar(std::string_view kind, const json::Node& node, Arena& arena) {
  if (kind == "nullValue") return Value();
  if (kind == "boolValue") return Value::boolean(node.boolean());
  if (kind == "int64Value") {
    const auto v = whole<std::int64_t>(node);
    return v ? std::optional(Value::integer(*v)) : std::nullopt;
  }
  if (kind == "uint64Value") {
    const auto v = whole<std::uint64_t>(node);
    return v ? std::optional(Value::unsigned_integer(*v)) : std::nullopt;
  }
  if (kind == "doubleValue") {
    const auto v = number(node);
    return v ? std::optional(Value::number(*v)) : std::nullopt;
  }
  if (!node.is(Of::kString)) return std::nullopt;
  if (kind == "stringValue") return Value::string(arena.copy(node.string()));
  if (kind == "bytesValue") return good(converted("base64.decode", node.string(), arena));
  return std::nullopt;
}

// A type's own name as a value: what the language makes of the bare word.
std::optional<Value> type_named(std::string_view name, Arena& arena) {
  expr::Environment environment;
  const auto program = compile(environment, {.text = name, .place = {}}, Type::type());
  if (!program) return std::nullopt;
  expr::Context context{.arena = &arena};
  // The names of types live as long as the process.
  return good(evaluate(*program, {}, context));
}

std::optional<Value> suite_list(const json::Node& node, Arena& arena) {
  std::vector<Value> items;
  const json::Node* const values = node.find("values");
  if (values != nullptr) {
    for (const json::Node& item : values->items()) {
      const auto value = suite_value_of(item, arena);
      if (!value) return std::nullopt;
      items.push_back(*value);
    }
  }
  return expr::make_list(arena, items);
}

std::optional<Value> suite_map(const json::Node& node, Arena& arena) {
  std::vector<expr::MapEntry> entries;
  const json::Node* const pairs = node.find("entries");
  if (pairs != nullptr) {
    for (const json::Node& pair : pairs->items()) {
      const json::Node* const key = pair.find("key");
      const json::Node* const held = pair.find("value");
      if (key == nullptr || held == nullptr) return std::nullopt;
      const auto k = suite_value_of(*key, arena);
      const auto v = suite_value_of(*held, arena);
      if (!k || !v) return std::nullopt;
      entries.push_back({*k, *v});
    }
  }
  return expr::make_map(arena, entries);
}

// In google.protobuf.Value all numbers are doubles.
Value doubles_only(const json::Node& node, Arena& arena) {
  if (node.is(Of::kInt) || node.is(Of::kUint)) return Value::number(node.number());
  if (node.is(Of::kArray)) {
    std::vector<Value> items;
    for (const json::Node& item : node.items()) items.push_back(doubles_only(item, arena));
    return expr::make_list(arena, items);
  }
  if (node.is(Of::kObject)) {
    std::vector<expr::MapEntry> entries;
    for (const json::Member& m : node.members()) {
      entries.push_back({Value::string(arena.copy(m.key)), doubles_only(m.value, arena)});
    }
    return expr::make_map(arena, entries);
  }
  return value_of(node, arena);
}

// Messages that are values of the language: times, wrapped scalars, JSON.
std::optional<Value> well_known(const json::Node& node, Arena& arena) {
  const json::Node* const type = node.find("@type");
  const json::Node* const held = node.find("value");
  if (type == nullptr || held == nullptr || !type->is(Of::kString)) return std::nullopt;
  constexpr std::string_view kPrefix = "type.googleapis.com/google.protobuf.";
  std::string_view name = type->string();
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  const bool text = held->is(Of::kString);
  if (name == "Timestamp" && text) return good(converted("timestamp", held->string(), arena));
  if (name == "Duration" && text) return good(converted("duration", held->string(), arena));
  if (name == "Value" || name == "Struct" || name == "ListValue") return doubles_only(*held, arena);
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kWrappers = {
      {{"BoolValue", "boolValue"},
       {"Int32Value", "int64Value"},
       {"Int64Value", "int64Value"},
       {"UInt32Value", "uint64Value"},
       {"UInt64Value", "uint64Value"},
       {"FloatValue", "doubleValue"},
       {"DoubleValue", "doubleValue"},
       {"StringValue", "stringValue"},
       {"BytesValue", "bytesValue"}}};
  for (const auto& [wrapper, kind] : kWrappers) {
    if (wrapper == name) return scalar(kind, *held, arena);
  }
  return std::nullopt;
}

std::optional<Type> primitive(std::string_view name) {
  if (name == "BOOL") return Type::boolean();
  if (name == "INT64") return Type::integer();
  if (name == "UINT64") return Type::unsigned_integer();
  if (name == "DOUBLE") return Type::number();
  if (name == "STRING") return Type::string();
  if (name == "BYTES") return Type::bytes();
  return std::nullopt;
}

std::optional<Type> type_member(const json::Node& node, std::string_view key) {
  const json::Node* const found = node.find(key);
  return found == nullptr ? std::optional(Type::dyn()) : suite_type_of(*found);
}

std::optional<Type> abstract_type(const json::Node& node) {
  const json::Node* const name = node.find("name");
  const json::Node* const parameters = node.find("parameterTypes");
  if (name == nullptr || name->string() != "optional_type") return std::nullopt;
  if (parameters == nullptr || parameters->items().size() != 1) return std::nullopt;
  const auto held = suite_type_of(parameters->items()[0]);
  return held ? std::optional(Type::optional(*held)) : std::nullopt;
}

bool same_lists(const expr::ListRep& a, const expr::ListRep& b) {
  if (a.size != b.size) return false;
  for (std::uint32_t i = 0; i < a.size; ++i) {
    if (!same(item(a, i), item(b, i))) return false;
  }
  return true;
}

bool same_maps(const expr::MapRep& a, const expr::MapRep& b) {
  if (a.size != b.size) return false;
  for (std::uint32_t i = 0; i < a.size; ++i) {
    if (!same(a.entries[i].key, b.entries[i].key)) return false;
    if (!same(a.entries[i].value, b.entries[i].value)) return false;
  }
  return true;
}

}  // namespace

Value value_of(const json::Node& node, Arena& arena) {
  switch (node.of()) {
    case Of::kNull:
      return {};
    case Of::kBool:
      return Value::boolean(node.boolean());
    case Of::kInt:
      return Value::integer(node.integer());
    case Of::kUint:
      return Value::unsigned_integer(node.unsigned_integer());
    case Of::kDouble:
      return Value::number(node.number());
    case Of::kString:
      return Value::string(arena.copy(node.string()));
    case Of::kArray: {
      std::vector<Value> items;
      for (const json::Node& item : node.items()) items.push_back(value_of(item, arena));
      return expr::make_list(arena, items);
    }
    case Of::kObject:
      break;
  }
  std::vector<expr::MapEntry> entries;
  for (const json::Member& m : node.members()) {
    entries.push_back({Value::string(arena.copy(m.key)), value_of(m.value, arena)});
  }
  return expr::make_map(arena, entries);
}

std::optional<Value> suite_value_of(const json::Node& node, Arena& arena) {
  if (!node.is(Of::kObject) || node.members().size() != 1) return std::nullopt;
  const auto& [kind, held] = node.members()[0];
  if (kind == "value") return suite_value_of(held, arena);  // as bindings have it
  if (kind == "listValue") return suite_list(held, arena);
  if (kind == "mapValue") return suite_map(held, arena);
  if (kind == "objectValue") return well_known(held, arena);
  if (kind == "typeValue") return type_named(held.string(), arena);
  return scalar(kind, held, arena);
}

std::optional<Type> suite_type_of(const json::Node& node) {
  if (!node.is(Of::kObject) || node.members().size() != 1) return std::nullopt;
  const auto& [kind, held] = node.members()[0];
  if (kind == "primitive") return primitive(held.string());
  if (kind == "wrapper" || kind == "dyn") return Type::dyn();
  if (kind == "null") return Type::null();
  if (kind == "type") return Type::type();
  if (kind == "listType") {
    const auto item = type_member(held, "elemType");
    return item ? std::optional(Type::list(*item)) : std::nullopt;
  }
  if (kind == "mapType") {
    const auto key = type_member(held, "keyType");
    const auto value = type_member(held, "valueType");
    return key && value ? std::optional(Type::map(*key, *value)) : std::nullopt;
  }
  if (kind == "wellKnown") {
    if (held.string() == "TIMESTAMP") return Type::timestamp();
    if (held.string() == "DURATION") return Type::duration();
    return Type::dyn();
  }
  if (kind == "abstractType") return abstract_type(held);
  return std::nullopt;
}

bool same(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kList:
      return same_lists(a.as_list(), b.as_list());
    case Kind::kMap:
      return same_maps(a.as_map(), b.as_map());
    case Kind::kDouble:
      if (std::isnan(a.as_double())) return std::isnan(b.as_double());
      return a.as_double() == b.as_double();
    case Kind::kOptional:
      if (a.as_optional() == nullptr || b.as_optional() == nullptr) {
        return a.as_optional() == b.as_optional();
      }
      return same(*a.as_optional(), *b.as_optional());
    default:
      return expr::equals(a, b);
  }
}

}  // namespace patuh::tools
