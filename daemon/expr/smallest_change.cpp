// The smallest change after which an expression holds, found by trying.
#include <algorithm>
#include <cmath>

#include "expr/explain.h"
#include "expr/typing.h"
#include "expr/wide.h"

namespace patuh::expr {
namespace {

// ── What an expression reads ──

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::vector<Attribute> run(const Expression& root) {
    read(root);
    return std::move(attributes_);
  }

 private:
  static bool is_self(const Expression& e) {
    return e.syntax == Syntax::kName && e.resolution.of == Resolution::Of::kVariable &&
           e.resolution.slot == 0;
  }

  void read(const Expression& e) {
    const bool field = e.syntax == Syntax::kSelect || e.syntax == Syntax::kHas;
    if (field && e.resolution.of == Resolution::Of::kField && is_self(*e.children[0])) {
      return add(e);
    }
    if (e.syntax == Syntax::kHeldFor) return read(*e.children[1]);  // no change makes it have held
    for (const Expression* child : e.children) read(*child);
  }

  void add(const Expression& e) {
    const Span owner = e.children[0]->at;
    Attribute attribute;
    attribute.text = std::string(text_.substr(owner.begin, owner.end - owner.begin)) + "." + e.name;
    attribute.field = static_cast<std::uint16_t>(e.resolution.slot);
    if (e.syntax != Syntax::kHas) attribute.type = e.type;
    if (e.values != nullptr) {
      attribute.values = e.values->values;
      attribute.bound = e.values->min.is_null() ? e.values->max : e.values->min;
    }
    const auto known = std::ranges::find(attributes_, attribute.field, &Attribute::field);
    if (known == attributes_.end()) {
      attributes_.push_back(std::move(attribute));
    } else if (known->type.of() == Type::Of::kDyn) {
      *known = std::move(attribute);  // has(self.x) told less
    }
  }

  std::string_view text_;
  std::vector<Attribute> attributes_;
};

// ── Values to try ──

constexpr std::size_t kConstantsMax = 200;

// Lists as a whole, and their items. What a function of the host is given is no value but a name,
// of a kind or relation.
void collect_constants(const Node& node, std::vector<Value>& out) {
  if (out.size() >= kConstantsMax) return;
  if (node.shape == Shape::kConstant) {
    out.push_back(node.constant);
    if (node.constant.kind() == Kind::kList) {
      const ListRep& list = node.constant.as_list();
      for (std::uint32_t i = 0; i < list.size && out.size() < kConstantsMax; ++i) {
        out.push_back(item(list, i));
      }
    }
  }
  for (const Node* const operand : {node.a, node.b, node.c}) {
    if (operand != nullptr) collect_constants(*operand, out);
  }
  for (std::uint32_t i = 0; i < node.count; ++i) {
    const bool name = node.host != nullptr && node.items[i]->shape == Shape::kConstant;
    if (!name) collect_constants(*node.items[i], out);
  }
}

// The values of one attribute, those that say most first.
class Candidates {
 public:
  Candidates(const Attribute& attribute, std::span<const Value> constants, base::Instant now,
             Arena& arena)
      : attribute_(attribute), now_(now), arena_(arena) {
    for (const Value& constant : constants) add_around(constant);
    for (const std::string& value : attribute.values) add(Value::string(arena.copy(value)));
    const Type::Of of = attribute.type.of();
    if (of == Type::Of::kTimestamp) add_times(constants);
    if (of == Type::Of::kBool) {
      add(Value::boolean(true));
      add(Value::boolean(false));
    }
    if (of == Type::Of::kList) add_lists(constants);
    first_stand_in_ = values_.size();
    add_stand_in(attribute.type);
    if (std::ranges::any_of(constants, &Value::is_null)) values_.push_back(Value());
  }

  std::size_t size() const { return values_.size(); }
  Change change(std::size_t i) const {
    const bool made_up = i >= first_stand_in_ && !values_[i].is_null();
    return {attribute_.text, attribute_.field, values_[i], made_up};
  }

 private:
  void add(const Value& value) {
    if (value.is_null() || !fits(type_of_value(value), attribute_.type)) return;
    const bool known = std::ranges::any_of(
        values_, [&](const Value& v) { return v.kind() == value.kind() && equals(v, value); });
    if (!known) values_.push_back(value);
  }

  void add_around(const Value& constant) {
    if (constant.kind() == Kind::kInt) return add_around(constant.as_int());
    if (constant.kind() == Kind::kDouble) return add_around(constant.as_double());
    add(constant);
  }
  void add_around(std::int64_t n) {
    if (attribute_.type.of() == Type::Of::kDouble) return add_around(static_cast<double>(n));
    add(Value::integer(n));
    if (n < INT64_MAX) add(Value::integer(n + 1));
    if (n > INT64_MIN) add(Value::integer(n - 1));
  }
  void add_around(double x) {
    constexpr double kExactIntegerMax = 9007199254740992.0;  // 2^53
    if (attribute_.type.of() == Type::Of::kInt) {
      if (std::abs(x) <= kExactIntegerMax) {
        add_around(static_cast<std::int64_t>(std::floor(x)));
        add_around(static_cast<std::int64_t>(std::ceil(x)));
      }
      return;
    }
    for (const double near : {x, x + 1, x - 1}) add(Value::number(near));
  }

  // now, and a span that the program names before and after it; then a day further, for what must
  // lie beyond.
  void add_times(std::span<const Value> constants) {
    static constexpr base::Duration kDay = std::chrono::hours(24);
    const Wide day = nanos_of(Value::duration(kDay));
    const Wide now = nanos_of(Value::timestamp(now_));
    add_time(now);
    for (const Value& constant : constants) {
      if (constant.kind() != Kind::kDuration) continue;
      const Wide span = nanos_of(constant);
      for (const Wide at : {now + span, now - span, now + span + day, now - span - day}) {
        add_time(at);
      }
    }
    for (const Wide at : {now + day, now - day}) add_time(at);
  }
  void add_time(Wide nanos) {
    const Value at = timestamp_of(nanos);
    if (timestamp_in_range(at.seconds())) add(at);
  }

  void add_lists(std::span<const Value> constants) {
    for (const Value& constant : constants) {
      if (constant.kind() != Kind::kList) add(make_list(arena_, {&constant, 1}));
    }
    for (const std::string& value : attribute_.values) {
      const Value one = Value::string(arena_.copy(value));
      add(make_list(arena_, {&one, 1}));
    }
  }

  void add_stand_in(const Type& type) {
    if (!attribute_.values.empty()) return;
    if (type.of() == Type::Of::kString || type.of() == Type::Of::kDyn)
      return add(Value::string("…"));
    if (!attribute_.bound.is_null()) return add(attribute_.bound);
    if (type.of() == Type::Of::kInt) return add(Value::integer(1));
    if (type.of() == Type::Of::kDouble) return add(Value::number(1));
    if (type.of() != Type::Of::kList) return;
    const Value one =
        type.parameter(0).of() == Type::Of::kInt ? Value::integer(1) : Value::string("…");
    add(make_list(arena_, {&one, 1}));
  }

  const Attribute& attribute_;
  base::Instant now_;
  Arena& arena_;
  std::vector<Value> values_;
  std::size_t first_stand_in_ = 0;
};

// ── Trying ──

class Search {
 public:
  Search(std::span<const Program* const> programs, Trial& trial, base::Instant now, Arena& arena)
      : trial_(trial) {
    std::vector<Value> constants;
    for (const Program* const program : programs) {
      collect_constants(*program->impl().root, constants);
    }
    for (const Program* const program : programs) {
      for (const Attribute& attribute : program->impl().attributes) {
        if (is_known(attribute)) continue;
        add(Candidates(attribute, constants, now, arena));
      }
    }
  }

  Remedy run(Arena& arena, std::size_t tries_max) {
    tries_left_ = tries_max;
    Remedy remedy;
    bool found = false;
    for (std::size_t changes = 1; !found && changes <= kChangesMax; ++changes) {
      found = choose(0, changes);
    }
    remedy.attributes = options_.size();
    remedy.tries = tries_max - tries_left_;
    if (!found) return remedy;
    remedy.changes = std::move(chosen_);
    // It may be a literal of a program, which need not outlive the answer.
    for (Change& change : remedy.changes) change.value = deep_copy(change.value, arena);
    return remedy;
  }

 private:
  bool is_known(const Attribute& attribute) {
    if (std::ranges::find(fields_, attribute.field) != fields_.end()) return true;
    fields_.push_back(attribute.field);
    return false;
  }

  void add(const Candidates& candidates) {
    std::vector<Change> options;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      Change change = candidates.change(i);
      const std::optional<Value> settled = trial_.settle(change.field, change.value);
      if (!settled) continue;
      change.value = *settled;
      const bool known = std::ranges::any_of(options, [&](const Change& other) {
        return other.value.kind() == settled->kind() && equals(other.value, *settled);
      });
      if (!known) options.push_back(std::move(change));
    }
    if (!options.empty()) options_.push_back(std::move(options));
  }

  bool is_over() const { return tries_left_ == 0 || !trial_.goes_on(); }

  // Chooses `more` further attributes from number `from` on; leaves chosen_ as it is when it holds.
  bool choose(std::size_t from, std::size_t more) {
    if (more == 0) return holds();
    for (std::size_t i = from; i < options_.size(); ++i) {
      for (const Change& option : options_[i]) {
        if (is_over()) return false;
        chosen_.push_back(option);
        if (choose(i + 1, more - 1)) return true;
        chosen_.pop_back();
      }
    }
    return false;
  }

  bool holds() {
    if (is_over()) return false;
    --tries_left_;
    return trial_.holds(chosen_);
  }

  Trial& trial_;
  std::vector<std::uint16_t> fields_;         // met so far
  std::vector<std::vector<Change>> options_;  // of each attribute that can change
  std::vector<Change> chosen_;
  std::size_t tries_left_ = 0;
};

}  // namespace

std::vector<Attribute> attributes_of(const Tree& tree, std::string_view text) {
  return Reader(text).run(*tree.root);
}

Remedy smallest_change(std::span<const Program* const> programs, Trial& trial, base::Instant now,
                       Arena& arena, std::size_t tries_max) {
  return Search(programs, trial, now, arena).run(arena, tries_max);
}

}  // namespace patuh::expr
