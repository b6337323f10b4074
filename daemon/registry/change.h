// One change under way: from an event to the new state and the Keys of what became different.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "registry/registry.h"
#include "registry/state.h"

namespace patuh::registry {

// Null, or no ends.
inline bool is_empty(const FieldPlan& plan, const model::FieldChange& change) {
  return plan.relation ? change.ends.empty() : change.value.is_null();
}

// Leaves the first of equal keys.
void unique_keys(std::vector<Key>& keys);

// Made for one event and thrown away. The order inside: decide what the event may do (nothing is
// touched before that is known), rewrite its element, bring stubs into being, settle who belongs to
// which agency, let go of what nothing holds any more.
class Change {
 public:
  // `at` is the event's own time, for changed_at; `now` the record's, for tombstones.
  Change(State& state, base::Instant at, base::Instant now);

  Applied apply(const model::ChangeEvent& event, const Registry::Sought& sought);
  struct Put {
    KindId kind;
    std::string_view id;
    FieldId field;
    expr::Value value;
    std::optional<ElementRef> agency;
  };
  Applied put(const Put& what);

 private:
  friend class Migration;
  // ── change.cpp: what the event says ──
  Outcome upsert(const model::ChangeEvent& event, SourceNumber source);
  Outcome patch(const model::ChangeEvent& event, SourceNumber source);
  Outcome remove(const model::ChangeEvent& event, SourceNumber source);
  void begin(KindId kind, std::optional<ElementRef> subject);
  void load();
  void open(KindId kind, std::string_view id);
  void revive();
  // ── restate.cpp: the everyday event, without a draft ──
  std::optional<Outcome> restate(const model::ChangeEvent& event, SourceNumber source);
  static std::uint16_t place_of(const SourceMark& mark, const Block& block);
  SourceMark* plain_mark(Block& block, const model::ChangeEvent& event, SourceNumber source) const;
  static Write write_of(const model::ChangeEvent& event, std::uint16_t mark);
  bool says_it_again(const model::ChangeEvent& event, const Block& block, std::uint16_t mark);
  bool fits(const model::FieldChange& change, const Block& block, std::uint32_t cell,
            const Write& write);
  bool names_the_same(std::span<const ElementRef> ends, const model::FieldChange& change) const;
  bool is(ElementRef element, const model::NamedElement& name) const;
  std::optional<std::uint16_t> spare_patch(const Block& block) const;
  void name_patch(std::optional<std::uint16_t> spare);
  void write_over(const model::ChangeEvent& event, std::uint16_t mark);
  // ── permit.cpp ──
  bool may_write(const model::ChangeEvent& event, SourceNumber source);
  bool may_remove(const model::ChangeEvent& event, SourceNumber source);
  bool is_others(const Write& write, SourceNumber source) const;
  bool says_the_same(const Cell& cell, const model::FieldChange& change) const;
  bool refuse(std::string_view member, const Write& write, SourceNumber source);
  // ── change.cpp: writing ──
  void write_members(const model::ChangeEvent& event, const Write& write, bool& suppressed);
  bool newer_wrote(const Write& theirs, bool present, const Write& write) const;
  bool stands(const Cell& cell, const model::FieldChange& change) const;
  void withdraw(std::uint16_t mark);
  expr::Value patched(const model::FieldChange& change, model::Operation operation) const;
  std::span<const ElementRef> ends_for(KindId kind, const model::FieldChange& change);
  bool is_forgotten(ElementRef element) const;
  std::optional<ElementRef> known_end(KindId kind, FieldId field,
                                      const model::NamedElement& end) const;
  KindId kind_of_end(KindId kind, FieldId field, const model::NamedElement& end) const;
  void commit(Life after, const model::ChangeEvent* event);
  Applied result(Outcome outcome);

  // ── rewrite.cpp: from a draft to a block, and what differs ──
  bool rewrite(ElementRef element, Draft& draft, Life after);  // true: its own facts moved
  Block* repack(ElementRef element, const Draft& draft);
  bool fits_in_place(const Draft& draft, const Block& block);
  bool is_one_patch(const Draft& draft, const Block& block);
  void keep_for_comparison(FieldId field, std::uint32_t cell, expr::Value before);
  void give_back_texts();
  std::optional<expr::Value> held_before(const Block& old, FieldId field) const;
  void derive(ElementRef element, Draft& draft, bool all);
  // What becomes of an element's visibility while it is rewritten.
  struct Turn {
    ElementRef element;
    const Block& old;
    bool was;
    bool will;
  };
  bool diff_attribute(const Turn& turn, FieldId field, bool touched);
  void reindex(ElementRef element, FieldId field, const expr::Value& before,
               const expr::Value& after);
  void note_whole(ElementRef element, FieldId field, bool before, bool after);
  void change_life(ElementRef element, Life after);
  void begin_changed_at(ElementRef element);
  void move_changed_at(ElementRef element);

  // ── edges.cpp ──
  bool diff_relation(ElementRef element, FieldId field, const Block& old);
  bool add_edge(ElementRef from, FieldId field, ElementRef to, const Block& old);
  bool drop_edge(ElementRef from, FieldId field, ElementRef to);
  bool turn_edge(ElementRef from, FieldId field, ElementRef to, bool on);

  // ── agency.cpp ──
  void bring_stubs(const model::ChangeEvent* event);
  void stand_in(ElementRef element, bool role);
  void own_by_whole(ElementRef element, bool owned);
  void mark(RefSet& set, std::uint8_t flag, ElementRef element, bool on);
  void agency_turns(ElementRef agency, bool visible);
  void adopt(ElementRef stub, ElementRef agency);
  void adopt_from_referrers(ElementRef element);
  FieldId naming_relation(std::uint32_t label) const;
  bool names(ElementRef element, FieldId relation, ElementRef end) const;
  ElementRef lends(ElementRef from, FieldId relation) const;
  bool comes_before(ElementRef a, ElementRef b) const;
  void adopt_ends(ElementRef of);
  ElementRef resolve(ElementRef element) const;
  bool is_bereft(const Slot& slot) const;
  void settle(ElementRef element);
  void settle_all();
  void move_member(ElementRef element, ElementRef agency, bool member);
  void let_go();
  void vanish(ElementRef element);
  void tell_agencies();

  // ── keys ──
  void key(const Key& key) {
    if (delta_.changed.empty()) delta_.changed.reserve(8);
    delta_.changed.push_back(key);
  }
  void key_of(ElementRef element, const Key& key);  // unless the element is new
  bool is_fresh(ElementRef element) const { return state_.store.slot(element).is(Slot::kFresh); }
  ElementRef create(KindId kind, std::string_view id);

  State& state_;
  Store& store_;
  base::Instant at_;
  base::Instant now_;
  KindId kind_;
  ElementRef subject_ = kNobody;
  Life life_ = Life::kRemoved;         // of the subject before
  ElementRef given_agency_ = kNobody;  // of put()
  std::string message_;
  Delta delta_;

  std::vector<ElementRef>& fresh_ = state_.scratch.fresh;
  std::vector<ElementRef>& stubs_ = state_.scratch.stubs;
  std::vector<ElementRef>& revived_ = state_.scratch.revived;
  std::vector<ElementRef>& lenders_ = state_.scratch.lenders;
  std::vector<std::pair<FieldId, ElementRef>>& gained_ = state_.scratch.gained;
  std::vector<ElementRef>& agenda_ = state_.scratch.agenda;
  std::vector<Noted>& noted_ = state_.scratch.noted;
  std::vector<Poke>& pokes_ = state_.scratch.pokes;
  std::vector<FieldId>& patched_ = state_.scratch.patched;
};

}  // namespace patuh::registry
