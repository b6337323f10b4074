// What rules read of the judged element itself. Private to engine.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "engine/pair.h"
#include "engine/seats.h"
#include "registry/registry.h"
#include "rulebook/rulebook.h"

namespace patuh::engine {

// Sets of bits under numbers of 16: few sorts stand in millions of pairs. Beyond as many as there
// are numbers a set counts as that of all bits.
class BitSets {
 public:
  // `known`: a number to look at first.
  std::uint16_t number_of(std::uint32_t bits, std::uint16_t known) {
    return sets_[known] == bits ? known : find_or_add(bits);
  }
  std::uint32_t bits(std::uint16_t number) const { return sets_[number]; }

 private:
  static constexpr std::uint16_t kAll = 1;
  std::uint16_t find_or_add(std::uint32_t bits);
  std::vector<std::uint32_t> sets_ = {0, UINT32_MAX};
  std::unordered_map<std::uint32_t, std::uint16_t> numbers_ = {{0, 0}, {UINT32_MAX, kAll}};
};

// Most of what a rule reads belongs to its own element: its fields, who refers to it, when it
// changed. Such a read is one bit of the pair instead of an entry in ReadIndex. Which bit stands
// for what is given for each rule at its first reading; past the 31st thing they share the last
// bit, so that a pair may be judged once too often, never too seldom.
class SelfReads {
 public:
  SelfReads(const rulebook::RuleBook& book, const Seats& seats);

  // Whether the key is something of this element.
  static bool is_of(const registry::Key& key, model::ElementRef element) {
    return key.what == element.value && key.of != registry::Key::Of::kName &&
           key.of != registry::Key::Of::kIndex;
  }
  // The element a key belongs to, for keys that belong to one.
  static bool has_element(const registry::Key& key) {
    return key.of != registry::Key::Of::kName && key.of != registry::Key::Of::kIndex;
  }

  // The bit for reading `key`, which is_of() the element that the rule judges.
  std::uint32_t bit(Seat rule, const registry::Key& key) {
    if (key.of == registry::Key::Of::kField) {
      const std::uint32_t known = rules_[rule.value].fields[key.field];
      if (known != 0) return known;
    }
    return bit_slow(rule, key);
  }

  // Calls visit(Seat, bits) for each rule on `kind` that ever read the thing `key` stands for.
  template <class Visit>
  void readers(model::KindId kind, const registry::Key& key, const Visit& visit) const {
    for (const Reader& reader : readers_of(kind, key)) visit(reader.rule, reader.bits);
  }

  // Takes over the bits of a rule from the book before, so that what its pairs hold stays true. The
  // schema must be the same; nothing must have been read by it yet.
  void carry(const SelfReads& from, Seat rule);

  // All bits given so far, and back into one of the same book that gave none. False: not those.
  void save(base::Encoder& out) const;
  bool load(base::Decoder& in);

 private:
  static constexpr std::uint32_t kBits = 32;
  struct Reader {
    Seat rule;
    std::uint32_t bits;
  };
  struct Thing {  // a key without its element
    registry::Key::Of of;
    std::uint16_t kind;
    std::uint16_t field;
    friend bool operator==(const Thing&, const Thing&) = default;
  };
  struct OfRule {
    model::KindId kind;
    std::uint32_t given = 0;            // how many bits
    std::vector<std::uint32_t> fields;  // bit by FieldId; 0 = never read
    std::vector<std::pair<Thing, std::uint32_t>> others;
  };
  struct OfKind {
    std::vector<std::vector<Reader>> fields;  // by FieldId
    std::vector<std::pair<Thing, std::vector<Reader>>> others;
  };
  static Thing thing_of(const registry::Key& key) { return {key.of, key.kind, key.field}; }
  std::uint32_t bit_slow(Seat rule, const registry::Key& key);
  void enter(Seat rule, const Thing& thing, std::uint32_t bits);
  const std::vector<Reader>& readers_of(model::KindId kind, const registry::Key& key) const;

  std::vector<OfRule> rules_;  // by seat
  std::vector<OfKind> kinds_;
  std::vector<Reader> nobody_;
};

}  // namespace patuh::engine
