// Random architectures for the registry: a schema, events for it, and what must hold after each.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "naive.h"
#include "world.h"

namespace patuh::registry::test {

inline constexpr std::array kKinds = {"agency", "app", "service", "deploy", "note"};
inline constexpr std::array kIds = {"a", "b", "c", "d"};

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t below(std::uint64_t n) { return engine_() % n; }
  bool chance(std::uint64_t percent) { return below(100) < percent; }

 private:
  std::mt19937_64 engine_;
};

// Everything that can be read through the public door, by the Key that must be named when it
// changes.
using Facts = std::map<Key, std::string>;

class Architecture {
 public:
  explicit Architecture(std::uint64_t seed);

  // Does one random thing to the registry and to the naive model, and compares. Empty when all is
  // well, else what differs.
  std::string step();
  const std::string& last() const { return last_; }  // what the step did

 private:
  std::shared_ptr<const model::Schema> make_schema();
  void add_attributes(SchemaMaker& maker, const std::string& kind);
  void add_relations(SchemaMaker& maker);
  void add_roles(SchemaMaker& maker);
  ChangeEvent random_event();
  ChangeEvent fresh_event();
  ChangeEvent repeated_event();
  void add_member(Says& says, const model::Field& field, bool may_be_null);
  Value random_value(const model::Attribute& attribute, expr::Arena& arena);
  std::string random_id(const std::string& kind);
  std::string random_source() { return "s" + std::to_string(dice_.below(3)); }

  std::string apply_event();
  std::string put_heard();
  std::string pass_time();
  std::string change_schema();
  std::string grow_schema();

  std::string compare();
  std::string compare_element(const std::string& key, ElementRef ref);
  std::string compare_fields(const Naive::Element& element, ElementRef ref);
  std::string compare_sets(const std::string& key, ElementRef ref);
  std::string compare_indexes();
  std::string compare_stats();
  std::string key_text(ElementRef ref) const;
  template <class Set>
  std::string differs(const std::string& what, const std::set<std::string>& wanted,
                      const Set& found) const;

  std::set<std::string> visible() const;
  std::set<ElementRef> reachable() const;
  Facts facts(const std::set<ElementRef>& refs);
  void facts_of(ElementRef ref, Facts& facts);
  std::string check_delta(const Applied& applied, const std::set<std::string>& visible_before,
                          const std::set<ElementRef>& refs, const Facts& before);

  Dice dice_;
  Dice schema_dice_;
  std::uint64_t seed_;
  std::vector<std::string> more_;  // kinds that got an attribute more in front, in that order
  std::shared_ptr<const model::Schema> schema_;
  std::vector<std::shared_ptr<const model::Schema>> schemas_;  // before it: the naive model
                                                               // holds values of theirs
  std::unique_ptr<Registry> registry_;
  Naive naive_;
  base::Instant now_ = at_second(1'000'000);
  std::map<std::string, std::int64_t> versions_;  // by source
  std::map<std::pair<std::string, std::string>, std::map<std::string, Value>> indexed_;  // met
  std::map<std::pair<std::string, std::string>, ChangeEvent> said_;  // upserts, newest of each
  std::string last_;
  int events_ = 0;
};

}  // namespace patuh::registry::test
