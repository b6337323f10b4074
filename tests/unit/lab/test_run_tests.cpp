#include <gtest/gtest.h>

#include "lab/lab.h"
#include "tests/unit/pack.h"

namespace patuh::lab {
namespace {

constexpr std::string_view kSchema = R"toml(
[pack]
id = "t"
version = "1"
title.id = "t"
[kinds.app]
title.id = "a"
[kinds.app.attributes]
approved = { type = "bool" }
until = { type = "timestamp" }
)toml";
std::shared_ptr<const rulebook::RuleBook> book() {
  return testing::book_of(kSchema,
                          testing::rule_of("R-1", "high", "self.approved && self.until > now") +
                              testing::rule_of("R-2", "low", "self.approved"));
}

TestReport run(const std::string& text) {
  const auto rules = book();
  const std::vector<rulebook::PackFile> files = {{"a.test.toml", text}};
  const auto tests = rulebook::load_tests(std::span(files), *rules);
  EXPECT_TRUE(tests) << (tests ? "" : tests.error().render());
  return tests ? run_tests(rules, *tests) : TestReport{};
}

// One case: app/x approved until March, then what follows.
std::string approved(const std::string& name, const std::string& then) {
  return "[[test]]\nname = \"" + name +
         "\"\n[[test.step]]\nnow = 2026-01-01T00:00:00Z\n"
         "events = [{ type = \"upsert\", subject = \"app/x\", data = { approved = true, "
         "until = 2026-03-01T00:00:00Z } }]\n" +
         then;
}
constexpr std::string_view kHolds =
    "expect = [{ rule = \"R-1\", element = \"app/x\", state = \"compliant\" }]\n";

TEST(RunTests, AnExpectationThatHoldsPasses) {
  const TestReport report = run(approved("one", std::string(kHolds)));
  EXPECT_EQ(report.passed, 1U);
  EXPECT_EQ(report.failed, 0U);
  EXPECT_EQ(report.expectations, 1U);
  EXPECT_TRUE(report.failures.empty()) << report.failures.render();
  EXPECT_EQ(report.untested, std::vector<std::string>{"R-2"});
}

TEST(RunTests, AnExpectationThatDoesNotHoldIsNamedAtItsPlace) {
  const TestReport report =
      run(approved("one",
                   "expect = [\n  { rule = \"R-1\", element = \"app/x\", state = "
                   "\"violating\" },\n]\n"));
  EXPECT_EQ(report.failed, 1U);
  EXPECT_EQ(report.passed, 0U);
  ASSERT_EQ(report.failures.list().size(), 1U);
  const base::Diagnostic& failure = report.failures.list()[0];
  EXPECT_EQ(failure.code, "TEST-VERDICT");
  EXPECT_EQ(failure.place.file, "a.test.toml");
  EXPECT_EQ(failure.place.line, 7U);
  EXPECT_EQ(failure.message,
            "\"one\": R-1 of app/x at 2026-01-01T00:00:00Z is compliant, expected violating");
}

TEST(RunTests, TimePassesBetweenStepsAndEachCaseBeginsEmpty) {
  const std::string march =
      "[[test.step]]\nnow = 2026-03-02T00:00:00Z\n"
      "expect = [{ rule = \"R-1\", element = \"app/x\", state = \"violating\" },\n"
      "          { rule = \"R-2\", element = \"app/x\", state = \"compliant\" }]\n";
  const std::string nothing =
      "[[test]]\nname = \"two\"\n[[test.step]]\nnow = 2026-01-01T00:00:00Z\n"
      "expect = [{ rule = \"R-1\", element = \"app/x\", state = \"not_applicable\" }]\n";
  const TestReport report = run(approved("one", std::string(kHolds) + march) + nothing);
  EXPECT_EQ(report.passed, 2U) << report.failures.render();
  EXPECT_EQ(report.expectations, 4U);
  EXPECT_TRUE(report.untested.empty());
}

TEST(RunTests, AFailureSaysWhatIsMissing) {
  const TestReport report =
      run("[[test]]\nname = \"one\"\n[[test.step]]\nnow = 2026-01-01T00:00:00Z\n"
          "events = [{ type = \"upsert\", subject = \"app/x\", data = { approved = true } }]\n" +
          std::string(kHolds));
  ASSERT_EQ(report.failures.list().size(), 1U);
  EXPECT_EQ(report.failures.list()[0].hint, "reason: missing: until");
}

TEST(RunTests, AnEventThatIsSetAsideFailsItsCase) {
  const TestReport report = run(
      "[[test]]\nname = \"one\"\n[[test.step]]\nnow = 2026-01-01T00:00:00Z\n"
      "events = [{ type = \"upsert\", subject = \"app/x\", data = { approved = 1 } }]\n"
      "[[test]]\nname = \"two\"\n[[test.step]]\nnow = 2026-01-01T00:00:00Z\n"
      "events = [{ type = \"upsert\", source = \"a\", subject = \"app/x\", data = { approved = "
      "true "
      "} },\n  { type = \"patch\", source = \"b\", subject = \"app/x\", data = { approved = false "
      "} }]\n");
  EXPECT_EQ(report.failed, 2U);
  ASSERT_EQ(report.failures.list().size(), 2U);
  EXPECT_EQ(report.failures.list()[0].code, "TEST-EVENT");
  EXPECT_EQ(report.failures.list()[0].place.line, 1U);
  EXPECT_NE(report.failures.list()[0].message.find("approved"), std::string::npos);
  EXPECT_EQ(report.failures.list()[1].place.line, 6U);
}

}  // namespace
}  // namespace patuh::lab
