// An element's facts taken apart, to be changed and packed into a new Block.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "expr/expr.h"
#include "registry/block.h"
#include "registry/layout.h"

namespace patuh::registry {

struct Cell {
  enum class Is : std::uint8_t {
    kAbsent,
    kCleared,  // absent, and who made it so is known: older patches must not bring it back
    kValue,
    kEnds,
  };
  Is is = Is::kAbsent;
  bool touched = false;  // set since the draft was loaded …
  bool same = false;     // … to what stood there, by the same write
  Write write;
  expr::Value plain;                 // the value, or …
  Interned* shared = nullptr;        // … the pool's text that is one, looked at only when wanted
  std::span<const ElementRef> ends;  // ascending, unique, not empty
  expr::Value value() const {
    return shared == nullptr ? plain : expr::Value::string(shared->text());
  }
  bool present() const { return is == Is::kValue || is == Is::kEnds; }
};

struct UnknownCell {
  std::string_view name;
  std::string_view json;  // "null" = cleared
  Write write;
  bool touched = false;
  bool cleared() const { return json == "null"; }
};

// Undeclared members kept with an element.
inline constexpr std::size_t kUnknownMax = 256;

// Values and ends are views: into the block it was loaded from, the event, or the change's arena.
class Draft {
 public:
  void begin(const KindPlan& kind);  // of an element that has nothing
  void load(const Block& block, const KindPlan& kind);

  Cell& operator[](FieldId field) { return cells_[field.value]; }
  const Cell& operator[](FieldId field) const { return cells_[field.value]; }
  std::span<Cell> cells() { return cells_; }
  std::span<const Cell> cells() const { return cells_; }
  std::vector<SourceMark>& marks() { return marks_; }
  const std::vector<SourceMark>& marks() const { return marks_; }
  std::vector<UnknownCell>& unknown() { return unknown_; }
  const std::vector<UnknownCell>& unknown() const { return unknown_; }

  void set_value(FieldId field, const expr::Value& value, const Write& write);  // not null
  void set_ends(FieldId field, std::span<const ElementRef> ends, const Write& write);
  void say_again(FieldId field);                  // what stands there, by the same write
  void clear(FieldId field, const Write& write);  // leaves the memory of it
  void forget(FieldId field);                     // absent as if never written
  void forget_all();                              // all fields and unknown members
  // Beyond kUnknownMax members new ones are not kept.
  void set_unknown(std::string_view name, std::string_view json, const Write& write);
  const UnknownCell* find_unknown(std::string_view name) const;

  // The version of a write by a source.
  std::int64_t version_of(const Write& write) const {
    return write.by_patch ? write.version : marks_[write.mark].upserted;
  }
  std::optional<std::uint16_t> mark_of(SourceNumber source) const;
  std::uint16_t add_mark(SourceNumber source);

 private:
  std::vector<Cell> cells_;  // index = FieldId
  std::vector<SourceMark> marks_;
  std::vector<UnknownCell> unknown_;  // by name
};

}  // namespace patuh::registry
