// What this release is called. Private to app.
#pragma once

#include <string_view>

namespace patuh::app {

inline constexpr std::string_view kVersion = "0.1.0";
#ifdef __clang__
inline constexpr std::string_view kCompiler = "clang " __clang_version__;
#else
inline constexpr std::string_view kCompiler = "gcc " __VERSION__;
#endif

}  // namespace patuh::app
