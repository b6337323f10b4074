// The checker's parts, spread over three sources: names and fields, operators, calls and loops.
#pragma once

#include <set>

#include "expr/checker.h"
#include "expr/claims.h"
#include "expr/typing.h"

namespace patuh::expr {

class Checker {
 public:
  Checker(const Environment::Impl& environment, const Source& source, Tree& tree, Report& report)
      : environment_(environment),
        source_(source),
        tree_(tree),
        report_(report),
        parsed_(!report.has_errors()) {}

  Facts run(const Type& expected);

 private:
  struct Local {
    std::string name;
    Type type = Type::dyn();
    std::shared_ptr<const Domain> values;
    Span at;
    std::string_view what = "loop variable";
    bool moves = false;          // of cel.bind
    std::uint32_t size_max = 0;  // of cel.bind
    bool used = false;
  };

  void check(Expression& e);
  void check_by_syntax(Expression& e);
  void loosen(Expression& e);
  void check_children(Expression& e);

  // Names and fields (checker_names.cpp).
  void check_name(Expression& e);
  void check_select(Expression& e);
  void check_has(Expression& e);
  bool resolve_path(Expression& e, const std::string& path);
  bool resolve_global(Expression& e, const std::string& path);
  bool resolve_local(Expression& e);
  void resolve_constant(Expression& e, const Value& value, const Type& declared);
  void check_operand(Expression& e);
  void resolve_field(Expression& e);
  void resolve_field_of(Expression& e, const Type& type);
  void resolve_object_field(Expression& e, const Type& type);
  void resolve_constant_key(Expression& e, const Expression& operand);
  void unknown_name(const Expression& e, const std::string& path);
  std::string hint_for_name(const std::string& path, bool is_operand) const;
  bool is_namespace(std::string_view name) const;
  bool names_value(std::string_view path) const;
  bool is_in_constant(std::string_view path) const;
  void note_field(const Expression& operand, std::uint16_t field);

  // Operators (checker_operators.cpp).
  void check_logic(Expression& e);
  void check_not(Expression& e);
  void check_negate(Expression& e);
  void check_conditional(Expression& e);
  void check_binary(Expression& e);
  void check_comparison(Expression& e);
  void check_arithmetic(Expression& e);
  void check_in(Expression& e);
  void check_index(Expression& e);
  void index_type(Expression& e, const Type& range);
  void check_list(Expression& e);
  void check_map(Expression& e);
  void check_optional_item(Expression& e);
  void check_values(const Expression& choice, const Expression& literal);
  void check_members(const Expression& choice, const Expression& list);
  void want_bool(const Expression& e, std::string_view what);

  // Conditions that say nothing (checker_conditions.cpp).
  void look_at_comparison(const Expression& e);
  void look_at_constants(const Expression& e);
  void look_at_claim(const Expression& e, const Claim& claim);
  void look_at_terms(const Expression& e);
  bool look_at_literal_term(const Expression& e, const Expression& term);
  bool look_at_pair(const Expression& e, const Expression& first, const Expression& second);
  bool look_at_claims(const Expression& e, const Expression& first, const Expression& second);
  void look_at_members(const Expression& e, const Expression& choice, const Expression& list);
  bool look_at_values(const Expression& e, std::span<const Claim> claims);
  void look_at_not(const Expression& e);
  void look_at_condition(const Expression& e);
  void look_at_whole(const Expression& e);
  void always(const Expression& e, bool outcome, std::string why, std::string hint);
  void always_where_filled(const Expression& e, bool outcome, const Domain& domain,
                           const std::string& why, std::string hint);
  std::string written(const Expression& e, std::string_view else_text) const;

  // Calls and loops (checker_calls.cpp).
  void check_call(Expression& e);
  void check_library(Expression& e, const LibraryFunction& function);
  void fix_time(Expression& e);
  void check_host(Expression& e, const Function& function);
  void check_loop(Expression& e);
  void finish_loop(Expression& e);
  void finish_optional(Expression& e);
  void check_bind(Expression& e);
  void check_held_for(Expression& e);
  void enter(Local local);
  void leave();
  bool check_style(const Expression& e, bool as_method, bool as_global);
  void apply(Expression& e, const Resolved& resolved);
  void unknown_function(const Expression& e);
  bool merge_namespace(Expression& e);
  bool is_like_macro(const Expression& e) const;
  std::vector<Argument> arguments_of(const Expression& e) const;

  void refuse_moving(const Expression& e, std::string_view where);
  void fault(std::string_view code, Span at, std::string message, std::string hint = {});
  void warn(std::string_view code, Span at, std::string message, std::string hint = {});

  const Environment::Impl& environment_;
  const Source& source_;
  Tree& tree_;
  Report& report_;
  std::vector<Local> locals_;
  std::size_t held_from_ = 0;  // those before this one stand outside of the held_for() around
  std::set<std::uint16_t> fields_;
  bool only_fields_ = true;
  bool reads_now_ = false;
  bool is_operand_ = false;             // a field of it is read
  bool parsed_ = true;                  // no fault before
  std::optional<std::string> failure_;  // of the part being checked, where types are not
};

// "a.b.c" when the expression is a chain of names, else empty.
std::string path_of(const Expression& e);

}  // namespace patuh::expr
