// The estate, the rules and the changes that bench_engine measures, as workload.toml says, with the
// same rules written by hand over plain structs: an oracle for the engine's counts, and what a full
// pass costs at the least.
#pragma once

#include <array>
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
  std::size_t elements_per_agency = 0, hub_apps = 0, hub_services = 0, code_shared_by = 0;
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

// Makes the estate, event by event, and changes it.
class Changes {
 public:
  Changes(const model::Schema& schema, const Parameters& parameters, std::size_t elements);

  // The agencies, then every element once, in random order.
  std::size_t births() const { return estate_.agencies.size() + order_.size(); }
  model::ChangeEvent birth(std::size_t i);
  // One field of one element, to a value that it does not have; each field is one that rules read.
  model::ChangeEvent update();
  const Estate& estate() const { return estate_; }

 private:
  struct Place {
    std::size_t kind;
    std::uint32_t number;
  };
  std::uint32_t below(std::size_t n) { return static_cast<std::uint32_t>(random_() % n); }
  model::ChangeEvent begin(std::string_view kind, std::size_t number, model::Operation operation);
  void put_number(model::ChangeEvent& event, Element& element, std::uint16_t field, bool is_new);
  void put_code(model::ChangeEvent& event, const Place& place, std::uint32_t code, bool is_new);
  void put_one(model::ChangeEvent& event, const Place& place, std::uint32_t app, bool is_new);
  void put(model::ChangeEvent& event, const Place& place, std::uint16_t field, bool is_new);
  std::uint32_t by_zipf();
  std::uint32_t rank_to_change(std::size_t kind);
  std::uint32_t hub(std::size_t number) const;
  std::uint32_t home_app(const Place& place) const;
  static std::uint32_t cold(std::uint32_t number, std::size_t count);
  static std::uint32_t elsewhere(std::uint32_t number, std::size_t count);

  const model::Schema& schema_;
  Parameters parameters_;
  std::mt19937_64 random_;
  Estate estate_;
  std::vector<std::uint32_t> order_;  // of births: rank * kinds + kind
  std::vector<double> weight_;        // by rank: of all up to it
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
