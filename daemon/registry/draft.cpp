#include "registry/draft.h"

#include <algorithm>

namespace patuh::registry {

void Draft::begin(const KindPlan& kind) {
  cells_.assign(kind.fields.size(), Cell{});
  marks_.clear();
  unknown_.clear();
}

void Draft::load(const Block& block, const KindPlan& kind) {
  begin(kind);
  marks_.assign(block.marks().begin(), block.marks().end());
  block.for_each_cell([&](FieldId field, std::uint32_t place) {
    Cell& cell = cells_[field.value];
    cell.write = block.write(place);
    if (block.is_cleared(place)) {
      cell.is = Cell::Is::kCleared;
    } else if (kind.fields[field.value].relation) {
      cell.is = Cell::Is::kEnds;
      cell.ends = block.ends(place);
    } else {
      cell.is = Cell::Is::kValue;
      cell.shared = block.shared(place);
      if (cell.shared == nullptr) cell.plain = block.value(place);
    }
  });
  for (std::uint32_t place = 0; place < block.unknown(); ++place) {
    const UnknownView view = block.unknown(place);
    unknown_.push_back({view.name, view.json, view.write, false});
  }
}

void Draft::set_value(FieldId field, const expr::Value& value, const Write& write) {
  cells_[field.value] = {Cell::Is::kValue, true, false, write, value, nullptr, {}};
}

void Draft::set_ends(FieldId field, std::span<const ElementRef> ends, const Write& write) {
  cells_[field.value] = {Cell::Is::kEnds, true, false, write, {}, nullptr, ends};
}

void Draft::say_again(FieldId field) {
  Cell& cell = cells_[field.value];
  cell.same = !cell.touched || cell.same;
  cell.touched = true;
}

void Draft::clear(FieldId field, const Write& write) {
  cells_[field.value] = {Cell::Is::kCleared, true, false, write, {}, nullptr, {}};
}

void Draft::forget(FieldId field) {
  cells_[field.value] = {Cell::Is::kAbsent, true, false, {}, {}, nullptr, {}};
}

void Draft::forget_all() {
  for (Cell& cell : cells_) {
    if (cell.is != Cell::Is::kAbsent) cell = {Cell::Is::kAbsent, true, false, {}, {}, nullptr, {}};
  }
  unknown_.clear();
}

const UnknownCell* Draft::find_unknown(std::string_view name) const {
  const auto at = std::ranges::lower_bound(unknown_, name, {}, &UnknownCell::name);
  return at == unknown_.end() || at->name != name ? nullptr : &*at;
}

void Draft::set_unknown(std::string_view name, std::string_view json, const Write& write) {
  const auto at = std::ranges::lower_bound(unknown_, name, {}, &UnknownCell::name);
  if (at != unknown_.end() && at->name == name) {
    *at = {name, json, write, true};
  } else if (unknown_.size() < kUnknownMax) {
    unknown_.insert(at, {name, json, write, true});
  }
}

std::optional<std::uint16_t> Draft::mark_of(SourceNumber source) const {
  const auto found = std::ranges::find(marks_, source, &SourceMark::source);
  if (found == marks_.end()) return std::nullopt;
  return static_cast<std::uint16_t>(found - marks_.begin());
}

std::uint16_t Draft::add_mark(SourceNumber source) {
  if (const auto there = mark_of(source)) return *there;
  marks_.push_back({.source = source});
  return static_cast<std::uint16_t>(marks_.size() - 1);
}

}  // namespace patuh::registry
