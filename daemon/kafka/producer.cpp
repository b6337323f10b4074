#include <array>
#include <string>

#include "kafka/native.h"

namespace patuh::kafka {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr auto kRoomPoll = Milliseconds(20);
constexpr auto kPurgeWait = Milliseconds(1000);

void* opaque_of(std::uint64_t tag) {
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(tag));
}

std::uint64_t tag_of(const rd_kafka_message_t& message) {
  return reinterpret_cast<std::uintptr_t>(message._private);
}

// Null when there are none.
NativeHeaders headers_of(std::span<const Header> headers) {
  if (headers.empty()) return nullptr;
  NativeHeaders out(rd_kafka_headers_new(headers.size()));
  for (const Header& header : headers) {
    rd_kafka_header_add(out.get(), header.name.data(), static_cast<ssize_t>(header.name.size()),
                        header.value.data(), static_cast<ssize_t>(header.value.size()));
  }
  return out;
}

std::int64_t time_of(const Message& message) {
  if (!message.time) return 0;  // now
  const auto ms = std::chrono::floor<Milliseconds>(message.time->time_since_epoch());
  return ms.count();
}

rd_kafka_vu_t bytes_part(rd_kafka_vtype_t type, std::string_view bytes) {
  rd_kafka_vu_t part{};
  part.vtype = type;
  // The library does not write: the message is copied.
  part.u.mem = {const_cast<char*>(bytes.data()), bytes.size()};
  return part;
}

}  // namespace

struct Producer::Impl final : Listener {
  Impl(std::function<void(std::uint64_t, const base::Status&)> report,
       std::shared_ptr<Handle> opened)
      : on_report(std::move(report)), handle(std::move(opened)) {}

  rd_kafka_t* native() const { return handle->native; }
  // Null: the message is in the queue.
  NativeError enqueue(const Message& message);

  void on_error(rd_kafka_resp_err_t err, const std::string& reason) override;
  void on_rebalance(rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t*) override {}
  void on_commit(rd_kafka_resp_err_t) override {}
  void on_delivery(const rd_kafka_message_t& message) override;

  std::function<void(std::uint64_t, const base::Status&)> on_report;
  std::shared_ptr<Handle> handle;
  ProducerStats stats;
  std::uint64_t failed_at_last_flush = 0;
};

NativeError Producer::Impl::enqueue(const Message& message) {
  const std::string topic(message.topic);
  NativeHeaders headers = headers_of(message.headers);
  std::array<rd_kafka_vu_t, 8> parts{};
  std::size_t used = 0;
  parts[used].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[used++].u.cstr = topic.c_str();
  parts[used].vtype = RD_KAFKA_VTYPE_PARTITION;
  parts[used++].u.i32 = message.partition ? message.partition->value : RD_KAFKA_PARTITION_UA;
  parts[used++] = bytes_part(RD_KAFKA_VTYPE_KEY, message.key);
  parts[used++] = bytes_part(RD_KAFKA_VTYPE_VALUE, message.payload);
  parts[used].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  parts[used++].u.i64 = time_of(message);
  parts[used].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[used++].u.i = RD_KAFKA_MSG_F_COPY;
  parts[used].vtype = RD_KAFKA_VTYPE_OPAQUE;
  parts[used++].u.ptr = opaque_of(message.tag);
  if (headers != nullptr) {
    parts[used].vtype = RD_KAFKA_VTYPE_HEADERS;
    parts[used++].u.headers = headers.get();
  }
  NativeError error(rd_kafka_produceva(native(), parts.data(), used));
  if (error == nullptr) static_cast<void>(headers.release());  // the message owns them now
  return error;
}

void Producer::Impl::on_error(rd_kafka_resp_err_t err, const std::string& reason) {
  base::log(base::LogLevel::kWarning, "kafka: producer",
            {{"error", rd_kafka_err2name(err)}, {"reason", reason}});
}

void Producer::Impl::on_delivery(const rd_kafka_message_t& message) {
  const auto status = status_of(message.err, "kafka: not delivered");
  --stats.waiting;
  ++(status ? stats.delivered : stats.failed);
  if (on_report) {
    on_report(tag_of(message), status);
  } else if (!status) {
    base::log(base::LogLevel::kWarning, status.error().message,
              {{"topic", rd_kafka_topic_name(message.rkt)}});
  }
}

Producer::Producer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Producer::~Producer() {
  // Destroying a client with messages in it would drop them without a report.
  rd_kafka_purge(impl_->native(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(impl_->native(), to_ms(kPurgeWait));
  impl_->handle->listener = nullptr;
}

base::Result<std::unique_ptr<Producer>> Producer::open(ProducerOptions options) {
  auto configured = configure(options.properties, Role::kProducer);
  if (!configured) return std::unexpected(configured.error());
  auto handle = open_handle(std::move(*configured), Role::kProducer);
  if (!handle) return std::unexpected(handle.error());
  auto impl = std::make_unique<Impl>(std::move(options.on_delivery), std::move(*handle));
  impl->handle->listener = impl.get();
  return std::unique_ptr<Producer>(new Producer(std::move(impl)));
}

base::Status Producer::send(const Message& message, Milliseconds wait) {
  const auto deadline = SteadyClock::now() + wait;
  NativeError error = impl_->enqueue(message);
  while (error != nullptr && rd_kafka_error_code(error.get()) == RD_KAFKA_RESP_ERR__QUEUE_FULL &&
         SteadyClock::now() < deadline) {
    rd_kafka_poll(impl_->native(), to_ms(kRoomPoll));
    error = impl_->enqueue(message);
  }
  if (error != nullptr) return status_of(std::move(error), "kafka: not sent");
  ++impl_->stats.sent;
  ++impl_->stats.waiting;
  rd_kafka_poll(impl_->native(), 0);
  return {};
}

void Producer::poll(Milliseconds wait) { rd_kafka_poll(impl_->native(), to_ms(wait)); }

base::Status Producer::flush(Milliseconds wait) {
  rd_kafka_flush(impl_->native(), to_ms(wait));
  const ProducerStats& stats = impl_->stats;
  if (stats.waiting > 0) {
    return base::fail(base::Code::kUnavailable, "kafka: " + std::to_string(stats.waiting) +
                                                    " messages are not acknowledged yet");
  }
  const std::uint64_t failed = stats.failed - impl_->failed_at_last_flush;
  impl_->failed_at_last_flush = stats.failed;
  if (failed == 0) return {};
  return base::fail(base::Code::kUnavailable,
                    "kafka: " + std::to_string(failed) + " messages were not delivered");
}

ProducerStats Producer::stats() const { return impl_->stats; }

}  // namespace patuh::kafka
