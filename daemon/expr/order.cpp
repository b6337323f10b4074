// Equality as the language has it, and the total order of canonical output and map keys.
#include <cmath>

#include "expr/expr.h"
#include "expr/kinds.h"
#include "expr/numbers.h"
#include "expr/plan.h"

namespace patuh::expr {
namespace {

template <class T>
int sign_of(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

int compare_int_uint(std::int64_t a, std::uint64_t b) {
  return a < 0 ? -1 : sign_of(static_cast<std::uint64_t>(a), b);
}

int compare_doubles(double a, double b) {
  return std::isnan(a) || std::isnan(b) ? kUnordered : sign_of(a, b);
}

// T is int64_t or uint64_t; `below` is its least value, `above` the first beyond it.
template <class T>
int compare_exactly(T a, double b, double below, double above) {
  if (std::isnan(b)) return kUnordered;
  if (b >= above) return -1;
  if (b < below) return 1;
  const auto whole = static_cast<T>(b);
  if (a != whole) return sign_of(a, whole);
  return sign_of(0.0, b - static_cast<double>(whole));
}

template <class T>
int compare_rounded(T a, double b, double below, double above) {
  if (b > above) return -1;
  if (b < below) return 1;
  return compare_doubles(static_cast<double>(a), b);
}

int reversed(int order) { return order == kUnordered ? order : -order; }

template <bool exact>
int compare_with_double(const Value& whole, double other) {
  if (whole.kind() == Kind::kInt) {
    const auto compare_int = exact ? compare_exactly<std::int64_t> : compare_rounded<std::int64_t>;
    return compare_int(whole.as_int(), other, -0x1p63, 0x1p63);
  }
  const auto compare_uint = exact ? compare_exactly<std::uint64_t> : compare_rounded<std::uint64_t>;
  return compare_uint(whole.as_uint(), other, 0, 0x1p64);
}

template <bool exact>
int compare_kinds(const Value& a, const Value& b) {
  if (a.kind() == Kind::kDouble && b.kind() == Kind::kDouble) {
    return compare_doubles(a.as_double(), b.as_double());
  }
  if (b.kind() == Kind::kDouble) return compare_with_double<exact>(a, b.as_double());
  if (a.kind() == Kind::kDouble) return reversed(compare_with_double<exact>(b, a.as_double()));
  if (a.kind() == b.kind()) {
    return a.kind() == Kind::kInt ? sign_of(a.as_int(), b.as_int())
                                  : sign_of(a.as_uint(), b.as_uint());
  }
  return a.kind() == Kind::kInt ? compare_int_uint(a.as_int(), b.as_uint())
                                : reversed(compare_int_uint(b.as_int(), a.as_uint()));
}

// Kinds of one group are compared with each other.
int group_of(Kind kind) {
  return is_number(kind) ? static_cast<int>(Kind::kInt) : static_cast<int>(kind);
}

// Equality that counts its work. False also when the budget is spent: `spent` tells.
class Equality {
 public:
  explicit Equality(std::uint64_t budget) : left_(budget) {}

  bool spent() const { return spent_; }
  std::uint64_t left() const { return left_; }

  bool holds(const Value& a, const Value& b) {
    if (is_number(a.kind()) && is_number(b.kind())) return charge(1) && relate_numbers(a, b) == 0;
    if (!charge(1) || a.kind() != b.kind()) return false;
    switch (a.kind()) {
      case Kind::kString:
        return texts(a.as_string(), b.as_string());
      case Kind::kBytes:
        return texts(a.as_bytes(), b.as_bytes());
      case Kind::kList:
        return lists(a.as_list(), b.as_list());
      case Kind::kMap:
        return maps(a.as_map(), b.as_map());
      case Kind::kOptional:
        return optionals(a.as_optional(), b.as_optional());
      default:
        return compare(a, b) == 0;
    }
  }

 private:
  bool charge(std::uint64_t units) {
    spent_ = spent_ || left_ < units;
    left_ = spent_ ? 0 : left_ - units;
    return !spent_;
  }

  bool texts(std::string_view a, std::string_view b) {
    return a.size() == b.size() && charge(a.size() / kTextBytesPerUnit) && a == b;
  }

  bool lists(const ListRep& a, const ListRep& b) {
    bool equal = a.size == b.size;
    for (std::uint32_t i = 0; equal && i < a.size; ++i) equal = holds(item(a, i), item(b, i));
    return equal;
  }

  bool maps(const MapRep& a, const MapRep& b) {
    bool equal = a.size == b.size;
    for (std::uint32_t i = 0; equal && i < a.size; ++i) {
      equal = holds(a.entries[i].key, b.entries[i].key) &&
              holds(a.entries[i].value, b.entries[i].value);
    }
    return equal;
  }

  bool optionals(const Value* a, const Value* b) {
    if (a == nullptr || b == nullptr) return a == b;
    return holds(*a, *b);
  }

  std::uint64_t left_;
  bool spent_ = false;
};

int compare_lists(const ListRep& a, const ListRep& b) {
  for (std::uint32_t i = 0; i < a.size && i < b.size; ++i) {
    if (const int order = compare(item(a, i), item(b, i)); order != 0) return order;
  }
  return sign_of(a.size, b.size);
}

int compare_maps(const MapRep& a, const MapRep& b) {
  for (std::uint32_t i = 0; i < a.size && i < b.size; ++i) {
    if (const int order = compare(a.entries[i].key, b.entries[i].key); order != 0) return order;
    if (const int order = compare(a.entries[i].value, b.entries[i].value); order != 0) return order;
  }
  return sign_of(a.size, b.size);
}

int compare_optionals(const Value* a, const Value* b) {
  if (a == nullptr || b == nullptr) return sign_of(a != nullptr, b != nullptr);
  return compare(*a, *b);
}

int compare_times(const Value& a, const Value& b) {
  const int order = sign_of(a.seconds(), b.seconds());
  return order != 0 ? order : sign_of(a.nanos(), b.nanos());
}

int compare_objects(const Value& a, const Value& b) {
  const int order = sign_of(a.object_kind(), b.object_kind());
  return order != 0 ? order : sign_of(a.object_index(), b.object_index());
}

bool is_nan(const Value& value) {
  return value.kind() == Kind::kDouble && std::isnan(value.as_double());
}

// A NaN comes before every other number.
int order_numbers(const Value& a, const Value& b) {
  if (is_nan(a) || is_nan(b)) return sign_of(!is_nan(a), !is_nan(b));
  return compare_numbers(a, b);
}

}  // namespace

int compare_numbers(const Value& a, const Value& b) { return compare_kinds<true>(a, b); }

int relate_numbers(const Value& a, const Value& b) { return compare_kinds<false>(a, b); }

bool equals(const Value& a, const Value& b) {
  PATUH_ASSERT(!a.is_error() && !b.is_error());
  return Equality(UINT64_MAX).holds(a, b);
}

std::optional<bool> equals_within(const Value& a, const Value& b, std::uint64_t& budget) {
  Equality equality(budget);
  const bool equal = equality.holds(a, b);
  budget = equality.left();
  if (equality.spent()) return std::nullopt;
  return equal;
}

int compare(const Value& a, const Value& b) {
  const int groups = sign_of(group_of(a.kind()), group_of(b.kind()));
  if (groups != 0) return groups;
  switch (a.kind()) {
    case Kind::kNull:
      return 0;
    case Kind::kBool:
      return sign_of(a.as_bool(), b.as_bool());
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble:
      return order_numbers(a, b);
    case Kind::kString:
      return sign_of(a.as_string(), b.as_string());
    case Kind::kBytes:
      return sign_of(a.as_bytes(), b.as_bytes());
    case Kind::kTimestamp:
    case Kind::kDuration:
      return compare_times(a, b);
    case Kind::kList:
      return compare_lists(a.as_list(), b.as_list());
    case Kind::kMap:
      return compare_maps(a.as_map(), b.as_map());
    case Kind::kType:
      return sign_of(a.as_type().text(), b.as_type().text());
    case Kind::kObject:
      return compare_objects(a, b);
    case Kind::kOptional:
      return compare_optionals(a.as_optional(), b.as_optional());
    case Kind::kError:
      return sign_of(a.as_error().code, b.as_error().code);
  }
  return 0;
}

}  // namespace patuh::expr
