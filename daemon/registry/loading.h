// A registry that is being filled from the rows of a snapshot. Private to registry.
#pragma once

#include <cstdint>
#include <vector>

#include "registry/state.h"

namespace patuh::registry {

// What the rows do not say because it follows from them: names, relations' other ends, indexes,
// members, who owns what.
class Follow {
 public:
  explicit Follow(State& state) : state_(state), store_(state.store) {}

  // The place is filled. What it means for others waits for some more to be filled: they lie
  // anywhere in memory, and waiting for one after another is dear. False: it cannot be.
  bool place(ElementRef element);
  // All of them are. False: one refers to what is not there.
  bool end();

 private:
  struct Edge {
    ElementRef from;
    ElementRef to;
    FieldId field;
  };
  void fields(ElementRef element, const Slot& slot);
  void edge(const Edge& edge);
  void index(ElementRef element, FieldId field, const FieldPlan& plan);
  void whole(ElementRef element, const KindPlan& plan);
  void catch_up();

  State& state_;
  Store& store_;
  std::vector<ElementRef> unnamed_;
  std::vector<Edge> edges_;  // that their ends do not know of
};

// A kind under the numbers that the snapshot gave it and its fields.
struct SavedNames {
  KindId kind;
  std::vector<FieldId> fields;
};

struct Loading {
  explicit Loading(State& state) : follow(state) {}
  std::vector<SavedNames> names{};
  Follow follow;
};

}  // namespace patuh::registry
