#include <algorithm>

#include "toml/source.h"
#include "toml/toml.h"

namespace patuh::toml {

Source::Source(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)) {
  starts_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') starts_.push_back(i + 1);
  }
}

std::string_view Source::line(std::uint32_t number) const {
  if (number == 0 || number > starts_.size()) return {};
  const std::size_t begin = starts_[number - 1];
  std::size_t end = number < starts_.size() ? starts_[number] - 1 : text_.size();
  if (end > begin && text_[end - 1] == '\r') --end;
  return std::string_view(text_).substr(begin, end - begin);
}

std::size_t Source::offset_of(std::uint32_t line, std::uint32_t column) const {
  if (line == 0 || line > starts_.size()) return text_.size();
  std::size_t at = starts_[line - 1];
  for (std::uint32_t i = 1; i < column && at < text_.size(); ++i) at += utf8_length(text_[at]);
  return std::min(at, text_.size());
}

base::Place At::place() const {
  if (source_ == nullptr) return {};
  return {source_->name(), line_, column_};
}

std::string At::snippet() const {
  return source_ == nullptr ? std::string() : std::string(source_->line(line_));
}

Node::Node(At at, Value value) : at_(at), value_(std::move(value)) {}

double Node::number() const {
  return is(Type::kInteger) ? static_cast<double>(integer()) : of<double>();
}

std::span<const Member> Node::members() const { return of<std::vector<Member>>(); }

const Node* Node::find(std::string_view key) const {
  for (const Member& member : members()) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

std::string_view name_of(Node::Type type) {
  static constexpr std::array<std::string_view, 10> kNames = {"a string",
                                                              "an integer",
                                                              "a float",
                                                              "a boolean",
                                                              "a date",
                                                              "a time of day",
                                                              "a local date and time",
                                                              "a date and time",
                                                              "an array",
                                                              "a table"};
  return kNames[static_cast<std::size_t>(type)];
}

Document::Document(std::unique_ptr<const Source> source, std::unique_ptr<const Node> root)
    : source_(std::move(source)), root_(std::move(root)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

const std::string& Document::name() const { return source_->name(); }

}  // namespace patuh::toml
