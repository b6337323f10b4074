// rulebook: TOML packs in, an immutable RuleBook or diagnostics out.
//
// A pack is a folder: schema.toml (kinds, attributes, relations, roles), any number of *.toml files
// with rules and parameters, *.test.toml with tests. Layers after it (the site's rules.d) change
// parameters, severity, mode and confirmation, never the shipped files. rules/README.md is the
// format's reference. The rulebook evaluates nothing but constants.
//
// It also declares what rules may call beside the language's own functions (related, referrers,
// reach, same, where, members, lookup, known, changed_at): World is the door through which the
// engine, and the tests' naive evaluator, answer them.
//
//   auto book = rulebook::load({"rules/spbe", "/etc/patuh/rules.d"});
//   if (!book) std::cerr << book.error().render();
//
// Threads: a RuleBook is immutable and shared.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base.h"
#include "expr/expr.h"
#include "model/model.h"

namespace patuh::rulebook {

using model::ElementRef;
using model::FieldId;
using model::KindId;

// What reach() goes through at most: beyond either limit it is an error (kLimit).
inline constexpr std::uint32_t kReachMax = 1000;       // elements met
inline constexpr std::uint32_t kReachEdgesMax = 4000;  // looked along, also to what was met already

// How many changes of an attribute changes() knows at most: the newest.
inline constexpr std::uint32_t kChangesMax = 100;

// What rules can ask of the registry beside fields. Objects are expr objects (kind, ElementRef).
// Each notes what it read. Sets come as lists; absent means null with its origin. Of an object's
// fields, the numbers of Host::select, model::kIdField and model::kKindField are built in.
class World : public expr::Host {
 public:
  virtual expr::Value related(expr::Context&, const expr::Value& object, FieldId relation) = 0;
  virtual expr::Value referrers(expr::Context&, const expr::Value& object, KindId from,
                                FieldId relation) = 0;
  // Over all kinds that have a relation of this name.
  virtual expr::Value referrers_any(expr::Context&, const expr::Value& object,
                                    std::string_view relation) = 0;
  // What is met by following the relation of this name from element to element, without the object
  // itself: nearest first, equally near ones in the order of their set, each once. A kind without
  // such a relation ends the way.
  virtual expr::Value reach(expr::Context&, const expr::Value& object,
                            std::string_view relation) = 0;
  // The same against the relation of `from`.
  virtual expr::Value reach_back(expr::Context&, const expr::Value& object, KindId from,
                                 FieldId relation) = 0;
  // `attribute` is indexed, or a single relation: then those that point at the same end. Without
  // the object itself; empty when its own value is null.
  virtual expr::Value same(expr::Context&, const expr::Value& object, FieldId attribute) = 0;
  // As same() for a value given: of a single relation an object.
  virtual expr::Value where(expr::Context&, KindId kind, FieldId attribute,
                            const expr::Value& value) = 0;
  virtual expr::Value members(expr::Context&, const expr::Value& agency, KindId kind) = 0;
  virtual expr::Value lookup(expr::Context&, KindId kind, std::string_view id) = 0;
  virtual expr::Value changed_at(expr::Context&, const expr::Value& object) = 0;
  // The value before the present one; null when it is not known to have had another.
  virtual expr::Value previous(expr::Context&, const expr::Value& object, FieldId attribute) = 0;
  // How often the attribute changed less than `span` ago.
  virtual expr::Value changes(expr::Context&, const expr::Value& object, FieldId attribute,
                              base::Duration span) = 0;

 protected:
  ~World() = default;
};

// A message's text with {expressions}.
struct Template {
  struct Part {
    std::string text;                      // literal, or …
    std::optional<expr::Program> program;  // … an expression in its place
  };
  std::vector<Part> parts;
};
struct Message {
  Template id;
  Template en;
  const Template& in(model::Language language) const;  // en falls back to id when it has no parts
};

// How sure the law behind a rule is. Never lowers severity.
enum class Confidence : std::uint8_t { kArticle, kLaw, kKnown, kUncertain, kProposed };
std::string_view name_of(Confidence confidence);
struct Basis {
  std::string law;      // key of the pack's data set of laws
  std::string article;  // "Ps. 58(4)", empty where not known
  Confidence confidence = Confidence::kUncertain;
};

enum class Mode : std::uint8_t { kEnforced, kShadow };
std::string_view name_of(Mode mode);  // "enforced", "shadow"

struct Rule {
  model::RuleId number;  // index in RuleBook::rules
  std::string id;        // "APP-SEC-01", "KEB-10-01.arsitektur"
  KindId kind;
  Mode mode = Mode::kEnforced;
  model::Severity severity = model::Severity::kLow;
  std::optional<expr::Program> when;  // absent = always
  std::optional<expr::Program> require;
  std::optional<expr::Program> occurrence;
  base::Duration grace{0};
  model::Text title, remedy;
  Message message;
  std::vector<Basis> basis;
  std::vector<std::string> indicators;  // "S22", "D9"
  std::string owner;                    // who mends it: "PD", "KOM", …
  std::string family;  // completeness, accuracy, consistency, commitment, timeliness, security
  std::optional<base::Instant> effective_from, effective_until;  // [from, until)
  std::string confirmed_by;  // of the site's layer; empty = guidance
  // The first four bytes of the SHA-256 over what decides verdicts (kind, when, require,
  // occurrence, effective, parameters used): equal versions judge alike.
  std::uint32_t version = 0;
  base::Place place;
};

struct Parameter {
  std::string name;
  expr::Value value;  // lives in RuleBook::arena
  expr::Type type = expr::Type::dyn();
  model::Text title;
  std::string set_by;  // the file that gave the value
};

// A law or other reference that rules cite.
struct Law {
  std::string key;
  model::Text title;
  std::optional<base::Instant> from, until;
};

struct Grant {
  std::string source;
  std::string kind;
};

struct PackFile {
  std::string name;  // relative to its layer, "layer:name"
  std::string text;
};

struct RuleBook {
  std::shared_ptr<const model::Schema> schema;
  std::vector<Rule> rules;                          // index = RuleId; sorted by id
  std::vector<std::vector<model::RuleId>> by_kind;  // index = KindId
  std::vector<Parameter> parameters;
  std::vector<Law> laws;
  std::vector<Grant> grants;
  std::shared_ptr<expr::Arena> arena;
  base::Digest hash{};          // over all files that judge, in order
  std::vector<PackFile> files;  // everything needed to build the same book again

  const Rule* rule(std::string_view id) const;
};

using Loaded = std::expected<std::shared_ptr<const RuleBook>, base::Diagnostics>;

// Reads the folders as layers, the first is the pack. Every fault of every file at once (of TOML
// syntax the first in each file). Warnings of a loadable pack come back through `warnings`.
Loaded load(std::span<const std::filesystem::path> layers, base::Diagnostics* warnings = nullptr);
// Builds the same book from the files a log record carries.
Loaded load(std::span<const PackFile> files, base::Diagnostics* warnings = nullptr);

// The language's environment of this schema: variables self (of `self_kind`) and each (when not
// empty), constants params.*, the World's functions. Also for `patuhctl expr` and the API's query.
// The schema must outlive it.
expr::Environment environment(const RuleBook& book, KindId self_kind);

// ── Tests that rule authors write (*.test.toml) ──
struct Expectation {
  std::string rule;
  std::string element;  // kind/id
  model::VerdictState state = model::VerdictState::kCompliant;
  base::Place place;
};
struct TestStep {
  base::Instant now{};
  std::vector<model::Envelope> events;  // applied in order at `now`
  std::vector<Expectation> expect;      // checked after them
};
struct TestCase {
  std::string name;
  base::Place place;
  std::vector<TestStep> steps;
};
std::expected<std::vector<TestCase>, base::Diagnostics> load_tests(
    const std::filesystem::path& pack, const RuleBook& book);
std::expected<std::vector<TestCase>, base::Diagnostics> load_tests(std::span<const PackFile> files,
                                                                   const RuleBook& book);

}  // namespace patuh::rulebook
