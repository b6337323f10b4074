// Chains of fields, a.b.c, which are read without their nodes where a comparison, a membership or a
// prefix is all that is asked of them: they must say what the nodes say.
#include <gtest/gtest.h>

#include "world.h"

namespace patuh::expr {
namespace {

// self's agency 0 is below agency 1, which is below itself; agency 2 has no parent and no name.
World chained() {
  World world;
  world.set(2, 0, "induk", Value::object(2, 1));
  world.set(2, 1, "induk", Value::object(2, 1));
  world.set(2, 1, "nama", Value::string("Sekretariat"));
  return world;
}

struct Seen {
  std::string outcome;
  std::set<std::pair<std::uint32_t, std::uint16_t>> reads;
};

// A traced run goes through every node.
Seen run(World& world, const Program& program, std::uint32_t self, bool traced) {
  Arena arena;
  std::vector<TraceStep> trace;
  const std::vector<Value> variables = world.variables(self);
  Context context{.arena = &arena, .host = &world, .now = World::kNow};
  if (traced) context.trace = &trace;
  world.forget_reads();
  const Value value = evaluate(program, variables, context);
  return {value.is_error() ? error_text(world, value) : to_text(value), world.reads()};
}

const std::vector<std::string> kPaths = {"self.nama",
                                         "self.tingkat",
                                         "self.pemilik.nama",
                                         "self.pemilik.induk.nama",
                                         "self.pemilik.induk.induk.nama",
                                         "self.pemilik.induk.induk.induk.induk.nama",
                                         "self.bebas",
                                         "lain.kode",
                                         "dyn(self).pemilik.nama"};
const std::vector<std::string> kQuestions = {" == 'Sekretariat'",
                                             " != 'Diskominfo'",
                                             " < 'S'",
                                             " >= 'SIMPEG'",
                                             " == 3",
                                             " > 2",
                                             ".startsWith('Se')",
                                             ".startsWith('')",
                                             " in ['Sekretariat', 'x']",
                                             " in [1, 3]"};

TEST(Paths, SayWhatTheirNodesSayAndReadTheSame) {
  World world = chained();
  std::size_t compiled = 0;
  std::set<std::string> outcomes;
  for (const std::string& path : kPaths) {
    for (const std::string& question : kQuestions) {
      const std::string text = path + question;
      const auto program = compile(world.environment(), {.text = text, .place = {}}, Type::dyn());
      if (!program) continue;  // a number does not start with a text
      ++compiled;
      for (const std::uint32_t self : {0U, 1U}) {
        const Seen planned = run(world, *program, self, false);
        const Seen by_nodes = run(world, *program, self, true);
        EXPECT_EQ(planned.outcome, by_nodes.outcome) << text << " of " << self;
        EXPECT_EQ(planned.reads, by_nodes.reads) << text << " of " << self;
        outcomes.insert(planned.outcome);
      }
    }
  }
  EXPECT_GT(compiled, 50U);
  EXPECT_TRUE(outcomes.contains("true") && outcomes.contains("false"));
  EXPECT_TRUE(outcomes.contains("error missing aplikasi#1.pemilik"));
}

TEST(Paths, ReadTheFieldThatTheyName) {
  World world = chained();
  const auto outcome = [&](std::string_view text) { return run_in(world, text).text; };
  EXPECT_EQ(outcome("self.pemilik.nama == 'Diskominfo'"), "true");
  EXPECT_EQ(outcome("self.pemilik.induk.nama == 'Sekretariat'"), "true");
  EXPECT_EQ(outcome("self.pemilik.induk.induk.nama.startsWith('Sekre')"), "true");
  EXPECT_EQ(outcome("self.pemilik.induk.induk.induk.induk.nama in ['Sekretariat']"), "true");
  EXPECT_EQ(outcome("self.pemilik.induk.nama in ['Diskominfo']"), "false");
}

}  // namespace
}  // namespace patuh::expr
