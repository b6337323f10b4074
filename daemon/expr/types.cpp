#include "expr/expr.h"

namespace patuh::expr {

Type Type::unknown() {
  Type type(Of::kDyn);
  type.name_ = "?";
  return type;
}

Type Type::list(Type item) {
  Type type(Of::kList);
  type.parameters_ = std::make_shared<const std::vector<Type>>(1, std::move(item));
  return type;
}

Type Type::map(Type key, Type value) {
  Type type(Of::kMap);
  type.parameters_ = std::make_shared<const std::vector<Type>>(
      std::vector<Type>{std::move(key), std::move(value)});
  return type;
}

Type Type::optional(Type held) {
  Type type(Of::kOptional);
  type.parameters_ = std::make_shared<const std::vector<Type>>(1, std::move(held));
  return type;
}

Type Type::object(std::string name) {
  Type type(Of::kObject);
  type.name_ = std::move(name);
  return type;
}

std::string Type::text() const {
  static constexpr std::array<std::string_view, 15> kNames = {
      "dyn",       "null",     "bool", "int", "uint", "double", "string",  "bytes",
      "timestamp", "duration", "list", "map", "type", "object", "optional"};
  if (of_ == Of::kObject) return name_ == "*" ? "object" : name_;
  std::string text(kNames[static_cast<std::size_t>(of_)]);
  if (parameters_ == nullptr) return text;
  for (std::size_t i = 0; i < parameters_->size(); ++i) {
    text += (i == 0 ? "(" : ", ") + parameter(i).text();
  }
  return text + ")";
}

bool operator==(const Type& a, const Type& b) {
  if (a.of_ != b.of_ || a.name_ != b.name_) return false;
  if (a.parameters_ == nullptr || b.parameters_ == nullptr) return a.parameters_ == b.parameters_;
  return *a.parameters_ == *b.parameters_;
}

}  // namespace patuh::expr
