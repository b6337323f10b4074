#include <algorithm>

#include "kafka/native.h"

namespace patuh::kafka {
namespace {

constexpr std::string_view kFileSuffix = ".file";
// A shorter secret would blot out ordinary words, and protects nothing.
constexpr std::size_t kScrubBytesMin = 4;

struct Setting {
  const char* name;
  const char* value;
};

// What a caller may still change.
constexpr std::array kCommonDefaults = {
    Setting{"client.id", "patuh"}, Setting{"socket.keepalive.enable", "true"},
    Setting{"message.max.bytes", "33554432"},  // kMessageBytesMax
};
static_assert(kMessageBytesMax == 33554432);
constexpr std::array kConsumerDefaults = {
    Setting{"check.crcs", "true"},
    Setting{"partition.assignment.strategy", "cooperative-sticky"},
    // New partitions and topics are noticed within this time.
    Setting{"topic.metadata.refresh.interval.ms", "30000"},
    Setting{"reconnect.backoff.max.ms", "5000"},
};
constexpr std::array kProducerDefaults = {
    Setting{"linger.ms", "5"},
    Setting{"compression.type", "lz4"},
    // A key goes to the partition where Java clients put it.
    Setting{"partitioner", "murmur2_random"},
};

// What correctness rests on: nobody may set these.
constexpr std::array kConsumerFixed = {
    Setting{"enable.auto.commit", "false"},
    Setting{"enable.auto.offset.store", "false"},
    // A position that the broker does not have is an error, never a jump to either end.
    Setting{"auto.offset.reset", "error"},
    Setting{"enable.partition.eof", "true"},
};
constexpr std::array kProducerFixed = {
    Setting{"enable.idempotence", "true"},
    Setting{"acks", "all"},
};

std::span<const Setting> defaults_of(Role role) {
  if (role == Role::kConsumer) return kConsumerDefaults;
  return kProducerDefaults;
}

std::span<const Setting> fixed_of(Role role) {
  if (role == Role::kConsumer) return kConsumerFixed;
  return kProducerFixed;
}

void apply_settings(rd_kafka_conf_t* conf, std::span<const Setting> settings) {
  for (const Setting& setting : settings) {
    const auto result = rd_kafka_conf_set(conf, setting.name, setting.value, nullptr, 0);
    PATUH_ASSERT(result == RD_KAFKA_CONF_OK);
  }
}

std::string did_you_mean(std::string_view name) {
  const NativeConf conf(rd_kafka_conf_new());
  std::size_t count = 0;
  const char** dump = rd_kafka_conf_dump(conf.get(), &count);
  std::vector<std::string> names;
  for (std::size_t i = 0; i + 1 < count; i += 2) names.emplace_back(dump[i]);
  rd_kafka_conf_dump_free(dump, count);
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string_view near = base::nearest(name, candidates);
  return near.empty() ? std::string() : "; did you mean \"" + std::string(near) + "\"?";
}

base::Result<std::string> read_value(const std::string& path) {
  auto read = base::read_file(path);
  if (!read) return base::fail(base::Code::kInvalid, "cannot read the file \"" + path + "\"");
  std::string value = std::move(*read);
  if (value.ends_with('\n')) value.pop_back();
  if (value.ends_with('\r')) value.pop_back();
  if (value.empty()) return base::fail(base::Code::kInvalid, "the file \"" + path + "\" is empty");
  return value;
}

base::Status refuse_fixed(std::string_view name, Role role) {
  for (const Setting& setting : fixed_of(role)) {
    if (name == setting.name) {
      return base::fail(base::Code::kInvalid,
                        std::string("is set by Patuh to \"") + setting.value + "\"; leave it out");
    }
  }
  return {};
}

base::Status set_native(Configured& out, const std::string& name, const std::string& value) {
  std::array<char, 512> reason{};
  switch (rd_kafka_conf_set(out.conf.get(), name.c_str(), value.c_str(), reason.data(),
                            reason.size())) {
    case RD_KAFKA_CONF_OK:
      return {};
    case RD_KAFKA_CONF_UNKNOWN:
      return base::fail(base::Code::kInvalid,
                        "is not a setting of librdkafka" + did_you_mean(name));
    case RD_KAFKA_CONF_INVALID:
      break;
  }
  return base::fail(base::Code::kInvalid, out.secrets.scrub(reason.data()));
}

base::Status set_property(Configured& out, std::string name, std::string value, Role role) {
  const bool from_file = name.ends_with(kFileSuffix);
  if (from_file) {
    name.resize(name.size() - kFileSuffix.size());
    auto read = read_value(value);
    if (!read) return std::unexpected(read.error());
    value = std::move(*read);
  }
  if (auto allowed = refuse_fixed(name, role); !allowed) return allowed;
  if (from_file || Properties::is_secret(name)) out.secrets.add(value);
  if (name == "group.id") out.group = value;
  return set_native(out, name, value);
}

struct Attempt {
  Configured configured;
  std::vector<PropertyFault> faults;
};

void need(Attempt& attempt, const Properties& properties, const char* name, const char* what) {
  if (properties.get(name) || properties.get(std::string(name) + std::string(kFileSuffix))) return;
  attempt.faults.push_back({name, what});
}

Attempt attempt(const Properties& properties, Role role) {
  Attempt out;
  out.configured.conf.reset(rd_kafka_conf_new());
  apply_settings(out.configured.conf.get(), kCommonDefaults);
  apply_settings(out.configured.conf.get(), defaults_of(role));
  need(out, properties, "bootstrap.servers", "is needed: the brokers, as HOST:PORT[,HOST:PORT…]");
  if (role == Role::kConsumer) need(out, properties, "group.id", "is needed: the consumer group");
  for (const auto& [name, value] : properties.values()) {
    if (properties.get(name + std::string(kFileSuffix))) {
      out.faults.push_back({name, "is given twice, the other time from a file"});
      continue;
    }
    auto set = set_property(out.configured, name, value, role);
    if (!set) out.faults.push_back({name, std::move(set.error().message)});
  }
  apply_settings(out.configured.conf.get(), fixed_of(role));
  return out;
}

}  // namespace

void Properties::set(std::string name, std::string value) {
  values_.insert_or_assign(std::move(name), std::move(value));
}

std::optional<std::string_view> Properties::get(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

bool Properties::is_secret(std::string_view name) {
  // Paths and switches may be seen: ssl.key.location, sasl.password.file.
  if (name.ends_with(".location") || name.ends_with(kFileSuffix)) return false;
  static constexpr std::array<std::string_view, 7> kSecretParts = {
      "password", "secret", "key", "sasl.jaas", "pem", "token", "oauthbearer.config"};
  return std::ranges::any_of(kSecretParts, [&](std::string_view part) {
    return name.find(part) != std::string_view::npos;
  });
}

std::vector<std::pair<std::string, std::string>> Properties::masked() const {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [name, value] : values_) out.emplace_back(name, is_secret(name) ? "***" : value);
  return out;
}

std::vector<PropertyFault> check_consumer(const Properties& properties) {
  return attempt(properties, Role::kConsumer).faults;
}

std::vector<PropertyFault> check_producer(const Properties& properties) {
  return attempt(properties, Role::kProducer).faults;
}

void Secrets::add(std::string value) {
  if (value.size() >= kScrubBytesMin) values_.push_back(std::move(value));
}

std::string Secrets::scrub(std::string text) const {
  for (const std::string& value : values_) {
    for (auto at = text.find(value); at != std::string::npos; at = text.find(value, at + 3)) {
      text.replace(at, value.size(), "***");
    }
  }
  return text;
}

base::Result<Configured> configure(const Properties& properties, Role role) {
  Attempt made = attempt(properties, role);
  if (!made.faults.empty()) {
    const PropertyFault& first = made.faults.front();
    return base::fail(base::Code::kInvalid,
                      "kafka property \"" + first.name + "\" " + first.message);
  }
  return std::move(made.configured);
}

}  // namespace patuh::kafka
