#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>
#include <memory_resource>
#include <unordered_set>

#include "base/base.h"
#include "json/json.h"

namespace patuh::json {

// All that a document holds lies in one piece of memory, and in more of them when it is large.
struct Document::Impl {
  explicit Impl(std::size_t text_bytes) : memory(text_bytes * kMemoryPerByte + kMemoryLeast) {}

  // `count` values, made new; null for none.
  template <class T>
  std::span<T> take(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (count == 0) return {};
    T* const begin = static_cast<T*>(memory.allocate(count * sizeof(T), alignof(T)));
    std::uninitialized_value_construct_n(begin, count);
    return {begin, count};
  }
  char* take_bytes(std::size_t count) { return static_cast<char*>(memory.allocate(count, 1)); }

  // Enough for the text, its strings and the nodes of most documents.
  static constexpr std::size_t kMemoryPerByte = 5;
  static constexpr std::size_t kMemoryLeast = 512;
  std::pmr::monotonic_buffer_resource memory;
  std::string_view text;  // the document's own copy: raw() points here
  Node root;
};

const Node& Document::root() const { return impl_->root; }

double Node::number() const {
  switch (of_) {
    case Of::kInt:
      return static_cast<double>(integer());
    case Of::kUint:
      return static_cast<double>(bits_);
    case Of::kDouble:
      return std::bit_cast<double>(bits_);
    default:
      PATUH_ASSERT(false);
  }
}

std::string_view Node::string() const {
  PATUH_ASSERT(of_ == Of::kString);
  return {reinterpret_cast<const char*>(bits_), size_};
}

std::span<const Node> Node::items() const {
  PATUH_ASSERT(of_ == Of::kArray);
  return {reinterpret_cast<const Node*>(bits_), size_};
}

std::span<const Member> Node::members() const {
  PATUH_ASSERT(of_ == Of::kObject);
  return {reinterpret_cast<const Member*>(bits_), size_};
}

const Node* Node::find(std::string_view key) const {
  for (const Member& member : members()) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

namespace dom = simdjson::dom;

// Where the objects and arrays of a text lie, in the order in which they begin. The text was parsed
// before, so it is well formed.
class Extents {
 public:
  Extents(std::string_view text, std::pmr::memory_resource& memory)
      : text_(text), extents_(&memory) {
    std::pmr::vector<std::size_t> open(&memory);
    extents_.reserve(kReserved);
    open.reserve(kReserved);
    for (std::size_t at = 0; at < text_.size(); ++at) {
      const char c = text_[at];
      if (c == '"') {
        at = end_of_string(at);
      } else if (c == '{' || c == '[') {
        open.push_back(extents_.size());
        extents_.push_back({at, 0});
      } else if (c == '}' || c == ']') {
        extents_[open.back()].end = at + 1;
        open.pop_back();
      }
    }
  }

  // Of the next one.
  std::string_view next() {
    const Extent& extent = extents_[next_++];
    return text_.substr(extent.begin, extent.end - extent.begin);
  }

 private:
  static constexpr std::size_t kReserved = 16;
  struct Extent {
    std::size_t begin, end;
  };

  std::size_t end_of_string(std::size_t begin) const {
    std::size_t end = text_.find('"', begin + 1);
    while (is_escaped(end)) end = text_.find('"', end + 1);
    return end;
  }
  bool is_escaped(std::size_t at) const {
    std::size_t first = at;
    while (text_[first - 1] == '\\') --first;
    return (at - first) % 2 == 1;
  }

  std::string_view text_;
  std::pmr::vector<Extent> extents_;
  std::size_t next_ = 0;
};

// How many an array or object holds: simdjson counts up to a limit only.
template <class Scope>
std::size_t size_of(const Scope& scope) {
  static constexpr std::size_t kCountedMost = 0xFFFFFF;
  const std::size_t size = scope.size();
  if (size < kCountedMost) return size;
  return static_cast<std::size_t>(std::distance(scope.begin(), scope.end()));
}

class Builder {
 public:
  Builder(Document::Impl& document, const Limits& limits)
      : document_(document), limits_(limits), extents_(document.text, document.memory) {
    // Unescaped strings are never longer than their text.
    strings_end_ = document.take_bytes(document.text.size() + 1);
  }

  std::optional<ParseError> build(const dom::element& from, Node& to, int depth) {
    switch (from.type()) {
      case dom::element_type::NULL_VALUE:
        return std::nullopt;
      case dom::element_type::BOOL:
        to.of_ = Of::kBool;
        to.bits_ = from.get_bool().value_unsafe() ? 1 : 0;
        return std::nullopt;
      case dom::element_type::INT64:
        to.of_ = Of::kInt;
        to.bits_ = static_cast<std::uint64_t>(from.get_int64().value_unsafe());
        return std::nullopt;
      case dom::element_type::UINT64:
        to.of_ = Of::kUint;
        to.bits_ = from.get_uint64().value_unsafe();
        return std::nullopt;
      case dom::element_type::DOUBLE:
        to.of_ = Of::kDouble;
        to.bits_ = std::bit_cast<std::uint64_t>(from.get_double().value_unsafe());
        return std::nullopt;
      case dom::element_type::STRING:
        set_string(from.get_string().value_unsafe(), to);
        return std::nullopt;
      case dom::element_type::ARRAY:
        return build_array(from.get_array().value_unsafe(), to, depth);
      case dom::element_type::OBJECT:
        return build_object(from.get_object().value_unsafe(), to, depth);
    }
    return std::nullopt;
  }

 private:
  std::string_view keep(std::string_view text) {
    char* const at = strings_end_;
    std::memcpy(at, text.data(), text.size());
    strings_end_ += text.size();
    return {at, text.size()};
  }

  void set_string(std::string_view text, Node& to) {
    const std::string_view kept = keep(text);
    to.of_ = Of::kString;
    to.bits_ = reinterpret_cast<std::uint64_t>(kept.data());
    to.size_ = static_cast<std::uint32_t>(kept.size());
  }

  ParseError too_deep() const {
    return {Fault::kTooDeep,
            "objects and arrays are nested deeper than " + std::to_string(limits_.depth_max)};
  }

  std::optional<ParseError> build_array(const dom::array& from, Node& to, int depth) {
    if (depth >= limits_.depth_max) return too_deep();
    to.raw_ = extents_.next();
    const std::span<Node> items = document_.take<Node>(size_of(from));
    auto place = items.begin();
    for (const dom::element item : from) {
      if (auto error = build(item, *place++, depth + 1)) return error;
    }
    to.of_ = Of::kArray;
    to.bits_ = reinterpret_cast<std::uint64_t>(items.data());
    to.size_ = static_cast<std::uint32_t>(items.size());
    return std::nullopt;
  }

  std::optional<ParseError> build_object(const dom::object& from, Node& to, int depth) {
    if (depth >= limits_.depth_max) return too_deep();
    to.raw_ = extents_.next();
    const std::span<Member> members = document_.take<Member>(size_of(from));
    auto place = members.begin();
    for (const auto& [key, value] : from) {
      place->key = keep(key);
      if (auto error = build(value, place->value, depth + 1)) return error;
      ++place;
    }
    if (auto error = duplicate_in(members)) return error;
    to.of_ = Of::kObject;
    to.bits_ = reinterpret_cast<std::uint64_t>(members.data());
    to.size_ = static_cast<std::uint32_t>(members.size());
    return std::nullopt;
  }

  // Most keys of an object differ in a few bits that are quickly had: only where those meet are
  // keys compared.
  static std::optional<ParseError> duplicate_in(std::span<const Member> members) {
    if (members.size() > kComparedMost) return duplicate_among_many(members);
    std::uint64_t taken = 0;
    for (std::size_t i = 0; i < members.size(); ++i) {
      const std::string_view key = members[i].key;
      const std::uint64_t bit = std::uint64_t{1} << (mark_of(key) % 64);
      if ((taken & bit) != 0 && is_among(key, members.first(i))) return duplicate(key);
      taken |= bit;
    }
    return std::nullopt;
  }

  static constexpr std::size_t kComparedMost = 32;

  static std::size_t mark_of(std::string_view key) {
    if (key.empty()) return 0;
    const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(key[i]); };
    return key.size() + at(0) * std::size_t{5} + at(key.size() / 2) * std::size_t{3} +
           at(key.size() - 1) * std::size_t{7};
  }

  static bool is_among(std::string_view key, std::span<const Member> members) {
    return std::ranges::any_of(members, [&](const Member& m) { return m.key == key; });
  }

  static std::optional<ParseError> duplicate_among_many(std::span<const Member> members) {
    std::unordered_set<std::string_view> seen;
    for (const Member& member : members) {
      if (!seen.insert(member.key).second) return duplicate(member.key);
    }
    return std::nullopt;
  }

  static ParseError duplicate(std::string_view key) {
    return {Fault::kDuplicateKey,
            "the key \"" + std::string(key.substr(0, 100)) + "\" stands twice in one object"};
  }

  Document::Impl& document_;
  const Limits& limits_;
  Extents extents_;
  char* strings_end_ = nullptr;
};

namespace {

ParseError error_of(simdjson::error_code code) {
  switch (code) {
    case simdjson::UTF8_ERROR:
      return {Fault::kNotUtf8, "the text is not valid UTF-8"};
    case simdjson::DEPTH_ERROR:
      return {Fault::kTooDeep, "objects and arrays are nested too deep"};
    case simdjson::NUMBER_ERROR:
      return {Fault::kNumberRange, "a number is malformed or outside the range of 64 bits"};
    default:
      return {Fault::kSyntax, std::string("not JSON: ") + simdjson::error_message(code)};
  }
}

// A copy with the room behind it that simdjson reads into. (g++ 12 makes a loop over single bytes
// of std::ranges::copy.)
std::string_view keep_padded(Document::Impl& document, std::string_view text) {
  char* const copy = document.take_bytes(text.size() + simdjson::SIMDJSON_PADDING);
  std::memcpy(copy, text.data(), text.size());
  std::memset(copy + text.size(), 0, simdjson::SIMDJSON_PADDING);
  return {copy, text.size()};
}

}  // namespace

// simdjson reads integers beyond 64 bits as an error, but fractions beyond a double too: both are
// its NUMBER_ERROR.
std::expected<Document, ParseError> parse(std::string_view text, const Limits& limits) {
  thread_local dom::parser parser;
  if (text.empty()) return std::unexpected(ParseError{Fault::kSyntax, "the text is empty"});
  auto impl = std::make_shared<Document::Impl>(text.size());
  impl->text = keep_padded(*impl, text);
  dom::element root;
  if (const auto code = parser.parse(impl->text.data(), text.size(), false).get(root)) {
    return std::unexpected(error_of(code));
  }
  Builder builder(*impl, limits);
  if (auto error = builder.build(root, impl->root, 0)) return std::unexpected(std::move(*error));
  return Document(std::move(impl));
}

}  // namespace patuh::json
