// The registry's rules once more, written plainly: maps of strings, everything worked out anew from
// what was written whenever it is asked. No index, no ref, no cleverness; slow on purpose.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "registry/registry.h"

namespace patuh::registry::test {

struct Naive {
  struct Mark {
    std::int64_t version = 0;
    std::optional<std::int64_t> upserted;
    bool holds = false;
    bool removed = false;
  };
  struct Written {
    std::string source;  // "@engine" and "@stub" beside the senders
    std::int64_t version = 0;
    bool cleared = false;
    std::optional<expr::Value> value;  // of an attribute
    std::set<std::string> ends;        // of a relation: kind/id
    std::string json;                  // of an undeclared member
  };
  enum class Life { kRemoved, kStub, kKnown };
  struct Element {
    std::string kind;
    std::string id;
    Life life = Life::kRemoved;
    std::map<std::string, Written> fields;
    std::map<std::string, Written> unknown;
    std::map<std::string, Mark> marks;
    base::Instant changed_at{};
    bool moved = false;
    std::string fallback;
    std::string sticky;  // the agency it had when it was removed
    bool whole_owned = false;
    bool revived = false;  // by the event under way
    std::optional<base::Instant> tombstone;
    bool visible() const { return life != Life::kRemoved; }
    std::string key() const { return kind + "/" + id; }
  };
  // A derived attribute: from the element's own attributes.
  using Derive = std::function<std::optional<expr::Value>(const Naive&, const Element&)>;

  std::shared_ptr<const model::Schema> schema;
  Options options;
  std::map<std::string, Derive> derive;  // by "kind.field"
  std::map<std::string, Element> elements;
  std::map<std::string, std::vector<std::string>> seen;  // ids by source, oldest first
  std::shared_ptr<expr::Arena> arena = std::make_shared<expr::Arena>(1 << 16);

  Outcome apply(const model::ChangeEvent& event, base::Instant now);
  void put(const std::string& kind, const std::string& id, const std::string& field,
           const expr::Value& value, const std::string& agency, base::Instant now);
  void expire(base::Instant now);

  // ── Reading ──
  const model::Kind& kind_of(const Element& element) const;
  std::optional<expr::Value> held(const Element& element, const std::string& field) const;
  expr::Value value(const Element& element, const std::string& field) const;
  std::set<std::string> own_ends(const Element& element, const std::string& relation) const;
  std::set<std::string> related(const Element& element, const std::string& relation) const;
  std::string end(const Element& element, const std::string& relation) const;
  std::set<std::string> referrers(const std::string& to, const std::string& kind,
                                  const std::string& relation) const;
  std::string agency(const std::string& key) const;
  std::string code(const std::string& key) const;
  std::string whole() const;
  std::uint64_t edges() const;

 private:
  struct Facts {
    std::map<std::string, std::string> of_subject;
    std::map<std::string, std::string> agencies;
  };
  Outcome upsert(const model::ChangeEvent& event, Element& element);
  Outcome patch(const model::ChangeEvent& event, Element& element);
  Outcome remove(const model::ChangeEvent& event, Element& element, base::Instant now);
  bool permitted(const model::ChangeEvent& event, const Element& element) const;
  bool granted(const std::string& source, const std::string& kind) const;
  bool write(const model::ChangeEvent& event, Element& element);
  bool late(const model::ChangeEvent& event, const Element& element, const Written* there) const;
  std::set<std::string> ends_of(const model::ChangeEvent& event,
                                const model::FieldChange& change) const;
  std::optional<expr::Value> laid_over(const Written* there, const expr::Value& value,
                                       bool patch) const;
  static void withdraw(Element& element, const std::string& source, std::int64_t version);
  void refer(const model::ChangeEvent& event, Element& element);
  Facts facts(const std::string& subject) const;
  void finish(const std::string& subject, const Facts& before, const Element& old,
              base::Instant at);
  void make_stub(Element& element, base::Instant at);
  bool only_follows(const Element& element, const std::string& relation) const;
  void adopt(const Facts& before);
  void let_go();
  bool is_needed(const Element& stub) const;
  void forget_needless();

  std::set<std::string> said_;  // fields that the event under way wrote
};

}  // namespace patuh::registry::test
