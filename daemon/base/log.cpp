#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>

#include "base/base.h"

namespace patuh::base {
namespace {

constexpr std::size_t kFieldBytesMax = 512;

spdlog::level::level_enum native(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// syslog's priorities, which the journal reads from the start of a line.
std::string_view priority(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "<7>";
    case LogLevel::kInfo:
      return "<6>";
    case LogLevel::kWarning:
      return "<4>";
    case LogLevel::kError:
      return "<3>";
  }
  return "<3>";
}

bool under_journal() {
  static const bool is = std::getenv("JOURNAL_STREAM") != nullptr;
  return is;
}

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = std::make_shared<spdlog::logger>("patuh",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern(under_journal() ? "%v" : "%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *instance;
}

void append_value(std::string& line, std::string_view value) {
  const bool cut = value.size() > kFieldBytesMax;
  value = value.substr(0, kFieldBytesMax);
  const bool plain = !value.empty() && value.find_first_of(" \"=\\") == std::string_view::npos;
  if (!plain) line += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') line += '\\';
    line += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  }
  if (cut) line += "…";
  if (!plain) line += '"';
}

}  // namespace

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  spdlog::logger& out = logger();
  if (!out.should_log(native(level))) return;
  std::string line;
  if (under_journal()) line += priority(level);
  line += message;
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    append_value(line, field.value);
  }
  out.log(native(level), std::string_view(line));
}

void set_log_level(LogLevel least) { logger().set_level(native(least)); }

}  // namespace patuh::base
