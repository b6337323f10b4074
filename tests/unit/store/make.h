// What the store's tests are made of: folders, batches as a function of a number, a short way to
// look into a Result.
#pragma once

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "store/store.h"

namespace patuh::store {

// A fresh folder that is removed with all in it at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string data() const { return path_ + "/data"; }  // where the store goes

 private:
  std::string path_;
};

template <class T>
T must(base::Result<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().message;
    std::abort();
  }
  return std::move(*result);
}
inline void must(const base::Status& status) {
  if (!status) {
    ADD_FAILURE() << status.error().message;
    std::abort();
  }
}

std::unique_ptr<Store> open_store(const TemporaryFolder& folder);
std::unique_ptr<Reader> open_reader(const TemporaryFolder& folder);

Instant at(std::int64_t seconds);  // after 2026-01-01T00:00:00Z

model::Envelope make_event(std::uint64_t number);
// Element, rule and agency follow from the number: 20 elements, 3 rules, 4 agencies.
model::Transition make_transition(std::uint64_t number, Instant recorded);
AlertRow make_alert(std::uint64_t number);
// Batch n has n % 7 events and n % 4 transitions, and every sort of row now and then. The same n
// gives the same batch.
Batch make_batch(std::uint64_t n);
// How many of a thing the batches 1 to n hold together.
std::uint64_t events_in(std::uint64_t n);
std::uint64_t transitions_in(std::uint64_t n);

void expect_equal(const model::Envelope& a, const model::Envelope& b);
void expect_equal(const model::Transition& a, const model::Transition& b);
void expect_equal(const AlertRow& a, const AlertRow& b);
// What is stored of batch n is what make_batch(n) gives.
void expect_holds(Reader& reader, std::uint64_t n);

}  // namespace patuh::store
