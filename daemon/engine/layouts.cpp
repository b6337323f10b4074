#include "engine/layouts.h"

#include <algorithm>
#include <utility>

#include "engine/saved.h"

namespace patuh::engine {

using model::KindId;

std::uint32_t Layouts::add(Layout layout) {
  const std::size_t kind = layout.kind.value;
  if (current_.size() <= kind) current_.resize(kind + 1);
  current_[kind] = next_;
  all_.emplace(next_, std::move(layout));
  return next_++;
}

void Layouts::retire(KindId kind, std::uint32_t before) {
  std::erase_if(all_,
                [&](const auto& one) { return one.first < before && one.second.kind == kind; });
}

const Layout* Layouts::find(std::uint32_t number) const {
  const auto found = all_.find(number);
  return found == all_.end() ? nullptr : &found->second;
}

void Layouts::save(base::Encoder& out) const {
  out.number(next_);
  out.number(all_.size());
  for (const auto& [number, layout] : all_) {
    out.number(number);
    out.number(layout.kind.value);
    out.number(layout.rules.size());
    for (const Layout::Of& of : layout.rules) {
      out.number(of.seat.value);
      out.number(of.born);
      out.number(of.epoch);
    }
    out.number(layout.pasts.size());
    for (const std::uint32_t past : layout.pasts) out.number(past);
  }
}

bool Layouts::load(base::Decoder& in, std::size_t kinds) {
  all_.clear();
  next_ = number32(in);
  current_.assign(kinds, 0);
  std::vector<bool> has(kinds, false);
  for (std::uint64_t count = in.count(); count > 0 && in.ok(); --count) {
    const std::uint32_t number = number32(in);
    Layout& layout = all_[number];
    layout.kind = KindId(number16(in));
    for (std::uint64_t rules = in.count(); rules > 0 && in.ok(); --rules) {
      const Seat seat{number16(in)};
      const std::uint32_t born = number32(in);
      layout.rules.push_back({seat, born, number16(in)});
    }
    for (std::uint64_t pasts = in.count(); pasts > 0 && in.ok(); --pasts) {
      layout.pasts.push_back(number32(in));
    }
    if (layout.kind.value >= kinds || number >= next_) return false;
    current_[layout.kind.value] = number;  // ascending: the last stays
    has[layout.kind.value] = true;
  }
  return in.ok() && std::find(has.begin(), has.end(), false) == has.end();
}

}  // namespace patuh::engine
