// json: the one door to simdjson, and a writer.
//
// Parsing gives a tree that owns itself and was checked whole: UTF-8, depth, duplicate keys, number
// range, nothing behind the document. It is the strict reader for input from outside; numbers stay
// exact (int64, uint64 or double as written).
//
//   auto document = json::parse(text, {});
//   if (!document) return document.error();
//   const json::Node* id = document->root().find("id");
//
//   json::Writer out;
//   out.begin_object().key("score").number(73.5).end_object();
//
// Threads: parse() may be called from any thread (one parser a thread inside); a Document and a
// Writer belong to one thread at a time.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patuh::json {

enum class Of : std::uint8_t { kNull, kBool, kInt, kUint, kDouble, kString, kArray, kObject };

struct Member;

// A value in a Document; lives as long as it.
class Node {
 public:
  Of of() const { return of_; }
  bool is(Of of) const { return of_ == of; }
  bool boolean() const { return bits_ != 0; }                                // kBool
  std::int64_t integer() const { return static_cast<std::int64_t>(bits_); }  // kInt
  std::uint64_t unsigned_integer() const { return bits_; }  // kUint: above int64's range
  double number() const;                                    // kInt, kUint, kDouble
  std::string_view string() const;                          // kString
  std::span<const Node> items() const;                      // kArray
  std::span<const Member> members() const;                  // kObject, in written order
  const Node* find(std::string_view key) const;             // kObject; null when absent
  // The bytes of the input this value was read from; empty for values that are no object or array.
  std::string_view raw() const { return raw_; }

 private:
  friend class Builder;
  Of of_ = Of::kNull;
  std::uint32_t size_ = 0;
  std::uint64_t bits_ = 0;  // or a pointer
  std::string_view raw_;
};
struct Member {
  std::string_view key;
  Node value;
};

class Document {
 public:
  const Node& root() const;
  struct Impl;
  explicit Document(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

enum class Fault : std::uint8_t { kSyntax, kNotUtf8, kTooDeep, kDuplicateKey, kNumberRange };
struct ParseError {
  Fault fault = Fault::kSyntax;
  std::string message;  // one sentence; names the key or number where known
};

struct Limits {
  int depth_max = 64;  // nesting of objects and arrays
};

// `text` is copied where needed; Node::raw() points into the Document's own copy.
std::expected<Document, ParseError> parse(std::string_view text, const Limits& limits);

// The items of a JSON array as they stand, none of them checked: what parse() refuses as a whole
// can be taken apart where only quotes and brackets match. Nothing where they do not, or an item is
// empty. Views of `text`; where there are more than `most`, only one more than that.
std::optional<std::vector<std::string_view>> split_array(std::string_view text, std::size_t most);

// Writes compact JSON. Calls out of order are asserted. Strings must be UTF-8.
class Writer {
 public:
  Writer() = default;
  // With room for so many bytes, for texts of which one knows about how long they get.
  explicit Writer(std::size_t bytes) { out_.reserve(bytes); }
  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view key);
  Writer& string(std::string_view text);
  Writer& integer(std::int64_t value);
  Writer& unsigned_integer(std::uint64_t value);
  // The shortest text that reads back the same; null for NaN and infinities.
  Writer& number(double value);
  Writer& boolean(bool value);
  Writer& null();
  // A piece that is JSON already.
  Writer& raw(std::string_view json);
  // key + string, the commonest pair.
  Writer& member(std::string_view key, std::string_view text);
  Writer& member(std::string_view key, std::int64_t value);

  std::string take() { return std::move(out_); }
  const std::string& text() const { return out_; }

 private:
  void comma();
  std::string out_;
  std::vector<bool> first_;  // of each open object or array: nothing written yet
  bool after_key_ = false;
};

std::string quote(std::string_view text);

}  // namespace patuh::json
