#include <algorithm>
#include <cstring>

#include "base/base.h"

namespace patuh::base {
namespace {

constexpr std::size_t kKeptBytesMax = std::size_t{1024} * 1024;

}  // namespace

struct Arena::Block {
  Block* older;
  std::size_t bytes;  // of room behind this header

  std::uintptr_t begin() const { return std::bit_cast<std::uintptr_t>(this) + sizeof(Block); }
};

Arena::Arena(std::size_t first_block_bytes) : block_bytes_(first_block_bytes) {}

Arena::~Arena() { free_all(); }

Arena::Arena(Arena&& other) noexcept
    : block_bytes_(other.block_bytes_),
      newest_(std::exchange(other.newest_, nullptr)),
      next_(std::exchange(other.next_, 0)),
      end_(std::exchange(other.end_, 0)),
      bytes_before_(std::exchange(other.bytes_before_, 0)) {}

Arena& Arena::operator=(Arena&& other) noexcept {
  std::swap(block_bytes_, other.block_bytes_);
  std::swap(newest_, other.newest_);
  std::swap(next_, other.next_);
  std::swap(end_, other.end_);
  std::swap(bytes_before_, other.bytes_before_);
  return *this;
}

void Arena::free_all() {
  while (newest_ != nullptr) {
    Block* const older = newest_->older;
    ::operator delete(newest_);
    newest_ = older;
  }
}

void* Arena::allocate_block(std::size_t bytes, std::size_t alignment) {
  bytes_before_ = bytes_used();
  const std::size_t room = std::max(block_bytes_, bytes + alignment);
  auto* const block = static_cast<Block*>(::operator new(sizeof(Block) + room));
  newest_ = new (block) Block{newest_, room};
  next_ = newest_->begin();
  end_ = next_ + room;
  block_bytes_ = std::min(std::max(block_bytes_, room) * 2, kKeptBytesMax);
  return allocate(bytes, alignment);
}

std::string_view Arena::copy(std::string_view text) {
  if (text.empty()) return {};
  char* const at = static_cast<char*>(allocate(text.size(), 1));
  std::memcpy(at, text.data(), text.size());
  return {at, text.size()};
}

void Arena::reset() {
  if (newest_ == nullptr) return;
  Block* const kept = newest_->bytes <= kKeptBytesMax ? newest_ : nullptr;
  if (kept != nullptr) newest_ = std::exchange(kept->older, nullptr);
  free_all();
  newest_ = kept;
  next_ = kept == nullptr ? 0 : kept->begin();
  end_ = kept == nullptr ? 0 : next_ + kept->bytes;
  bytes_before_ = 0;
}

std::size_t Arena::bytes_used() const {
  return newest_ == nullptr ? 0 : bytes_before_ + (next_ - newest_->begin());
}

}  // namespace patuh::base
