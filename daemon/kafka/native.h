// Private to kafka: librdkafka's objects with owners, and its words turned into ours.
//
// A partition list, queue, topic or message that is not destroyed makes rd_kafka_destroy() wait for
// ever, so none is ever held by a bare pointer.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/kafka.h"

namespace patuh::kafka {

template <auto Destroy>
struct DestroyBy {
  template <class T>
  void operator()(T* object) const noexcept {
    Destroy(object);
  }
};
template <class T, auto Destroy>
using Owned = std::unique_ptr<T, DestroyBy<Destroy>>;

using NativeConf = Owned<rd_kafka_conf_t, rd_kafka_conf_destroy>;
using NativeList = Owned<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;
using NativeQueue = Owned<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using NativeEvent = Owned<rd_kafka_event_t, rd_kafka_event_destroy>;
using NativeMessage = Owned<rd_kafka_message_t, rd_kafka_message_destroy>;
using NativeTopic = Owned<rd_kafka_topic_t, rd_kafka_topic_destroy>;
using NativeError = Owned<rd_kafka_error_t, rd_kafka_error_destroy>;
using NativeHeaders = Owned<rd_kafka_headers_t, rd_kafka_headers_destroy>;
using NativeOptions = Owned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;

// ── Settings ────────────────────────────────────────────────────────────────────────────────────

enum class Role : std::uint8_t { kConsumer, kProducer };

// Values that must not appear in any text, and the way to take them out.
class Secrets {
 public:
  void add(std::string value);
  std::string scrub(std::string text) const;

 private:
  std::vector<std::string> values_;
};

struct Configured {
  NativeConf conf;
  Secrets secrets;
  std::string group;  // group.id; empty when not set
};
// Applies our defaults, then the properties, then what Patuh insists on.
base::Result<Configured> configure(const Properties& properties, Role role);

// ── A handle ────────────────────────────────────────────────────────────────────────────────────

// Gets what librdkafka says about itself. Called on the thread that polls.
class Listener {
 public:
  virtual void on_error(rd_kafka_resp_err_t err, const std::string& reason) = 0;
  virtual void on_rebalance(rd_kafka_resp_err_t err, rd_kafka_topic_partition_list_t* list) = 0;
  virtual void on_commit(rd_kafka_resp_err_t err) = 0;
  virtual void on_delivery(const rd_kafka_message_t& message) = 0;

 protected:
  ~Listener() = default;
};

// librdkafka's client. Shared, because messages that the caller still holds need it alive. The
// listener is set and cleared by the thread that polls, and may be null.
struct Handle {
  Handle() = default;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle();

  rd_kafka_t* native = nullptr;
  Listener* listener = nullptr;
  Secrets secrets;
};
base::Result<std::shared_ptr<Handle>> open_handle(Configured configured, Role role);

// ── Words ───────────────────────────────────────────────────────────────────────────────────────

base::Code code_of(rd_kafka_resp_err_t err);
std::unexpected<base::Error> fail(rd_kafka_resp_err_t err, std::string_view doing);
base::Status status_of(rd_kafka_resp_err_t err, std::string_view doing);
// Takes `error`, which may be null: success.
base::Status status_of(NativeError error, std::string_view doing);

int to_ms(Milliseconds wait);
NativeList list_of(std::span<const Position> positions);
NativeList list_of(std::span<const TopicPartition> partitions);
TopicPartition place_of(const rd_kafka_topic_partition_t& native);
std::span<rd_kafka_topic_partition_t> elements(rd_kafka_topic_partition_list_t& list);

// ── Administrative requests, on any handle ──────────────────────────────────────────────────────

base::Result<std::vector<Member>> members_of(rd_kafka_t* handle, const std::string& group,
                                             Milliseconds wait);

}  // namespace patuh::kafka
