// The tests that rule authors write.
#include <gtest/gtest.h>

#include "fixtures.h"

namespace patuh::rulebook {
namespace {

class AuthorsTests : public testing::Test {
 protected:
  std::shared_ptr<const RuleBook> book_ = fixtures::loaded(fixtures::base_pack());

  std::vector<TestCase> read(const std::vector<PackFile>& files) const {
    auto tests = load_tests(files, *book_);
    if (!tests) {
      ADD_FAILURE() << tests.error().render();
      return {};
    }
    return std::move(*tests);
  }
};

TEST_F(AuthorsTests, AreReadFromTheFolder) {
  const auto tests = load_tests(std::filesystem::path(fixtures::folder() + "/base"), *book_);
  ASSERT_TRUE(tests) << tests.error().render();
  ASSERT_EQ(tests->size(), 1U);
  const TestCase& test = tests->front();
  EXPECT_EQ(test.name, "a supported system that serves someone is compliant");
  EXPECT_EQ(test.place.line, 1U);
  ASSERT_EQ(test.steps.size(), 2U);
  EXPECT_EQ(base::to_rfc3339(test.steps[0].now), "2026-03-01T00:00:00Z");
  ASSERT_EQ(test.steps[0].events.size(), 3U);
  ASSERT_EQ(test.steps[1].expect.size(), 2U);
  EXPECT_TRUE(test.steps[1].events.empty());
}

TEST_F(AuthorsTests, EventsGetWhatIsNotWritten) {
  const auto tests = load_tests(std::filesystem::path(fixtures::folder() + "/base"), *book_);
  const model::Envelope& first = tests->front().steps[0].events[0];
  EXPECT_EQ(first.type, "upsert");
  EXPECT_EQ(first.source, "test");
  EXPECT_EQ(first.id, "1");
  EXPECT_EQ(first.version, 1);
  EXPECT_EQ(first.time, tests->front().steps[0].now);
  EXPECT_EQ(first.subject, "agency/a1");
  EXPECT_EQ(first.data, R"({"name":"A","short":"A"})");
  EXPECT_EQ(tests->front().steps[0].events[1].id, "2");
}

TEST_F(AuthorsTests, EventsKeepWhatIsWritten) {
  const auto tests = load_tests(std::filesystem::path(fixtures::folder() + "/base"), *book_);
  const model::Envelope& third = tests->front().steps[0].events[2];
  EXPECT_EQ(third.type, "id.patuh.element.upserted.v1");
  EXPECT_EQ(third.source, "x");
  EXPECT_EQ(third.id, "e7");
  EXPECT_EQ(third.version, 40);
  EXPECT_EQ(base::to_rfc3339(*third.time), "2026-02-28T00:00:00Z");
  EXPECT_NE(third.data.find(R"("support_until":"2026-12-31")"), std::string::npos) << third.data;
  EXPECT_NE(third.data.find(R"("services":["s1"])"), std::string::npos) << third.data;
}

TEST_F(AuthorsTests, ExpectationsNameRuleElementAndState) {
  const auto tests = load_tests(std::filesystem::path(fixtures::folder() + "/base"), *book_);
  const Expectation& expectation = tests->front().steps[1].expect[0];
  EXPECT_EQ(expectation.rule, "SYS-01");
  EXPECT_EQ(expectation.element, "system/y1");
  EXPECT_EQ(expectation.state, model::VerdictState::kViolating);
  EXPECT_GT(expectation.place.line, 0U);
}

TEST_F(AuthorsTests, NumbersBeginAnewWithEachTest) {
  const auto tests = read({{"a.test.toml",
                            "[[test]]\nname = 'one'\n[[test.step]]\nnow = 2026-01-01T00:00:00Z\n"
                            "events = [{ type = 'remove', subject = 'system/1' }]\n"
                            "[[test]]\nname = 'two'\n[[test.step]]\nnow = 2026-01-01T00:00:00Z\n"
                            "events = [{ type = 'remove', subject = 'system/1' }]\n"}});
  ASSERT_EQ(tests.size(), 2U);
  EXPECT_EQ(tests[1].steps[0].events[0].id, "1");
  EXPECT_EQ(tests[1].steps[0].events[0].data, "");
}

TEST_F(AuthorsTests, OtherFilesAreNoTests) {
  EXPECT_TRUE(read({{"a.toml", "[[test]]\n"}}).empty());
}

}  // namespace
}  // namespace patuh::rulebook
