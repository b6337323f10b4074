// The registry's own count of what it holds.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>

namespace patuh::registry {

// Plain memory that is counted as the allocator of the C library spends it: 8 bytes of its own,
// rounded up to 16, 32 at least.
class Heap {
 public:
  void* take(std::size_t bytes) {
    bytes_ += spent(bytes);
    return ::operator new(bytes);
  }
  void give(void* at, std::size_t bytes) {
    if (at == nullptr) return;
    bytes_ -= spent(bytes);
    ::operator delete(at);
  }
  std::uint64_t bytes() const { return bytes_; }

 private:
  static std::size_t spent(std::size_t bytes) {
    return std::max<std::size_t>(32, (bytes + 8 + 15) & ~std::size_t{15});
  }
  std::uint64_t bytes_ = 0;
};

}  // namespace patuh::registry
