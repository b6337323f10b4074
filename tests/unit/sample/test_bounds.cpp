#include <gtest/gtest.h>

#include "history.h"

namespace patuh::sample {
namespace {

base::Code refusal(Options options) {
  Folder folder("bounds");
  options.out = folder.path();
  const auto written = generate(options);
  EXPECT_FALSE(written.has_value());
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "events.ndjson"));
  return written ? base::Code::kInternal : written.error().code;
}

TEST(SampleBounds, OptionsOutsideTheirRangeAreRefused) {
  const Options good = small(1, {});
  for (const int agencies : {0, 501}) {
    Options options = good;
    options.agencies = agencies;
    EXPECT_EQ(refusal(options), base::Code::kInvalid) << agencies;
  }
  for (const int elements : {199, 1'000'001}) {
    Options options = good;
    options.elements = elements;
    EXPECT_EQ(refusal(options), base::Code::kInvalid) << elements;
  }
  for (const int months : {0, 121}) {
    Options options = good;
    options.months = months;
    EXPECT_EQ(refusal(options), base::Code::kInvalid) << months;
  }
}

TEST(SampleBounds, ADayThatIsNoneIsRefused) {
  Options options = small(1, {});
  options.until = 2026y / std::chrono::February / 30;
  EXPECT_EQ(refusal(options), base::Code::kInvalid);
}

TEST(SampleBounds, AFolderThatCannotBeMadeIsSaid) {
  Folder folder("file");
  std::filesystem::create_directories(folder.path());
  std::ofstream(folder.path() / "taken") << "a file";
  const auto written = generate(small(1, folder.path() / "taken" / "below"));
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, base::Code::kUnavailable);
}

TEST(SampleBounds, TheSmallestAndAnOddRegencyCanBeMade) {
  for (const auto& [agencies, elements, months] :
       {std::tuple(1, 200, 1), std::tuple(3, 300, 26), std::tuple(70, 900, 2)}) {
    Folder folder("odd");
    Options options = small(3, folder.path());
    options.agencies = agencies;
    options.elements = elements;
    options.months = months;
    const auto written = generate(options);
    ASSERT_TRUE(written.has_value()) << written.error().message;
    EXPECT_GT(written->count, 200U);
    EXPECT_EQ(written->by_kind.at("perangkat_daerah"), static_cast<std::uint64_t>(agencies));
    for (const std::string& line : lines_of(written->events)) read(line);
  }
}

}  // namespace
}  // namespace patuh::sample
