#include "expr/planner.h"

#include <algorithm>
#include <cmath>

#include "expr/instructions.h"
#include "expr/library.h"
#include "expr/members.h"
#include "expr/numbers.h"

namespace patuh::expr {
namespace {

// What a function of text is taken to scan or copy, in cost units: a text of 1 KiB. Longer ones
// are charged as they are when it runs.
constexpr std::uint64_t kTextCostAssumed = 16;
constexpr std::size_t kSearchedAssumed = 256;      // bytes that a pattern is looked for in
constexpr std::uint64_t kRegexCost = 128 + 4'000;  // a pattern made when it runs, and its search
constexpr std::uint64_t kSortingRounds = 11;       // of a thousand items
constexpr std::uint64_t kFoldBudget = 10'000;      // of all constants of an expression together

struct Cost {
  std::uint64_t straight = 0;  // each node once
  std::uint64_t varying = 0;   // at most, of what is charged at run time
};

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

std::uint64_t saturating_multiply(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

std::uint64_t size_of(const Expression& e) { return e.size_max != 0 ? e.size_max : kSizeAssumed; }

class Planner {
 public:
  explicit Planner(Program::Impl& program, Report* report = nullptr)
      : program_(program), report_(report) {}

  void run(const Tree& tree) {
    program_.root = plan(*tree.root);
    program_.locals = tree.locals;
    program_.variables = program_.environment->variables.size();
    program_.straight_cost = cost_.straight;
    program_.simple = tree.locals == 0 && cost_.varying == 0 && !tree.root->moves;
    program_.facts.cost_max =
        saturating_add(saturating_add(cost_.straight, cost_.varying), held_cost_);
    program_.facts.held_conditions = program_.held.size();
  }

  const Node& alone(const Expression& e) { return *plan(e); }

 private:
  const Node* plan(const Expression& e) {
    cost_.straight += 1;
    switch (e.syntax) {
      case Syntax::kLiteral:
        return constant(e, e.literal, false);
      case Syntax::kName:
      case Syntax::kSelect:
        return name_or_field(e);
      case Syntax::kHas:
        return has(e);
      case Syntax::kCall:
        return call(e);
      case Syntax::kAnd:
      case Syntax::kOr:
        return logic(e);
      case Syntax::kBinary:
        return binary(e);
      case Syntax::kConditional:
        return conditional(e);
      case Syntax::kList:
      case Syntax::kMap:
        return literal_collection(e);
      case Syntax::kOptionalItem:
        return optional_item(e);
      case Syntax::kLoop:
        return loop_over(e);
      case Syntax::kBind:
        return bind(e);
      case Syntax::kHeldFor:
        return held_for(e);
      case Syntax::kFailure:
        return failure(e);
      case Syntax::kNot:
      case Syntax::kNegate:
      case Syntax::kIndex:
        return simple(e);
      case Syntax::kError:
        break;
    }
    PATUH_ASSERT(false);
    return nullptr;
  }

  Node node_of(const Expression& e, Run instruction) const {
    Node node;
    node.run = instruction;
    node.at = e.at;
    return node;
  }

  const Node* store(const Node& node) { return program_.arena.make(node); }

  const Node* constant(const Expression& e, const Value& value, bool traced) {
    Node node = node_of(e, run_leaf);
    node.shape = Shape::kConstant;
    node.constant = deep_copy(value, program_.arena);
    node.traced = traced;
    return store(node);
  }

  static bool is_constant(const Node* node) {
    return node == nullptr || node->shape == Shape::kConstant;
  }

  // A node all of whose operands are constants is evaluated now; an error stays for later, when it
  // may never be reached.
  const Node* fold(const Expression& e, const Node& node) {
    bool foldable = is_constant(node.a) && is_constant(node.b) && is_constant(node.c);
    for (std::uint32_t i = 0; i < node.count; ++i)
      foldable = foldable && is_constant(node.items[i]);
    if (!foldable || !program_.environment->folds) return store(node);
    Arena arena;
    Context context{.arena = &arena, .budget = fold_budget_};
    Frame frame{.context = context,
                .variables = nullptr,
                .locals = nullptr,
                .program = program_,
                .host = no_host()};
    const Value value = node.run(node, frame);
    fold_budget_ = context.budget;
    if (!value.is_error()) return constant(e, value, true);
    tell_of_error(e, value.as_error());
    return store(node);
  }

  void tell_of_error(const Expression& e, const ErrorRep& error) {
    if (report_ == nullptr || !program_.environment->checks) return;
    if (error.code == ErrorCode::kBudget) return;
    report_->add({.code = "EXPR-ALWAYS-ERROR",
                  .at = e.focus,
                  .message = "this can never be computed: " + message_of(error),
                  .hint = {},
                  .level = base::Diagnostic::Level::kWarning});
  }

  void set_items(Node& node, const std::vector<const Node*>& items) {
    auto copied = program_.arena.make_array<const Node*>(items.size());
    std::ranges::copy(items, copied.begin());
    node.items = copied.data();
    node.count = static_cast<std::uint32_t>(items.size());
  }

  std::vector<const Node*> plan_children(const Expression& e) {
    std::vector<const Node*> nodes;
    for (const Expression* child : e.children) nodes.push_back(plan(*child));
    return nodes;
  }

  // ── Names and fields ──

  const Node* leaf(const Expression& e, Shape shape) {
    Node node = node_of(e, run_leaf);
    node.shape = shape;
    node.slot = e.resolution.slot;
    return store(node);
  }

  const Node* name_or_field(const Expression& e) {
    switch (e.resolution.of) {
      case Resolution::Of::kConstant:
        return constant(e, e.resolution.constant, true);
      case Resolution::Of::kNow:
        return store(node_of(e, run_now));
      case Resolution::Of::kVariable:
        return leaf(e, Shape::kVariable);
      case Resolution::Of::kLocal:
        return leaf(e, Shape::kLocal);
      default:
        return field(e);
    }
  }

  Node field_node(const Expression& e, Run by_number, Run by_name) {
    const bool numbered = e.resolution.of == Resolution::Of::kField;
    Node node = node_of(e, numbered ? by_number : by_name);
    node.slot = e.resolution.slot;
    node.name = program_.arena.copy(e.name);
    node.a = plan(*e.children[0]);
    return node;
  }

  const Node* field(const Expression& e) {
    if (e.optional) return fold(e, field_node(e, run_optional_field, run_optional_dynamic));
    Node node = field_node(e, run_field, run_dynamic_field);
    if (node.run == run_field && node.a->shape == Shape::kVariable) {
      node.shape = Shape::kVariableField;
      node.owner = node.a->slot;
    }
    return fold(e, node);
  }

  const Node* has(const Expression& e) {
    return fold(e, field_node(e, run_has_field, run_has_dynamic));
  }

  // ── Operators ──

  // A constant that decides, decides; one that does not is left out.
  const Node* logic(const Expression& e) {
    const bool is_and = e.syntax == Syntax::kAnd;
    std::vector<const Node*> terms = plan_children(e);
    if (program_.environment->folds) return folded_logic(e, terms, is_and);
    Node node = node_of(e, is_and ? run_and : run_or);
    set_items(node, terms);
    return store(node);
  }

  const Node* folded_logic(const Expression& e, std::vector<const Node*>& terms, bool is_and) {
    const auto is = [](const Node* n, bool value) {
      return n->shape == Shape::kConstant &&
             (value ? n->constant.is_true() : n->constant.is_false());
    };
    const bool decided = std::ranges::any_of(terms, [&](const Node* n) { return is(n, !is_and); });
    if (decided) return constant(e, Value::boolean(!is_and), true);
    std::erase_if(terms, [&](const Node* n) { return is(n, is_and); });
    if (terms.empty()) return constant(e, Value::boolean(is_and), true);
    Node node = node_of(e, is_and ? run_and : run_or);
    set_items(node, terms);
    return store(node);
  }

  const Node* conditional(const Expression& e) {
    Node node = node_of(e, run_conditional);
    node.a = plan(*e.children[0]);
    const bool folds = program_.environment->folds;
    if (folds && node.a->shape == Shape::kConstant && node.a->constant.kind() == Kind::kBool) {
      return plan(*e.children[node.a->constant.as_bool() ? 1 : 2]);
    }
    node.b = plan(*e.children[1]);
    node.c = plan(*e.children[2]);
    return store(node);
  }

  const Node* simple(const Expression& e) {
    const Run instruction = e.syntax == Syntax::kNot      ? run_not
                            : e.syntax == Syntax::kNegate ? run_negate
                            : e.optional                  ? run_optional_index
                                                          : run_index;
    Node node = node_of(e, instruction);
    node.a = plan(*e.children[0]);
    if (e.children.size() > 1) node.b = plan(*e.children[1]);
    if (node.b != nullptr && !is_constant(node.b) && reads_text(*e.children[1])) add_varying(1);
    return fold(e, node);
  }

  const Node* binary(const Expression& e) {
    if (e.op == Operator::kIn) return membership(e);
    Node node = node_of(e, nullptr);
    node.a = plan(*e.children[0]);
    node.b = plan(*e.children[1]);
    node.run = is_comparison(e.op) ? comparison(e.op, is_constant(node.b)) : arithmetic(e.op);
    if (is_comparison(e.op) && is_constant(node.b)) compare_path(node, e.op);
    const Type::Of of = e.type.of();
    if (is_equality(e.op)) add_varying(equality_cost(*e.children[0], *e.children[1]));
    if (e.op == Operator::kAdd) add_varying(of == Type::Of::kList ? size_of(e) : kTextCostAssumed);
    return fold(e, node);
  }

  // Whether `operand` is fields of fields of a variable; then `node` knows the way.
  static bool set_path(Node& node, const Node& operand) {
    std::size_t length = 1;
    const Node* first = &operand;
    for (; first->run == run_field && first->a->run == run_field; first = first->a) ++length;
    if (first->shape != Shape::kVariableField || length > node.path.size()) return false;
    node.owner = first->owner;
    node.path_length = static_cast<std::uint8_t>(length);
    for (const Node* at = &operand; length > 0; at = at->a) {
      node.path[--length] = static_cast<std::uint16_t>(at->slot);
    }
    return true;
  }

  static void compare_path(Node& node, Operator op) {
    const Kind kind = node.b->constant.kind();
    if ((kind != Kind::kInt && kind != Kind::kString) || !set_path(node, *node.a)) return;
    node.constant = node.b->constant;
    node.run = path_comparison(op, kind);
  }

  // Beyond the node itself: what is charged for each pair of items.
  static std::uint64_t equality_cost(const Expression& a, const Expression& b) {
    const auto collection = [](const Expression& e) {
      return e.type.of() == Type::Of::kList || e.type.of() == Type::Of::kMap ||
             e.type.of() == Type::Of::kDyn;
    };
    if (!collection(a) || !collection(b)) return is_plain(a.type) && is_plain(b.type) ? 0 : 1;
    return saturating_multiply(2, std::min(size_of(a), size_of(b))) + 1;
  }

  // Compared without a charge: see run_comparison().
  static bool is_plain(const Type& type) {
    return type.of() == Type::Of::kInt || type.of() == Type::Of::kTimestamp ||
           type.of() == Type::Of::kDuration;
  }

  const Node* membership(const Expression& e) {
    Node node = node_of(e, run_in);
    node.a = plan(*e.children[0]);
    node.b = plan(*e.children[1]);
    node.size_max = e.children[1]->size_max;
    if (is_constant(node.b)) node.members = members_of(node.b->constant, program_.arena);
    if (node.members != nullptr) {
      node.run = set_path(node, *node.a) ? run_path_in_set : run_in_set;
    } else {
      add_varying(size_of(*e.children[1]));
    }
    return fold(e, node);
  }

  const Node* literal_collection(const Expression& e) {
    Node node = node_of(e, e.syntax == Syntax::kList ? run_list : run_map);
    set_items(node, plan_children(e));
    if (e.syntax == Syntax::kMap) add_varying(kTextCostAssumed);  // sorting its keys
    return fold(e, node);
  }

  const Node* optional_item(const Expression& e) {
    Node node = node_of(e, run_optional_item);
    node.a = plan(*e.children[0]);
    node.optional = true;
    return store(node);
  }

  // ── Calls and loops ──

  const Node* bind(const Expression& e) {
    Node node = node_of(e, run_bind);
    node.slot = e.resolution.slot;
    set_items(node, plan_children(e));
    return store(node);
  }

  const Node* held_for(const Expression& e) {
    Node node = node_of(e, run_held_for);
    node.b = plan(*e.children[1]);
    const Cost outside = std::exchange(cost_, Cost{});
    const Node* const condition = plan(*e.children[0]);
    const Cost inside = std::exchange(cost_, outside);
    held_cost_ = saturating_add(held_cost_, saturating_add(inside.straight, inside.varying));
    node.slot = static_cast<std::uint32_t>(program_.held.size());
    program_.held.push_back({condition, node.b, e.children[0]->at, inside.straight});
    return store(node);
  }

  const Node* failure(const Expression& e) {
    Node node = node_of(e, run_failure);
    node.name = program_.arena.copy(e.name);
    return store(node);
  }

  const Node* call(const Expression& e) {
    return e.resolution.of == Resolution::Of::kLibrary ? library_call(e) : host_call(e);
  }

  const Node* library_call(const Expression& e) {
    const LibraryFunction& function = *e.resolution.library;
    Node node = node_of(
        e, function.run != nullptr ? function.run : patuh::expr::library_call(e.children.size()));
    set_items(node, plan_children(e));
    node.name = function.name;
    node.native = function.call;
    node.takes_null = function.takes_null;
    node.bound = e.resolution.bound;
    if (function.run == run_starts_with) start_path(node);
    if (function.prepare != nullptr) function.prepare(program_, node, {node.items, node.count});
    if (e.type.of() == Type::Of::kDuration) node.constant = Value::duration(0, 0);
    if (e.type.of() == Type::Of::kDouble) node.constant = Value::number(0);
    if (e.type.of() == Type::Of::kUint) node.constant = Value::unsigned_integer(0);
    cost_.straight = saturating_add(cost_.straight, function.cost);
    add_varying(varying_cost(function, e, node));
    return function.costs_size ? store(node) : fold(e, node);
  }

  static void start_path(Node& node) {
    const Value& prefix = node.items[1]->constant;
    const bool is_short = is_constant(node.items[1]) && prefix.kind() == Kind::kString &&
                          prefix.as_string().size() < kFreeTextBytes;
    if (!is_short || !set_path(node, *node.items[0])) return;
    node.constant = prefix;
    node.run = run_path_starts_with;
  }

  static std::uint64_t charged_cost(Charge charge, const Expression& e) {
    std::uint64_t items = 0;
    for (const Expression* const argument : e.children) {
      items = saturating_add(items, std::max<std::uint64_t>(size_of(*argument), 1));
    }
    switch (charge) {
      case Charge::kItems:
        return saturating_add(items, kTextCostAssumed);
      case Charge::kPattern:
        return kRegexCost;
      case Charge::kSorting:
        return saturating_multiply(items, kSortingRounds + 1);
      case Charge::kPairs:
        return saturating_add(saturating_multiply(items, items), items);
      default:
        return 4 * kTextCostAssumed;
    }
  }

  static bool reads_text(const Expression& e) {
    const Type::Of of = e.type.of();
    return of == Type::Of::kString || of == Type::Of::kBytes || of == Type::Of::kDyn;
  }

  static std::uint64_t varying_cost(const LibraryFunction& function, const Expression& e,
                                    const Node& node) {
    if (function.charge == Charge::kPattern && node.regex != nullptr) {
      return node.regex->search_cost(kSearchedAssumed);
    }
    if (function.charge == Charge::kText && !reads_text(*e.children[0])) return 0;
    if (function.charge != Charge::kNothing) return charged_cost(function.charge, e);
    constexpr std::uint64_t kZoneCost = 50;
    if (function.costs_size) return size_of(*e.children[0]);
    if (function.style == Style::kMethod && e.children[0]->type.of() == Type::Of::kTimestamp) {
      return kZoneCost;
    }
    if (function.name == "startsWith" || function.name == "endsWith") return 0;
    if (function.name == "split" || function.name == "join") return kSizeAssumed + kTextCostAssumed;
    return function.style == Style::kMethod ? 4 * kTextCostAssumed : 0;
  }

  const Node* host_call(const Expression& e) {
    Node node = node_of(e, run_host);
    set_items(node, plan_children(e));
    node.host = e.resolution.host;
    node.takes_null = node.host->takes_null;
    node.bound = e.resolution.bound;
    cost_.straight = saturating_add(cost_.straight, node.host->cost);
    return store(node);
  }

  const Node* loop_over(const Expression& e) {
    Node node = node_of(e, loop(e.loop));
    node.a = plan(*e.children[0]);
    node.slot = e.resolution.slot;
    node.size_max = e.children[0]->size_max;
    node.pairs = !e.second.empty();
    const Cost outside = std::exchange(cost_, Cost{});
    node.b = plan(*e.children[1]);
    if (e.children.size() > 2) node.c = plan(*e.children[2]);
    const Cost body = std::exchange(cost_, outside);
    node.cost = static_cast<std::uint32_t>(std::min<std::uint64_t>(body.straight, UINT32_MAX));
    // Each round costs its body and, where a list is built, a place in it.
    const std::uint64_t sorting = e.loop == Loop::kSortBy ? kSortingRounds + 2 : 1;
    const std::uint64_t round =
        saturating_add(saturating_add(body.straight, body.varying), sorting);
    add_varying(saturating_multiply(size_of(*e.children[0]), round));
    return store(node);
  }

  void add_varying(std::uint64_t units) { cost_.varying = saturating_add(cost_.varying, units); }

  Program::Impl& program_;
  Report* report_;
  Cost cost_;
  std::uint64_t fold_budget_ = kFoldBudget;
  std::uint64_t held_cost_ = 0;  // of the conditions of held_for(), each once
};

}  // namespace

void plan(const Tree& tree, Program::Impl& program, Report& report) {
  Planner(program, &report).run(tree);
}

const Node& plan_alone(const Expression& e, Program::Impl& program) {
  return Planner(program).alone(e);
}

}  // namespace patuh::expr
