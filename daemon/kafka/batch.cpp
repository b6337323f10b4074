#include "kafka/batch.h"

#include <algorithm>

namespace patuh::kafka {
namespace {

std::string_view view_of(const void* data, std::size_t size) {
  return {static_cast<const char*>(data), size};
}

base::Instant time_of(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t ms = rd_kafka_message_timestamp(&message, &type);
  if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || ms < 0) return base::kNever;
  return base::Instant(Milliseconds(ms));
}

bool is_at(const Record& record, const TopicPartition& at) {
  return record.partition == at.partition && record.topic == at.topic.value;
}

void advance(std::vector<Position>& positions, const Record& record) {
  const Offset next(record.offset.value + 1);
  const auto found = std::find_if(positions.rbegin(), positions.rend(),
                                  [&](const Position& p) { return is_at(record, p.at); });
  if (found != positions.rend()) {
    found->next = next;
  } else {
    positions.push_back({{Topic(std::string(record.topic)), record.partition}, next});
  }
}

}  // namespace

Batch::Batch() = default;
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;
Batch::~Batch() = default;

std::span<const Record> Batch::records() const {
  return held_ == nullptr ? std::span<const Record>() : held_->records;
}

const std::vector<Position>& Batch::next() const {
  static const std::vector<Position> kNone;
  return held_ == nullptr ? kNone : held_->next;
}

void Batch::Held::add(NativeMessage message) {
  Record record;
  record.topic = rd_kafka_topic_name(message->rkt);
  record.partition = Partition(message->partition);
  record.offset = Offset(message->offset);
  record.key = view_of(message->key, message->key_len);
  record.payload = view_of(message->payload, message->len);
  record.time = time_of(*message);
  record.message = message.get();
  advance(next, record);
  records.push_back(record);
  messages.push_back(std::move(message));
}

void Batch::Held::drop(const TopicPartition& at) {
  std::vector<NativeMessage> kept = std::move(messages);
  records.clear();
  next.clear();
  messages.clear();
  for (NativeMessage& message : kept) {
    const bool there = message->partition == at.partition.value &&
                       rd_kafka_topic_name(message->rkt) == at.topic.value;
    if (!there) add(std::move(message));
  }
}

std::vector<Header> Record::headers() const {
  std::vector<Header> out;
  rd_kafka_headers_t* native = nullptr;
  const auto* of = static_cast<const rd_kafka_message_t*>(message);
  if (rd_kafka_message_headers(of, &native) != RD_KAFKA_RESP_ERR_NO_ERROR) return out;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(native, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    out.push_back({name, view_of(value, size)});
  }
  return out;
}

}  // namespace patuh::kafka
