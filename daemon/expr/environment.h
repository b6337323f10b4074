// What Environment holds. Shared by the programs made with it.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "expr/calendar.h"
#include "expr/expr.h"

namespace patuh::expr {

struct Environment::Impl {
  struct Variable {
    std::string name;
    Type type = Type::dyn();
  };
  struct Constant {
    Value value;
    Type type = Type::dyn();
  };

  const ObjectTypes* types = nullptr;
  std::vector<Variable> variables;
  std::map<std::string, Constant, std::less<>> constants;
  std::map<std::string, Function, std::less<>> functions;
  Arena values;  // of the constants
  Zone zone;
  bool checks = true;
  bool folds = true;
  std::string container;
};

}  // namespace patuh::expr
