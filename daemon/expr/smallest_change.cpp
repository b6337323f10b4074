// The smallest change after which an expression holds, found by trying.
#include <algorithm>

#include "expr/explain.h"
#include "expr/typing.h"
#include "expr/wide.h"

namespace patuh::expr {
namespace {

constexpr std::size_t kChangesMax = 3;

// ── What an expression reads ──

bool is_variable(const Expression& e) {
  return e.syntax == Syntax::kName && e.resolution.of == Resolution::Of::kVariable;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::vector<Attribute> run(const Expression& root) {
    read(root);
    return std::move(attributes_);
  }

 private:
  void read(const Expression& e) {
    const bool field = e.syntax == Syntax::kSelect || e.syntax == Syntax::kHas;
    if (field && is_variable(*e.children[0])) return add_field(e);
    if (is_variable(e)) return add_variable(e);
    if (e.syntax == Syntax::kHeldFor) return read(*e.children[1]);  // no change makes it have held
    for (const Expression* child : e.children) read(*child);
  }

  std::string slice(const Expression& e) const {
    return std::string(text_.substr(e.at.begin, e.at.end - e.at.begin));
  }

  void add_variable(const Expression& e) {
    Attribute attribute;
    attribute.text = slice(e);
    attribute.variable = e.resolution.slot;
    attribute.whole = true;
    add(std::move(attribute), e);
  }

  void add_field(const Expression& e) {
    const Expression& owner = *e.children[0];
    Attribute attribute;
    attribute.text = slice(owner) + "." + e.name;
    attribute.variable = owner.resolution.slot;
    attribute.name = e.name;
    if (e.resolution.of == Resolution::Of::kField) attribute.field = e.resolution.slot;
    add(std::move(attribute), e);
  }

  void add(Attribute attribute, const Expression& e) {
    const bool known =
        std::ranges::find(attributes_, attribute.text, &Attribute::text) != attributes_.end();
    if (known) return;
    if (e.syntax != Syntax::kHas) attribute.type = e.type;
    if (e.values != nullptr) attribute.values = e.values->values;
    attributes_.push_back(std::move(attribute));
  }

  std::string_view text_;
  std::vector<Attribute> attributes_;
};

// ── Values to try ──

void collect_constants(const Node& node, std::vector<Value>& out) {
  constexpr std::size_t kConstantsMax = 200;
  if (out.size() >= kConstantsMax) return;
  if (node.shape == Shape::kConstant) {
    if (node.constant.kind() != Kind::kList) {
      out.push_back(node.constant);
      return;
    }
    const ListRep& list = node.constant.as_list();
    for (std::uint32_t i = 0; i < list.size && out.size() < kConstantsMax; ++i) {
      out.push_back(item(list, i));
    }
  }
  for (const Node* const operand : {node.a, node.b, node.c}) {
    if (operand != nullptr) collect_constants(*operand, out);
  }
  for (std::uint32_t i = 0; i < node.count; ++i) collect_constants(*node.items[i], out);
}

class Candidates {
 public:
  Candidates(const Attribute& attribute, std::span<const Value> constants, Context& context)
      : attribute_(attribute), context_(context) {
    for (const std::string& value : attribute.values) {
      add(Value::string(context.arena->copy(value)));
    }
    for (const Value& constant : constants) add_around(constant);
    if (attribute.type.of() == Type::Of::kTimestamp) add_times(constants);
    if (attribute.type.of() == Type::Of::kBool) {
      add(Value::boolean(true));
      add(Value::boolean(false));
    }
    if (attribute.type.of() == Type::Of::kList) add_lists(constants);
  }

  std::vector<Value> take() { return std::move(values_); }

 private:
  void add(const Value& value) {
    if (!fits(type_of_value(value), attribute_.type)) return;
    const bool known = std::ranges::any_of(
        values_, [&](const Value& v) { return v.kind() == value.kind() && equals(v, value); });
    if (!known) values_.push_back(value);
  }

  void add_around(const Value& constant) {
    add(constant);
    if (constant.kind() == Kind::kInt) {
      const std::int64_t n = constant.as_int();
      if (n < INT64_MAX) add(Value::integer(n + 1));
      if (n > INT64_MIN) add(Value::integer(n - 1));
    }
    if (constant.kind() == Kind::kDouble) {
      add(Value::number(constant.as_double() + 1));
      add(Value::number(constant.as_double() - 1));
    }
  }

  // now, and a span that the program names before and after it.
  void add_times(std::span<const Value> constants) {
    const Value now = Value::timestamp(context_.now);
    add(now);
    for (const Value& constant : constants) {
      if (constant.kind() != Kind::kDuration) continue;
      for (const int sign : {1, -1}) {
        const Wide at = nanos_of(now) + sign * nanos_of(constant);
        const Value moved = timestamp_of(at);
        if (timestamp_in_range(moved.seconds())) add(moved);
      }
    }
  }

  void add_lists(std::span<const Value> constants) {
    for (const Value& constant : constants) add(make_list(*context_.arena, {&constant, 1}));
  }

  const Attribute& attribute_;
  Context& context_;
  std::vector<Value> values_;
};

// ── Trying ──

struct Set {
  const Attribute* attribute;
  Value value;
};

// The host, but for some fields of some objects.
class Overlay final : public Host {
 public:
  Overlay(Host& under, std::span<const Value> variables) : under_(under), variables_(variables) {}

  void set(std::span<const Set> sets) { sets_ = sets; }

  Value select(Context& context, const Value& object, std::uint16_t field) override {
    const Set* const set = find_set(object, field);
    return set != nullptr ? set->value : under_.select(context, object, field);
  }
  bool has(Context& context, const Value& object, std::uint16_t field) override {
    const Set* const set = find_set(object, field);
    return set != nullptr ? !set->value.is_null() : under_.has(context, object, field);
  }
  Value select_dynamic(Context& context, const Value& object, std::string_view field) override {
    return under_.select_dynamic(context, object, field);
  }
  bool known(Context& context, const Value& object) override {
    return under_.known(context, object);
  }

 private:
  const Set* find_set(const Value& object, std::uint16_t field) const {
    const auto found = std::ranges::find_if(sets_, [&](const Set& set) {
      const Value& owner = variables_[set.attribute->variable];
      return set.attribute->field == field && owner.kind() == Kind::kObject &&
             compare(owner, object) == 0;
    });
    return found == sets_.end() ? nullptr : &*found;
  }

  Host& under_;
  std::span<const Value> variables_;
  std::span<const Set> sets_;
};

class Search {
 public:
  Search(const Program& program, std::span<const Value> variables, Context& context,
         std::size_t tries_max)
      : program_(program),
        variables_(variables),
        context_(context),
        overlay_(context.host != nullptr ? *context.host : no_host(), variables),
        tries_left_(tries_max) {
    std::vector<Value> constants;
    collect_constants(*program.impl().root, constants);
    for (const Attribute& attribute : program.impl().attributes) {
      if (!can_change(attribute)) continue;
      attributes_.push_back(&attribute);
      candidates_.push_back(Candidates(attribute, constants, context).take());
    }
  }

  Remedy run(std::size_t tries_max) {
    Remedy remedy;
    bool found = false;
    for (std::size_t changes = 1; !found && changes <= kChangesMax; ++changes) {
      found = choose(0, changes);
    }
    remedy.tries = tries_max - tries_left_;
    if (!found) return remedy;
    for (const Set& set : sets_) {
      // It may be a literal of the program, which need not outlive the answer.
      remedy.changes.push_back({set.attribute->text, deep_copy(set.value, *context_.arena)});
    }
    return remedy;
  }

 private:
  bool can_change(const Attribute& attribute) const {
    const Kind kind = variables_[attribute.variable].kind();
    if (attribute.whole) return kind != Kind::kObject && kind != Kind::kMap;
    return kind == Kind::kMap || (kind == Kind::kObject && attribute.field != kNoField);
  }

  // Chooses `more` further attributes from number `from` on; leaves sets_ as it is when it holds.
  bool choose(std::size_t from, std::size_t more) {
    if (more == 0) return holds();
    for (std::size_t i = from; i < attributes_.size(); ++i) {
      for (const Value& value : candidates_[i]) {
        if (tries_left_ == 0) return false;
        sets_.push_back({attributes_[i], value});
        if (choose(i + 1, more - 1)) return true;
        sets_.pop_back();
      }
    }
    return false;
  }

  bool holds() {
    if (tries_left_ == 0) return false;
    --tries_left_;
    scratch_.reset();
    const std::vector<Value> changed = changed_variables();
    overlay_.set(sets_);
    Context context{.arena = &scratch_, .host = &overlay_, .now = context_.now};
    return evaluate(program_, changed, context).is_true();
  }

  std::vector<Value> changed_variables() {
    std::vector<Value> variables(variables_.begin(), variables_.end());
    for (const Set& set : sets_) {
      Value& variable = variables[set.attribute->variable];
      if (set.attribute->whole) variable = set.value;
      if (!set.attribute->whole && variable.kind() == Kind::kMap) {
        variable = with_entry(variable.as_map(), set);
      }
    }
    return variables;
  }

  Value with_entry(const MapRep& map, const Set& set) {
    std::vector<MapEntry> entries = {{Value::string(set.attribute->name), set.value}};
    entries.insert(entries.end(), map.entries, map.entries + map.size);
    return make_map(scratch_, entries);  // of equal keys the first is kept
  }

  const Program& program_;
  std::span<const Value> variables_;
  Context& context_;
  Overlay overlay_;
  Arena scratch_;
  std::vector<const Attribute*> attributes_;
  std::vector<std::vector<Value>> candidates_;
  std::vector<Set> sets_;
  std::size_t tries_left_;
};

}  // namespace

std::vector<Attribute> attributes_of(const Tree& tree, std::string_view text) {
  return Reader(text).run(*tree.root);
}

Remedy smallest_change(const Program& program, std::span<const Value> variables, Context& context,
                       std::size_t tries_max) {
  return Search(program, variables, context, tries_max).run(tries_max);
}

}  // namespace patuh::expr
