// Names that stand in stores, metrics and on the wire.
#include <gtest/gtest.h>

#include <set>

#include "model/model.h"

namespace patuh::model {
namespace {

TEST(Severity, NamesGoThereAndBackAndNumbersStay) {
  for (const Severity severity : kSeverities) EXPECT_EQ(severity_of(name_of(severity)), severity);
  EXPECT_EQ(severity_of("urgent"), std::nullopt);
  EXPECT_EQ(severity_of(""), std::nullopt);
  EXPECT_EQ(static_cast<int>(Severity::kLow), 0);
  EXPECT_EQ(static_cast<int>(Severity::kCritical), 3);
  EXPECT_EQ(kSeverities.front(), Severity::kCritical) << "the most severe comes first";
}

TEST(Severity, WeighsOneTwoFiveTen) {
  EXPECT_EQ(weight_of(Severity::kLow), 1);
  EXPECT_EQ(weight_of(Severity::kMedium), 2);
  EXPECT_EQ(weight_of(Severity::kHigh), 5);
  EXPECT_EQ(weight_of(Severity::kCritical), 10);
}

TEST(VerdictState, NamesGoThereAndBackAndNumbersStay) {
  for (int number = 0; number <= 4; ++number) {
    const auto state = static_cast<VerdictState>(number);
    EXPECT_EQ(verdict_state_of(name_of(state)), state);
  }
  EXPECT_EQ(verdict_state_of("ok"), std::nullopt);
  EXPECT_EQ(static_cast<int>(VerdictState::kViolating), 2);
  EXPECT_EQ(static_cast<int>(VerdictState::kWaived), 4);
}

TEST(Names, AreDistinct) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(FaultReason::kTooLong); ++i) {
    names.insert(name_of(static_cast<FaultReason>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(FaultReason::kTooLong) + 1);
  names.clear();
  for (int i = 0; i <= static_cast<int>(AttributeType::kAny); ++i) {
    names.insert(name_of(static_cast<AttributeType>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(AttributeType::kAny) + 1);
  EXPECT_EQ(name_of(Operation::kUpsert), "upsert");
  EXPECT_EQ(name_of(Operation::kPatch), "patch");
  EXPECT_EQ(name_of(Operation::kRemove), "remove");
  EXPECT_EQ(name_of(Closing::kNone), "");
  EXPECT_EQ(name_of(Closing::kElementRemoved), "element_removed");
}

TEST(Text, EnglishFallsBackToIndonesian) {
  const Text both{"aplikasi", "application"};
  EXPECT_EQ(both.in(Language::kIndonesian), "aplikasi");
  EXPECT_EQ(both.in(Language::kEnglish), "application");
  const Text one{"aplikasi", ""};
  EXPECT_EQ(one.in(Language::kEnglish), "aplikasi");
  EXPECT_EQ(name_of(Language::kEnglish), "en");
}

}  // namespace
}  // namespace patuh::model
