// The broker of these tests: a real one, started before the first test and stopped after the last.
// It stops by itself when this process dies.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/kafka.h"

namespace patuh::kafka::testing {

using namespace std::chrono_literals;

// Long enough for any machine; nothing waits for it when things work.
inline constexpr Milliseconds kPatience = 30s;

// One more, for a test that takes it away.
class Broker {
 public:
  Broker();
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;
  void stop();
  // "127.0.0.1:PORT".
  const std::string& bootstrap() const { return bootstrap_; }

 private:
  std::string state_;
  std::string bootstrap_;
};

// The one of these tests.
const std::string& bootstrap();
Properties connection();

// A topic that nobody else has, with a name made from the running test's.
Topic make_topic(std::int32_t partitions, std::map<std::string, std::string> config = {});
Admin& admin();

// Writes the payloads to one partition and waits for the broker.
void write(const Topic& topic, Partition partition, const std::vector<std::string>& payloads);
// "0", "1", … count-1.
std::vector<std::string> numbers(int count);

// A group name that nobody else has.
std::string make_group();
ConsumerOptions reading(const Topic& topic, const std::string& group);
std::unique_ptr<Consumer> open(ConsumerOptions options);

// What a consumer gave until `enough` was true or patience ran out.
struct Gathered {
  std::vector<std::string> payloads;
  std::vector<std::pair<std::int32_t, std::int64_t>> places;  // partition, offset
  std::vector<Event> events;

  void add(const Polled& polled);
  template <class T>
  std::vector<T> all() const {
    std::vector<T> out;
    for (const Event& event : events) {
      if (const T* found = std::get_if<T>(&event)) out.push_back(*found);
    }
    return out;
  }
};
Gathered gather(Consumer& consumer, const std::function<bool(const Gathered&)>& enough,
                Milliseconds patience = kPatience);
Gathered gather(Consumer& consumer, std::size_t records);

}  // namespace patuh::kafka::testing
