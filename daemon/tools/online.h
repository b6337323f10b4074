// A running daemon asked over HTTP. Private to tools.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/commands.h"

namespace patuh::tools {

// Who runs this, for the records that it causes.
std::string principal();

// Prints a daemon's answer as it came, or complains of what came in its place; the exit status.
int print(const base::Result<std::string>& answer);

// What a problem (RFC 9457) says in detail; another body as it is.
std::string detail_of(const std::string& body);

using Query = std::vector<std::pair<std::string_view, std::string>>;
// The body of a good answer; else an error that says what the daemon says. kInvalid for 400,
// kNotFound for 404, kConflict for 409, kUnavailable for the rest.
base::Result<std::string> ask(const Place& place, const std::string& method,
                              const std::string& path, const Query& query,
                              std::chrono::seconds wait = std::chrono::seconds(60));

}  // namespace patuh::tools
