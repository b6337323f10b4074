#include "toml/toml.h"

namespace patuh::toml {
namespace {

std::string quoted(std::string_view key) { return "'" + std::string(key) + "'"; }

}  // namespace

Fields::Fields(const Node& table, Report& report, std::string what)
    : table_(&table), report_(&report), what_(std::move(what)) {
  PATUH_ASSERT(table.is(Node::Type::kTable));
}

At Fields::at(std::string_view key) const {
  const Node* const found = table_->find(key);
  return found == nullptr ? table_->at() : found->at();
}

const Node* Fields::any(std::string_view key, Need need) {
  known_.emplace(key);
  const Node* const found = table_->find(key);
  if (found == nullptr && need == Need::kRequired) {
    report_->error(table_->at(), "MISSING-KEY", what_ + " has no " + quoted(key));
  }
  return found;
}

const Node* Fields::of_type(std::string_view key, Node::Type type, Need need) {
  const Node* const found = any(key, need);
  if (found == nullptr || found->is(type)) return found;
  report_->error(found->at(), "WRONG-TYPE",
                 quoted(key) + " must be " + std::string(name_of(type)) + ", not " +
                     std::string(name_of(found->type())));
  return nullptr;
}

const Node* Fields::table(std::string_view key, Need need) {
  return of_type(key, Node::Type::kTable, need);
}

const Node* Fields::array(std::string_view key, Need need) {
  return of_type(key, Node::Type::kArray, need);
}

std::optional<std::string> Fields::string(std::string_view key, Need need) {
  const Node* const found = of_type(key, Node::Type::kString, need);
  if (found == nullptr) return std::nullopt;
  return found->string();
}

std::optional<bool> Fields::boolean(std::string_view key, Need need) {
  const Node* const found = of_type(key, Node::Type::kBoolean, need);
  if (found == nullptr) return std::nullopt;
  return found->boolean();
}

std::optional<std::int64_t> Fields::integer(std::string_view key, IntegerRange range, Need need) {
  const Node* const found = of_type(key, Node::Type::kInteger, need);
  if (found == nullptr) return std::nullopt;
  const std::int64_t value = found->integer();
  if (value >= range.min && value <= range.max) return value;
  const std::string wanted = range.max == INT64_MAX
                                 ? "at least " + std::to_string(range.min)
                                 : std::to_string(range.min) + " to " + std::to_string(range.max);
  report_->error(found->at(), "OUT-OF-RANGE", quoted(key) + " must be " + wanted);
  return std::nullopt;
}

std::optional<double> Fields::number(std::string_view key, Need need) {
  const Node* const found = any(key, need);
  if (found == nullptr) return std::nullopt;
  if (found->is(Node::Type::kFloat) || found->is(Node::Type::kInteger)) return found->number();
  report_->error(found->at(), "WRONG-TYPE",
                 quoted(key) + " must be a number, not " + std::string(name_of(found->type())));
  return std::nullopt;
}

std::optional<std::vector<std::string>> Fields::strings(std::string_view key, Need need) {
  const Node* const found = array(key, need);
  if (found == nullptr) return std::nullopt;
  std::vector<std::string> out;
  for (const Node& item : found->items()) {
    if (item.is(Node::Type::kString)) {
      out.push_back(item.string());
      continue;
    }
    report_->error(item.at(), "WRONG-TYPE",
                   quoted(key) + " must hold strings, not " + std::string(name_of(item.type())));
  }
  return out;
}

std::optional<std::size_t> Fields::choice(std::string_view key,
                                          std::span<const std::string_view> choices, Need need) {
  const std::optional<std::string> word = string(key, need);
  if (!word) return std::nullopt;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (choices[i] == *word) return i;
  }
  report_->error(at(key), "BAD-CHOICE", quoted(key) + " cannot be " + quoted(*word),
                 suggestion(*word, choices));
  return std::nullopt;
}

std::vector<const Node*> Fields::tables(std::string_view key) {
  const Node* const found = array(key);
  std::vector<const Node*> out;
  if (found == nullptr) return out;
  for (const Node& item : found->items()) {
    if (item.is(Node::Type::kTable)) {
      out.push_back(&item);
      continue;
    }
    report_->error(item.at(), "WRONG-TYPE",
                   quoted(key) + " must hold tables, not " + std::string(name_of(item.type())));
  }
  return out;
}

void Fields::finish() {
  const std::vector<std::string_view> known(known_.begin(), known_.end());
  for (const Member& member : table_->members()) {
    if (known_.contains(member.key)) continue;
    report_->error(member.at, "UNKNOWN-KEY", "unknown key " + quoted(member.key) + " in " + what_,
                   suggestion(member.key, known));
  }
}

}  // namespace patuh::toml
