#include <array>
#include <thread>

#include "kafka/native.h"

namespace patuh::kafka {
namespace {

using SteadyClock = std::chrono::steady_clock;

// An answer always comes, when the request times out at the latest.
constexpr auto kAnswerSlack = Milliseconds(1000);
constexpr auto kRetryPause = Milliseconds(20);

using NativeNewTopic = Owned<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;
using NativeDeleteTopic = Owned<rd_kafka_DeleteTopic_t, rd_kafka_DeleteTopic_destroy>;
using NativeDeleteRecords = Owned<rd_kafka_DeleteRecords_t, rd_kafka_DeleteRecords_destroy>;
using NativeGroupOffsets =
    Owned<rd_kafka_ListConsumerGroupOffsets_t, rd_kafka_ListConsumerGroupOffsets_destroy>;
using NativeMetadata = Owned<const rd_kafka_metadata_t, rd_kafka_metadata_destroy>;

std::string text_of(const char* text) { return text == nullptr ? std::string() : text; }

// One request, its options and the queue on which its answer comes.
class Request {
 public:
  Request(rd_kafka_t* handle, Milliseconds wait)
      : wait_(wait),
        options_(rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_ANY)),
        queue_(rd_kafka_queue_new(handle)) {
    std::array<char, 128> reason{};
    rd_kafka_AdminOptions_set_request_timeout(options_.get(), to_ms(wait), reason.data(),
                                              reason.size());
  }

  const rd_kafka_AdminOptions_t* options() const { return options_.get(); }
  rd_kafka_AdminOptions_t* options() { return options_.get(); }
  rd_kafka_queue_t* queue() { return queue_.get(); }

  base::Result<NativeEvent> answer(std::string_view doing) {
    NativeEvent event(rd_kafka_queue_poll(queue_.get(), to_ms(wait_ + kAnswerSlack)));
    if (event == nullptr) return fail(RD_KAFKA_RESP_ERR__TIMED_OUT, doing);
    const auto err = rd_kafka_event_error(event.get());
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR) return event;
    return base::fail(code_of(err), std::string(doing) + ": " +
                                        text_of(rd_kafka_event_error_string(event.get())));
  }

 private:
  Milliseconds wait_;
  NativeOptions options_;
  NativeQueue queue_;
};

// The broker's answer about the one topic that was asked for.
template <class Result>
base::Status topic_status(const Result* answered,
                          const rd_kafka_topic_result_t** (*topics)(const Result*, std::size_t*),
                          std::string_view doing) {
  std::size_t count = 0;
  const rd_kafka_topic_result_t* const* results = topics(answered, &count);
  PATUH_ASSERT(count == 1);
  const auto err = rd_kafka_topic_result_error(results[0]);
  if (err == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  std::string why = text_of(rd_kafka_topic_result_error_string(results[0]));
  if (why.empty()) why = rd_kafka_err2str(err);
  return base::fail(code_of(err), std::string(doing) + ": " + why);
}

base::Result<NativeNewTopic> native_topic(const NewTopic& topic, std::string_view doing) {
  std::array<char, 256> reason{};
  NativeNewTopic native(rd_kafka_NewTopic_new(topic.name.value.c_str(), topic.partitions,
                                              topic.replicas, reason.data(), reason.size()));
  if (native == nullptr) {
    return base::fail(base::Code::kInvalid, std::string(doing) + ": " + reason.data());
  }
  for (const auto& [name, value] : topic.config) {
    rd_kafka_NewTopic_set_config(native.get(), name.c_str(), value.c_str());
  }
  return native;
}

Member member_of(const rd_kafka_MemberDescription_t* native) {
  return {text_of(rd_kafka_MemberDescription_consumer_id(native)),
          text_of(rd_kafka_MemberDescription_group_instance_id(native)),
          text_of(rd_kafka_MemberDescription_client_id(native)),
          text_of(rd_kafka_MemberDescription_host(native))};
}

}  // namespace

base::Result<std::vector<Member>> members_of(rd_kafka_t* handle, const std::string& group,
                                             Milliseconds wait) {
  const std::string doing = "kafka: members of group \"" + group + "\"";
  Request request(handle, wait);
  const char* name = group.c_str();
  rd_kafka_DescribeConsumerGroups(handle, &name, 1, request.options(), request.queue());
  auto event = request.answer(doing);
  if (!event) return std::unexpected(event.error());
  std::size_t count = 0;
  const auto* result = rd_kafka_event_DescribeConsumerGroups_result(event->get());
  const auto* const* groups = rd_kafka_DescribeConsumerGroups_result_groups(result, &count);
  PATUH_ASSERT(count == 1);
  if (const auto* error = rd_kafka_ConsumerGroupDescription_error(groups[0])) {
    return base::fail(code_of(rd_kafka_error_code(error)),
                      doing + ": " + rd_kafka_error_string(error));
  }
  std::vector<Member> out;
  for (std::size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(groups[0]); ++i) {
    out.push_back(member_of(rd_kafka_ConsumerGroupDescription_member(groups[0], i)));
  }
  return out;
}

struct Admin::Impl {
  rd_kafka_t* native() const { return handle->native; }
  // The partitions that have a leader; kNotFound when there is no such topic.
  base::Result<std::vector<Partition>> led_partitions(const Topic& topic, Milliseconds wait) const;
  base::Result<PartitionRange> range_of(const TopicPartition& at,
                                        SteadyClock::time_point deadline) const;

  std::shared_ptr<Handle> handle;
};

base::Result<std::vector<Partition>> Admin::Impl::led_partitions(const Topic& topic,
                                                                 Milliseconds wait) const {
  const std::string doing = "kafka: topic \"" + topic.value + "\"";
  const NativeTopic local(rd_kafka_topic_new(native(), topic.value.c_str(), nullptr));
  if (local == nullptr) return fail(rd_kafka_last_error(), doing);
  const rd_kafka_metadata_t* answer = nullptr;
  const auto err = rd_kafka_metadata(native(), 0, local.get(), &answer, to_ms(wait));
  const NativeMetadata metadata(answer);
  if (err != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(err, doing);
  if (metadata->topic_cnt != 1) return fail(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, doing);
  const rd_kafka_metadata_topic_t& found = metadata->topics[0];
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(found.err, doing);
  std::vector<Partition> out;
  for (int i = 0; i < found.partition_cnt; ++i) {
    if (found.partitions[i].leader >= 0) out.emplace_back(found.partitions[i].id);
  }
  return out;
}

Admin::Admin(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Admin::~Admin() = default;

base::Result<std::unique_ptr<Admin>> Admin::open(const Properties& properties) {
  auto configured = configure(properties, Role::kProducer);
  if (!configured) return std::unexpected(configured.error());
  auto handle = open_handle(std::move(*configured), Role::kProducer);
  if (!handle) return std::unexpected(handle.error());
  auto impl = std::make_unique<Impl>();
  impl->handle = std::move(*handle);
  return std::unique_ptr<Admin>(new Admin(std::move(impl)));
}

base::Status Admin::create(const NewTopic& topic, Milliseconds wait) {
  const auto deadline = SteadyClock::now() + wait;
  const std::string doing = "kafka: create topic \"" + topic.name.value + "\"";
  auto native = native_topic(topic, doing);
  if (!native) return std::unexpected(native.error());
  Request request(impl_->native(), wait);
  rd_kafka_NewTopic_t* wanted = native->get();
  rd_kafka_CreateTopics(impl_->native(), &wanted, 1, request.options(), request.queue());
  auto event = request.answer(doing);
  if (!event) return std::unexpected(event.error());
  const auto* result = rd_kafka_event_CreateTopics_result(event->get());
  auto created = topic_status(result, rd_kafka_CreateTopics_result_topics, doing);
  if (!created) return created;

  // The broker answers before its partitions have leaders, and a client that comes too soon waits
  // for its next look at the metadata.
  while (SteadyClock::now() < deadline) {
    const auto led = impl_->led_partitions(topic.name, wait);
    if (led && led->size() == static_cast<std::size_t>(topic.partitions)) return {};
    std::this_thread::sleep_for(kRetryPause);
  }
  return base::fail(base::Code::kUnavailable, doing + ": its partitions have no leaders yet");
}

base::Status Admin::remove(const Topic& topic, Milliseconds wait) {
  const std::string doing = "kafka: remove topic \"" + topic.value + "\"";
  const NativeDeleteTopic native(rd_kafka_DeleteTopic_new(topic.value.c_str()));
  Request request(impl_->native(), wait);
  rd_kafka_DeleteTopic_t* wanted = native.get();
  rd_kafka_DeleteTopics(impl_->native(), &wanted, 1, request.options(), request.queue());
  auto event = request.answer(doing);
  if (!event) return std::unexpected(event.error());
  const auto* result = rd_kafka_event_DeleteTopics_result(event->get());
  return topic_status(result, rd_kafka_DeleteTopics_result_topics, doing);
}

// A partition that has just got its leader may not be ready to answer: ask again until the
// deadline.
base::Result<PartitionRange> Admin::Impl::range_of(const TopicPartition& at,
                                                   SteadyClock::time_point deadline) const {
  while (true) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - SteadyClock::now());
    std::int64_t low = 0;
    std::int64_t high = 0;
    const auto err = rd_kafka_query_watermark_offsets(native(), at.topic.value.c_str(),
                                                      at.partition.value, &low, &high, to_ms(left));
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      return PartitionRange{at.partition, Offset(low), Offset(high)};
    }
    const bool again = code_of(err) == base::Code::kUnavailable && left > kRetryPause;
    if (!again) return fail(err, "kafka: offsets of " + to_string(at));
    std::this_thread::sleep_for(kRetryPause);
  }
}

base::Result<std::vector<PartitionRange>> Admin::describe(const Topic& topic, Milliseconds wait) {
  const auto deadline = SteadyClock::now() + wait;
  const auto led = impl_->led_partitions(topic, wait);
  if (!led) return std::unexpected(led.error());
  std::vector<PartitionRange> out;
  for (const Partition partition : *led) {
    auto range = impl_->range_of({topic, partition}, deadline);
    if (!range) return std::unexpected(range.error());
    out.push_back(*range);
  }
  return out;
}

base::Status Admin::trim(const Position& position, Milliseconds wait) {
  const std::string doing = "kafka: trim " + to_string(position.at);
  const NativeList list = list_of(std::span(&position, 1));
  const NativeDeleteRecords native(rd_kafka_DeleteRecords_new(list.get()));
  Request request(impl_->native(), wait);
  rd_kafka_DeleteRecords_t* wanted = native.get();
  rd_kafka_DeleteRecords(impl_->native(), &wanted, 1, request.options(), request.queue());
  auto event = request.answer(doing);
  if (!event) return std::unexpected(event.error());
  const auto* result = rd_kafka_event_DeleteRecords_result(event->get());
  const auto* offsets = rd_kafka_DeleteRecords_result_offsets(result);
  PATUH_ASSERT(offsets->cnt == 1);
  return status_of(offsets->elems[0].err, doing);
}

base::Result<std::vector<Member>> Admin::members(const std::string& group,
                                                 Milliseconds wait) const {
  return members_of(impl_->native(), group, wait);
}

base::Result<std::vector<Position>> Admin::committed(const std::string& group,
                                                     std::span<const TopicPartition> partitions,
                                                     Milliseconds wait) const {
  const std::string doing = "kafka: offsets of group \"" + group + "\"";
  const NativeList list = list_of(partitions);
  const NativeGroupOffsets native(rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), list.get()));
  Request request(impl_->native(), wait);
  rd_kafka_ListConsumerGroupOffsets_t* wanted = native.get();
  rd_kafka_ListConsumerGroupOffsets(impl_->native(), &wanted, 1, request.options(),
                                    request.queue());
  auto event = request.answer(doing);
  if (!event) return std::unexpected(event.error());
  std::size_t count = 0;
  const auto* result = rd_kafka_event_ListConsumerGroupOffsets_result(event->get());
  const auto* const* groups = rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count);
  PATUH_ASSERT(count == 1);
  if (const auto* error = rd_kafka_group_result_error(groups[0])) {
    return base::fail(code_of(rd_kafka_error_code(error)),
                      doing + ": " + rd_kafka_error_string(error));
  }
  std::vector<Position> out;
  const auto* answered = rd_kafka_group_result_partitions(groups[0]);
  for (int i = 0; i < answered->cnt; ++i) {
    const auto& element = answered->elems[i];
    if (element.offset >= 0) out.push_back({place_of(element), Offset(element.offset)});
  }
  return out;
}

}  // namespace patuh::kafka
