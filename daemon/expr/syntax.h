// The tree that the parser makes and the checker annotates. Compile time only.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "expr/regex.h"
#include "expr/report.h"

namespace patuh::expr {

struct LibraryFunction;

enum class Syntax : std::uint8_t {
  kLiteral,
  kName,    // name
  kSelect,  // operand.name; `optional`: operand.?name
  kHas,     // has(operand.name)
  kIndex,   // operand[index]; `optional`: operand[?index]
  kCall,    // name(arguments), or target.name(arguments): the target is then child 0
  kNot,
  kNegate,
  kAnd,  // two or more children
  kOr,   // two or more children
  kBinary,
  kConditional,  // condition, then, else
  kList,
  kMap,           // key, value, key, value, …
  kOptionalItem,  // ?x of a list, or ?key: x of a map, in the place of x
  kLoop,          // a macro over a range: range, then one or two bodies
  kBind,          // cel.bind(name, value, body): value, body
  kHeldFor,       // held_for(condition, span)
  kFailure,       // of an unchecked expression: an error with the message `name`
  kError,         // reported already; fits everything
};

enum class Operator : std::uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIn,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
};
std::string_view text_of(Operator op);
constexpr bool is_equality(Operator op) { return op <= Operator::kNotEqual; }
constexpr bool is_comparison(Operator op) { return op <= Operator::kGreaterEqual; }

enum class Loop : std::uint8_t {
  kAll,
  kExists,
  kExistsOne,
  kFilter,
  kMap,    // also transformList
  kMapIf,  // with a condition before the body, as those below
  kTransformMap,
  kTransformMapIf,
  kTransformEntry,
  kTransformEntryIf,
  kSortBy,
  kOptMap,
  kOptFlatMap,
};

// What the checker found a name, field or function to be.
struct Resolution {
  enum class Of : std::uint8_t {
    kNothing,
    kConstant,  // `constant`
    kNow,
    kVariable,      // slot
    kLocal,         // slot: number of the loop variable
    kField,         // slot: the host's field number
    kDynamicField,  // of a map, or of an object whose type is not known
    kLibrary,       // library
    kHost,          // host, bound
  };
  Of of = Of::kNothing;
  Value constant;
  std::uint32_t slot = 0;
  const LibraryFunction* library = nullptr;
  const Function* host = nullptr;
  std::uint64_t bound = 0;
};

// What a field may hold, where the schema says so: one of some texts, or a number within bounds.
struct Domain {
  std::string field;
  std::vector<std::string> values;
  bool closed = false;
  Value min, max;  // null = no bound
  bool has_bounds() const { return !min.is_null() || !max.is_null(); }
};

struct Expression {
  Syntax syntax = Syntax::kError;
  Span at;     // the whole
  Span focus;  // the operator, field or function: where a caret points
  int height = 1;
  std::string name;    // of a loop: its variable
  std::string second;  // of a loop over pairs: its second variable
  bool optional = false;
  bool absolute = false;  // .name: not a loop variable, not in a container
  Value literal;
  Operator op = Operator::kEqual;
  Loop loop = Loop::kAll;
  bool has_target = false;
  std::vector<Expression*> children;

  // What the checker adds.
  Type type = Type::dyn();
  bool moves = false;          // its value may move with `now`
  std::uint32_t size_max = 0;  // of a list, map or string: the most it holds; 0 = not declared
  std::shared_ptr<const Domain> values;  // of a string or number, or of a list's items
  Resolution resolution;
  std::optional<Value> fixed;  // a time written out, timestamp('…') or days(3): what it is
};

// Owns the nodes and the literals' bytes.
struct Tree {
  std::deque<Expression> nodes;
  Arena literals;
  Regexes regexes;  // those among them
  Expression* root = nullptr;
  std::size_t locals = 0;  // slots for loop variables
  bool too_deep = false;   // reported; the tree is not to be walked
};

}  // namespace patuh::expr
