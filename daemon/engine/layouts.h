// Which pairs stand in a saved row of a place, and under which versions of their rules: what rows
// say that were saved before another rulebook and not touched since. Private to engine.
//
// A row names its layout. A kind has one at a time; another book gives it the next, and the ones
// before go once every place of the kind was saved again, which sweeping over it sees to.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/base.h"
#include "engine/pair.h"

namespace patuh::engine {

struct Layout {
  struct Of {
    Seat seat;
    std::uint32_t born = 0;   // a seat is given again
    std::uint16_t epoch = 0;  // of all pairs that say no other
  };
  model::KindId kind;
  std::vector<Of> rules;
  std::vector<std::uint32_t> pasts;  // numbers of attributes in History
};

class Layouts {
 public:
  // The kind's from now on. Answers its number; numbers ascend.
  std::uint32_t add(Layout layout);
  // Places of the kind are saved in none before this one any more.
  void retire(model::KindId kind, std::uint32_t before);
  void clear() { all_.clear(); }  // numbers go on
  std::uint32_t current(model::KindId kind) const { return current_[kind.value]; }
  const Layout& at(std::uint32_t number) const { return all_.at(number); }
  // Null: there is none of this number.
  const Layout* find(std::uint32_t number) const;

  void save(base::Encoder& out) const;
  bool load(base::Decoder& in, std::size_t kinds);

 private:
  std::map<std::uint32_t, Layout> all_;
  std::vector<std::uint32_t> current_;  // by kind
  std::uint32_t next_ = 0;
};

}  // namespace patuh::engine
