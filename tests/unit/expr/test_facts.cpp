// What is known of a program without running it, and the budget of a run.
#include <gtest/gtest.h>

#include "world.h"

namespace patuh::expr {
namespace {

Facts facts_of(World& world, std::string_view text) {
  const auto program = compile(world.environment(), {.text = text, .place = {}}, Type::dyn());
  EXPECT_TRUE(program) << program.error().render();
  return program->facts();
}

TEST(Facts, NameTheFieldsOfSelf) {
  World world;
  const Facts facts =
      facts_of(world, "has(self.status) && self.nama == 'x' && self.pemilik.nama == 'y'");
  EXPECT_EQ(facts.variable_fields, (std::vector<std::uint16_t>{0, 1, 10}));
  EXPECT_FALSE(facts.only_variable_fields);
}

TEST(Facts, TellWhenOnlyOwnFieldsAreRead) {
  World world;
  for (const std::string_view text :
       {"self.nama == 'x'", "self.tag.exists(t, t == 'web')", "now > self.berlaku_sampai",
        "has(self.nama) && filled(self.nama) && self.tingkat > params.batas",
        "self.ekstra.kunci == 1", "[1, 2].map(self, self)", "self.pemilik == null"}) {
    EXPECT_TRUE(facts_of(world, text).only_variable_fields) << text;
  }
  for (const std::string_view text :
       {"self.pemilik.nama == 'x'", "related(self, 'keamanan').size() == 1", "known(self)",
        "filled(self)", "lain.teks == 'x'", "sum(self.keamanan, 'nilai') > 1",
        "self.keamanan.exists(k, k.nilai == 1)", "dyn(self).nama == 'x'", "self.bebas.x == 1",
        "filled(self.bebas)", "self.pemilik == self.pemilik.induk"}) {
    EXPECT_FALSE(facts_of(world, text).only_variable_fields) << text;
  }
}

TEST(Facts, TellWhetherNowIsRead) {
  World world;
  EXPECT_TRUE(facts_of(world, "now > self.berlaku_sampai").reads_now);
  EXPECT_FALSE(facts_of(world, "self.nama == 'now'").reads_now);
  EXPECT_TRUE(facts_of(world, "now - self.berlaku_sampai").result_moves);
  EXPECT_FALSE(facts_of(world, "now > self.berlaku_sampai").result_moves);
}

TEST(Facts, BoundTheCostByTheSchemasSizes) {
  World world;
  const std::uint64_t one = facts_of(world, "self.keamanan.exists(k, k.nilai == 1)").cost_max;
  const std::uint64_t nested =
      facts_of(world, "self.keamanan.exists(k, self.keamanan.exists(m, k.nilai == m.nilai))")
          .cost_max;
  EXPECT_LT(one, 50U);
  EXPECT_GT(nested, one * 4);
  // Ten loops within each other over lists without a limit: more than 64 bits hold.
  std::string deep = "true";
  for (int i = 0; i < 25; ++i) deep = "lain.all(x" + std::to_string(i) + ", " + deep + ")";
  EXPECT_EQ(facts_of(world, deep).cost_max, UINT64_MAX);
}

TEST(Budget, EndsARunThatCostsTooMuch) {
  World world;
  std::string list = "[";
  for (int i = 0; i < 80; ++i) list += "0,";
  list += "]";
  const std::string text = list + ".all(a, " + list + ".all(b, a == b && self.tingkat == 3))";
  EXPECT_EQ(run_in(world, text).text, "true");
  EXPECT_EQ(run_in(world, list + ".all(a, " + text + ")").text, "error budget");
  EXPECT_EQ(run_in(world, list + ".all(a, " + text + ") || true").text, "true") << "decided before";
  EXPECT_EQ(run_in(world, list + ".all(a, " + text + ") || self.tingkat == 3").text,
            "error budget");
}

TEST(Budget, IsChargedForLongTexts) {
  World world;
  const std::string grow = "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]";
  std::string text = "'0123456789abcdef'";
  for (int i = 0; i < 5; ++i) text = "[" + text + "].map(t, t + t + t + t + t + t + t + t)[0]";
  EXPECT_EQ(run_in(world, "size(" + text + ")").text, "524288");
  EXPECT_EQ(run_in(world, grow + ".map(x, size(" + text + "))").text, "error budget");
}

TEST(Budget, IsChargedForComparingWhatIsLarge) {
  World world;
  // Each level holds the one below ten times over: a million items for a few hundred values.
  const std::string ten = "[0,1,2,3,4,5,6,7,8,9]";
  std::string shared = ten;
  for (int i = 0; i < 5; ++i) shared = "[" + shared + "].map(x, " + ten + ".map(_, x))[0]";
  EXPECT_EQ(run_in(world, "size(" + shared + ")").text, "10");
  EXPECT_EQ(run_in(world, "[" + shared + "].map(x, x == x)[0]").text, "error budget");
  EXPECT_EQ(run_in(world, "[" + shared + "].map(x, x in [x])[0]").text, "error budget");
  EXPECT_EQ(run_in(world, "[" + ten + "].map(x, x == x)[0]").text, "true");
}

// A text whose reading costs more than a node.
constexpr std::string_view kLongText =
    "size(self.nama + '"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
    "')";

TEST(Budget, NeverCostsMoreThanTheBound) {
  World world;
  for (const std::string_view text : std::initializer_list<std::string_view>{
           "self.keamanan.exists(k, k.nilai == 100)",
           "self.keamanan.map(k, k.jenis + 'x').join(',')",
           "self.nama.matches('S.*') && self.nama.contains('PEG')",
           "related(self, 'keamanan').filter(k, k.nilai != 3)",
           "sum(self.keamanan, 'nilai') + count(self.tag)",
           "'web' in self.tag",
           "self.nama.split('').map(c, c.lowerAscii())",
           "self.keamanan.all(k, self.keamanan.exists(m, m == k))",
           "self.tag + self.tag",
           "now.getHours('Asia/Jakarta')",
           "self.tag.sortBy(t, t.size()).reverse()",
           "sets.contains(self.tag, self.tag) && self.tag.distinct().size() > 0",
           "regex.replace(self.nama, 'S' + '', 'x') + '%s'.format([self.tag])",
           "self.tag.transformMap(i, t, i).size() + math.greatest([1, 2, 3])",
           "self.tag.sort().first().optMap(t, t + t).orValue('')",
           "base64.encode(bytes(self.nama)) + strings.quote(self.nama).reverse()",
           "lists.range(10).map(x, [x]).flatten()",
           "self.nama.matches('(S{30}){30}')",
           "!self.nama.matches('S.*' + self.nama)",
           kLongText}) {
    const auto program = compile(world.environment(), {.text = text, .place = {}}, Type::dyn());
    ASSERT_TRUE(program) << program.error().render();
    const Outcome outcome = run_in(world, text);
    EXPECT_FALSE(outcome.value.is_error()) << text;
    EXPECT_LE(outcome.spent, program->facts().cost_max) << text;
  }
}

// Each item may be set beside each: twice as many cost four times as much, and are charged so.
TEST(Budget, IsTakenByThePairsThatSetsCompare) {
  World world;
  const auto spent = [&](const std::string& call, int size) {
    std::string text = call;
    const std::string list = "lists.range(" + std::to_string(size) + ")";
    for (std::size_t at = text.find('A'); at != std::string::npos; at = text.find('A')) {
      text.replace(at, 1, list + ".map(x, x * 2)");
    }
    for (std::size_t at = text.find('B'); at != std::string::npos; at = text.find('B')) {
      text.replace(at, 1, list + ".map(x, x * 2 + 1)");
    }
    const Outcome outcome = run_in(world, text);
    EXPECT_FALSE(outcome.value.is_error()) << text << ": " << outcome.text;
    return outcome.spent;
  };
  const std::uint64_t lists = spent("A == B", 200);
  for (const std::string& call :
       std::vector<std::string>{"A.distinct()", "sets.intersects(A, B)", "sets.contains(A, A)",
                                "sets.equivalent(A, A)"}) {
    const std::uint64_t few = spent(call, 100);
    const std::uint64_t many = spent(call, 200);
    EXPECT_GT(many, 200U * 200U / 2U) << call;
    EXPECT_GT(static_cast<double>(many), 3.0 * static_cast<double>(few)) << call;
    EXPECT_GT(many, 4 * lists) << call << " against comparing the lists once";
  }
  EXPECT_EQ(run_in(world, "lists.range(900).map(x, x * 2).distinct().size()").value.as_error().code,
            ErrorCode::kBudget);
}

TEST(Limits, LoopsRefuseListsBeyondTheSchemasSize) {
  World world;
  Arena arena;
  std::vector<Value> many(6, Value::object(1, 0));
  world.set(0, 0, "keamanan", make_list(arena, many));
  EXPECT_EQ(run_in(world, "self.keamanan.exists(k, k.nilai == 1)").text, "error limit");
  EXPECT_EQ(run_in(world, "self.keamanan.all(k, k.nilai == 1) && false").text, "false");
  EXPECT_EQ(run_in(world, "count(self.keamanan)").text, "6");
  EXPECT_EQ(run_in(world, "sum(self.keamanan, 'nilai')").text, "24");
}

TEST(Errors, PointAtTheFailingPart) {
  World world;
  const Outcome outcome = run_in(world, "self.tingkat == 3 && (self.pemilik.induk.nama == 'x')");
  ASSERT_TRUE(outcome.value.is_error());
  EXPECT_EQ(outcome.value.as_error().offset, 22U);
  const Outcome host = run_in(world, "true && too_many()");
  ASSERT_TRUE(host.value.is_error());
  EXPECT_EQ(host.value.as_error().offset, 8U);
  EXPECT_EQ(message_of(host.value.as_error()), "reach() meets more than 1000 elements or 9 edges");
}

TEST(Reads, StopWhereTheOutcomeIsDecided) {
  World world;
  run_in(world, "self.status == 'rencana' && self.nama == 'x'");
  EXPECT_EQ(world.reads().size(), 1U);
  world.forget_reads();
  run_in(world, "params.ketat && self.nama == 'x'");
  EXPECT_TRUE(world.reads().empty());
  run_in(world, "params.ketat ? self.nama == 'x' : self.status == 'rencana'");
  EXPECT_EQ(world.reads().size(), 1U);
}

}  // namespace
}  // namespace patuh::expr
