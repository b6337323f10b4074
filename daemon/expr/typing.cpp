#include "expr/typing.h"
#include "expr/kinds.h"

#include <algorithm>

namespace patuh::expr {
namespace {

using Of = Type::Of;

bool parameters_fit(const Type& actual, const Type& wanted, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (!fits(actual.parameter(i), wanted.parameter(i))) return false;
  }
  return true;
}

bool objects_fit(const Type& a, const Type& b) {
  return a.object_name() == "*" || b.object_name() == "*" || a.object_name() == b.object_name();
}

Type type_of_code(char code) {
  switch (code) {
    case 'i':
      return Type::integer();
    case 'u':
      return Type::unsigned_integer();
    case 'd':
      return Type::number();
    case 's':
      return Type::string();
    case 'y':
      return Type::bytes();
    case 'b':
      return Type::boolean();
    case 't':
      return Type::timestamp();
    case 'D':
      return Type::duration();
    case 'l':
      return Type::list(Type::dyn());
    case 'L':
      return Type::list(Type::string());
    case 'm':
      return Type::map(Type::dyn(), Type::dyn());
    case 'o':
      return Type::optional(Type::dyn());
    case 'I':
      return Type::list(Type::integer());
    case 'S':
      return Type::optional(Type::string());
    case 'F':
      return Type::optional(Type::unknown());
    case 'T':
      return Type::type();
    default:
      return Type::dyn();
  }
}

std::string_view parameters_of(std::string_view signature) {
  return signature.substr(0, signature.find(':'));
}

Type join_items(const ListRep& list) {
  if (list.size == 0) return Type::dyn();
  Type type = type_of_value(item(list, 0));
  for (std::uint32_t i = 1; i < list.size; ++i)
    type = join_types(type, type_of_value(item(list, i)));
  return type;
}

Type map_type(const MapRep& map) {
  if (map.size == 0) return Type::map(Type::dyn(), Type::dyn());
  Type key = type_of_value(map.entries[0].key);
  Type value = type_of_value(map.entries[0].value);
  for (std::uint32_t i = 1; i < map.size; ++i) {
    key = join_types(key, type_of_value(map.entries[i].key));
    value = join_types(value, type_of_value(map.entries[i].value));
  }
  return Type::map(std::move(key), std::move(value));
}

}  // namespace

bool fits(const Type& actual, const Type& wanted) {
  if (actual.of() == Of::kDyn || wanted.of() == Of::kDyn) return true;
  if (actual.of() != wanted.of()) return false;
  switch (actual.of()) {
    case Of::kList:
    case Of::kOptional:
      return parameters_fit(actual, wanted, 1);
    case Of::kMap:
      return parameters_fit(actual, wanted, 2);
    case Of::kObject:
      return objects_fit(actual, wanted);
    default:
      return true;
  }
}

Type join_types(const Type& a, const Type& b) {
  if (a == b || b.of() == Of::kNull || b.is_unknown()) return a;
  if (a.of() == Of::kNull || a.is_unknown()) return b;
  if (a.of() == Of::kObject && b.of() == Of::kObject) return Type::object("*");
  if (a.of() == Of::kList && b.of() == Of::kList) {
    return Type::list(join_types(a.parameter(0), b.parameter(0)));
  }
  if (a.of() == Of::kOptional && b.of() == Of::kOptional) {
    return Type::optional(join_types(a.parameter(0), b.parameter(0)));
  }
  if (a.of() == Of::kMap && b.of() == Of::kMap) {
    return Type::map(join_types(a.parameter(0), b.parameter(0)),
                     join_types(a.parameter(1), b.parameter(1)));
  }
  return Type::dyn();
}

bool may_be_equal(const Type& a, const Type& b) {
  if (a.of() == Of::kNull || b.of() == Of::kNull) return true;
  if (is_number(a.of()) && is_number(b.of())) return true;
  if (a.of() != b.of()) return a.of() == Of::kDyn || b.of() == Of::kDyn;
  switch (a.of()) {
    case Of::kList:
    case Of::kOptional:
      return may_be_equal(a.parameter(0), b.parameter(0));
    case Of::kMap:
      return may_be_equal(a.parameter(0), b.parameter(0)) &&
             may_be_equal(a.parameter(1), b.parameter(1));
    case Of::kObject:
      return objects_fit(a, b);
    default:
      return true;
  }
}

bool may_be_ordered(const Type& a, const Type& b) {
  const auto ordered = [](Of of) {
    return is_number(of) || of == Of::kDyn || of == Of::kBool || of == Of::kString ||
           of == Of::kBytes || of == Of::kTimestamp || of == Of::kDuration;
  };
  return ordered(a.of()) && ordered(b.of()) && may_be_equal(a, b);
}

Type type_of_value(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull:
      return Type::null();
    case Kind::kBool:
      return Type::boolean();
    case Kind::kInt:
      return Type::integer();
    case Kind::kUint:
      return Type::unsigned_integer();
    case Kind::kDouble:
      return Type::number();
    case Kind::kString:
      return Type::string();
    case Kind::kBytes:
      return Type::bytes();
    case Kind::kTimestamp:
      return Type::timestamp();
    case Kind::kDuration:
      return Type::duration();
    case Kind::kList:
      return Type::list(join_items(value.as_list()));
    case Kind::kMap:
      return map_type(value.as_map());
    case Kind::kType:
      return Type::type();
    case Kind::kObject:
      return Type::object("*");
    case Kind::kOptional:
      return Type::optional(value.as_optional() == nullptr ? Type::dyn()
                                                           : type_of_value(*value.as_optional()));
    case Kind::kError:
      break;
  }
  return Type::dyn();
}

ParameterCount signature_size(std::string_view signature) {
  const std::string_view parameters = parameters_of(signature);
  if (!parameters.ends_with('+')) return {parameters.size(), parameters.size()};
  return {parameters.size() - 1, SIZE_MAX};
}

bool signature_fits(std::string_view signature, std::span<const Argument> arguments) {
  const std::string_view parameters = parameters_of(signature);
  const auto [min, max] = signature_size(signature);
  if (arguments.size() < min || arguments.size() > max) return false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const char code = parameters[std::min(i, min - 1)];
    const Type& type = arguments[i].type;
    const bool good = code == 'n' ? is_number(type.of()) || type.of() == Of::kDyn
                                  : fits(type, type_of_code(code));
    if (!good) return false;
  }
  return true;
}

namespace {

Type item_of(const Type& type) {
  const bool holds = type.of() == Of::kList || type.of() == Of::kOptional;
  return holds ? type.parameter(0) : Type::dyn();
}

}  // namespace

Type signature_result(std::string_view signature, std::span<const Argument> arguments) {
  const char code = signature.substr(signature.find(':') + 1)[0];
  const auto type = [&](std::size_t i) { return arguments[i].type; };
  switch (code) {
    case '0':
      return type(0);
    case 'e':
      return item_of(type(0));
    case 'O':
      return Type::optional(type(0));
    case 'P':
      return Type::optional(item_of(type(0)));
    case 'U':
      return Type::list(item_of(item_of(type(0))));
    case 'J':
      return join_types(type(0), type(1));
    case 'V':
      return join_types(item_of(type(0)), type(1));
    default:
      return type_of_code(code);
  }
}

std::string cel_name(const Type& type) {
  switch (type.of()) {
    case Of::kNull:
      return "null_type";
    case Of::kOptional:
      return "optional_type";
    case Of::kTimestamp:
      return "google.protobuf.Timestamp";
    case Of::kDuration:
      return "google.protobuf.Duration";
    default:
      break;
  }
  const std::string text = type.text();
  return text.substr(0, text.find('('));
}

std::string signature_text(std::string_view signature) {
  std::string text;
  for (const char code : parameters_of(signature)) {
    if (code == '+') {
      text += ", …";
      continue;
    }
    const bool open = code == 'l' || code == 'm' || code == 'o';
    const std::string name = code == 'n' ? "number" : type_of_code(code).text();
    text += (text.empty() ? "" : ", ") + (open ? name.substr(0, name.find('(')) : name);
  }
  return text;
}

std::optional<Type> arithmetic_type(std::string_view op, const Type& a, const Type& b) {
  const Of left = a.of();
  const Of right = b.of();
  const bool adds = op == "+";
  if (left == Of::kDyn || right == Of::kDyn) {
    const Of known = left == Of::kDyn ? right : left;
    return is_number(known) || (adds && known == Of::kString) ? (left == Of::kDyn ? b : a)
                                                              : Type::dyn();
  }
  const bool time = left == Of::kTimestamp || left == Of::kDuration;
  if (time && right == Of::kDuration && (adds || op == "-")) return a;
  if (left == Of::kDuration && right == Of::kTimestamp && adds) return b;
  if (left == Of::kTimestamp && right == Of::kTimestamp && op == "-") return Type::duration();
  if (left != right) return std::nullopt;
  if (is_number(left) && (op != "%" || left != Of::kDouble)) return a;
  if (adds && (left == Of::kString || left == Of::kBytes)) return a;
  if (adds && left == Of::kList) return join_types(a, b);
  return std::nullopt;
}

}  // namespace patuh::expr
