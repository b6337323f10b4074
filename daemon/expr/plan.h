// The planned form: a tree of small immutable nodes, each with the function that evaluates it.
//
// Names are resolved to slots, constants folded, regular expressions compiled. Nodes live in the
// program's arena and refer to each other by address.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "expr/environment.h"
#include "expr/members.h"
#include "expr/regex.h"
#include "expr/report.h"

namespace patuh::expr {

struct Node;
struct Frame;
using Run = Value (*)(const Node& node, Frame& frame);
using NativeCall = Value (*)(Frame& frame, const Node& site, const Value* arguments);

// Leaves are read without a call of a node's function.
enum class Shape : std::uint8_t {
  kRun,
  kConstant,
  kVariable,
  kLocal,
  kVariableField,  // of variable `owner`, when that is an object; else run
};

inline constexpr std::uint32_t kNoField = UINT32_MAX;

// Comparing texts shorter than this is part of a node's cost; longer ones are charged by length.
inline constexpr std::size_t kFreeTextBytes = 4'096;
inline constexpr std::uint64_t kTextBytesPerUnit = 64;  // scanning, comparing, copying

struct Node {
  Run run = nullptr;
  const Node* a = nullptr;
  const Node* b = nullptr;
  const Node* c = nullptr;
  Value constant;
  Shape shape = Shape::kRun;
  bool traced = true;       // shown in explanations; literals are not
  bool takes_null = false;  // of a call
  bool optional = false;    // of a list's or map's item: an optional value, left out when none
  bool pairs = false;       // of a loop: two variables
  std::uint32_t slot = 0;   // of a variable, loop variable or field
  std::uint32_t owner = 0;  // the variable whose field it is, or whose path is read
  // Of an operand that is a chain of fields, a.b.c of variable `owner`: read without its nodes.
  std::array<std::uint16_t, 3> path{};
  std::uint8_t path_length = 0;
  Span at;
  std::uint32_t count = 0;     // of items
  std::uint32_t cost = 0;      // of a loop: one round of its body; of a call: what it costs itself
  std::uint32_t size_max = 0;  // of a loop: rounds that the schema allows; 0 = no limit
  const Node* const* items = nullptr;
  std::string_view name;    // of a dynamic field or attribute, or function
  std::uint64_t bound = 0;  // of a call
  NativeCall native = nullptr;
  const Function* host = nullptr;
  const Regex* regex = nullptr;
  const Members* members = nullptr;  // of `in` a constant list
  Zone zone;
};

// The condition of a held_for(): evaluated apart, by evaluate_held().
struct Held {
  const Node* root = nullptr;
  const Node* span = nullptr;
  Span at;  // of the condition
  std::uint64_t straight_cost = 0;
};

// A field of variable 0 that an expression reads, for smallest_change().
struct Attribute {
  std::string text;  // as written
  std::uint16_t field = 0;
  Type type = Type::dyn();
  std::vector<std::string> values;  // of an enumeration
  Value bound;                      // of a number: one that the schema allows; null = any
};

struct Program::Impl {
  std::string text;
  std::shared_ptr<const Environment::Impl> environment;
  Arena arena;  // nodes, constants
  Regexes regexes;
  const Node* root = nullptr;
  std::vector<Held> held;  // each after those within it
  std::size_t locals = 0;
  std::size_t variables = 0;
  // No loop variables, nothing charged while it runs, a result that does not move.
  bool simple = false;
  std::uint64_t straight_cost = 0;  // of one run without the rounds of loops
  Facts facts;
  std::vector<Attribute> attributes;  // each once, in the order of the text
  Type type = Type::dyn();
  base::Diagnostics warnings;
};

// One evaluation.
struct Frame {
  Context& context;
  const Value* variables;
  Value* locals;
  const Program::Impl& program;
  Host& host;
  bool traced = false;
  bool spent = false;  // the budget ran out: whatever the value, the outcome is kBudget

  // False when the budget is spent.
  bool charge(std::uint64_t units) {
    if (context.budget >= units) [[likely]] {
      context.budget -= units;
      return true;
    }
    context.budget = 0;
    spent = true;
    return false;
  }
  // A text is read from its beginning to its end.
  bool charge_reading(const Value& value) {
    if (value.kind() == Kind::kString) return charge(value.as_string().size() / kTextBytesPerUnit);
    if (value.kind() == Kind::kBytes) return charge(value.as_bytes().size() / kTextBytesPerUnit);
    return true;
  }
  Arena& arena() { return *context.arena; }
};

// Asserts when an object is met: for evaluations without a host.
Host& no_host();

inline Value run_shape(const Node& node, Frame& frame) {
  switch (node.shape) {
    case Shape::kVariableField: {
      const Value& owner = frame.variables[node.owner];
      if (owner.kind() != Kind::kObject) break;
      return frame.host.select(frame.context, owner, static_cast<std::uint16_t>(node.slot));
    }
    case Shape::kConstant:
      return node.constant;
    case Shape::kVariable:
      return frame.variables[node.slot];
    case Shape::kLocal:
      return frame.locals[node.slot];
    case Shape::kRun:
      break;
  }
  return node.run(node, frame);
}

// An error without a text when the owner is no object.
[[gnu::always_inline]] inline Value read_field(Frame& frame, Value owner, std::uint16_t field) {
  if (owner.kind() != Kind::kObject) [[unlikely]]
    return Value::error(nullptr);
  return frame.host.select(frame.context, owner, field);
}

// What `then` makes of the value at the end of the node's path: of an error without a text when
// something on the way is no object, or the run is traced; then the operand's own node is to be
// run. Most of what rules do is to read paths of one field: the value stays in registers, without a
// loop, and goes on from each length by itself, since where two ways meet it would go through
// memory.
template <class Then>
[[gnu::always_inline]] inline Value read_path(const Node& node, Frame& frame, Then then) {
  if (frame.traced) [[unlikely]]
    return then(Value::error(nullptr));
  const Value first = read_field(frame, frame.variables[node.owner], node.path[0]);
  if (node.path_length == 1) return then(first);
  const Value second = read_field(frame, first, node.path[1]);
  if (node.path_length == 2) return then(second);
  return then(read_field(frame, second, node.path[2]));
}

Value run_traced(const Node& node, Frame& frame);

inline Value run(const Node& node, Frame& frame) {
  if (frame.traced) [[unlikely]]
    return run_traced(node, frame);
  return run_shape(node, frame);
}

}  // namespace patuh::expr
