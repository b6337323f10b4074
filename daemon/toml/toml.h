// toml: the one door to toml++. A file's text in, a tree of nodes with places out, and typed
// getters that report what is wrong with a user's file as diagnostics.
//
// It knows TOML and nothing of what a file is for: configuration and packs both read through it.
// Of syntax only the first error of a file is found (toml++ stops there); of what the getters look
// at, every fault at once.
//
//   base::Diagnostics out;
//   Report report(out, "CONFIG");                       // codes become CONFIG-WRONG-TYPE …
//   auto document = Document::parse("patuh.toml", text, report);
//   Fields root(document->root(), report, "the configuration");
//   auto port = root.integer("port", {.min = 1, .max = 65535}).value_or(8080);
//   root.finish();                                      // reports the keys nobody asked for
//
// Ownership: a Document owns its text and its nodes; a Node&, a Member& and an At live as long as
// it does (moving the document is fine). Threads: a parsed document is immutable and may be shared;
// Report and Fields belong to one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/base.h"

namespace patuh::toml {

class Source;  // a file's name and lines

// A place in a document: cheap to copy, made into a base::Place with its line of text on demand.
class At {
 public:
  At() = default;
  At(const Source* source, std::uint32_t line, std::uint32_t column)
      : source_(source), line_(line), column_(column) {}
  base::Place place() const;
  std::string snippet() const;  // the line of the file, without its end
  std::uint32_t line() const { return line_; }
  std::uint32_t column() const { return column_; }  // in code points from 1
  friend bool operator<(const At& a, const At& b) {
    return a.line_ != b.line_ ? a.line_ < b.line_ : a.column_ < b.column_;
  }

 private:
  friend class Node;
  const Source* source_ = nullptr;
  std::uint32_t line_ = 0;
  std::uint32_t column_ = 0;
};

// A date and a time of day without an offset: an instant only where a time zone is known.
struct LocalDateTime {
  std::chrono::year_month_day day;
  base::Duration time{0};  // since midnight, below 24 h
};

class Node;
struct Member;

class Node {
 public:
  // In the order of the variant below.
  enum class Type : std::uint8_t {
    kString,
    kInteger,
    kFloat,
    kBoolean,
    kDate,
    kLocalTime,
    kLocalDateTime,
    kInstant,  // a date and time with an offset
    kArray,
    kTable,
  };
  using Value = std::variant<std::string, std::int64_t, double, bool, std::chrono::year_month_day,
                             base::Duration, LocalDateTime, base::Instant, std::vector<Node>,
                             std::vector<Member>>;

  Node(At at, Value value);

  Type type() const { return static_cast<Type>(value_.index()); }
  bool is(Type wanted) const { return type() == wanted; }
  // Where the value stands; of a table its header, its brace or its first dotted key.
  At at() const { return at_; }
  // Of a string: where the byte `offset` of its value stands in the file, escapes and line breaks
  // counted; at its end the closing quotes. For diagnostics within a string.
  At at_offset(std::size_t offset) const;

  // Each asks for its own type; asserted.
  const std::string& string() const { return of<std::string>(); }
  std::int64_t integer() const { return of<std::int64_t>(); }
  double number() const;  // of a float or an integer
  bool boolean() const { return of<bool>(); }
  std::chrono::year_month_day date() const { return of<std::chrono::year_month_day>(); }
  base::Duration local_time() const { return of<base::Duration>(); }
  const LocalDateTime& local_date_time() const { return of<LocalDateTime>(); }
  base::Instant instant() const { return of<base::Instant>(); }
  std::span<const Node> items() const { return of<std::vector<Node>>(); }
  std::span<const Member> members() const;       // in the order of the file
  const Node* find(std::string_view key) const;  // of a table; null when it has no such key

 private:
  template <class T>
  const T& of() const {
    const T* const held = std::get_if<T>(&value_);
    PATUH_ASSERT(held != nullptr);
    return *held;
  }
  At at_;
  Value value_;
};
// "a string", "an integer", "a table" …
std::string_view name_of(Node::Type type);

struct Member {
  std::string key;
  At at;  // of the key, where it is first written
  Node value;
};

// Collects faults with codes "PREFIX-NAME". The names used by this module: SYNTAX, MISSING-KEY,
// UNKNOWN-KEY, WRONG-TYPE, OUT-OF-RANGE, BAD-CHOICE.
class Report {
 public:
  Report(base::Diagnostics& out, std::string prefix) : out_(&out), prefix_(std::move(prefix)) {}
  void error(At at, std::string_view code, std::string message, std::string hint = "");
  void warning(At at, std::string_view code, std::string message, std::string hint = "");
  base::Diagnostics& out() { return *out_; }

 private:
  base::Diagnostics* out_;
  std::string prefix_;
};

// A file beyond this is refused with SYNTAX.
inline constexpr std::size_t kFileBytesMax = std::size_t{8} * 1024 * 1024;

class Document {
 public:
  // Nothing when the text is no TOML: the error was reported. `name` appears in places.
  static std::optional<Document> parse(std::string name, std::string text, Report& report);
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  const Node& root() const { return *root_; }
  const std::string& name() const;

 private:
  Document(std::unique_ptr<const Source> source, std::unique_ptr<const Node> root);
  std::unique_ptr<const Source> source_;
  std::unique_ptr<const Node> root_;
};

enum class Need : std::uint8_t { kOptional, kRequired };

struct IntegerRange {
  std::int64_t min = INT64_MIN;
  std::int64_t max = INT64_MAX;
};

// Reads one table. Each getter makes its key a known one and answers nothing when the key is absent
// (reported when required) or of the wrong type (reported).
class Fields {
 public:
  // `what` names the table in messages: "a rule", "section [http]".
  Fields(const Node& table, Report& report, std::string what);

  const Node* any(std::string_view key, Need need = Need::kOptional);
  const Node* of_type(std::string_view key, Node::Type type, Need need = Need::kOptional);
  const Node* table(std::string_view key, Need need = Need::kOptional);
  const Node* array(std::string_view key, Need need = Need::kOptional);
  std::optional<std::string> string(std::string_view key, Need need = Need::kOptional);
  std::optional<bool> boolean(std::string_view key, Need need = Need::kOptional);
  std::optional<std::int64_t> integer(std::string_view key, IntegerRange range = {},
                                      Need need = Need::kOptional);
  std::optional<double> number(std::string_view key, Need need = Need::kOptional);
  // An array of strings; items of another type are reported and left out.
  std::optional<std::vector<std::string>> strings(std::string_view key,
                                                  Need need = Need::kOptional);
  // A string that is one of `choices`: its index.
  std::optional<std::size_t> choice(std::string_view key, std::span<const std::string_view> choices,
                                    Need need = Need::kOptional);
  // The tables of an array of tables; items that are none are reported and left out.
  std::vector<const Node*> tables(std::string_view key);

  // Reports every key that no getter asked for, with the nearest known one.
  void finish();

  const Node& node() const { return *table_; }
  // Of the key's value, else of the table.
  At at(std::string_view key) const;
  Report& report() { return *report_; }
  const std::string& what() const { return what_; }

 private:
  const Node* table_;
  Report* report_;
  std::string what_;
  std::set<std::string, std::less<>> known_;
};

// "did you mean 'x'?" for the nearest candidate; else "one of: a, b, c" when they are few; else "".
std::string suggestion(std::string_view word, std::span<const std::string_view> candidates);

// The node as compact JSON: dates as "YYYY-MM-DD", instants as RFC 3339 in UTC, members in the
// order of the file. Infinite and NaN floats become null.
std::string to_json(const Node& node);

}  // namespace patuh::toml
