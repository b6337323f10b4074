// expr: the expression language, a core of CEL (Common Expression Language, cel-spec), in stages:
// lex, parse, check, plan, evaluate.
//
// It knows types, values and functions, never an element, a rule or a store: what an "object" is,
// and which functions beside the standard library exist, the embedding program says through
// Environment. A model value *is* this language's value.
//
//   Environment env(&object_types);
//   env.add_variable("self", Type::object("aplikasi"));
//   auto program = compile(env, {.text = "self.status == 'operasional'"}, Type::boolean());
//   Arena arena;
//   Context context{.arena = &arena, .host = &host, .now = now};
//   Value verdict = evaluate(*program, std::array{self}, context);
//
// Ownership: Value is a 16-byte view that owns nothing; it lives as long as the arena, the program
// or the host object that it came from. Threads: Environment and Program are immutable once built
// and may be shared; Arena and Context belong to one thread at a time.
// Errors: a wrong expression yields base::Diagnostics at compile(), an evaluation that cannot be
// decided a Value of kind kError, which carries the origin of the missing value.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"

namespace patuh::expr {
using base::Arena;
// ── Values ──────────────────────────────────────────────────────────────────────────────────────

// Stands in stored evidence: do not renumber.
enum class Kind : std::uint8_t {
  kNull = 0,
  kBool = 1,
  kInt = 2,
  kUint = 3,
  kDouble = 4,
  kString = 5,
  kBytes = 6,
  kTimestamp = 7,
  kDuration = 8,
  kList = 9,
  kMap = 10,
  kType = 11,
  kObject = 12,  // an opaque handle of the host's: (object kind, index)
  kOptional = 13,
  kError = 14,
};
std::string_view name_of(Kind kind);

class Value;

// Where a missing value came from: which object, and the host's number of its field.
struct Origin {
  std::uint32_t object_kind = 0, object_index = 0;
  std::uint16_t field = 0;
  friend bool operator==(const Origin&, const Origin&) = default;
};

enum class ErrorCode : std::uint8_t {
  kMissing,      // an operator, function or selection met null; see origin
  kNoSuchField,  // a map has no such key
  kNoSuchOverload,
  kDivideByZero,
  kOverflow,
  kInvalidArgument,
  kOutOfRange,  // index or range
  kBudget,      // the evaluation's budget is spent
  kLimit,       // a list or relation is longer than the schema allows
};

struct ErrorRep {
  ErrorCode code = ErrorCode::kInvalidArgument;
  bool has_origin = false;
  Origin origin{};
  std::uint32_t offset = 0;                     // of the failing sub-expression in the source text
  std::string_view detail;                      // its text's key in the catalogue: "error.index"
  std::array<std::string_view, 2> arguments{};  // of that text
};
std::string message_of(const ErrorRep& error);  // the text in English

// A set of the host's that is iterated without being built: related(...), members(...) and so on.
class Sequence {
 public:
  virtual std::uint32_t size() const = 0;
  virtual Value at(std::uint32_t index) const = 0;  // index < size()
 protected:
  ~Sequence() = default;
};

struct ListRep {
  std::uint32_t size = 0;
  const Value* items = nullptr;    // either these …
  const Sequence* lazy = nullptr;  // … or this
};
struct MapEntry;
struct MapRep {
  std::uint32_t size = 0;
  const MapEntry* entries = nullptr;  // sorted by key (order of Value compare), keys unique
};
class Type;

class Value {
 public:
  constexpr Value() = default;  // null without an origin

  static Value null(const Origin& origin);
  static constexpr Value boolean(bool v) { return {Kind::kBool, 0, v ? 1U : 0U}; }
  static constexpr Value integer(std::int64_t v) {
    return {Kind::kInt, 0, static_cast<std::uint64_t>(v)};
  }
  static constexpr Value unsigned_integer(std::uint64_t v) { return {Kind::kUint, 0, v}; }
  static constexpr Value number(double v) {
    return {Kind::kDouble, 0, std::bit_cast<std::uint64_t>(v)};
  }
  static Value string(std::string_view text) {  // keeps the view; at most 4 GiB − 1
    return of_text(Kind::kString, text);
  }
  static Value bytes(std::string_view bytes) { return of_text(Kind::kBytes, bytes); }
  static Value timestamp(base::Instant at);
  // Whole seconds since 1970 and 0 ≤ nanos < 10^9: the full range and resolution of CEL.
  static constexpr Value timestamp(std::int64_t seconds, std::uint32_t nanos) {
    return {Kind::kTimestamp, nanos, static_cast<std::uint64_t>(seconds)};
  }
  static Value duration(base::Duration d);
  // seconds rounded down, 0 ≤ nanos < 10^9: −0.5 s is (−1, 500000000).
  static constexpr Value duration(std::int64_t seconds, std::uint32_t nanos) {
    return {Kind::kDuration, nanos, static_cast<std::uint64_t>(seconds)};
  }
  static Value list(const ListRep* rep) { return of_pointer(Kind::kList, rep); }
  static Value map(const MapRep* rep) { return of_pointer(Kind::kMap, rep); }
  static Value type(const Type* type) { return of_pointer(Kind::kType, type); }  // not copied
  static constexpr Value object(std::uint32_t kind, std::uint32_t index) {
    return {Kind::kObject, kind, index};
  }
  // A null pointer is optional.none().
  static Value optional(const Value* held) { return of_pointer(Kind::kOptional, held); }
  static Value error(const ErrorRep* rep) { return of_pointer(Kind::kError, rep); }

  Kind kind() const { return static_cast<Kind>(head_ & 0xFF); }
  bool is_null() const { return kind() == Kind::kNull; }
  bool is_error() const { return kind() == Kind::kError; }
  bool is_true() const { return kind() == Kind::kBool && payload_ != 0; }
  bool is_false() const { return kind() == Kind::kBool && payload_ == 0; }

  std::optional<Origin> origin() const;  // of a null that has one

  // Each asks for its own kind; asserted.
  bool as_bool() const { return payload_of(Kind::kBool) != 0; }
  std::int64_t as_int() const { return static_cast<std::int64_t>(payload_of(Kind::kInt)); }
  std::uint64_t as_uint() const { return payload_of(Kind::kUint); }
  double as_double() const { return std::bit_cast<double>(payload_of(Kind::kDouble)); }
  std::string_view as_string() const {
    return {std::bit_cast<const char*>(payload_of(Kind::kString)), aux()};
  }
  std::string_view as_bytes() const {
    return {std::bit_cast<const char*>(payload_of(Kind::kBytes)), aux()};
  }
  base::Instant as_instant() const;    // cut to microseconds
  base::Duration as_duration() const;  // cut to microseconds, towards the past
  std::int64_t seconds() const;        // timestamp or duration
  std::uint32_t nanos() const;
  const ListRep& as_list() const { return *std::bit_cast<const ListRep*>(payload_of(Kind::kList)); }
  const MapRep& as_map() const { return *std::bit_cast<const MapRep*>(payload_of(Kind::kMap)); }
  const Type& as_type() const { return *std::bit_cast<const Type*>(payload_of(Kind::kType)); }
  std::uint32_t object_kind() const { return aux(); }
  std::uint32_t object_index() const { return static_cast<std::uint32_t>(payload_); }
  const Value* as_optional() const {
    return std::bit_cast<const Value*>(payload_of(Kind::kOptional));
  }
  const ErrorRep& as_error() const {
    return *std::bit_cast<const ErrorRep*>(payload_of(Kind::kError));
  }

  // How the value moves when `now` moves: +1 for now and now + d, −1 for x − now, 0 for all else.
  // Set by evaluation only; compare() and equals() ignore it.
  int moves() const { return static_cast<std::int8_t>(head_ >> kMovesAt & 0xFF); }
  Value moving(int slope) const {
    Value moved = *this;
    moved.head_ &= ~(std::uint64_t{0xFF} << kMovesAt);
    moved.head_ |= (static_cast<std::uint64_t>(slope) & 0xFF) << kMovesAt;
    return moved;
  }

 private:
  constexpr Value(Kind kind, std::uint32_t aux, std::uint64_t payload)
      : head_(static_cast<std::uint64_t>(kind) | std::uint64_t{aux} << kAuxAt), payload_(payload) {}
  static Value of_text(Kind kind, std::string_view text) {
    PATUH_ASSERT(text.size() <= UINT32_MAX);
    return {kind, static_cast<std::uint32_t>(text.size()),
            std::bit_cast<std::uint64_t>(text.data())};
  }
  static Value of_pointer(Kind kind, const void* at) {
    return {kind, 0, std::bit_cast<std::uint64_t>(at)};
  }
  std::uint64_t payload_of(Kind kind) const {
    PATUH_ASSERT(this->kind() == kind);
    return payload_;
  }
  std::uint32_t aux() const { return static_cast<std::uint32_t>(head_ >> kAuxAt); }
  static constexpr int kMovesAt = 8, kFieldAt = 16, kAuxAt = 32;
  // The kind; how it moves; of a null's origin the field + 1, 0 = no origin; aux. One word, not
  // four members, so that compilers hand values on in two registers without taking them apart.
  std::uint64_t head_ = 0;
  std::uint64_t payload_ = 0;
};
static_assert(sizeof(Value) == 16);

struct MapEntry {
  Value key;
  Value value;
};

// CEL's equality: numbers across int, uint and double by value (beside a double, whole numbers
// beyond 2^53 are rounded to double), NaN unequal to itself, lists and maps element by element,
// objects by kind and index, different kinds unequal. Errors: asserted out.
bool equals(const Value& a, const Value& b);
// A total order for canonical output and map keys: kind groups, numbers by value, text by bytes.
int compare(const Value& a, const Value& b);
// Copies a value with all it refers to into `arena`. Lazy lists are built.
Value deep_copy(const Value& value, Arena& arena);
Value make_list(Arena& arena, std::span<const Value> items);
// Sorts; of equal keys the first is kept.
Value make_map(Arena& arena, std::span<const MapEntry> entries);
// Null when there is no such key. Numbers are found by value, whatever their kind.
const Value* find(const MapRep& map, std::string_view key);
const Value* find(const MapRep& map, const Value& key);
// The list's item; index < size.
Value item(const ListRep& list, std::uint32_t index);
// For people: CEL literal syntax, objects as kind#index. Behind 1 MiB parts are left out, for "…".
std::string to_text(const Value& value);

// ── Types ───────────────────────────────────────────────────────────────────────────────────────

// A type of the checker. `dyn` fits everything (gradual typing).
class Type {
 public:
  enum class Of : std::uint8_t {
    kDyn,
    kNull,
    kBool,
    kInt,
    kUint,
    kDouble,
    kString,
    kBytes,
    kTimestamp,
    kDuration,
    kList,
    kMap,
    kType,
    kObject,
    kOptional,
  };
  static Type dyn() { return Type(Of::kDyn); }
  // A dyn that takes any type it is joined with: the items of an empty list.
  static Type unknown();
  static Type boolean() { return Type(Of::kBool); }
  static Type integer() { return Type(Of::kInt); }
  static Type unsigned_integer() { return Type(Of::kUint); }
  static Type number() { return Type(Of::kDouble); }
  static Type string() { return Type(Of::kString); }
  static Type bytes() { return Type(Of::kBytes); }
  static Type timestamp() { return Type(Of::kTimestamp); }
  static Type duration() { return Type(Of::kDuration); }
  static Type null() { return Type(Of::kNull); }
  static Type type() { return Type(Of::kType); }
  static Type list(Type item);
  static Type map(Type key, Type value);
  static Type optional(Type held);
  static Type object(std::string name);  // "*" = an object of any kind

  Of of() const { return of_; }
  bool is_unknown() const { return of_ == Of::kDyn && !name_.empty(); }
  const std::string& object_name() const { return name_; }
  const Type& parameter(std::size_t i) const { return (*parameters_)[i]; }  // item; key, value
  std::string text() const;  // "list(string)", "aplikasi"
  friend bool operator==(const Type& a, const Type& b);

 private:
  explicit Type(Of of) : of_(of) {}
  Of of_ = Of::kDyn;
  std::string name_;
  std::shared_ptr<const std::vector<Type>> parameters_;
};

// What the host knows of its object types; asked only while compiling.
class ObjectTypes {
 public:
  struct Field {
    Type type = Type::dyn();
    std::uint16_t number = 0;         // given back to Host::select
    std::uint32_t size_max = 0;       // of a list, map or relation, for the cost bound
    std::vector<std::string> values;  // of an enumeration; empty = any
    bool closed = false;              // an enumeration without other values
    Value min, max;                   // of a number; null = no bound
  };
  virtual ~ObjectTypes() = default;
  virtual bool has_type(std::string_view object) const = 0;
  // Fields of "*" are those that every kind has.
  virtual std::optional<Field> field(std::string_view object, std::string_view name) const = 0;
  virtual std::vector<std::string_view> field_names(std::string_view object) const = 0;
};

// ── Functions of the host ───────────────────────────────────────────────────────────────────────

struct Context;

struct Argument {  // as the checker sees it
  Type type = Type::dyn();
  std::optional<Value> literal;  // when the argument is a constant
};
// What a host function makes of its arguments at compile time.
struct Resolved {
  Type result = Type::dyn();
  std::uint64_t bound = 0;     // handed to `call`; e.g. the relation's number
  std::uint32_t size_max = 0;  // of the resulting set, for the cost bound
  std::string error;           // not empty: the call is refused with this message …
  std::string hint;            // … and this hint
  std::size_t error_argument = 0;
};
struct Function {
  std::string name;
  std::size_t arguments_min = 0, arguments_max = 0;
  bool method = false;      // also callable as a.name(b)
  bool takes_null = false;  // else a null argument yields kMissing without a call
  std::uint32_t cost = 1;   // units a call, beside its arguments
  std::function<Resolved(std::span<const Argument>)> resolve;
  // `bound` as resolved. Must not keep pointers into `arguments`.
  std::function<Value(Context&, std::uint64_t bound, std::span<const Value> arguments)> call;
};

// The names an expression may use. Built once, then immutable and shared by programs. Copies share
// what was added: nothing is added to one that was copied or compiled with.
class Environment {
 public:
  // `types` may be null (no objects); else it must outlive the environment.
  explicit Environment(const ObjectTypes* types = nullptr);
  // Variables are numbered in the order of these calls, from 0. `now` is built in (a timestamp).
  std::size_t add_variable(std::string name, Type type);
  // A constant is folded into programs: params.x, each.topik. `value` is copied.
  void add_constant(std::string name, Value value, Type type);
  void add_function(Function function);
  // Time zone of calendar accessors without an argument; an IANA name, default "UTC". False, and
  // nothing changed, when there is no such zone.
  bool set_time_zone(const std::string& name);
  // Without checking, every type is dyn, and what is wrong with a name, type or literal is an error
  // of the part that has it when that part is evaluated; faults of syntax stay diagnostics.
  void set_checking(bool on);
  // Without folding, constant parts are evaluated each time; the outcome is the same.
  void set_folding(bool on);
  // Where names are looked for first: in "a.b", x is a.b.x, a.x or x.
  void set_container(std::string name);
  struct Impl;
  const Impl& impl() const { return *impl_; }
  std::shared_ptr<const Impl> shared() const { return impl_; }  // kept by programs

 private:
  std::shared_ptr<Impl> impl_;
};

// ── Programs ────────────────────────────────────────────────────────────────────────────────────

struct Source {
  std::string_view text;
  base::Place place;         // where the text begins, for diagnostics
  bool keeps_state = false;  // held_for() may stand in it: whoever evaluates it keeps held_since
};

// What is known of a program without running it.
struct Facts {
  std::vector<std::uint16_t> variable_fields;  // fields read of variable 0 ("self"), sorted, unique
  bool only_variable_fields = false;  // reads nothing but fields of variable 0 (and now, constants)
  bool reads_now = false;
  bool result_moves = false;   // the result itself may move with `now`: it is new every microsecond
  std::uint64_t cost_max = 0;  // bound of cost units, from the schema's size_max
  std::size_t held_conditions = 0;  // of held_for()
};

class Program {
 public:
  const Facts& facts() const;
  std::string_view text() const;
  const Type& type() const;                   // of the result, as checked
  const base::Diagnostics& warnings() const;  // what compile() found odd but not wrong
  struct Impl;
  explicit Program(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  const Impl& impl() const { return *impl_; }

 private:
  std::shared_ptr<const Impl> impl_;
};

// Limits of what compile() takes; beyond them a diagnostic, never a crash.
inline constexpr std::size_t kSourceBytesMax = std::size_t{16} * 1024;
inline constexpr int kDepthMax = 64;  // nesting of sub-expressions

// Lexes, parses, checks against `expected` (dyn = anything) and plans. All faults at once. The
// program keeps the text and what it needs of the environment, not the ObjectTypes.
std::expected<Program, base::Diagnostics> compile(const Environment& environment,
                                                  const Source& source, const Type& expected);

// ── Evaluation ──────────────────────────────────────────────────────────────────────────────────

// The embedding program at run time: reads fields of objects, and notes what was read.
class Host {
 public:
  // The field's value, its declared default, or null with its origin. Notes the read.
  virtual Value select(Context& context, Value object, std::uint16_t field) = 0;
  // Whether the field is present: has(x.f). Notes the read.
  virtual bool has(Context& context, const Value& object, std::uint16_t field) = 0;
  // A field by name of an object whose type the checker did not know (dyn).
  virtual Value select_dynamic(Context& context, const Value& object, std::string_view field) = 0;
  // filled(x) of an object: it exists and is known.
  virtual bool known(Context& context, const Value& object) = 0;

 protected:
  ~Host() = default;
};

inline constexpr std::size_t kTraceMax = 10'000;  // steps of one trace
// One sub-expression's outcome, for explanations; inner ones come before the whole.
struct TraceStep {
  std::uint32_t begin = 0, end = 0;  // byte offsets into Program::text()
  Value value;                       // lives as long as the context's arena
};

struct Context {
  Arena* arena = nullptr;
  Host* host = nullptr;  // may be null when the program reads no object
  base::Instant now{};
  std::uint64_t budget = 100'000;  // cost units left; below zero → kBudget
  // Out: the earliest instant after `now` at which a comparison with now can turn out differently.
  base::Instant next_change = base::kNever;
  std::vector<TraceStep>* trace = nullptr;  // filled when given; slower
  // Since when each held condition is true without a break; kNever, or not given: it is not.
  std::span<const base::Instant> held_since{};
  // `detail` is kept as it is, the arguments, at most two, are copied into the arena.
  Value fail(ErrorCode code, std::string_view detail,
             std::initializer_list<std::string_view> arguments = {});
  void changes_at(base::Instant at) {
    if (at > now && at < next_change) next_change = at;
  }
};

// Variables in the order of add_variable. Never throws, recurses no deeper than kDepthMax allows.
Value evaluate(const Program& program, std::span<const Value> variables, Context& context);
// One of Facts::held_conditions, in ascending order, whenever something it reads changes or
// `next_change` comes. It holds while this is true; null and errors end it.
Value evaluate_held(const Program& program, std::size_t number, std::span<const Value> variables,
                    Context& context);
std::string_view held_text(const Program& program, std::size_t number);

// ── Explaining ──────────────────────────────────────────────────────────────────────────────────

// Of a traced run, the steps that decided its outcome, each once, in that order: of a false && the
// term that is false, of a true one all, and so on, down to comparisons and what they looked at.
std::vector<TraceStep> deciding_steps(const Program& program, std::span<const TraceStep> trace,
                                      std::size_t steps_max = 10);

struct Change {
  std::string attribute;  // a field of variable 0, an object, as it is written: "self.status"
  std::uint16_t field = 0;
  Value value;
  bool stand_in = false;  // made up: no program names it, others of its type may do as well
};
// How smallest_change() tries: what the embedding program knows of its objects.
class Trial {
 public:
  // The value as the field would hold it; nothing when it cannot be given this one, or has it.
  virtual std::optional<Value> settle(std::uint16_t field, const Value& value) = 0;
  // Whether what is wanted comes about with these changes, at most kChangesMax.
  virtual bool holds(std::span<const Change> changes) = 0;
  virtual bool goes_on() const = 0;  // false: what the search may cost is spent
 protected:
  ~Trial() = default;
};
inline constexpr std::size_t kChangesMax = 3;
struct Remedy {
  std::vector<Change> changes;  // empty: none was found
  std::size_t attributes = 0;   // that could be given another value
  std::size_t tries = 0;        // times that the trial was asked
};
// The fewest fields of variable 0, up to kChangesMax, with which the trial holds: of those read,
// with the programs' literals, their neighbours, enumerations, times around `now`, last a stand-in.
Remedy smallest_change(std::span<const Program* const> programs, Trial& trial, base::Instant now,
                       Arena& arena, std::size_t tries_max = 2'000);

bool is_filled(const Value& value);  // neither null nor empty: the function filled(x)

}  // namespace patuh::expr
