// Random packs: a schema and rules over it, as the text that rule authors would write.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "dice.h"
#include "rulebook/rulebook.h"

namespace patuh::engine::naive {

// The spans that stand in expressions and graces.
std::set<base::Duration> spans();

// Kinds before this one play parts (agency, waiver, source, deployment); from here on they are
// plain.
inline constexpr int kFirst = 4;

class RandomPack {
 public:
  // With held_for() in rules or without.
  explicit RandomPack(Dice& dice, bool with_held = true);

  // Changes what rule authors and sites change: rules come, go, are rewritten or only graded anew;
  // now and then the schema too.
  void change();

  // Asserts that the pack loads: what is generated is always right.
  std::shared_ptr<const rulebook::RuleBook> load() const;
  std::string text() const;  // for a failing run
  struct RuleName {
    std::string id;
    std::string kind;  // that it judges
  };
  RuleName some_rule();
  // A random condition over an element of one of the kinds, for waivers.
  std::string condition();

 private:
  enum class Of { kBool, kInt, kText, kTime, kList };
  struct Attribute {
    std::string name;
    Of of;
    std::string declared;  // the TOML value
    bool indexed = false;
  };
  struct Relation {
    std::string name;
    int to;  // index of a kind, -1 = any
    bool many;
    std::string declared;
  };
  struct Kind {
    std::string name;
    std::vector<Attribute> attributes;
    std::vector<Relation> relations;
  };
  struct Rule {
    std::string id;
    int kind;
    std::string when, require, occurrence;
    std::string graded;  // severity, grace, mode
    std::string effective;
  };
  // An expression that yields an object.
  struct Object {
    std::string text;
    int kind;  // -1 = any
  };

  void make_kinds();
  void make_wide(Kind& kind);
  void add_attributes(Kind& kind);
  void add_relations(Kind& kind);
  void add_derived(Kind& kind, int number);
  Rule make_rule(const std::string& id);
  Rule draw_rule(const std::string& id);
  bool is_affordable(const Rule& rule);
  std::string grades();

  std::string condition(const Object& of, int depth);
  std::string atom(const Object& of, int depth);
  std::string about_attribute(const Object& of, const Attribute& attribute);
  std::string about_past(const std::string& it, Of of);
  std::string about_time(const std::string& time);
  std::string about_relation(const Object& of, int depth);
  std::string about_set(const Object& of, int depth);
  std::string about_held(const Object& of, int depth);
  std::string about_lookup(const Object& of, int depth);
  // A set of elements: its text and kind.
  Object set(const Object& of);
  int met_by(int kind, const std::string& relation) const;
  std::string span();
  std::string word();
  const Attribute* some(int kind, Of of);

  std::string schema_text() const;
  std::string rules_text() const;
  static std::string site_text();
  rulebook::Loaded try_load() const;

  Dice& dice_;
  bool with_held_;
  std::vector<Kind> kinds_;
  std::vector<Rule> rules_;
  bool in_rule_ = false;  // held_for() stands only in a rule's conditions
  int loops_ = 0;         // open ones, for the names of their variables
  int rules_made_ = 0;
  std::string parameter_ = "36h";
};

}  // namespace patuh::engine::naive
