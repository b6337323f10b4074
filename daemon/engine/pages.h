// Things of one sort under 32-bit numbers. Private to engine.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/pair.h"

namespace patuh::engine {

// In pages, so that growing moves nothing and takes at most a page beyond need.
template <class T>
class Pages {
 public:
  std::uint32_t size() const { return size_; }
  T& operator[](std::uint32_t at) { return (*pages_[at / kPage])[at % kPage]; }
  const T& operator[](std::uint32_t at) const { return (*pages_[at / kPage])[at % kPage]; }
  // One more, made anew. Answers its number.
  std::uint32_t add() {
    PATUH_ASSERT(size_ < kNone);
    if (size_ % kPage == 0) pages_.push_back(std::make_unique<Page>());
    return size_++;
  }
  void grow_to(std::uint32_t size) {
    while (size_ < size) add();
  }
  std::uint64_t bytes() const {
    return pages_.size() * sizeof(Page) + pages_.capacity() * sizeof(pages_[0]);
  }

 private:
  static constexpr std::uint32_t kPage = 512;
  using Page = std::array<T, kPage>;
  std::vector<std::unique_ptr<Page>> pages_;
  std::uint32_t size_ = 0;
};

// Pages whose things are given back and given again.
template <class T>
class Pool {
 public:
  T& operator[](std::uint32_t at) { return all_[at]; }
  const T& operator[](std::uint32_t at) const { return all_[at]; }
  // As new.
  std::uint32_t take() {
    if (free_.empty()) return all_.add();
    const std::uint32_t at = free_.back();
    free_.pop_back();
    return at;
  }
  void give(std::uint32_t at) {
    all_[at] = T{};
    free_.push_back(at);
  }
  std::uint64_t bytes() const { return all_.bytes() + free_.capacity() * sizeof(std::uint32_t); }

 private:
  Pages<T> all_;
  std::vector<std::uint32_t> free_;
};

}  // namespace patuh::engine
