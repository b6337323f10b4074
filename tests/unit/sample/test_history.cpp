// The history of the whole regency, read and judged by the pack that it is made for.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "history.h"
#include "json/json.h"

namespace patuh::sample {
namespace {

struct Judged {
  std::int64_t compliant = 0, violating = 0;
  double permille() const {
    return 1000.0 * static_cast<double>(violating) / static_cast<double>(compliant + violating);
  }
};

class SampleHistory : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<Folder>("history");
    Options options{.seed = 1, .until = 2026y / std::chrono::November / 24, .out = folder_->path()};
    auto written = generate(options);
    ASSERT_TRUE(written.has_value());
    written_ = std::move(*written);
    lines_ = lines_of(written_.events);
    engine_ = std::make_unique<engine::Engine>(pack(), engine::Options{});
    for (const std::string& line : lines_) judge(line);
    engine_->advance(end());
  }
  static void TearDownTestSuite() {
    engine_.reset();
    folder_.reset();
  }

  static base::Instant end() { return *base::from_rfc3339("2026-11-23T17:00:00Z"); }

  static void judge(const std::string& line) {
    const model::ChangeEvent event = read(line);
    const engine::StepResult result = engine_->apply(event.time, event);
    ++outcomes_[result.outcome];
    drift_ += result.unknown_attributes;
    for (const model::Transition& t : result.transitions) {
      if (t.rule == "APP-DEP-01" && t.to == model::VerdictState::kViolating) ++bad_deployments_;
    }
  }

  static Judged judged(std::initializer_list<std::string_view> rules) {
    Judged out;
    for (const std::string_view id : rules) {
      const auto& tallies = engine_->tallies().rules;
      const auto found = tallies.find(std::string(id));
      if (found == tallies.end()) continue;
      out.compliant += model::total(found->second.compliant);
      out.violating += model::total(found->second.violating);
    }
    return out;
  }

  static std::unique_ptr<Folder> folder_;
  static Written written_;
  static std::vector<std::string> lines_;
  static std::unique_ptr<engine::Engine> engine_;
  static std::map<registry::Outcome, int> outcomes_;
  static std::uint64_t drift_;
  static int bad_deployments_;
};

std::unique_ptr<Folder> SampleHistory::folder_;
Written SampleHistory::written_;
std::vector<std::string> SampleHistory::lines_;
std::unique_ptr<engine::Engine> SampleHistory::engine_;
std::map<registry::Outcome, int> SampleHistory::outcomes_;
std::uint64_t SampleHistory::drift_ = 0;
int SampleHistory::bad_deployments_ = 0;

TEST_F(SampleHistory, CountsAreNearTheirTargets) {
  EXPECT_NEAR(static_cast<double>(written_.elements), 5000, 300);
  EXPECT_GE(written_.count, 40'000U);
  EXPECT_LE(written_.count, 70'000U);
  const auto near = [&](const std::string& kind, double target) {
    EXPECT_NEAR(static_cast<double>(written_.by_kind.at(kind)), target, target * 0.13) << kind;
  };
  near("perangkat_daerah", 50);
  near("proses_bisnis", 350);
  near("layanan", 420);
  near("data_informasi", 900);
  near("aplikasi", 190);
  near("infrastruktur", 320);
  near("keamanan", 240);
  near("kegiatan", 110);
  near("sertifikat", 180);
  near("temuan", 300);
}

TEST_F(SampleHistory, GoesForwardInTimeAndStaysWithinItsMonths) {
  const auto begin = *base::from_rfc3339("2025-10-23T17:00:00Z");
  base::Instant last = begin;
  for (const std::string& line : lines_) {
    const base::Instant time = read(line).time;
    ASSERT_GE(time, last);
    last = time;
  }
  EXPECT_LT(last, end());
  EXPECT_EQ(last, written_.last);
  EXPECT_GE(written_.first, begin);
}

TEST_F(SampleHistory, EveryEventHasAnIdentityOfItsOwn) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const std::string& line : lines_) {
    const model::ChangeEvent event = read(line);
    EXPECT_TRUE(seen.emplace(event.source, event.id).second) << line;
  }
}

TEST_F(SampleHistory, ThePackUnderstandsAllOfIt) {
  EXPECT_EQ(drift_, 0U);
  for (const auto& [outcome, count] : outcomes_) {
    const bool fine =
        outcome == registry::Outcome::kApplied || outcome == registry::Outcome::kNoChange;
    EXPECT_TRUE(fine) << registry::name_of(outcome) << ": " << count;
  }
}

TEST_F(SampleHistory, SeededFaultsStandAtTheirRates) {
  const Judged references = judged({"REF-VER-01.layanan", "REF-VER-01.data_informasi",
                                    "REF-VER-01.aplikasi", "REF-VER-01.infrastruktur"});
  EXPECT_NEAR(references.permille(), 120, 30);
  EXPECT_NEAR(judged({"LAY-REL-01", "DAT-REL-01", "APP-REL-01"}).permille(), 80, 35);
  const Judged stale =
      judged({"PIC-SGR-01.proses_bisnis", "PIC-SGR-01.layanan", "PIC-SGR-01.data_informasi",
              "PIC-SGR-01.aplikasi", "PIC-SGR-01.infrastruktur", "PIC-SGR-01.keamanan"});
  EXPECT_NEAR(stale.permille(), 150, 45);
  EXPECT_EQ(judged({"PIC-DIM-01"}).violating, 3);
  EXPECT_GE(judged({"APP-DUP-01"}).violating, 12);  // six functions, two applications at least
  EXPECT_GE(judged({"APP-HST-01"}).violating + judged({"DOM-LAY-01"}).violating, 4);
}

TEST_F(SampleHistory, SomeMilestonesAreLateAndDocumentsWereIssued) {
  EXPECT_GE(judged({"RM-TLT-01"}).violating, 5);
  EXPECT_GE(judged({"RM-TLT-01"}).compliant, 20);
  EXPECT_EQ(judged({"KEB-10-01.arsitektur"}).compliant, 1);
  EXPECT_EQ(judged({"KEB-10-01.peta_rencana"}).violating, 1);
}

TEST_F(SampleHistory, DeploymentsWentWrongTwiceInARowToo) {
  EXPECT_GE(bad_deployments_, 20);
  EXPECT_GE(judged({"APP-DEP-01"}).compliant, 60);
  EXPECT_GE(judged({"APP-DEP-01"}).violating, 3);
}

TEST_F(SampleHistory, NobodyInItHasAName) {
  const std::set<std::string_view> forbidden = {"nik", "nip", "nama_lengkap", "email", "telepon"};
  for (const std::string& line : lines_) {
    const auto document = json::parse(line, {});
    ASSERT_TRUE(document);
    const json::Node* const data = document->root().find("data");
    if (data == nullptr) continue;
    for (const json::Member& member : data->members()) {
      EXPECT_FALSE(forbidden.contains(member.key)) << line;
    }
    const std::string_view subject = document->root().find("subject")->string();
    EXPECT_FALSE(subject.starts_with("pic/") && data->find("nama") != nullptr) << line;
  }
}

}  // namespace
}  // namespace patuh::sample
