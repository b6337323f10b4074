#include <cstdlib>

#include "base/base.h"

namespace patuh::base {

std::string_view name_of(Code code) {
  switch (code) {
    case Code::kInvalid:
      return "invalid";
    case Code::kNotFound:
      return "not_found";
    case Code::kExists:
      return "exists";
    case Code::kDenied:
      return "denied";
    case Code::kUnavailable:
      return "unavailable";
    case Code::kExhausted:
      return "exhausted";
    case Code::kCorrupt:
      return "corrupt";
    case Code::kConflict:
      return "conflict";
    case Code::kCancelled:
      return "cancelled";
    case Code::kInternal:
      return "internal";
  }
  return "internal";
}

std::unexpected<Error> fail(const Error& error, std::string_view context) {
  std::string message(context);
  message += ": ";
  message += error.message;
  return fail(error.code, std::move(message));
}

void assertion_failed(const char* expression, const char* file, int line) {
  log(LogLevel::kError, "assertion failed",
      {{"expression", expression}, {"file", file}, {"line", std::to_string(line)}});
  std::abort();
}

}  // namespace patuh::base
