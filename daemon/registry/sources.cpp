#include "registry/sources.h"

#include <algorithm>

#include "marks/marks.h"
#include "registry/hash.h"

namespace patuh::registry {

void Window::expect(std::uint64_t id) const {
  table_.prefetch(id);
  if (!ring_.empty()) __builtin_prefetch(&ring_[next_]);
}

bool Window::contains(std::uint64_t id) const {
  if (!ring_.empty()) table_.prefetch(ring_[next_]);  // add() may take it out
  return table_.find(id, [&](std::uint64_t entry) { return entry == id; }) != nullptr;
}

void Window::add(std::uint64_t id, std::size_t size_max) {
  ++added_;
  if (ring_.size() < size_max) {
    ring_.push_back(id);
    table_.insert(id);
    return;
  }
  PATUH_MARK("source: its window of ids is full");
  const std::uint64_t oldest = std::exchange(ring_[next_], id);
  table_.erase(table_.find(oldest, [&](std::uint64_t entry) { return entry == oldest; }));
  table_.insert(id);
  next_ = (next_ + 1) % static_cast<std::uint32_t>(size_max);
}

std::uint64_t Window::at(std::uint64_t ordinal) const {
  const std::uint64_t oldest = added_ - ring_.size();
  PATUH_ASSERT(ordinal >= oldest && ordinal < added_);
  return ring_[(next_ + (ordinal - oldest)) % ring_.size()];
}

void Window::restart(std::uint64_t ordinal) {
  ring_.clear();
  table_.clear();
  next_ = 0;
  added_ = ordinal;
}

void Window::resize(std::size_t size_max) {
  std::ranges::rotate(ring_, ring_.begin() + next_);
  next_ = 0;
  const std::size_t surplus = ring_.size() - std::min(ring_.size(), size_max);
  ring_.erase(ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(surplus));
  table_.clear();
  for (const std::uint64_t id : ring_) table_.insert(id);
}

std::uint64_t Sources::id_hash(std::string_view id) {
  return id.empty() ? 0 : std::max<std::uint64_t>(1, hash_of(id, 0x1D));
}

std::size_t Sources::TextHash::operator()(std::string_view text) const {
  return hash_of(text, 0x50);
}

Sources::Sources(Heap* heap, Options options) : heap_(heap), options_(std::move(options)) {}

SourceNumber Sources::number_of(std::string_view source) {
  if (newest_ < sources_.size() && sources_[newest_].name == source) return newest_;
  newest_ = find_or_add(source);
  return newest_;
}

SourceNumber Sources::find_or_add(std::string_view source) {
  if (const auto found = numbers_.find(source); found != numbers_.end()) return found->second;
  const auto number = static_cast<SourceNumber>(sources_.size());
  sources_.emplace_back(std::string(source), heap_);
  numbers_.emplace(source, number);
  return number;
}

void Sources::set_options(Options options) {
  const bool resized = options.duplicate_window != options_.duplicate_window;
  options_ = std::move(options);
  if (!resized) return;
  for (Source& source : sources_) source.window.resize(options_.duplicate_window);
}

bool Sources::seen(SourceNumber source, std::uint64_t id) const {
  return id != 0 && sources_[source].window.contains(id);
}

void Sources::remember(SourceNumber source, std::uint64_t id) {
  if (id == 0 || options_.duplicate_window == 0) return;
  sources_[source].window.add(id, options_.duplicate_window);
}

bool Sources::may_overwrite(SourceNumber source, std::string_view kind) const {
  return std::ranges::any_of(options_.grants, [&](const Grant& grant) {
    return grant.source == name_of(source) && (grant.kind == "*" || grant.kind == kind);
  });
}

void Sources::save(SourceNumber source, std::uint64_t first, base::Encoder& out) const {
  const Source& of = sources_[source];
  const std::uint64_t end = of.window.added();
  first = std::clamp(first, end - of.window.size(), end);
  out.number(source);
  out.text(of.name);
  out.number(first);
  out.number(end - first);
  for (; first < end; ++first) out.fixed(of.window.at(first));
}

bool Sources::load(base::Decoder& in) {
  const std::uint64_t number = in.number_below(kSourcesMax);
  const std::string_view name = in.text();
  const std::uint64_t first = in.number();
  const std::uint64_t count = in.count();
  if (!in.ok()) return false;
  while (sources_.size() <= number) sources_.emplace_back(std::string(), heap_);
  Source& source = sources_[number];
  if (source.name.empty()) {
    source.name = name;
    numbers_.emplace(name, static_cast<SourceNumber>(number));
  }
  Window& window = source.window;
  if (first > window.added()) window.restart(first);
  for (std::uint64_t ordinal = first; ordinal < first + count; ++ordinal) {
    const std::uint64_t id = in.fixed();
    // A row may say again what another said.
    if (ordinal < window.added() || options_.duplicate_window == 0) continue;
    if (window.contains(id)) return false;
    window.add(id, options_.duplicate_window);
  }
  return in.ok() && source.name == name;
}

std::uint64_t Sources::window_ids() const {
  std::uint64_t ids = 0;
  for (const Source& source : sources_) ids += source.window.size();
  return ids;
}

std::uint64_t Sources::bytes() const {
  std::uint64_t bytes = sources_.size() * (sizeof(Source) + 64);
  for (const Source& source : sources_) {
    bytes += 2 * source.name.size() + source.window.size() * sizeof(std::uint64_t);
  }
  return bytes;
}

}  // namespace patuh::registry
