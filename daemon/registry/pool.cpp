#include "registry/pool.h"

#include <cstring>

#include "registry/hash.h"

namespace patuh::registry {
namespace {

constexpr std::uint64_t kSeed = 0x51AB;

}  // namespace

std::string_view Interned::text() const {
  return {std::bit_cast<const char*>(std::bit_cast<std::uintptr_t>(this) + sizeof(Interned)), size};
}

Pool::Pool(Heap* heap) : heap_(heap), table_(heap, Hash{}) {}

Pool::~Pool() {
  table_.for_each(
      [this](Interned* interned) { heap_->give(interned, sizeof(Interned) + interned->size); });
}

Interned* Pool::find(std::string_view text) const {
  const std::uint64_t hash = hash_of(text, kSeed);
  Interned* const* const found = table_.find(hash, [&](const Interned* candidate) {
    return candidate->hash == hash && candidate->text() == text;
  });
  return found == nullptr ? nullptr : *found;
}

Interned* Pool::intern(std::string_view text) {
  if (Interned* const found = find(text)) {
    use(found);
    return found;
  }
  void* const memory = heap_->take(sizeof(Interned) + text.size());
  auto* const interned =
      new (memory) Interned{hash_of(text, kSeed), 1, static_cast<std::uint32_t>(text.size())};
  char* const bytes =
      std::bit_cast<char*>(std::bit_cast<std::uintptr_t>(memory) + sizeof(Interned));
  if (!text.empty()) std::memcpy(bytes, text.data(), text.size());
  table_.insert(interned);
  return interned;
}

void Pool::give_back(Interned* interned) {
  PATUH_ASSERT(interned->uses > 0);
  if (--interned->uses > 0) return;
  table_.erase(table_.find(interned->hash,
                           [&](const Interned* candidate) { return candidate == interned; }));
  heap_->give(interned, sizeof(Interned) + interned->size);
}

}  // namespace patuh::registry
