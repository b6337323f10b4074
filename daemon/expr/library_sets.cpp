// latest, sum, avg, min, max: one attribute over a set of objects (or maps), without building it.
#include "expr/errors.h"
#include "expr/instructions.h"
#include "expr/kinds.h"
#include "expr/library.h"
#include "expr/wide.h"

namespace patuh::expr::native {
namespace {

// The attribute's values, nulls left out, each with its object.
class Attributes {
 public:
  Attributes(Frame& frame, const Node& site, const Value* arguments) : frame_(frame), site_(site) {
    if (arguments[0].kind() != Kind::kList) {
      wrong_ = fail_overload(frame, site, site.name, arguments[0]);
    } else if (!frame.charge(arguments[0].as_list().size)) {
      wrong_ = fail_budget(frame, site);
    } else {
      list_ = &arguments[0].as_list();
    }
  }

  // False at the end, or at an error.
  bool next() {
    while (list_ != nullptr && at_ < list_->size && !wrong_.is_error()) {
      owner_ = item(*list_, at_++);
      value_ = select(frame_, site_, owner_, static_cast<std::uint32_t>(site_.bound));
      if (value_.is_error()) wrong_ = value_;
      if (!value_.is_null() && !value_.is_error()) return true;
    }
    return false;
  }

  const Value& value() const { return value_; }
  const Value& owner() const { return owner_; }
  const Value& wrong() const { return wrong_; }
  void refuse(const Value& error) { wrong_ = error; }

 private:
  Frame& frame_;
  const Node& site_;
  const ListRep* list_ = nullptr;
  std::uint32_t at_ = 0;
  Value owner_;
  Value value_;
  Value wrong_;
};

bool comparable(const Value& a, const Value& b) {
  if (!is_ordered(a.kind()) || !is_ordered(b.kind())) return false;
  return a.kind() == b.kind() || (is_number(a.kind()) && is_number(b.kind()));
}

struct Extreme {
  Value value;  // null: there was none
  Value owner;
};

// `sign` 1 for the greatest, −1 for the least; the first of equals.
Extreme find_extreme(Frame& frame, const Node& site, Attributes& attributes, int sign) {
  Extreme best;
  while (attributes.next()) {
    const Value& rival = best.value.is_null() ? attributes.value() : best.value;
    if (!frame.charge_reading(rival)) {
      attributes.refuse(fail_budget(frame, site));
      break;
    }
    if (!comparable(rival, attributes.value())) {
      attributes.refuse(fail_overload(frame, site, site.name, rival, attributes.value()));
    } else if (best.value.is_null() || compare(attributes.value(), best.value) * sign > 0) {
      best = {attributes.value(), attributes.owner()};
    }
  }
  return best;
}

Value extreme(Frame& frame, const Node& site, const Value* arguments, int sign) {
  Attributes attributes(frame, site, arguments);
  const Extreme best = find_extreme(frame, site, attributes, sign);
  return attributes.wrong().is_error() ? attributes.wrong() : best.value;
}

struct Attribute {
  std::string_view name;
  std::optional<ObjectTypes::Field> field;  // nothing: the objects' type is not known
};

// Fills `resolved` with an error when the attribute cannot be.
Attribute find_attribute(const ObjectTypes* types, std::span<const Argument> arguments,
                         Resolved& resolved) {
  resolved.bound = kNoField;
  const auto& literal = arguments[1].literal;
  if (!literal || literal->kind() != Kind::kString) {
    resolved.error = "the attribute is named by a text literal";
    resolved.hint = "e.g. latest(list, 'tanggal')";
    resolved.error_argument = 1;
    return {};
  }
  Attribute attribute{.name = literal->as_string(), .field = {}};
  const Type& list = arguments[0].type;
  if (list.of() != Type::Of::kList || list.parameter(0).of() != Type::Of::kObject) return attribute;
  const std::string& object = list.parameter(0).object_name();
  if (types != nullptr) attribute.field = types->field(object, attribute.name);
  if (attribute.field) {
    resolved.bound = attribute.field->number;
    return attribute;
  }
  resolved.error =
      "'" + list.parameter(0).text() + "' has no attribute '" + std::string(attribute.name) + "'";
  if (types != nullptr)
    resolved.hint = did_you_mean_or_list(attribute.name, types->field_names(object));
  resolved.error_argument = 1;
  return attribute;
}

bool is_addable(Type::Of of) {
  return of == Type::Of::kInt || of == Type::Of::kUint || of == Type::Of::kDouble ||
         of == Type::Of::kDuration || of == Type::Of::kDyn;
}

Resolved resolve_numeric(const Known& known, std::span<const Argument> arguments) {
  Resolved resolved;
  const Attribute attribute = find_attribute(known.types, arguments, resolved);
  if (!attribute.field) return resolved;
  resolved.result = attribute.field->type;
  if (!is_addable(resolved.result.of())) {
    resolved.error = "'" + std::string(attribute.name) + "' is " + resolved.result.text() +
                     ", which cannot be added up";
    resolved.error_argument = 1;
  }
  return resolved;
}

// What the sum of nothing is, in the attribute's type.
Value zero_of(const Node& site) {
  return site.constant.is_null() ? Value::integer(0) : site.constant;
}

Value average(const Value& total, std::int64_t count) {
  if (total.kind() == Kind::kDuration) {
    const Wide nanos = nanos_of(total) / count;
    return duration_of(nanos);
  }
  const auto n = static_cast<double>(count);
  if (total.kind() == Kind::kInt) return Value::number(static_cast<double>(total.as_int()) / n);
  if (total.kind() == Kind::kUint) return Value::number(static_cast<double>(total.as_uint()) / n);
  return Value::number(total.as_double() / n);
}

struct Total {
  Value value;  // null: there was none
  std::int64_t count = 0;
};

Total add_up(Frame& frame, const Node& site, Attributes& attributes) {
  Total total;
  while (attributes.next()) {
    const Value& value = attributes.value();
    if (!is_number(value.kind()) && value.kind() != Kind::kDuration) {
      attributes.refuse(fail_overload(frame, site, site.name, value));
      break;
    }
    total.value = total.count++ == 0 ? value : add(frame, site, total.value, value);
    if (total.value.is_error()) attributes.refuse(total.value);
  }
  return total;
}

}  // namespace

Value latest(Frame& frame, const Node& site, const Value* arguments) {
  Attributes attributes(frame, site, arguments);
  const Extreme best = find_extreme(frame, site, attributes, 1);
  return attributes.wrong().is_error() ? attributes.wrong() : best.owner;
}

Value min(Frame& frame, const Node& site, const Value* arguments) {
  return extreme(frame, site, arguments, -1);
}

Value max(Frame& frame, const Node& site, const Value* arguments) {
  return extreme(frame, site, arguments, 1);
}

Value sum(Frame& frame, const Node& site, const Value* arguments) {
  Attributes attributes(frame, site, arguments);
  const Total total = add_up(frame, site, attributes);
  if (attributes.wrong().is_error()) return attributes.wrong();
  return total.count == 0 ? zero_of(site) : total.value;
}

Value avg(Frame& frame, const Node& site, const Value* arguments) {
  Attributes attributes(frame, site, arguments);
  const Total total = add_up(frame, site, attributes);
  if (attributes.wrong().is_error()) return attributes.wrong();
  return total.count == 0 ? Value() : average(total.value, total.count);
}

Resolved resolve_latest(const Known& known, std::span<const Argument> arguments) {
  Resolved resolved;
  find_attribute(known.types, arguments, resolved);
  const Type& list = arguments[0].type;
  if (list.of() == Type::Of::kList) resolved.result = list.parameter(0);
  return resolved;
}

Resolved resolve_extreme(const Known& known, std::span<const Argument> arguments) {
  Resolved resolved;
  const Attribute attribute = find_attribute(known.types, arguments, resolved);
  if (attribute.field) resolved.result = attribute.field->type;
  return resolved;
}

Resolved resolve_sum(const Known& known, std::span<const Argument> arguments) {
  return resolve_numeric(known, arguments);
}

Resolved resolve_avg(const Known& known, std::span<const Argument> arguments) {
  Resolved resolved = resolve_numeric(known, arguments);
  const Type::Of of = resolved.result.of();
  if (of == Type::Of::kInt || of == Type::Of::kUint) resolved.result = Type::number();
  return resolved;
}

void prepare_attribute(Program::Impl& program, Node& call, std::span<const Node* const> items) {
  call.name = program.arena.copy(items[1]->constant.as_string());
}

}  // namespace patuh::expr::native
