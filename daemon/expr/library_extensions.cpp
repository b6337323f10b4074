#include "expr/library_extensions.h"

#include <array>

namespace patuh::expr {
namespace {

using Signatures = std::span<const std::string_view>;

constexpr std::array<std::string_view, 2> kExtreme = {"l:e", "n+:*"};
constexpr std::array<std::string_view, 1> kDouble = {"d:d"};
constexpr std::array<std::string_view, 3> kRoot = {"d:d", "i:d", "u:d"};
constexpr std::array<std::string_view, 3> kNumber = {"i:i", "u:u", "d:d"};
constexpr std::array<std::string_view, 1> kDoubleTest = {"d:b"};
constexpr std::array<std::string_view, 2> kBits = {"ii:i", "uu:u"};
constexpr std::array<std::string_view, 2> kBit = {"i:i", "u:u"};
constexpr std::array<std::string_view, 2> kShift = {"ii:i", "ui:u"};

constexpr std::array<std::string_view, 1> kOptionalOf = {"*:O"};
constexpr std::array<std::string_view, 1> kOptionalNone = {":F"};
constexpr std::array<std::string_view, 1> kHasValue = {"o:b"};
constexpr std::array<std::string_view, 1> kValueOf = {"o:e"};
constexpr std::array<std::string_view, 1> kOr = {"oo:J"};
constexpr std::array<std::string_view, 1> kOrValue = {"o*:V"};
constexpr std::array<std::string_view, 1> kUnwrap = {"l:U"};

constexpr std::array<std::string_view, 1> kRange = {"i:I"};
constexpr std::array<std::string_view, 1> kEnds = {"l:P"};
constexpr std::array<std::string_view, 1> kSlice = {"lii:0"};
constexpr std::array<std::string_view, 2> kFlatten = {"l:l", "li:l"};
constexpr std::array<std::string_view, 1> kSameList = {"l:0"};
constexpr std::array<std::string_view, 2> kReverse = {"l:0", "s:s"};
constexpr std::array<std::string_view, 1> kSets = {"ll:b"};

constexpr std::array<std::string_view, 1> kFormat = {"sl:s"};
constexpr std::array<std::string_view, 1> kQuote = {"s:s"};
constexpr std::array<std::string_view, 1> kEncode = {"y:s"};
constexpr std::array<std::string_view, 1> kDecode = {"s:y"};
constexpr std::array<std::string_view, 2> kRegexReplace = {"sss:s", "sssi:s"};
constexpr std::array<std::string_view, 1> kExtract = {"ss:S"};
constexpr std::array<std::string_view, 1> kExtractAll = {"ss:L"};

constexpr LibraryFunction global(std::string_view name, Signatures signatures, NativeCall call,
                                 Charge charge = Charge::kNothing) {
  return {.name = name, .signatures = signatures, .call = call, .cost = 1, .charge = charge};
}
constexpr LibraryFunction method(std::string_view name, Signatures signatures, NativeCall call,
                                 Charge charge = Charge::kNothing) {
  LibraryFunction function = global(name, signatures, call, charge);
  function.style = Style::kMethod;
  return function;
}
constexpr LibraryFunction lazy(std::string_view name, Signatures signatures, Run run) {
  return {.name = name, .style = Style::kMethod, .signatures = signatures, .cost = 1, .run = run};
}
constexpr LibraryFunction pattern(std::string_view name, Signatures signatures, NativeCall call,
                                  Resolver resolve) {
  return {.name = name,
          .signatures = signatures,
          .call = call,
          .cost = 20,
          .charge = Charge::kPattern,
          .resolve = resolve,
          .prepare = native::prepare_matches};
}
constexpr LibraryFunction with(Resolver resolve, LibraryFunction function) {
  function.resolve = resolve;
  return function;
}

constexpr auto kExtensions = std::to_array<LibraryFunction>({
    global("math.greatest", kExtreme, native::math_greatest, Charge::kItems),
    global("math.least", kExtreme, native::math_least, Charge::kItems),
    global("math.ceil", kDouble, native::math_ceil),
    global("math.floor", kDouble, native::math_floor),
    global("math.round", kDouble, native::math_round),
    global("math.trunc", kDouble, native::math_trunc),
    global("math.sqrt", kRoot, native::math_sqrt),
    global("math.abs", kNumber, native::math_abs),
    global("math.sign", kNumber, native::math_sign),
    global("math.isNaN", kDoubleTest, native::math_is_nan),
    global("math.isInf", kDoubleTest, native::math_is_inf),
    global("math.isFinite", kDoubleTest, native::math_is_finite),
    global("math.bitAnd", kBits, native::math_bit_and),
    global("math.bitOr", kBits, native::math_bit_or),
    global("math.bitXor", kBits, native::math_bit_xor),
    global("math.bitNot", kBit, native::math_bit_not),
    global("math.bitShiftLeft", kShift, native::math_bit_shift_left),
    global("math.bitShiftRight", kShift, native::math_bit_shift_right),

    {.name = "optional.of",
     .signatures = kOptionalOf,
     .call = native::optional_of,
     .cost = 1,
     .takes_null = true},
    global("optional.none", kOptionalNone, native::optional_none),
    {.name = "optional.ofNonZeroValue",
     .signatures = kOptionalOf,
     .call = native::optional_of_non_zero,
     .cost = 1,
     .takes_null = true},
    method("hasValue", kHasValue, native::optional_has_value),
    method("value", kValueOf, native::optional_value),
    lazy("or", kOr, run_optional_or),
    lazy("orValue", kOrValue, run_optional_or_value),
    with(native::resolve_unwrap,
         global("optional.unwrap", kUnwrap, native::optional_unwrap, Charge::kItems)),
    with(native::resolve_unwrap,
         method("unwrapOpt", kUnwrap, native::optional_unwrap, Charge::kItems)),

    global("lists.range", kRange, native::lists_range, Charge::kItems),
    method("first", kEnds, native::first),
    method("last", kEnds, native::last),
    method("slice", kSlice, native::slice, Charge::kItems),
    method("flatten", kFlatten, native::flatten, Charge::kItems),
    with(native::resolve_sort, method("sort", kSameList, native::sort, Charge::kSorting)),
    method("distinct", kSameList, native::distinct, Charge::kPairs),
    method("reverse", kReverse, native::reverse, Charge::kItems),
    with(native::resolve_sets,
         global("sets.contains", kSets, native::sets_contains, Charge::kPairs)),
    with(native::resolve_sets,
         global("sets.equivalent", kSets, native::sets_equivalent, Charge::kPairs)),
    with(native::resolve_sets,
         global("sets.intersects", kSets, native::sets_intersects, Charge::kPairs)),

    with(native::resolve_format, method("format", kFormat, native::format, Charge::kText)),
    global("strings.quote", kQuote, native::strings_quote, Charge::kText),
    global("base64.encode", kEncode, native::base64_encode, Charge::kText),
    global("base64.decode", kDecode, native::base64_decode, Charge::kText),
    pattern("regex.replace", kRegexReplace, native::regex_replace, native::resolve_replace),
    pattern("regex.extract", kExtract, native::regex_extract, native::resolve_extract),
    pattern("regex.extractAll", kExtractAll, native::regex_extract_all, native::resolve_extract),
});

}  // namespace

std::span<const LibraryFunction> extensions() { return kExtensions; }

}  // namespace patuh::expr
