// From a name to its number: filled once, then only asked. All of it lies in two pieces of memory,
// because each field of each event asks.
//
// Threads: find() from any thread once nothing is added any more.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patuh::model {

class NameIndex {
 public:
  // A name that is there already keeps its number.
  void add(std::string_view name, std::uint16_t number);
  std::optional<std::uint16_t> find(std::string_view name) const;

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t at = 0;  // in names_
    std::uint32_t size = 0;
    std::uint16_t number = 0;
    bool taken = false;
  };
  // That of the name, or the free one where it would stand.
  std::size_t slot_of(std::uint32_t hash, std::string_view name) const;
  void grow();

  std::vector<Slot> slots_;  // a power of two of them, at most half of them taken
  std::size_t taken_ = 0;
  std::string names_;  // one behind the other
};

}  // namespace patuh::model
