// What one expression can cost at most, in CPU time and in memory, whatever it says: each of these
// took seconds, minutes or gigabytes when it was not charged for what it does.
#include <gtest/gtest.h>

#include <ctime>

#include "expr/plan.h"
#include "world.h"

namespace patuh::expr {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double kSlower = 20;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr double kSlower = 20;
#else
constexpr double kSlower = 1;
#endif
#else
constexpr double kSlower = 1;
#endif
constexpr double kSecondsMax = 1 * kSlower;  // docs/expressions.md tells what was measured
constexpr std::size_t kConstantBytesMax = std::size_t{4} << 20;
constexpr std::size_t kArenaBytesMax = std::size_t{64} << 20;

std::string repeated(std::string_view piece, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}

// "[x,x,…]" as long as an expression may be, # in `piece` counted up.
std::string list_of(std::string_view piece) {
  constexpr std::size_t kRoom = 40;  // for what stands around it
  std::string text = "[true";
  for (int i = 0;; ++i) {
    std::string next(piece);
    if (const std::size_t at = next.find('#'); at != std::string::npos) {
      next.replace(at, 1, std::to_string(i));
    }
    if (text.size() + next.size() + kRoom > kSourceBytesMax) return text + "]";
    text += "," + next;
  }
}

// `body` with a text t of more than a quarter of a million characters, once or many times over.
std::string with_text(std::string_view piece, std::string_view body) {
  std::string text = "cel.bind(t0, '" + repeated(piece, 4'000 / piece.size()) + "', ";
  constexpr int kDoublings = 6;
  for (int i = 0; i < kDoublings; ++i) {
    text += "cel.bind(t" + std::to_string(i + 1) + ", t" + std::to_string(i) + " + t" +
            std::to_string(i) + ", ";
  }
  text += "cel.bind(t, t" + std::to_string(kDoublings) + ", " + std::string(body) + ")";
  return text + repeated(")", kDoublings + 1);
}

std::string often(std::string_view condition) {
  return "lists.range(20000).exists(x, " + std::string(condition) + ")";
}

// A value that, written out, is far longer than what makes it: each level holds the one below
// twice.
std::string shared_parts(int levels, std::string_view body) {
  std::string text = "cel.bind(a, [], ";
  for (int i = 0; i < levels; ++i) text += "cel.bind(a, [a, a], ";
  return text + std::string(body) + repeated(")", static_cast<std::size_t>(levels) + 1);
}

std::string conditions() {
  std::string text = "self.tingkat > 0";
  for (int i = 1; text.size() < kSourceBytesMax - 40; ++i) {
    text += " && self.tingkat > " + std::to_string(i);
  }
  return text;
}

struct Load {
  std::string_view name;
  std::string expression;
};

const std::vector<Load>& loads() {
  static const std::vector<Load> kLoads = {
      {"patterns, each too large", list_of(R"(''.matches(r'\pL{90#}'))")},
      {"patterns, each just not too large", list_of(R"(''.matches(r'#\pL{4}'))")},
      {"one pattern often", list_of(R"(''.matches(r'\pL{900}'))")},
      {"a long pattern", R"(''.matches(r')" + repeated("\\pL", 5'000) + "')"},
      {"patterns made as it runs", often(R"(''.matches(string(x) + r'\pL{900}'))")},
      {"a pattern that keeps all its ways open",
       with_text("aaab", "t.matches('(a|b)*a(a|b){900}c')")},
      {"such a pattern in a loop",
       often("('" + repeated("ab", 1'000) + "').matches('(a|b)*a(a|b){100}' + string(x))")},
      {"replacing by such a pattern", with_text("aaab", "regex.replace(t, '(a?){300}a{300}', '')")},
      {"extracting by such a pattern", with_text("aaab", "regex.extractAll(t, '(a?){30}a{30}b')")},
      {"a part that is nearly there", with_text("a", "t.contains(t5 + 'b')")},
      {"its place", with_text("a", often("t.indexOf(t5 + 'b') == x"))},
      {"its last place", with_text("a", often("t.lastIndexOf('b' + t5) == x"))},
      {"splitting by it", with_text("a", often("t.split(t5 + 'b').size() == x"))},
      {"replacing it", with_text("a", often("t.replace(t5 + 'b', '') == ''"))},
      {"trimming", with_text(" ", often("t.trim() == 'x'"))},
      {"counting characters", with_text("a", often("size(t) == x"))},
      {"lower case", with_text("a", often("t.lowerAscii() == ''"))},
      {"numbers of a text",
       with_text("0", often("int(t) == x + 1 || uint(t) == 1u || double(t) == 2.0"))},
      {"times of a text", with_text("1h", often("duration(t) == duration('1s')"))},
      {"text of bytes", with_text("a", often("string(bytes(t)) == 'x'"))},
      {"a key that is not there", with_text("a", often("{1: 1}[dyn(t)] == x"))},
      {"a long key", with_text("a", often("{t: 1}[t] == 2 || t in {t: 1, t + 'a': 2}"))},
      {"one long key often", with_text("a", "lists.range(9000).transformMapEntry(x, y, {t: 1})")},
      {"comparing long texts", with_text("a", often("t == t5 + t5 && t < t5"))},
      {"sorting long texts", with_text("a", "lists.range(9000).sortBy(x, t)")},
      {"the greatest of long texts",
       with_text("a", often("max(lists.range(1000).map(y, {'a': t}), 'a') == ''"))},
      {"joining", with_text("a", often("[t, t].join(t) == ''"))},
      {"reversing", with_text("a", often("t.reverse() == ''"))},
      {"quoting", with_text("a", often("strings.quote(t) == ''"))},
      {"base64", with_text("a", often("base64.encode(bytes(t)) == '' || base64.decode(t) == b''"))},
      {"filling a form", with_text("a", often("'%s%x'.format([t, t]) == ''"))},
      {"a form of shared parts", shared_parts(50, often("'%s'.format([a]) == ''"))},
      {"comparing shared parts", shared_parts(50, often("a == [a]"))},
      {"flattening shared parts", shared_parts(50, "a.flatten(1000).size() == 0")},
      {"sets of shared parts", shared_parts(50, "sets.contains([a], [[a]]) || [a] in [[a]]")},
      {"distinct shared parts", shared_parts(50, "[a, a, [a]].distinct().size() == 1")},
      {"writing shared parts", shared_parts(50, "a")},
      {"loops in loops",
       repeated("[1,2,3,4,5,6,7,8,9,10].all(a, ", 25) + "a > 0" + repeated(")", 25)},
      {"a list of lists of lists",
       repeated("[1,2,3,4,5,6,7,8,9,10].map(a, ", 25) + "a" + repeated(")", 25)},
      {"time zones that are not there", often("timestamp(0).getHours('Asia/' + string(x)) == 1")},
      {"unknown names", list_of("ab#")},
      {"unknown functions", list_of("ab#()")},
      {"one long unknown function", repeated("x", kSourceBytesMax - 2) + "()"},
      {"unknown fields", list_of("self.ab#")},
      {"conditions beside each other", conditions()},
      {"many values of one field", "self.nama in " + list_of("'ab#'") + " && self.nama != 'x'"},
      {"constants that grow", list_of("'x'.replace('x','xxxxxxxxxxxxxxxxxxxx')"
                                      ".replace('x','xxxxxxxxxxxxxxxxxxxx')"
                                      ".replace('x','xxxxxxxxxxxxxxxxxxxx')"
                                      ".replace('x','xxxxxxxxxxxxxxxxxxxx').size()")},
      {"distinct numbers", "lists.range(30000).distinct().size() == 1"},
  };
  return kLoads;
}

// What the program keeps, nodes and folded constants.
std::size_t constants_of(World& world, std::string_view text) {
  const auto program = compile(world.environment(), {.text = text, .place = {}}, Type::dyn());
  return program ? program->impl().arena.bytes_used() : 0;
}

TEST(Hostile, TimeZonesAreNamesNotFiles) {
  World world;
  for (const std::string_view name : {"file:/usr/share/zoneinfo/Asia/Jakarta", "../zoneinfo/UTC",
                                      "/usr/share/zoneinfo/Asia/Jakarta", "libc:UTC"}) {
    const std::string text = "timestamp(0).getHours('" + std::string(name) + "' + '')";
    EXPECT_EQ(run_in(world, text).text, "error invalid") << name;
  }
  EXPECT_EQ(run_in(world, "timestamp(0).getHours('Asia/Jakarta' + '')").text, "7");
}

TEST(Hostile, NothingTakesLongerThanItsBudgetAllows) {
  World world;
  std::pair<double, std::string_view> slowest;
  for (const Load& load : loads()) {
    ASSERT_LE(load.expression.size(), kSourceBytesMax) << load.name;
    const std::clock_t begin = std::clock();
    const std::size_t constants = constants_of(world, load.expression);
    const Outcome outcome = run_in(world, load.expression);
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    EXPECT_LT(seconds, kSecondsMax) << load.name << ": " << outcome.text.substr(0, 200);
    EXPECT_LT(outcome.arena.bytes_used(), kArenaBytesMax) << load.name;
    EXPECT_LT(constants, kConstantBytesMax) << load.name;
    slowest = std::max(slowest, {seconds, load.name});
  }
  std::printf("slowest: %s, %.0f ms\n", slowest.second.data(), slowest.first * 1e3);
}

}  // namespace
}  // namespace patuh::expr
