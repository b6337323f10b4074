#include "registry/index.h"

#include "marks/marks.h"
#include "registry/hash.h"

namespace patuh::registry {
namespace {

bool has_text(IndexKey::Tag tag) {
  return tag == IndexKey::Tag::kString || tag == IndexKey::Tag::kOther;
}

std::string_view text_of(const IndexKey& key) {
  return key.tag == IndexKey::Tag::kString ? key.text : std::string_view(key.canonical);
}

}  // namespace

ValueIndex::~ValueIndex() {
  table_.for_each([this](Entry& entry) {
    entry.elements.clear(*heap_);
    if (has_text(static_cast<IndexKey::Tag>(entry.elements.label()))) {
      pool_->give_back(std::bit_cast<Interned*>(entry.payload));
    }
  });
}

std::uint64_t ValueIndex::Hash::operator()(const Entry& entry) const {
  return mix(entry.payload + entry.elements.label());
}

std::optional<ValueIndex::Entry> ValueIndex::entry_of(const IndexKey& key) const {
  Entry entry{key.payload, RefSet(static_cast<std::uint32_t>(key.tag))};
  if (has_text(key.tag)) {
    const Interned* const text = pool_->find(text_of(key));
    if (text == nullptr) return std::nullopt;
    entry.payload = std::bit_cast<std::uint64_t>(text);
  }
  return entry;
}

ValueIndex::Entry* ValueIndex::find_entry(const Entry& wanted) const {
  return table_.find(Hash{}(wanted), [&](const Entry& entry) { return entry == wanted; });
}

Refs ValueIndex::find(const IndexKey& key) const {
  const auto wanted = entry_of(key);
  if (!wanted) return {};
  const Entry* const found = find_entry(*wanted);
  return found == nullptr ? Refs() : found->elements.view();
}

bool ValueIndex::insert(const IndexKey& key, ElementRef element) {
  PATUH_ASSERT(key.tag != IndexKey::Tag::kNone);
  if (const auto wanted = entry_of(key)) {
    if (Entry* const found = find_entry(*wanted)) {
      PATUH_MARK("index: a value that others have too");
      return found->elements.insert(element, *heap_);
    }
  }
  Entry entry{key.payload, RefSet(static_cast<std::uint32_t>(key.tag))};
  if (has_text(key.tag)) entry.payload = std::bit_cast<std::uint64_t>(pool_->intern(text_of(key)));
  entry.elements.insert(element, *heap_);
  table_.insert(entry);
  return true;
}

bool ValueIndex::erase(const IndexKey& key, ElementRef element) {
  const auto wanted = entry_of(key);
  Entry* const found = wanted ? find_entry(*wanted) : nullptr;
  if (found == nullptr || !found->elements.erase(element, *heap_)) return false;
  if (!found->elements.empty()) return true;
  PATUH_MARK("index: the last of a value goes");
  const std::uint64_t payload = found->payload;
  table_.erase(found);
  if (has_text(key.tag)) pool_->give_back(std::bit_cast<Interned*>(payload));
  return true;
}

}  // namespace patuh::registry
