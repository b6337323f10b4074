// A small world of objects for the tests of the language: three kinds, a few elements, and host
// functions in the manner of the real ones.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "expr/expr.h"

namespace patuh::expr {

// Kinds: 0 aplikasi, 1 keamanan, 2 perangkat_daerah. Elements are numbered within their kind.
class World final : public ObjectTypes, public Host {
 public:
  World();

  bool has_type(std::string_view object) const override;
  std::optional<Field> field(std::string_view object, std::string_view name) const override;
  std::vector<std::string_view> field_names(std::string_view object) const override;

  Value select(Context& context, Value object, std::uint16_t field) override;
  bool has(Context& context, const Value& object, std::uint16_t field) override;
  Value select_dynamic(Context& context, const Value& object, std::string_view field) override;
  bool known(Context& context, const Value& object) override;

  // `self` (aplikasi), `lain` (dyn), constants params.batas, params.umur, each.topik, daftar;
  // functions related(e, 'keamanan'), known(e), lookup(kind, id), too_many(), broken(), `e.kode()`.
  Environment environment();
  // self = aplikasi#`self`, lain = a map.
  std::vector<Value> variables(std::uint32_t self);

  // "aplikasi.status" of an origin.
  std::string name_of(const Origin& origin) const;
  void set(std::uint32_t kind, std::uint32_t index, std::string_view field, Value value);
  const std::set<std::pair<std::uint32_t, std::uint16_t>>& reads() const { return reads_; }
  void forget_reads() { reads_.clear(); }

  static constexpr base::Instant kNow{std::chrono::seconds{1'767'225'600}};  // 2026-01-01T00:00:00Z

 private:
  struct KindOf {
    std::string name;
    std::vector<std::pair<std::string, Field>> fields;
    std::vector<std::map<std::uint16_t, Value>> elements;
  };
  void declare();
  void fill();
  const KindOf* kind_named(std::string_view name) const;
  Value related(std::uint32_t index);

  std::vector<KindOf> kinds_;
  Arena arena_;
  Value securities_, no_securities_;  // what is related to the full element, and to others
  std::set<std::pair<std::uint32_t, std::uint16_t>> reads_;
};

struct Outcome {
  std::string text;  // to_text(), or "error CODE [of kind.field]"
  Value value;
  Arena arena;
  base::Instant next_change = base::kNever;
  std::uint64_t spent = 0;
};

// Compiles in the world's environment; a refused expression gives "refused CODE CODE …".
Outcome run_in(World& world, std::string_view text, std::uint32_t self = 0,
               base::Instant now = World::kNow);
std::string error_text(const World& world, const Value& error);
std::string_view name_of(ErrorCode code);

}  // namespace patuh::expr
