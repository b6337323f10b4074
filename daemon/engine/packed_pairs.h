// The pairs of one kind of element, packed. Private to engine.
//
// Rules lie side by side, elements below one another. A pair takes a *code*, one byte:
//
//     7 6 5 4 3 2 1 0
//     ─┬─ ─────┬─────
//      │       └ its sort: state, marks, version, what it read of its own element; a number among
//      │         those that its rule has met, of which there are few
//      └ what lies beside: 1 its extra, 2 since when it stands, where that is not the instant that
//        most pairs of the element share, 3 both
//
// Beyond 63 sorts of a rule all bits are set, and the sort lies beside as well, before the others.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/pair.h"

namespace patuh::engine {

// The sorts of a rule's pairs, and how many pairs are of each: a number that nobody has is given
// again. Zero is that of a new pair for ever, and not counted.
class Sorts {
 public:
  static constexpr std::uint8_t kMost = 63;
  const Sort& at(std::uint8_t number) const { return sorts_[number]; }
  // Its number, a new one if need be; kMost: there is no room. `known`: one to look at first.
  std::uint8_t number_of(const Sort& sort, std::uint8_t known);
  void hold(std::uint8_t number) {
    if (number % kMost != 0) ++counts_[number];
  }
  void release(std::uint8_t number) {
    if (number % kMost != 0) --counts_[number];
  }

 private:
  std::vector<Sort> sorts_{1};
  std::vector<std::uint32_t> counts_{1};
};

class PackedPairs {
 public:
  // One rule more, whose pairs are as new.
  void add_column() { sorts_.emplace_back(); }
  std::uint32_t columns() const { return static_cast<std::uint32_t>(sorts_.size()); }

  Pair at(std::uint32_t slot, std::uint32_t column) const;
  // Of what at() says this alone, at less cost.
  Sort sort(std::uint32_t slot, std::uint32_t column) const {
    const std::uint32_t at = slot / kRows;
    if (at >= blocks_.size() || column >= blocks_[at].stride) return {};
    const std::uint8_t code = blocks_[at].row(slot)[column];
    return code == kWhole ? this->at(slot, column).sort() : sorts_[column].at(code & kNumber);
  }
  // A hint, which changes nothing: the element's pairs will soon be read.
  void expect(std::uint32_t slot) const {
    const std::uint32_t at = slot / kRows;
    if (at >= blocks_.size() || blocks_[at].stride == 0) return;
    __builtin_prefetch(blocks_[at].row(slot));
    __builtin_prefetch(&blocks_[at].head(slot));
  }
  // The same, once that is near: what lies beside them.
  void expect_beside(std::uint32_t slot) const {
    const std::uint32_t at = slot / kRows;
    if (at >= blocks_.size() || blocks_[at].stride == 0) return;
    __builtin_prefetch(blocks_[at].head(slot).beside.get());
  }
  void put(std::uint32_t slot, std::uint32_t column, const Pair& pair);
  // All of an element whose pairs are as new, by column: at less cost than one after another.
  void put_all(std::uint32_t slot, std::span<const Pair> pairs);
  // All its pairs are as new again.
  void clear(std::uint32_t slot);
  std::uint64_t bytes() const;

 private:
  static constexpr std::uint8_t kNumber = 63;
  static constexpr std::uint8_t kExtra = 64;
  static constexpr std::uint8_t kSince = 128;
  static constexpr std::uint8_t kWhole = 255;
  static constexpr std::uint32_t kWholeWords = 5;
  static constexpr std::uint32_t kRows = 64;
  struct Head {
    base::Instant since{};                    // that judged pairs share which say no other
    std::unique_ptr<std::uint32_t[]> beside;  // in the order of columns
  };
  // So many elements one after another.
  struct Block {
    std::unique_ptr<std::uint8_t[]> codes;
    std::unique_ptr<Head[]> heads;
    std::uint32_t stride = 0;  // codes of an element: whole words, those beyond are zero
    std::uint8_t* row(std::uint32_t slot) const {
      return codes.get() + std::size_t{slot % kRows} * stride;
    }
    Head& head(std::uint32_t slot) const { return heads[slot % kRows]; }
  };
  struct Packed {
    std::uint8_t code = 0;
    std::array<std::uint32_t, kWholeWords> words{};  // beside, as many as the code says
  };

  static std::uint32_t words_of(std::uint8_t code);
  static std::uint32_t words_before(const std::uint8_t* codes, std::uint32_t count);
  Packed pack(const Pair& pair, const Head& head, std::uint32_t column, std::uint8_t before);
  Pair unpack(std::uint8_t code, const std::uint32_t* beside, const Head& head,
              std::uint32_t column) const;
  Block& block_of(std::uint32_t slot);
  bool write(const Block& block, std::uint32_t slot, std::uint32_t column, const Pair& pair);
  bool is_shared(const Block& block, std::uint32_t slot) const;
  void share_since(const Block& block, std::uint32_t slot, std::uint32_t column);
  void resize(Head& head, std::uint32_t all, std::uint32_t at, std::uint32_t before,
              std::uint32_t after);
  void widen(Block& block) const;

  std::vector<Sorts> sorts_;  // by column
  std::vector<Block> blocks_;
  std::uint64_t words_ = 0;             // beside, of all
  std::vector<std::uint32_t> written_;  // while pairs of one element are: what lies beside
};

}  // namespace patuh::engine
