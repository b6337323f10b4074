// What the least reader of a topic does: librdkafka consumes it from its beginning, simdjson parses
// each message and every value is walked; nothing is judged, kept or committed. `./run bench
// pipeline` measures patuhd beside it.
//
//   raw_consumer BOOTSTRAP TOPIC COUNT     ends after COUNT messages; prints one JSON object
#include <librdkafka/rdkafka.h>
#include <simdjson.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace {

constexpr int kWaitMs = 100;
constexpr std::size_t kBatch = 1000;

[[noreturn]] void give_up(const std::string& message) {
  std::fprintf(stderr, "raw_consumer: %s\n", message.c_str());
  std::exit(1);
}

std::size_t walk(const simdjson::dom::element& element) {
  using Type = simdjson::dom::element_type;
  std::size_t out = 1;
  if (element.type() == Type::ARRAY) {
    for (const simdjson::dom::element item : simdjson::dom::array(element)) out += walk(item);
  } else if (element.type() == Type::OBJECT) {
    for (const auto& [key, value] : simdjson::dom::object(element)) out += key.size() + walk(value);
  } else if (element.type() == Type::STRING) {
    out += std::string_view(element).size();
  }
  return out;
}

void set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
  char error[256];
  if (rd_kafka_conf_set(conf, name, value.c_str(), error, sizeof error) != RD_KAFKA_CONF_OK) {
    give_up(error);
  }
}

rd_kafka_t* open(const std::string& bootstrap, const std::string& topic) {
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", bootstrap);
  set(conf, "group.id", "raw-consumer");
  set(conf, "enable.auto.commit", "false");
  set(conf, "check.crcs", "true");  // as patuhd does
  char error[256];
  rd_kafka_t* const out = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
  if (out == nullptr) give_up(error);
  rd_kafka_poll_set_consumer(out);
  rd_kafka_topic_partition_list_t* const list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic.c_str(), 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
  if (rd_kafka_assign(out, list) != RD_KAFKA_RESP_ERR_NO_ERROR) give_up("assigning failed");
  rd_kafka_topic_partition_list_destroy(list);
  return out;
}

struct Read {
  std::size_t messages = 0, bytes = 0, walked = 0;
  std::chrono::steady_clock::time_point first{};
};

void read(const rd_kafka_message_t& message, simdjson::dom::parser& parser, Read& so_far) {
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  if (so_far.messages++ == 0) so_far.first = std::chrono::steady_clock::now();
  so_far.bytes += message.len;
  const auto document = parser.parse(static_cast<const char*>(message.payload), message.len);
  if (document.error() != simdjson::SUCCESS) give_up("a message is not JSON");
  so_far.walked += walk(document.value_unsafe());
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

void say(const Read& all) {
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - all.first;
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  std::printf(
      "{\"messages\":%zu,\"bytes\":%zu,\"walked\":%zu,\"seconds\":%.6f,\"cpu_seconds\":%.6f}\n",
      all.messages, all.bytes, all.walked, took.count(),
      seconds_of(used.ru_utime) + seconds_of(used.ru_stime));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) give_up("usage: raw_consumer BOOTSTRAP TOPIC COUNT");
  const std::size_t wanted = std::stoull(argv[3]);
  rd_kafka_t* const consumer = open(argv[1], argv[2]);
  rd_kafka_queue_t* const queue = rd_kafka_queue_get_consumer(consumer);
  simdjson::dom::parser parser;
  std::vector<rd_kafka_message_t*> batch(kBatch);
  Read all;
  while (all.messages < wanted) {
    const auto count = rd_kafka_consume_batch_queue(queue, kWaitMs, batch.data(), batch.size());
    for (std::size_t i = 0; i < static_cast<std::size_t>(std::max<ssize_t>(count, 0)); ++i) {
      read(*batch[i], parser, all);
      rd_kafka_message_destroy(batch[i]);
    }
  }
  say(all);
  rd_kafka_queue_destroy(queue);
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
}
