#include "kafka/native.h"

#include <syslog.h>

#include <algorithm>
#include <array>
#include <climits>

namespace patuh::kafka {
namespace {

Handle& handle_of(void* opaque) { return *static_cast<Handle*>(opaque); }

// What librdkafka warns of and mends by itself, as a broker that has only just begun, is no
// warning.
base::LogLevel level_of(int syslog_level, std::string_view text) {
  if (syslog_level == LOG_WARNING && text.ends_with(": retrying")) return base::LogLevel::kInfo;
  if (syslog_level <= LOG_ERR) return base::LogLevel::kError;
  if (syslog_level <= LOG_WARNING) return base::LogLevel::kWarning;
  if (syslog_level <= LOG_INFO) return base::LogLevel::kInfo;
  return base::LogLevel::kDebug;
}

// Comes from any of librdkafka's threads, so it touches nothing but what never changes.
void log_callback(const rd_kafka_t* native, int level, const char* facility, const char* text) {
  const Handle& handle = handle_of(rd_kafka_opaque(native));
  base::log(level_of(level, text), "kafka client",
            {{"facility", facility}, {"text", handle.secrets.scrub(text)}});
}

void error_callback(rd_kafka_t*, int err, const char* reason, void* opaque) {
  Handle& handle = handle_of(opaque);
  if (handle.listener == nullptr) return;
  handle.listener->on_error(static_cast<rd_kafka_resp_err_t>(err), handle.secrets.scrub(reason));
}

void rebalance_callback(rd_kafka_t*, rd_kafka_resp_err_t err, rd_kafka_topic_partition_list_t* list,
                        void* opaque) {
  Handle& handle = handle_of(opaque);
  PATUH_ASSERT(handle.listener != nullptr);
  handle.listener->on_rebalance(err, list);
}

void commit_callback(rd_kafka_t*, rd_kafka_resp_err_t err, rd_kafka_topic_partition_list_t*,
                     void* opaque) {
  Handle& handle = handle_of(opaque);
  if (handle.listener != nullptr) handle.listener->on_commit(err);
}

void delivery_callback(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  Handle& handle = handle_of(opaque);
  if (handle.listener != nullptr) handle.listener->on_delivery(*message);
}

void set_callbacks(rd_kafka_conf_t* conf, Role role, Handle* handle) {
  rd_kafka_conf_set_opaque(conf, handle);
  rd_kafka_conf_set_log_cb(conf, log_callback);
  rd_kafka_conf_set_error_cb(conf, error_callback);
  if (role == Role::kConsumer) {
    rd_kafka_conf_set_rebalance_cb(conf, rebalance_callback);
    rd_kafka_conf_set_offset_commit_cb(conf, commit_callback);
  } else {
    rd_kafka_conf_set_dr_msg_cb(conf, delivery_callback);
  }
}

}  // namespace

Handle::~Handle() {
  if (native != nullptr) rd_kafka_destroy(native);
}

base::Result<std::shared_ptr<Handle>> open_handle(Configured configured, Role role) {
  auto handle = std::make_shared<Handle>();
  handle->secrets = std::move(configured.secrets);
  set_callbacks(configured.conf.get(), role, handle.get());
  const auto type = role == Role::kConsumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER;
  std::array<char, 512> reason{};
  handle->native = rd_kafka_new(type, configured.conf.get(), reason.data(), reason.size());
  if (handle->native == nullptr) {
    return base::fail(base::Code::kInvalid,
                      "kafka properties: " + handle->secrets.scrub(reason.data()));
  }
  static_cast<void>(configured.conf.release());  // the client owns it now
  return handle;
}

base::Code code_of(rd_kafka_resp_err_t err) {
  switch (err) {
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_INVALID_REQUEST:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      return base::Code::kInvalid;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR__UNKNOWN_GROUP:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND:
      return base::Code::kNotFound;
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
      return base::Code::kExists;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return base::Code::kDenied;
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
      return base::Code::kExhausted;
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
      return base::Code::kCorrupt;
    case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR__STATE:
    case RD_KAFKA_RESP_ERR__FENCED:
      return base::Code::kConflict;
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
      return base::Code::kCancelled;
    case RD_KAFKA_RESP_ERR__FATAL:
      return base::Code::kInternal;
    default:
      return base::Code::kUnavailable;  // transport, timeouts, leader changes: librdkafka retries
  }
}

std::unexpected<base::Error> fail(rd_kafka_resp_err_t err, std::string_view doing) {
  return base::fail(code_of(err), std::string(doing) + ": " + rd_kafka_err2str(err));
}

base::Status status_of(rd_kafka_resp_err_t err, std::string_view doing) {
  if (err == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return fail(err, doing);
}

base::Status status_of(NativeError error, std::string_view doing) {
  if (error == nullptr) return {};
  return base::fail(code_of(rd_kafka_error_code(error.get())),
                    std::string(doing) + ": " + rd_kafka_error_string(error.get()));
}

int to_ms(Milliseconds wait) {
  return static_cast<int>(std::clamp<Milliseconds::rep>(wait.count(), 0, INT_MAX));
}

NativeList list_of(std::span<const Position> positions) {
  NativeList list(rd_kafka_topic_partition_list_new(static_cast<int>(positions.size())));
  for (const Position& position : positions) {
    auto* element = rd_kafka_topic_partition_list_add(list.get(), position.at.topic.value.c_str(),
                                                      position.at.partition.value);
    element->offset = position.next.value;
  }
  return list;
}

NativeList list_of(std::span<const TopicPartition> partitions) {
  NativeList list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const TopicPartition& at : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), at.topic.value.c_str(), at.partition.value);
  }
  return list;
}

TopicPartition place_of(const rd_kafka_topic_partition_t& native) {
  return {Topic(native.topic), Partition(native.partition)};
}

std::span<rd_kafka_topic_partition_t> elements(rd_kafka_topic_partition_list_t& list) {
  return {list.elems, static_cast<std::size_t>(list.cnt)};
}

std::string to_string(const TopicPartition& at) {
  return at.topic.value + "[" + std::to_string(at.partition.value) + "]";
}

}  // namespace patuh::kafka
