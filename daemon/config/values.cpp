#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "config/options.h"

namespace patuh::config {
namespace {

using base::Code;

base::Result<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return base::fail(Code::kInvalid, "a whole number is expected");
  }
  return value;
}

// "http://host…" or "https://host…", without what no URL may hold.
bool is_url(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    const std::string_view rest = text.substr(scheme.size());
    return !rest.empty() && rest.front() != '/' && rest.front() != ':' &&
           std::ranges::none_of(rest, [](char c) {
             return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '?' || c == '#';
           });
  }
  return false;
}

// ── Checks of one value, by its type ──

base::Status check_choice(const std::string& value, const Option& option) {
  if (option.choices.empty() || std::ranges::find(option.choices, value) != option.choices.end()) {
    return {};
  }
  std::string choices;
  for (const std::string_view choice : option.choices) {
    choices += (choices.empty() ? "" : ", ") + std::string(choice);
  }
  return base::fail(Code::kInvalid, "must be one of " + choices);
}

base::Status check_url(std::string_view value) {
  if (is_url(value)) return {};
  return base::fail(Code::kInvalid, "must be a URL such as http://127.0.0.1:9093, not \"" +
                                        std::string(value) + "\"");
}

base::Status check_value(const std::string& value, const Option& option) {
  if (option.doc.key == "http.external_url" && !value.empty()) return check_url(value);
  if (option.doc.key != "http.listen") return check_choice(value, option);
  const auto endpoint = parse_endpoint(value);
  return endpoint ? base::Status() : std::unexpected(endpoint.error());
}

base::Status check_value(std::int64_t value, const Option& option) {
  if (value >= option.min && value <= option.max) return {};
  return base::fail(Code::kInvalid, "must lie between " + std::to_string(option.min) + " and " +
                                        std::to_string(option.max));
}

base::Status check_value(base::Duration value, const Option& option) {
  if (value >= std::chrono::milliseconds(option.min)) return {};
  return base::fail(Code::kInvalid, "must be " + std::to_string(option.min) + "ms or more");
}

base::Status check_value(const std::vector<std::string>& values, const Option& option) {
  if (option.doc.key != "alertmanager.urls") return {};
  for (const std::string& value : values) {
    if (auto checked = check_url(value); !checked) return checked;
  }
  return {};
}

base::Status check_value(const Properties&, const Option&) { return {}; }

// "a,b" or ["a", "b"].
std::vector<std::string> split_list(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  std::string plain(text);
  std::erase_if(plain, [](char c) { return c == '"' || c == ' '; });
  std::vector<std::string> out;
  std::size_t begin = 0;
  while (begin < plain.size()) {
    const std::size_t comma = std::min(plain.find(',', begin), plain.size());
    if (comma > begin) out.push_back(plain.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return out;
}

struct Setter {
  Config& config;
  std::string_view text;

  base::Status operator()(std::string Config::* member) const {
    config.*member = text;
    return {};
  }
  base::Status operator()(std::int64_t Config::* member) const {
    auto value = parse_integer(text);
    if (!value) return std::unexpected(value.error());
    config.*member = *value;
    return {};
  }
  base::Status operator()(base::Duration Config::* member) const {
    auto value = parse_duration(text);
    if (!value) return std::unexpected(value.error());
    config.*member = *value;
    return {};
  }
  base::Status operator()(std::vector<std::string> Config::* member) const {
    config.*member = split_list(text);
    return {};
  }
  base::Status operator()(Properties Config::*) const {
    if (text == "{}") return {};
    return base::fail(Code::kInvalid, "name the setting: --set kafka.properties.NAME=VALUE");
  }
};

}  // namespace

std::string_view name_of(Type type) {
  switch (type) {
    case Type::kText:
      return "text";
    case Type::kInteger:
      return "integer";
    case Type::kDuration:
      return "duration";
    case Type::kTexts:
      return "list of texts";
    case Type::kTable:
      return "table";
  }
  return "text";
}

base::Result<base::Duration> parse_duration(std::string_view text) {
  const std::size_t unit_at = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_integer(text.substr(0, unit_at));
  const std::string_view unit = text.substr(unit_at);
  using Unit = std::pair<std::string_view, base::Duration>;
  static constexpr std::array kUnits = {
      Unit{"d", std::chrono::days(1)}, Unit{"h", std::chrono::hours(1)},
      Unit{"m", std::chrono::minutes(1)}, Unit{"s", std::chrono::seconds(1)},
      Unit{"ms", std::chrono::milliseconds(1)}};
  const auto* const found = std::ranges::find(kUnits, unit, &Unit::first);
  static constexpr std::int64_t kNumberMax = 1'000'000;
  if (!number || found == kUnits.end() || *number > kNumberMax) {
    return base::fail(Code::kInvalid, "a duration such as 90d, 72h, 15m, 10s or 250ms is expected");
  }
  return found->second * *number;
}

bool is_address(const std::string& host) {
  in6_addr any{};
  return host == "localhost" || ::inet_pton(AF_INET, host.c_str(), &any) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &any) == 1;
}

base::Result<Endpoint> parse_endpoint(std::string_view text) {
  const auto wrong = [] {
    return base::fail(Code::kInvalid, "an IP address and port such as 127.0.0.1:8466 is expected");
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return wrong();
  std::string_view host = text.substr(0, colon);
  if (host.front() == '[') {
    if (host.back() != ']') return wrong();
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return wrong();
  }
  const auto port = parse_integer(text.substr(colon + 1));
  if (!port || *port < 0 || *port > 65535 || !is_address(std::string(host))) return wrong();
  return Endpoint{std::string(host), static_cast<std::uint16_t>(*port)};
}

base::Status set_from_text(Config& config, const Option& option, std::string_view text) {
  return std::visit(Setter{config, text}, option.member);
}

base::Status check(const Config& config, const Option& option) {
  return std::visit([&](auto member) { return check_value(config.*member, option); },
                    option.member);
}

}  // namespace patuh::config
