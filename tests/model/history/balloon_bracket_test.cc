#include "model/history/balloon_bracket.h"

#include <limits>

#include <gtest/gtest.h>

#include "base/units.h"

namespace ballast::model {
namespace {

constexpr std::int64_t balloon_mib(std::int64_t value) { return kib_from_mib(value); }

UtcTime second(std::int64_t value) { return UtcTime{std::chrono::seconds{value}}; }

// A sample every 20 s from second 20 on.
BalloonCounters counters_of(const std::vector<std::int64_t>& sizes_mib) {
  BalloonCounters counters;
  std::int64_t at = 0;
  for (const auto size : sizes_mib)
    counters.balloon.push_back({second(at += 20), balloon_mib(size)});
  return counters;
}

TEST(BalloonBracket, Table) {
  const struct {
    const char* what;
    std::vector<std::int64_t> samples;
    std::int64_t polled, read;
    std::optional<std::pair<std::int64_t, std::int64_t>> bracket;
  } rows[] = {
      {"stands still", {300, 300, 300, 300}, 45, 50, {{300, 300}}},
      {"grows: the sample before and the one after",
       {100, 200, 300, 400, 500},
       45,
       55,
       {{200, 300}}},
      {"over several intervals", {100, 200, 300, 400, 500}, 45, 85, {{200, 500}}},
      {"a dip between the two", {300, 300, 100, 300, 300}, 45, 75, {{100, 300}}},
      {"exactly at the ends", {100, 200, 300, 400}, 40, 60, {{200, 300}}},
      {"the newest is 5 s old: one step more", {100, 200, 300}, 45, 65, {{100, 400}}},
      {"50 s old: three steps more", {100, 200, 300}, 45, 110, {{0, 600}}},
      {"never below nothing", {300, 200, 100}, 45, 65, {{0, 300}}},
      {"older than the poll", {100, 200, 300}, 70, 75, {{200, 400}}},
      {"a minute without a sample", {100, 200, 300}, 100, 125, std::nullopt},
      {"the poll was a minute before the first", {100, 200}, -50, 30, std::nullopt},
      {"one sample", {100}, 15, 25, {{100, 100}}},
      {"none", {}, 15, 25, std::nullopt},
      {"read before it was polled", {100, 200}, 30, 25, std::nullopt},
  };
  for (const auto& row : rows) {
    const auto found =
        bracket_between(counters_of(row.samples), second(row.polled), second(row.read));
    ASSERT_EQ(found.has_value(), row.bracket.has_value()) << row.what;
    if (!found) continue;
    EXPECT_EQ(found->low_kib, balloon_mib(row.bracket->first)) << row.what;
    EXPECT_EQ(found->high_kib, balloon_mib(row.bracket->second)) << row.what;
  }
}

TEST(BalloonBracket, AbsurdSamplesAreNoBracket) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  for (const auto size : {kMost, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()}) {
    auto counters = counters_of({100, 200, 300});
    counters.balloon[1].kib = size;
    EXPECT_FALSE(bracket_between(counters, second(30), second(65))) << size;
  }
}

TEST(BalloonBracket, CarriesTheTarget) {
  auto counters = counters_of({100, 100, 100});
  counters.target_kib = balloon_mib(512);
  EXPECT_EQ(bracket_between(counters, second(30), second(50))->target_kib, balloon_mib(512));
}

TEST(BalloonTrend, ByTheTarget) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  const struct {
    const char* what;
    BalloonBracket bracket;
    std::optional<BalloonTrend> trend;
  } rows[] = {
      {"not told", {balloon_mib(300), balloon_mib(300), std::nullopt}, std::nullopt},
      {"arrived", {balloon_mib(300), balloon_mib(300), balloon_mib(300)}, BalloonTrend::kSteady},
      {"a step of the driver short",
       {balloon_mib(300), balloon_mib(300), balloon_mib(302)},
       BalloonTrend::kSteady},
      {"more", {balloon_mib(300), balloon_mib(300), balloon_mib(303)}, BalloonTrend::kInflating},
      {"less", {balloon_mib(300), balloon_mib(300), balloon_mib(297)}, BalloonTrend::kDeflating},
      {"inside a moving bracket",
       {balloon_mib(200), balloon_mib(400), balloon_mib(300)},
       BalloonTrend::kSteady},
      {"none, and a balloon", {balloon_mib(300), balloon_mib(300), 0}, BalloonTrend::kDeflating},
      {"none, and no balloon", {0, 0, 0}, BalloonTrend::kSteady},
      {"absurd", {kMost, kMost, kMost}, BalloonTrend::kDeflating},
  };
  for (const auto& row : rows) EXPECT_EQ(trend(row.bracket), row.trend) << row.what;
  EXPECT_EQ(to_string(BalloonTrend::kSteady), "steady");
  EXPECT_EQ(to_string(BalloonTrend::kInflating), "inflating");
  EXPECT_EQ(to_string(BalloonTrend::kDeflating), "deflating");
}

}  // namespace
}  // namespace ballast::model
