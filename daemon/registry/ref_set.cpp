#include "registry/ref_set.h"

#include <algorithm>
#include <bit>
#include <span>

#include "base/base.h"

namespace patuh::registry {
namespace {

constexpr std::uint32_t kFlatRefsMax = kRunRefsMax;
constexpr std::uint32_t kBackToFlat = kFlatRefsMax / 2;
constexpr std::uint32_t kMergeBelow = kRunRefsMax / 4;

std::size_t flat_bytes(std::uint32_t size) {
  return std::bit_ceil(std::max(size, 4U)) * sizeof(ElementRef);
}

ElementRef* take_refs(Heap& heap, std::size_t bytes) {
  auto* const refs = static_cast<ElementRef*>(heap.take(bytes));
  std::uninitialized_fill_n(refs, bytes / sizeof(ElementRef), ElementRef{});
  return refs;
}

constexpr std::size_t kRunBytes = kRunRefsMax * sizeof(ElementRef);

// The run that holds `ref` or would hold it.
std::uint32_t run_of(const Chunks& chunks, ElementRef ref) {
  const std::span runs(chunks.runs, chunks.count);
  const auto after = std::ranges::upper_bound(runs, ref, {}, &Run::first);
  return after == runs.begin() ? 0 : static_cast<std::uint32_t>(after - runs.begin()) - 1;
}

std::uint32_t place_in(const ElementRef* refs, std::uint32_t size, ElementRef ref) {
  return static_cast<std::uint32_t>(std::lower_bound(refs, refs + size, ref) - refs);
}

void insert_run(Chunks& chunks, std::uint32_t at, const Run& run, Heap& heap) {
  if (chunks.count == chunks.capacity) {
    const std::uint32_t capacity = std::max(4U, chunks.capacity * 2);
    Run* const grown = static_cast<Run*>(heap.take(capacity * sizeof(Run)));
    std::uninitialized_copy_n(chunks.runs, chunks.count, grown);
    std::uninitialized_fill_n(grown + chunks.count, capacity - chunks.count, Run{});
    heap.give(chunks.runs, chunks.capacity * sizeof(Run));
    chunks.runs = grown;
    chunks.capacity = capacity;
  }
  std::copy_backward(chunks.runs + at, chunks.runs + chunks.count, chunks.runs + chunks.count + 1);
  chunks.runs[at] = run;
  ++chunks.count;
}

void erase_run(Chunks& chunks, std::uint32_t at, Heap& heap) {
  heap.give(chunks.runs[at].refs, kRunBytes);
  std::copy(chunks.runs + at + 1, chunks.runs + chunks.count, chunks.runs + at);
  --chunks.count;
}

// A full run gives its upper half away; at the very end, where new elements arrive in ascending
// order, it stays full and a new run begins.
void split(Chunks& chunks, std::uint32_t at, ElementRef coming, Heap& heap) {
  Run& full = chunks.runs[at];
  const bool at_end = at + 1 == chunks.count && coming > full.refs[full.size - 1];
  const std::uint32_t kept = at_end ? full.size : full.size / 2;
  Run upper{coming, full.size - kept, take_refs(heap, kRunBytes)};
  std::copy(full.refs + kept, full.refs + full.size, upper.refs);
  if (upper.size > 0) upper.first = upper.refs[0];
  full.size = kept;
  insert_run(chunks, at + 1, upper, heap);
}

void merge_with_next(Chunks& chunks, std::uint32_t at, Heap& heap) {
  Run& low = chunks.runs[at];
  const Run& high = chunks.runs[at + 1];
  std::copy(high.refs, high.refs + high.size, low.refs + low.size);
  low.size += high.size;
  erase_run(chunks, at + 1, heap);
}

bool may_merge(const Chunks& chunks, std::uint32_t at) {
  if (at + 1 >= chunks.count) return false;
  const std::uint32_t a = chunks.runs[at].size;
  const std::uint32_t b = chunks.runs[at + 1].size;
  return std::min(a, b) < kMergeBelow && a + b <= kRunRefsMax - kMergeBelow;
}

}  // namespace

// ── The view ──

void Refs::Iterator::next_run() {
  ++chunk_;
  if (chunk_ >= chunks_->count) return;
  const Run& run = chunks_->runs[chunk_];
  at_ = run.refs;
  run_end_ = run.refs + run.size;
}

Refs::Iterator Refs::begin() const {
  if (chunks_ == nullptr) return {flat_, flat_ + size_};
  const Run& run = chunks_->runs[0];
  Iterator first(run.refs, run.refs + run.size);
  first.chunks_ = chunks_;
  return first;
}

Refs::Iterator Refs::end() const {
  if (chunks_ == nullptr) return {flat_ + size_, flat_ + size_};
  const Run& run = chunks_->runs[chunks_->count - 1];
  return {run.refs + run.size, run.refs + run.size};
}

ElementRef Refs::operator[](std::uint32_t index) const {
  PATUH_ASSERT(index < size_);
  if (chunks_ == nullptr) return flat_[index];
  if (index < chunk_first_) chunk_ = chunk_first_ = 0;
  while (index - chunk_first_ >= chunks_->runs[chunk_].size) {
    chunk_first_ += chunks_->runs[chunk_].size;
    ++chunk_;
  }
  return chunks_->runs[chunk_].refs[index - chunk_first_];
}

bool Refs::contains(ElementRef element) const {
  if (size_ == 0) return false;
  if (chunks_ == nullptr) return std::binary_search(flat_, flat_ + size_, element);
  const Run& run = chunks_->runs[run_of(*chunks_, element)];
  return std::binary_search(run.refs, run.refs + run.size, element);
}

// ── The set ──

Refs RefSet::view() const {
  return large_ != 0U ? Refs(store_.chunks, size_) : Refs(flat(), size_);
}

bool RefSet::insert(ElementRef ref, Heap& heap) {
  if (large_ != 0U) return insert_large(ref, heap);
  const std::uint32_t at = place_in(flat(), size_, ref);
  if (at < size_ && flat()[at] == ref) return false;
  if (size_ == kFlatRefsMax) {
    to_large(heap);
    return insert_large(ref, heap);
  }
  insert_flat(at, ref, heap);
  return true;
}

bool RefSet::erase(ElementRef ref, Heap& heap) {
  if (large_ != 0U) return erase_large(ref, heap);
  const std::uint32_t at = place_in(flat(), size_, ref);
  if (at >= size_ || flat()[at] != ref) return false;
  erase_flat(at, heap);
  return true;
}

void RefSet::clear(Heap& heap) {
  if (large_ != 0U) {
    Chunks* const chunks = store_.chunks;
    for (std::uint32_t at = 0; at < chunks->count; ++at) {
      heap.give(chunks->runs[at].refs, kRunBytes);
    }
    heap.give(chunks->runs, chunks->capacity * sizeof(Run));
    heap.give(chunks, sizeof(Chunks));
  } else if (!in_place()) {
    heap.give(store_.flat, flat_bytes(size_));
  }
  size_ = 0;
  large_ = 0;
  store_ = Store();
}

void RefSet::insert_flat(std::uint32_t at, ElementRef ref, Heap& heap) {
  const std::uint32_t size = size_ + 1;
  if (size <= 2) {
    std::copy_backward(store_.few + at, store_.few + size_, store_.few + size);
    store_.few[at] = ref;
    size_ = size & 0x7FFFFFFFU;
    return;
  }
  ElementRef* const old = flat();
  const bool grows = in_place() || flat_bytes(size) != flat_bytes(size_);
  ElementRef* const refs = grows ? take_refs(heap, flat_bytes(size)) : old;
  std::copy_backward(old + at, old + size_, refs + size);
  if (grows) std::copy(old, old + at, refs);
  refs[at] = ref;
  if (grows && !in_place()) heap.give(old, flat_bytes(size_));
  store_.flat = refs;
  size_ = size & 0x7FFFFFFFU;
}

void RefSet::erase_flat(std::uint32_t at, Heap& heap) {
  const std::uint32_t size = size_ - 1;
  ElementRef* const old = flat();
  std::copy(old + at + 1, old + size_, old + at);
  if (in_place()) {
    size_ = size & 0x7FFFFFFFU;
    return;
  }
  const std::size_t old_bytes = flat_bytes(size_);
  if (size <= 2) {
    std::copy_n(old, size, store_.few);
    heap.give(old, old_bytes);
  } else if (flat_bytes(size) != old_bytes) {
    store_.flat = take_refs(heap, flat_bytes(size));
    std::copy_n(old, size, store_.flat);
    heap.give(old, old_bytes);
  }
  size_ = size & 0x7FFFFFFFU;
}

void RefSet::to_large(Heap& heap) {
  auto* const chunks = new (heap.take(sizeof(Chunks))) Chunks();
  Run run{store_.flat[0], size_, take_refs(heap, kRunBytes)};
  std::copy_n(store_.flat, size_, run.refs);
  heap.give(store_.flat, flat_bytes(size_));
  insert_run(*chunks, 0, run, heap);
  store_.chunks = chunks;
  large_ = 1;
}

void RefSet::to_flat(Heap& heap) {
  ElementRef* const refs = take_refs(heap, flat_bytes(size_));
  std::uint32_t at = 0;
  for (const ElementRef ref : view()) refs[at++] = ref;
  const std::uint32_t size = size_;
  clear(heap);
  store_.flat = refs;
  size_ = size & 0x7FFFFFFFU;
}

bool RefSet::insert_large(ElementRef ref, Heap& heap) {
  Chunks& chunks = *store_.chunks;
  std::uint32_t at = run_of(chunks, ref);
  const Run& candidate = chunks.runs[at];
  if (std::binary_search(candidate.refs, candidate.refs + candidate.size, ref)) return false;
  if (candidate.size == kRunRefsMax) {
    split(chunks, at, ref, heap);
    at = run_of(chunks, ref);
  }
  Run& run = chunks.runs[at];
  const std::uint32_t place = place_in(run.refs, run.size, ref);
  std::copy_backward(run.refs + place, run.refs + run.size, run.refs + run.size + 1);
  run.refs[place] = ref;
  ++run.size;
  run.first = run.refs[0];
  ++size_;
  return true;
}

bool RefSet::erase_large(ElementRef ref, Heap& heap) {
  Chunks& chunks = *store_.chunks;
  const std::uint32_t at = run_of(chunks, ref);
  Run& run = chunks.runs[at];
  const std::uint32_t place = place_in(run.refs, run.size, ref);
  if (place >= run.size || run.refs[place] != ref) return false;
  std::copy(run.refs + place + 1, run.refs + run.size, run.refs + place);
  --run.size;
  --size_;
  if (size_ <= kBackToFlat) {
    if (run.size == 0) erase_run(chunks, at, heap);
    to_flat(heap);
    return true;
  }
  if (run.size == 0) {
    erase_run(chunks, at, heap);
    return true;
  }
  run.first = run.refs[0];
  if (may_merge(chunks, at)) {
    merge_with_next(chunks, at, heap);
  } else if (at > 0 && may_merge(chunks, at - 1)) {
    merge_with_next(chunks, at - 1, heap);
  }
  return true;
}

}  // namespace patuh::registry
