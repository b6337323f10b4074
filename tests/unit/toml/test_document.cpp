#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "toml/toml.h"

namespace patuh::toml {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Document parsed(std::string text) {
  base::Diagnostics out;
  Report report(out, "T");
  auto document = Document::parse("t.toml", std::move(text), report);
  EXPECT_TRUE(document.has_value()) << out.render();
  return std::move(*document);
}

std::vector<std::string> keys_of(const Node& table) {
  std::vector<std::string> keys;
  for (const Member& member : table.members()) keys.push_back(member.key);
  return keys;
}

base::Diagnostic only_fault_of(std::string text) {
  base::Diagnostics out;
  Report report(out, "T");
  EXPECT_FALSE(Document::parse("t.toml", std::move(text), report).has_value());
  EXPECT_EQ(out.list().size(), 1U);
  return out.empty() ? base::Diagnostic{} : out.list()[0];
}

TEST(Document, ReadsEveryTypeOfValue) {
  const Document document = parsed(
      "s = 'x'\ni = -7\nf = 2.5\nb = true\nd = 2026-11-24\nt = 08:30:00.25\n"
      "l = 2026-11-24T08:30:00\nz = 2026-11-24T08:30:00+07:00\na = [1, 'two']\nm = { k = 1 }\n");
  const Node& root = document.root();
  EXPECT_EQ(root.find("s")->string(), "x");
  EXPECT_EQ(root.find("i")->integer(), -7);
  EXPECT_EQ(root.find("i")->number(), -7.0);
  EXPECT_EQ(root.find("f")->number(), 2.5);
  EXPECT_TRUE(root.find("b")->boolean());
  using namespace std::chrono_literals;
  EXPECT_EQ(root.find("d")->date(), 2026y / 11 / 24);
  EXPECT_EQ(root.find("t")->local_time(), 8h + 30min + 250ms);
  EXPECT_EQ(root.find("l")->local_date_time().day, 2026y / 11 / 24);
  EXPECT_EQ(root.find("l")->local_date_time().time, 8h + 30min);
  EXPECT_EQ(base::to_rfc3339(root.find("z")->instant()), "2026-11-24T01:30:00Z");
  ASSERT_EQ(root.find("a")->items().size(), 2U);
  EXPECT_EQ(root.find("a")->items()[1].string(), "two");
  EXPECT_EQ(root.find("m")->find("k")->integer(), 1);
  EXPECT_EQ(root.find("absent"), nullptr);
}

TEST(Document, KeepsTheOrderOfTheFile) {
  const Document document = parsed("[zebra]\nb = 1\na = 2\nc.x = 1\nc.a = 2\n[apple]\n[[mango]]\n");
  EXPECT_THAT(keys_of(document.root()), ElementsAre("zebra", "apple", "mango"));
  const Node& zebra = *document.root().find("zebra");
  EXPECT_THAT(keys_of(zebra), ElementsAre("b", "a", "c"));
  EXPECT_THAT(keys_of(*zebra.find("c")), ElementsAre("x", "a"));
}

TEST(Document, KnowsThePlaceOfKeysAndValues) {
  const Document document = parsed("# é\n[t]\n  key = \"é\"  \n[[r]]\nid = 1\n");
  const Member& t = document.root().members()[0];
  EXPECT_EQ(t.at.line(), 2U);
  EXPECT_EQ(t.at.column(), 2U);
  const Member& key = t.value.members()[0];
  EXPECT_EQ(key.at.line(), 3U);
  EXPECT_EQ(key.at.column(), 3U);
  EXPECT_EQ(key.value.at().column(), 9U);
  EXPECT_EQ(key.value.at().place().file, "t.toml");
  EXPECT_EQ(key.value.at().snippet(), "  key = \"é\"  ");
  const Node& rule = document.root().find("r")->items()[0];
  EXPECT_EQ(rule.at().line(), 4U);
}

TEST(Document, StaysWholeWhenMoved) {
  Document first = parsed("a = { b = 'x' }\n");
  const Node* const node = first.root().find("a");
  const Document second = std::move(first);
  EXPECT_EQ(second.root().find("a"), node);
  EXPECT_EQ(node->at().snippet(), "a = { b = 'x' }");
}

TEST(Document, ReportsTheFirstSyntaxErrorWithItsPlace) {
  const base::Diagnostic fault = only_fault_of("a = 1\nb = = 2\nc = \n");
  EXPECT_EQ(fault.code, "T-SYNTAX");
  EXPECT_EQ(fault.place.file, "t.toml");
  EXPECT_EQ(fault.place.line, 2U);
  EXPECT_EQ(fault.snippet, "b = = 2");
}

TEST(Document, RefusesWhatIsNoToml) {
  EXPECT_EQ(only_fault_of("a = 'x\xFF'\n").code, "T-SYNTAX");
  EXPECT_EQ(only_fault_of("a = 99999999999999999999\n").code, "T-SYNTAX");
  EXPECT_EQ(only_fault_of("a = 2026-02-30\n").code, "T-SYNTAX");
  EXPECT_EQ(only_fault_of("a = 1\na = 2\n").code, "T-SYNTAX");
  EXPECT_EQ(only_fault_of("a = " + std::string(100'000, '[')).code, "T-SYNTAX");
  EXPECT_EQ(only_fault_of(std::string(kFileBytesMax + 1, '\n')).code, "T-SYNTAX");
}

TEST(Document, AnEmptyFileIsAnEmptyTable) {
  EXPECT_TRUE(parsed("").root().members().empty());
  EXPECT_TRUE(parsed("# nothing\n").root().members().empty());
}

TEST(ToJson, WritesEveryTypeCompactly) {
  const Document document = parsed(
      "s = \"a\\\"\\\\\\n\\u0007\"\ni = 1\nf = 2.5\nw = 3.0\nn = nan\nb = false\nd = 2026-01-02\n"
      "t = 08:30:00.5\nz = 2026-01-02T03:04:05+07:00\nl = 2026-01-02T03:04:05\na = [1, [2]]\n"
      "m = { y = 1, x = {} }\n");
  EXPECT_EQ(to_json(document.root()),
            R"({"s":"a\"\\\u000a\u0007","i":1,"f":2.5,"w":3,"n":null,"b":false,"d":"2026-01-02",)"
            R"("t":"08:30:00.500000","z":"2026-01-01T20:04:05Z","l":"2026-01-02T03:04:05",)"
            R"("a":[1,[2]],"m":{"y":1,"x":{}}})");
}

}  // namespace
}  // namespace patuh::toml
