// What names and fields are.
#include <algorithm>

#include "expr/checker_state.h"
#include "expr/other_words.h"

namespace patuh::expr {
namespace {

struct NamedType {
  std::string_view name;
  Type (*make)();
};

Type list_type() { return Type::list(Type::dyn()); }
Type map_type() { return Type::map(Type::dyn(), Type::dyn()); }
Type optional_type() { return Type::optional(Type::dyn()); }

// Types are values too: type(x) == string.
const Type* type_named(std::string_view name) {
  static constexpr std::array<NamedType, 13> kTypes = {
      {{"bool", Type::boolean},
       {"bytes", Type::bytes},
       {"double", Type::number},
       {"int", Type::integer},
       {"list", list_type},
       {"map", map_type},
       {"null_type", Type::null},
       {"optional_type", optional_type},
       {"string", Type::string},
       {"type", Type::type},
       {"uint", Type::unsigned_integer},
       {"google.protobuf.Timestamp", Type::timestamp},
       {"google.protobuf.Duration", Type::duration}}};
  static const std::vector<Type> kValues = [] {
    std::vector<Type> values;
    for (const NamedType& type : kTypes) values.push_back(type.make());
    return values;
  }();
  const auto found = std::ranges::find(kTypes, name, &NamedType::name);
  return found == kTypes.end() ? nullptr
                               : &kValues[static_cast<std::size_t>(found - kTypes.begin())];
}

std::shared_ptr<const Domain> domain_of(std::string_view field,
                                        const ObjectTypes::Field& declared) {
  Domain domain{std::string(field), declared.values, declared.closed, declared.min, declared.max};
  if (domain.values.empty() && !domain.has_bounds()) return nullptr;
  return std::make_shared<const Domain>(std::move(domain));
}

// The chain of names begins with a dot.
bool is_absolute(const Expression& e) {
  return e.syntax == Syntax::kSelect ? is_absolute(*e.children[0]) : e.absolute;
}

}  // namespace

std::string path_of(const Expression& e) {
  if (e.syntax == Syntax::kName) return e.name;
  if (e.syntax != Syntax::kSelect || e.optional) return {};
  const std::string operand = path_of(*e.children[0]);
  return operand.empty() ? operand : operand + "." + e.name;
}

void Checker::check_name(Expression& e) {
  if (e.absolute ? resolve_global(e, e.name) : resolve_local(e) || resolve_path(e, e.name)) return;
  unknown_name(e, e.name);
}

bool Checker::resolve_local(Expression& e) {
  const auto found = std::find_if(locals_.rbegin(), locals_.rend(),
                                  [&](const Local& local) { return local.name == e.name; });
  if (found == locals_.rend()) return false;
  found->used = true;
  if (static_cast<std::size_t>(locals_.rend() - found) <= held_from_) {
    fault("EXPR-HELD-FOR", e.at,
          "the " + std::string(found->what) + " '" + e.name + "' cannot stand inside held_for()",
          "what holds is asked of self alone: write the loop inside held_for()");
  }
  e.type = found->type;
  e.values = found->values;
  e.moves = found->moves;
  e.size_max = found->size_max;
  e.resolution.of = Resolution::Of::kLocal;
  e.resolution.slot = static_cast<std::uint32_t>(locals_.rend() - found - 1);
  return true;
}

// In the container a.b, x is a.b.x, a.x or x.
bool Checker::resolve_path(Expression& e, const std::string& path) {
  for (std::string in = environment_.container; !in.empty();) {
    if (resolve_global(e, in + "." + path)) return true;
    const std::size_t dot = in.rfind('.');
    in.resize(dot == std::string::npos ? 0 : dot);
  }
  return resolve_global(e, path);
}

// Constants, variables, now and types; `path` may have dots.
bool Checker::resolve_global(Expression& e, const std::string& path) {
  if (const auto at = environment_.constants.find(path); at != environment_.constants.end()) {
    resolve_constant(e, at->second.value, at->second.type);
    return true;
  }
  const auto variable =
      std::ranges::find(environment_.variables, path, &Environment::Impl::Variable::name);
  if (variable != environment_.variables.end()) {
    e.type = variable->type;
    e.resolution.of = Resolution::Of::kVariable;
    e.resolution.slot = static_cast<std::uint32_t>(variable - environment_.variables.begin());
    only_fields_ = false;  // check_operand() takes it back for fields
    return true;
  }
  if (path == "now") {
    e.type = Type::timestamp();
    e.moves = true;
    e.resolution.of = Resolution::Of::kNow;
    reads_now_ = true;
    return true;
  }
  const Type* const type = type_named(path);
  if (type != nullptr) resolve_constant(e, Value::type(type), Type::type());
  return type != nullptr;
}

void Checker::resolve_constant(Expression& e, const Value& value, const Type& declared) {
  e.type = declared.of() == Type::Of::kDyn ? type_of_value(value) : declared;
  e.resolution.of = Resolution::Of::kConstant;
  e.resolution.constant = value;
  if (value.kind() == Kind::kList) e.size_max = value.as_list().size;
}

// A variable, loop variable or constant of that name, or of how it begins.
bool Checker::names_value(std::string_view path) const {
  const std::string_view root = path.substr(0, path.find('.'));
  const auto is_root = [&](const auto& named) { return named.name == root; };
  return std::ranges::any_of(locals_, is_root) ||
         std::ranges::any_of(environment_.variables, is_root) ||
         environment_.constants.contains(root);
}

bool Checker::is_namespace(std::string_view name) const {
  const std::string prefix = std::string(name) + ".";
  const auto at = environment_.constants.lower_bound(prefix);
  return at != environment_.constants.end() && at->first.starts_with(prefix);
}

// "params.tarif.dasar" where params.tarif is a constant: the rest are fields of its value.
bool Checker::is_in_constant(std::string_view path) const {
  for (std::size_t dot = path.rfind('.'); dot != std::string_view::npos; dot = path.rfind('.')) {
    path = path.substr(0, dot);
    if (environment_.constants.contains(path)) return true;
  }
  return false;
}

// What would be right in the place of an unknown name; empty when nothing comes to mind.
std::string Checker::hint_for_name(const std::string& path, bool is_operand) const {
  if (std::string hint = hint_for_word(path); !hint.empty()) return hint;
  std::vector<std::string_view> known;
  for (const Local& local : locals_) known.push_back(local.name);
  for (const auto& variable : environment_.variables) known.push_back(variable.name);
  for (const auto& [name, constant] : environment_.constants) known.push_back(name);
  known.push_back("now");
  if (!environment_.variables.empty() && environment_.types != nullptr) {
    const auto& first = environment_.variables[0];
    if (first.type.of() == Type::Of::kObject &&
        environment_.types->field(first.type.object_name(), path)) {
      return "did you mean '" + first.name + "." + path + "'?";
    }
  }
  if (is_operand) return did_you_mean_or_list(path, known);
  const std::string near = did_you_mean(path, known);
  return near.empty() ? "text is written in quotes: '" + path + "'" : near;
}

void Checker::unknown_name(const Expression& e, const std::string& path) {
  const bool bare_word = path.find('.') == std::string::npos;
  std::string hint = hint_for_name(path, !bare_word || is_operand_);
  fault("EXPR-UNKNOWN-NAME", bare_word ? e.focus : e.at, "unknown name '" + path + "'",
        std::move(hint));
}

void Checker::check_select(Expression& e) {
  const std::string path = path_of(e);
  const std::string root = path.substr(0, path.find('.'));
  const bool is_local = std::ranges::find(locals_, root, &Local::name) != locals_.end();
  if (!path.empty() && (!is_local || is_absolute(e))) {
    if (is_absolute(e) ? resolve_global(e, path) : resolve_path(e, path)) return;
    const bool known =
        environment_.constants.contains(root) ||
        std::ranges::find(environment_.variables, root, &Environment::Impl::Variable::name) !=
            environment_.variables.end();
    if (!known && is_namespace(root) && !is_in_constant(path)) return unknown_name(e, path);
  }
  check_operand(e);
  resolve_field(e);
}

// A variable that only serves to read its field is no read of the variable as a whole.
void Checker::check_operand(Expression& e) {
  const bool before = only_fields_;
  Expression& operand = *e.children[0];
  is_operand_ = operand.syntax == Syntax::kName;
  check(operand);
  is_operand_ = false;
  const bool first = operand.resolution.of == Resolution::Of::kVariable &&
                     operand.resolution.slot == 0 && operand.type.of() == Type::Of::kObject;
  if (first) only_fields_ = before;
}

void Checker::check_has(Expression& e) {
  check_operand(e);
  resolve_field(e);
  e.type = Type::boolean();
  e.values = nullptr;
  e.size_max = 0;
}

void Checker::resolve_field(Expression& e) {
  const Expression& operand = *e.children[0];
  refuse_moving(operand, "with a field");
  e.resolution.of = Resolution::Of::kDynamicField;
  // A field of an optional is optional.
  const bool held = operand.type.of() == Type::Of::kOptional;
  resolve_field_of(e, held ? operand.type.parameter(0) : operand.type);
  if (!held && !e.optional) return;
  e.type = Type::optional(e.type);
  e.values = nullptr;
  e.size_max = 0;
}

void Checker::resolve_field_of(Expression& e, const Type& type) {
  const Expression& operand = *e.children[0];
  switch (type.of()) {
    case Type::Of::kDyn:
      only_fields_ = false;
      return;
    case Type::Of::kMap:
      e.type = type.parameter(1);
      if (operand.resolution.of == Resolution::Of::kConstant) resolve_constant_key(e, operand);
      return;
    case Type::Of::kObject:
      return resolve_object_field(e, type);
    default:
      fault("EXPR-TYPE", e.focus, type.text() + " has no fields");
  }
}

void Checker::resolve_object_field(Expression& e, const Type& type) {
  const std::string& object = type.object_name();
  const ObjectTypes* const types = environment_.types;
  const auto field = types == nullptr ? std::nullopt : types->field(object, e.name);
  if (!field) {
    std::string hint;
    if (types != nullptr) hint = did_you_mean_or_list(e.name, types->field_names(object));
    if (hint.empty() && object == "*")
      hint = "dyn(x)." + e.name + " reads a field of some kinds only";
    fault("EXPR-UNKNOWN-FIELD", e.focus, "'" + type.text() + "' has no field '" + e.name + "'",
          std::move(hint));
    return;
  }
  e.type = field->type;
  e.size_max = field->size_max;
  e.values = domain_of(e.name, *field);
  e.resolution.of = Resolution::Of::kField;
  e.resolution.slot = field->number;
  note_field(*e.children[0], field->number);
}

void Checker::note_field(const Expression& operand, std::uint16_t field) {
  const bool of_first =
      operand.resolution.of == Resolution::Of::kVariable && operand.resolution.slot == 0;
  if (of_first) {
    fields_.insert(field);
  } else {
    only_fields_ = false;
  }
}

void Checker::resolve_constant_key(Expression& e, const Expression& operand) {
  const MapRep& map = operand.resolution.constant.as_map();
  const Value* const value = find(map, e.name);
  if (value != nullptr && e.syntax == Syntax::kSelect && !e.optional) {
    resolve_constant(e, *value, Type::dyn());
    return;
  }
  if (value != nullptr || e.syntax == Syntax::kHas || e.optional) return;
  std::vector<std::string_view> keys;
  for (std::uint32_t i = 0; i < map.size; ++i) {
    if (map.entries[i].key.kind() == Kind::kString) keys.push_back(map.entries[i].key.as_string());
  }
  fault("EXPR-UNKNOWN-FIELD", e.focus, "'" + path_of(operand) + "' has no '" + e.name + "'",
        did_you_mean_or_list(e.name, keys));
}

}  // namespace patuh::expr
