#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <deque>
#include <unordered_set>

#include "base/base.h"
#include "json/json.h"

namespace patuh::json {

struct Document::Impl {
  std::string text;                 // raw() points here
  std::unique_ptr<char[]> strings;  // unescaped strings, one after another
  std::deque<std::vector<Node>> arrays;
  std::deque<std::vector<Member>> objects;
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

// Finds the end of the object or array that begins at `at`; the text was parsed before, so it is
// well formed.
class Brackets {
 public:
  explicit Brackets(std::string_view text) : text_(text) {}

  // The next opening bracket in document order, with its extent.
  std::string_view next() {
    while (at_ < text_.size() && text_[at_] != '{' && text_[at_] != '[') skip_one();
    const std::size_t begin = at_++;
    return text_.substr(begin, end_of(begin) - begin);
  }

 private:
  void skip_one() {
    if (text_[at_] == '"') {
      skip_string(at_);
    } else {
      ++at_;
    }
  }
  void skip_string(std::size_t& at) const {
    for (++at; text_[at] != '"'; ++at) {
      if (text_[at] == '\\') ++at;
    }
    ++at;
  }
  // Extents are found once: nested ones are remembered on the first pass.
  std::size_t end_of(std::size_t begin) {
    if (ends_.empty()) scan();
    return ends_[cursor_of(begin)].second;
  }
  std::size_t cursor_of(std::size_t begin) {
    while (ends_[cursor_].first != begin) ++cursor_;
    return cursor_;
  }
  void scan() {
    std::vector<std::size_t> open;
    for (std::size_t at = 0; at < text_.size();) {
      const char c = text_[at];
      if (c == '"') {
        skip_string(at);
        continue;
      }
      if (c == '{' || c == '[') {
        open.push_back(ends_.size());
        ends_.emplace_back(at, 0);
      } else if (c == '}' || c == ']') {
        ends_[open.back()].second = at + 1;
        open.pop_back();
      }
      ++at;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t cursor_ = 0;
  std::vector<std::pair<std::size_t, std::size_t>> ends_;
};

class Builder {
 public:
  Builder(Document::Impl& document, const Limits& limits)
      : document_(document), limits_(limits), brackets_(document.text) {
    // Unescaped strings are never longer than their text.
    document.strings = std::make_unique_for_overwrite<char[]>(document.text.size() + 1);
    strings_end_ = document.strings.get();
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
    std::ranges::copy(text, at);
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
    to.raw_ = brackets_.next();
    std::vector<Node>& items = document_.arrays.emplace_back();
    items.reserve(from.size());
    for (const dom::element item : from) {
      if (auto error = build(item, items.emplace_back(), depth + 1)) return error;
    }
    to.of_ = Of::kArray;
    to.bits_ = reinterpret_cast<std::uint64_t>(items.data());
    to.size_ = static_cast<std::uint32_t>(items.size());
    return std::nullopt;
  }

  std::optional<ParseError> build_object(const dom::object& from, Node& to, int depth) {
    if (depth >= limits_.depth_max) return too_deep();
    to.raw_ = brackets_.next();
    std::vector<Member>& members = document_.objects.emplace_back();
    members.reserve(from.size());
    for (const auto& [key, value] : from) {
      Member& member = members.emplace_back();
      member.key = keep(key);
      if (auto error = build(value, member.value, depth + 1)) return error;
    }
    if (auto error = duplicate_in(members)) return error;
    to.of_ = Of::kObject;
    to.bits_ = reinterpret_cast<std::uint64_t>(members.data());
    to.size_ = static_cast<std::uint32_t>(members.size());
    return std::nullopt;
  }

  static std::optional<ParseError> duplicate_in(std::span<const Member> members) {
    static constexpr std::size_t kPairwiseMax = 16;
    const auto error = [](std::string_view key) {
      return ParseError{Fault::kDuplicateKey, "the key \"" + std::string(key.substr(0, 100)) +
                                                  "\" stands twice in one object"};
    };
    if (members.size() <= kPairwiseMax) {
      for (std::size_t i = 0; i < members.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
          if (members[k].key == members[i].key) return error(members[i].key);
        }
      }
      return std::nullopt;
    }
    std::unordered_set<std::string_view> seen;
    for (const Member& member : members) {
      if (!seen.insert(member.key).second) return error(member.key);
    }
    return std::nullopt;
  }

  Document::Impl& document_;
  const Limits& limits_;
  Brackets brackets_;
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

// simdjson reads integers beyond 64 bits as an error, but fractions beyond a double too: both are
// its NUMBER_ERROR. A bare big integer comes as a double in some versions, which is checked here.
simdjson::error_code parse_dom(dom::parser& parser, std::string_view text, dom::element& out) {
  return parser.parse(text.data(), text.size(), true).get(out);
}

}  // namespace

std::expected<Document, ParseError> parse(std::string_view text, const Limits& limits) {
  thread_local dom::parser parser;
  if (text.empty()) return std::unexpected(ParseError{Fault::kSyntax, "the text is empty"});
  auto impl = std::make_shared<Document::Impl>();
  impl->text.assign(text);
  dom::element root;
  if (const simdjson::error_code code = parse_dom(parser, impl->text, root)) {
    return std::unexpected(error_of(code));
  }
  Builder builder(*impl, limits);
  if (auto error = builder.build(root, impl->root, 0)) return std::unexpected(std::move(*error));
  return Document(std::move(impl));
}

}  // namespace patuh::json
