// Who sends: names of sources as numbers, the ids that each sent lately, and grants.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "registry/heap.h"
#include "registry/registry.h"
#include "registry/table.h"

namespace patuh::registry {

using SourceNumber = std::uint32_t;

// The last `size` ids of one source, by a 64-bit hash each: that two of ten thousand share one has
// a chance of 1 in 10^11, and then only within one source.
class Window {
 public:
  explicit Window(Heap* heap) : table_(heap, Hash{}) {}
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  bool contains(std::uint64_t id) const;
  // A hint, which changes nothing: the id will soon be looked for, and perhaps added.
  void expect(std::uint64_t id) const;
  void add(std::uint64_t id, std::size_t size_max);  // must not be there; size_max > 0
  // Keeps the newest when `size_max` is less than what is there.
  void resize(std::size_t size_max);
  std::size_t size() const { return ring_.size(); }
  // Ids ever added; the newest size() of them are there.
  std::uint64_t added() const { return added_; }
  // The id that was added as number `ordinal`, from 0 on; it must be there.
  std::uint64_t at(std::uint64_t ordinal) const;
  // Forgets all; the next to be added is number `ordinal`.
  void restart(std::uint64_t ordinal);

 private:
  struct Hash {
    std::uint64_t operator()(std::uint64_t id) const { return id; }
  };
  std::uint64_t added_ = 0;
  std::vector<std::uint64_t> ring_;  // grows to its size, then the oldest is written over
  std::uint32_t next_ = 0;
  Table<std::uint64_t, Hash> table_;
};

class Sources {
 public:
  Sources(Heap* heap, Options options);

  // Its number, given at its first word. Never given back.
  SourceNumber number_of(std::string_view source);
  std::string_view name_of(SourceNumber source) const { return sources_[source].name; }
  // An event's id as a number, never 0; 0 = it has none.
  static std::uint64_t id_hash(std::string_view id);
  void expect(SourceNumber source, std::uint64_t id) const {  // a hint: it will soon be …
    sources_[source].window.expect(id);
  }
  bool seen(SourceNumber source, std::uint64_t id) const;
  void remember(SourceNumber source, std::uint64_t id);
  bool may_overwrite(SourceNumber source, std::string_view kind) const;

  void set_options(Options options);
  const Options& options() const { return options_; }
  std::size_t size() const { return sources_.size(); }
  std::uint64_t window_ids() const;
  std::uint64_t bytes() const;  // beside what the heap counted

  std::uint64_t remembered(SourceNumber source) const { return sources_[source].window.added(); }
  void save(SourceNumber source, std::uint64_t first, base::Encoder& out) const;
  bool load(base::Decoder& in);

 private:
  static constexpr std::uint64_t kSourcesMax = std::uint64_t{1} << 24U;
  struct Source {
    Source(std::string source_name, Heap* heap) : name(std::move(source_name)), window(heap) {}
    std::string name;
    Window window;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const;
  };
  SourceNumber find_or_add(std::string_view source);

  Heap* heap_;
  Options options_;
  SourceNumber newest_ = 0;  // whose word was the last: often it has the next as well
  std::deque<Source> sources_;
  std::unordered_map<std::string, SourceNumber, TextHash, std::equal_to<>> numbers_;
};

}  // namespace patuh::registry
