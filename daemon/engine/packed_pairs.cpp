#include "engine/packed_pairs.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "marks/marks.h"

namespace patuh::engine {

using base::Instant;
using Two = std::array<std::uint32_t, 2>;

// ── Sorts ──

std::uint8_t Sorts::number_of(const Sort& sort, std::uint8_t known) {
  if (known != kMost && sorts_[known] == sort) return known;
  const auto found = std::ranges::find(sorts_, sort);
  if (found != sorts_.end()) return static_cast<std::uint8_t>(found - sorts_.begin());
  const auto free = std::ranges::find(counts_, 0U);
  const auto number = static_cast<std::size_t>(free - counts_.begin());
  if (number == kMost) return kMost;
  if (number == sorts_.size()) {
    sorts_.emplace_back();
    counts_.emplace_back();
  }
  sorts_[number] = sort;
  return static_cast<std::uint8_t>(number);
}

// ── Reading ──

// Words that lie beside a pair of this code.
std::uint32_t PackedPairs::words_of(std::uint8_t code) {
  return code == kWhole ? kWholeWords : code >> 6U;
}

// The same of the first `count` codes, eight at a time.
std::uint32_t PackedPairs::words_before(const std::uint8_t* codes, std::uint32_t count) {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::uint64_t kEach = 0x0101010101010101U;
  std::uint64_t words = 0;
  for (;; codes += 8, count -= 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, codes, sizeof eight);
    if (count < 8) eight &= (std::uint64_t{1} << (8 * count)) - 1;
    const std::uint64_t whole = (((eight & 0x7F * kEach) + kEach) & eight) >> 7U & kEach;
    const std::uint64_t each = (eight >> 6U & 3 * kEach) + whole * (kWholeWords - 3);
    words += each * kEach >> 56U;
    if (count <= 8) return static_cast<std::uint32_t>(words);
  }
}

namespace {

// What is taken for so many words.
std::uint32_t room_for(std::uint32_t words) {
  return words <= 2 ? (words + 1) & ~1U : (words + 3) & ~3U;
}

}  // namespace

Pair PackedPairs::at(std::uint32_t slot, std::uint32_t column) const {
  const std::uint32_t at = slot / kRows;
  if (at >= blocks_.size() || column >= blocks_[at].stride) return {};
  const Block& block = blocks_[at];
  const std::uint8_t* const codes = block.row(slot);
  const Head& head = block.head(slot);
  const std::uint8_t code = codes[column];
  if (words_of(code) == 0) return unpack(code, nullptr, head, column);
  return unpack(code, head.beside.get() + words_before(codes, column), head, column);
}

Pair PackedPairs::unpack(std::uint8_t code, const std::uint32_t* beside, const Head& head,
                         std::uint32_t column) const {
  Pair pair(code == kWhole ? std::bit_cast<Sort>(Two{beside[0], beside[1]})
                           : sorts_[column].at(code & kNumber));
  if (code == kWhole) beside += 2;
  if ((code & kExtra) != 0) pair.extra = *beside++;
  if ((code & kSince) != 0) {
    pair.set_since(std::bit_cast<Instant>(Two{beside[0], beside[1]}));
  } else if (pair.judged) {
    pair.set_since(head.since);
  }
  return pair;
}

// ── Writing ──

PackedPairs::Packed PackedPairs::pack(const Pair& pair, const Head& head, std::uint32_t column,
                                      std::uint8_t before) {
  const Instant since = pair.since();
  const bool has_extra = pair.extra != kNone;
  const bool has_since = since != (pair.judged ? head.since : Instant{}) &&
                         !PATUH_DEFECT("an instant of its own is forgotten");
  const std::uint8_t number = sorts_[column].number_of(pair.sort(), before & kNumber);
  Packed out;
  out.code =
      static_cast<std::uint8_t>(number | (has_extra ? kExtra : 0) | (has_since ? kSince : 0));
  auto beside = out.words.begin();
  if (number == Sorts::kMost) {
    out.code = kWhole;
    beside = std::ranges::copy(std::bit_cast<Two>(pair.sort()), beside).out;
  }
  if ((out.code & kExtra) != 0) *beside++ = pair.extra;
  if ((out.code & kSince) != 0) std::ranges::copy(std::bit_cast<Two>(since), beside);
  return out;
}

PackedPairs::Block& PackedPairs::block_of(std::uint32_t slot) {
  while (slot / kRows >= blocks_.size()) blocks_.emplace_back();
  return blocks_[slot / kRows];
}

void PackedPairs::put(std::uint32_t slot, std::uint32_t column, const Pair& pair) {
  Block& block = block_of(slot);
  if (column >= block.stride) widen(block);
  // Of most elements the first to be judged says what they share, and need not say it beside.
  Head& head = block.head(slot);
  if (pair.judged && head.since == Instant{} && !is_shared(block, slot)) head.since = pair.since();
  if (write(block, slot, column, pair)) share_since(block, slot, column);
}

namespace {

// Since when most of the judged ones stand.
Instant shared_by_most(std::span<const Pair> pairs) {
  Instant best{};
  std::ptrdiff_t most = 0;
  for (auto pair = pairs.begin(); pair != pairs.end() && pairs.end() - pair > most; ++pair) {
    if (!pair->judged || (most > 0 && pair->since() == best)) continue;
    const std::ptrdiff_t alike = std::count_if(pair, pairs.end(), [&](const Pair& other) {
      return other.judged && other.since() == pair->since();
    });
    if (alike <= most) continue;
    most = alike;
    best = pair->since();
  }
  return best;
}

}  // namespace

void PackedPairs::put_all(std::uint32_t slot, std::span<const Pair> pairs) {
  PATUH_ASSERT(pairs.size() == columns());
  Block& block = block_of(slot);
  if (columns() > block.stride) widen(block);
  if (pairs.empty()) return;
  std::uint8_t* const codes = block.row(slot);
  // Those of the element before are mostly of the same sorts.
  const std::uint8_t* const like = slot % kRows == 0 ? codes : codes - block.stride;
  Head& head = block.head(slot);
  head.since = shared_by_most(pairs);
  written_.clear();
  for (std::uint32_t i = 0; i < columns(); ++i) {
    const Packed packed = pack(pairs[i], head, i, like[i]);
    sorts_[i].hold(packed.code & kNumber);
    codes[i] = packed.code;
    written_.insert(written_.end(), packed.words.begin(),
                    packed.words.begin() + words_of(packed.code));
  }
  if (written_.empty()) return;
  const std::uint32_t room = room_for(static_cast<std::uint32_t>(written_.size()));
  words_ += room;
  head.beside = std::make_unique_for_overwrite<std::uint32_t[]>(room);
  std::ranges::copy(written_, head.beside.get());
}

// Answers whether it says another instant since when it stands, and said none before.
bool PackedPairs::write(const Block& block, std::uint32_t slot, std::uint32_t column,
                        const Pair& pair) {
  std::uint8_t* const codes = block.row(slot);
  Head& head = block.head(slot);
  const std::uint8_t before = codes[column];
  const Packed packed = pack(pair, head, column, before);
  const std::uint32_t words = words_of(packed.code);
  if (words == 0 && packed.code == before) return false;
  const std::uint32_t at = words_before(codes, column);
  if (packed.code != before) {
    sorts_[column].hold(packed.code & kNumber);
    sorts_[column].release(before & kNumber);
    if (words_of(before) != words) {
      resize(head, words_before(codes, block.stride), at, words_of(before), words);
    }
    codes[column] = packed.code;
  }
  if (words > 0) std::copy_n(packed.words.begin(), words, head.beside.get() + at);
  return (packed.code & kSince) != 0 && (before & kSince) == 0;
}

// Of `all` words those that lie beside one pair become more or fewer.
void PackedPairs::resize(Head& head, std::uint32_t all, std::uint32_t at, std::uint32_t before,
                         std::uint32_t after) {
  const std::uint32_t room = room_for(all);
  const std::uint32_t next = room_for(all - before + after);
  std::uint32_t* const old = head.beside.get();
  const std::uint32_t rest = all - at - before;
  if (room == next) {
    std::memmove(old + at + after, old + at + before, rest * sizeof *old);
    return;
  }
  words_ = words_ - room + next;
  auto beside = next == 0 ? nullptr : std::make_unique_for_overwrite<std::uint32_t[]>(next);
  std::copy_n(old, at, beside.get());
  std::copy_n(old + at + before, rest, beside.get() + at + after);
  head.beside = std::move(beside);
}

// Whether a pair of the element stands since the instant that they share.
bool PackedPairs::is_shared(const Block& block, std::uint32_t slot) const {
  const std::uint8_t* const codes = block.row(slot);
  for (std::uint32_t i = 0; i < columns() && i < block.stride; ++i) {
    if ((codes[i] & kSince) == 0 && sorts_[i].at(codes[i] & kNumber).judged) return true;
  }
  return false;
}

// Has the element's pairs share another instant, where more of them stand since that of this pair
// than since the one that they share.
void PackedPairs::share_since(const Block& block, std::uint32_t slot, std::uint32_t column) {
  const std::uint8_t* const codes = block.row(slot);
  const Head& head = block.head(slot);
  const Instant since = at(slot, column).since();
  std::uint32_t alike = 0;
  std::uint32_t sharing = 0;
  const std::uint32_t* end = head.beside.get();  // of what lies beside the pair
  for (std::uint32_t i = 0; i < columns() && i < block.stride; ++i) {
    const std::uint8_t code = codes[i];
    end += words_of(code);
    if (code == kWhole) continue;
    if ((code & kSince) != 0) {
      alike += std::bit_cast<Instant>(Two{end[-2], end[-1]}) == since ? 1U : 0U;
    } else if (sorts_[i].at(code & kNumber).judged) {
      ++sharing;
    }
  }
  if (alike <= sharing) return;
  PATUH_MARK("pairs: they share another instant");
  std::vector<Pair> pairs;
  for (std::uint32_t i = 0; i < columns(); ++i) pairs.push_back(at(slot, i));
  clear(slot);
  put_all(slot, pairs);
}

void PackedPairs::clear(std::uint32_t slot) {
  if (slot / kRows >= blocks_.size() || blocks_[slot / kRows].stride == 0) return;
  const Block& block = blocks_[slot / kRows];
  std::uint8_t* const codes = block.row(slot);
  Head& head = block.head(slot);
  words_ -= room_for(words_before(codes, block.stride));
  for (std::uint32_t i = 0; i < columns() && i < block.stride; ++i) {
    sorts_[i].hold(0);
    sorts_[i].release(codes[i] & kNumber);
    codes[i] = 0;
  }
  head = Head{};
}

void PackedPairs::widen(Block& block) const {
  constexpr std::uint32_t kWord = 8;
  const std::uint32_t stride = (columns() + kWord - 1) / kWord * kWord;
  auto codes = std::make_unique<std::uint8_t[]>(std::size_t{kRows} * stride);
  for (std::uint32_t row = 0; row < kRows; ++row) {
    std::copy_n(block.row(row), block.stride, codes.get() + std::size_t{row} * stride);
  }
  block.codes = std::move(codes);
  block.stride = stride;
  if (block.heads == nullptr) block.heads = std::make_unique<Head[]>(kRows);
}

std::uint64_t PackedPairs::bytes() const {
  std::uint64_t bytes = words_ * sizeof(std::uint32_t) + blocks_.capacity() * sizeof(Block);
  for (const Block& block : blocks_) {
    if (block.stride > 0) bytes += kRows * (block.stride + sizeof(Head));
  }
  return bytes;
}

}  // namespace patuh::engine
