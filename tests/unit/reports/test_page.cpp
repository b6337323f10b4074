#include "history.h"

namespace patuh::reports {
namespace {

class PageTest : public ::testing::Test {
 protected:
  std::string page(const std::string& month, text::Lang lang) {
    const auto report = history_.report(month);
    EXPECT_TRUE(report) << (report ? "" : report.error().message);
    const auto made =
        to_html(report ? report->json : "", report ? report->head : store::ChainHead{}, lang);
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return made ? *made : "";
  }
  static bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }
  History history_{"page"};
};

TEST_F(PageTest, ShowsTheMonthInBothLanguagesEscaped) {
  fill(history_);
  history_.play();
  const std::string indonesian = page("2026-11", text::Lang::kIndonesian);
  EXPECT_TRUE(indonesian.ends_with("</html>\n"));
  EXPECT_TRUE(has(indonesian, "<html lang=\"id\">"));
  EXPECT_TRUE(has(indonesian, "Judul<br>Obat"));
  EXPECT_TRUE(has(indonesian, "Dinas &lt;b&gt;"));
  EXPECT_FALSE(has(indonesian, "Dinas <b>"));
  const std::string english = page("2026-11", text::Lang::kEnglish);
  EXPECT_TRUE(has(english, "<html lang=\"en\">"));
  EXPECT_TRUE(has(english, "Title<br>Cure"));
  EXPECT_TRUE(has(english, "Applications"));
}

TEST_F(PageTest, NamesWhoDoesNotReportInPlaceOfAScore) {
  fill(history_);
  history_.play();
  const std::string made = page("2026-11", text::Lang::kEnglish);
  const std::size_t row = made.find("<th scope=\"row\">Sepi</th>");
  ASSERT_NE(row, std::string::npos);
  EXPECT_TRUE(has(made.substr(row, made.find("</tr>", row) - row), "not reporting"));
}

TEST_F(PageTest, LateChangesAndUnfinishedMonthsAreSaid) {
  fill(history_);
  history_.play();
  EXPECT_TRUE(has(page("2026-11", text::Lang::kEnglish), "Recorded late: of earlier months"));
  EXPECT_FALSE(has(page("2026-12", text::Lang::kEnglish), "Recorded late: of earlier months"));
  EXPECT_FALSE(has(page("2026-12", text::Lang::kEnglish), "figures so far"));
  EXPECT_TRUE(has(page("2027-01", text::Lang::kEnglish), "figures so far"));
}

TEST_F(PageTest, NamesTheHeadOfTheChainThatProvesIt) {
  fill(history_);
  history_.play();
  const auto report = history_.report("2026-10");
  ASSERT_TRUE(report);
  const std::string entry = base::to_hex(report->head.entry);
  EXPECT_TRUE(has(page("2026-10", text::Lang::kEnglish), "audit verify --head " + entry));
  const auto reader = history_.reader();
  const auto audit = reader->verify_chain(report->head.entry);
  ASSERT_TRUE(audit);
  EXPECT_EQ(audit->expected_at, report->head.seq);
  // The last record of October, and no later one.
  const base::Instant end = *base::from_rfc3339("2026-10-31T17:00:00Z");
  EXPECT_LT((*reader->record(report->head.seq))->record.now, end);
  EXPECT_GE((*reader->record(model::Seq{report->head.seq.value + 1}))->record.now, end);
}

TEST_F(PageTest, AnythingButAReportIsRefused) {
  for (const char* text :
       {"", "nonsense", "[]", "{}", R"({"month":"2026-11"})", R"({"month":"x","regency":{}})"}) {
    const auto made = to_html(text, {}, text::Lang::kEnglish);
    ASSERT_FALSE(made) << text;
    EXPECT_EQ(made.error().code, base::Code::kInvalid) << text;
  }
}

}  // namespace
}  // namespace patuh::reports
