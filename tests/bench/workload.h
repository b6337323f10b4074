// The estate, the rules and the changes that bench_engine measures, as workload.toml says, with the
// same rules written by hand over plain structs: an oracle for the engine's counts, and what a full
// pass costs at the least.
//
// An update should cost the same whatever the size of the estate. So that nothing but the engine
// makes a difference:
// - *Fields are dealt* like cards: of 42 updates in a row each of three kinds has fourteen, one for
//   each field that rules read, for the most read two or three. Drawn, the mix would go by luck.
// - *Readers are as hot as what they read.* By Zipf's law the first ten ranks take a third of the
//   updates of 10,000 elements, a fifth of those of a million. Were they read by elements that
//   never change, the number and the state of these few would decide the mean, and weigh less in a
//   larger estate. So relations lead to neighbours by rank, hot or cold together, and neighbours
//   share codes. Each change draws another neighbour as birth drew the first: at any time an app is
//   the `one` of three elements on average, a part is in the `parts` of three, whatever its rank.
//   What an element keeps for ever, whose it is and whether a hub is its `one`, goes by its place
//   among its neighbours.
// - *All is settled.* Before updates are counted, of each element that they will change each field
//   that they could change is patched once, to the value that it has. The first patch of a field
//   makes the element's block longer, once in its life: of 200,000 updates 5 in 100 were the first
//   of their element at 10,000 elements and 35 at a million.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "model/model.h"
#include "rulebook/rulebook.h"

namespace patuh::bench {

struct Parameters {
  std::uint64_t seed = 0;
  std::size_t updates = 0;
  std::size_t elements_per_agency = 0, hub_apps = 0, neighbours = 0;
};
Parameters read_parameters();
std::shared_ptr<const rulebook::RuleBook> load_rules();
// Without those of the families named (by commas: one,same); a rule's id is kind-family-bound.
std::shared_ptr<const rulebook::RuleBook> load_rules_without(const std::string& families);
// All but for the first of them, a rule on every app.
enum class OneRule {
  kRewritten,           // with another bound
  kWithdrawn,           // not there
  kReadsAnotherSchema,  // reads an attribute that apps did not have
};
std::shared_ptr<const rulebook::RuleBook> load_rules_with(OneRule change);

enum Kind : std::size_t { kApp, kPart, kSvc, kKinds };
inline constexpr std::array kKindNames = {"app", "part", "svc"};

struct Element {
  std::array<int, 6> n{};
  std::size_t status = 0;
  std::uint32_t code = 0;
  bool f = false;
  bool g = false;
  base::Instant until{};
  std::uint32_t owner = 0, one = 0, part = 0;  // agency, app, part
};

struct Estate {
  std::array<std::vector<Element>, kKinds> of;  // by rank: the first changes most often
  std::vector<Element> agencies;
  std::vector<std::vector<std::uint32_t>> served_by;  // by app: services whose `one` it is
  std::array<std::vector<int>, kKinds> having_code;   // by kind and code: how many
  std::size_t size() const { return of[kApp].size() + of[kPart].size() + of[kSvc].size(); }
};

// Makes the estate, event by event, and changes it: all births, all that settles, then at most so
// many updates as the parameters say.
class Changes {
 public:
  Changes(const model::Schema& schema, const Parameters& parameters, std::size_t elements);

  // The agencies, then every element once, in random order.
  std::size_t births() const { return estate_.agencies.size() + order_.size(); }
  model::ChangeEvent birth(std::size_t i);
  // Patches that say once more what is so, after the births.
  std::size_t settlings() const;
  model::ChangeEvent settling(std::size_t i);
  std::size_t updates() const { return planned_.size(); }
  // One field of one element, to a value that it does not have; each field is one that rules read.
  model::ChangeEvent update();
  const Estate& estate() const { return estate_; }

 private:
  struct Place {
    std::size_t kind;
    std::uint32_t number;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  struct Planned {
    Place place;
    std::uint16_t field;
  };
  std::uint32_t below(std::size_t n) { return static_cast<std::uint32_t>(random_() % n); }
  void plan_updates();
  model::ChangeEvent begin(std::string_view kind, std::size_t number, model::Operation operation);
  void say(model::ChangeEvent& event, const Place& place, std::uint16_t field) const;
  void draw(const Place& place, std::uint16_t field, bool is_new);
  void draw_code(const Place& place, bool is_new);
  void draw_one(const Place& place, bool is_new);
  std::uint32_t owner_of(const Place& place);
  std::uint32_t neighbour(std::uint32_t number, std::optional<std::uint32_t> not_this,
                          std::optional<std::uint32_t> nor_this);
  std::uint32_t by_zipf();
  std::uint32_t rank_to_change(std::size_t kind);
  std::uint32_t hub(std::size_t number) const;

  const model::Schema& schema_;
  Parameters parameters_;
  std::mt19937_64 random_;
  Estate estate_;
  std::vector<std::uint32_t> order_;  // of births: rank * kinds + kind
  std::vector<double> weight_;        // by rank: of all up to it
  std::vector<Planned> planned_;
  std::vector<Place> to_settle_;  // the elements that updates will change
  std::size_t updated_ = 0;
  std::size_t made_ = 0;
};

// By rule of the book: how many are compliant and violating, judged by hand.
struct Pass {
  std::vector<std::pair<std::int64_t, std::int64_t>> counts;
  double seconds = 0;  // of CPU
};
Pass pass_by_hand(const Estate& estate, const rulebook::RuleBook& book, base::Instant now);

double cpu_seconds();
inline const base::Instant kBegin = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

}  // namespace patuh::bench
