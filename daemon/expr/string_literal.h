// Decoding of what stands between the quotes of a string or bytes literal.
#pragma once

#include <string>
#include <string_view>

#include "expr/report.h"

namespace patuh::expr {

struct LiteralForm {
  bool raw = false;
  bool bytes = false;
};

// `offset` is where `body` begins in the source. Faults: EXPR-STRING.
std::string decode_literal(std::string_view body, LiteralForm form, std::uint32_t offset,
                           Report& report);

}  // namespace patuh::expr
