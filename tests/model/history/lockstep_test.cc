#include "model/history/lockstep.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tests/lockstep/guest_plan.h"
#include "tests/model/history/history_helpers.h"

namespace ballast::model {
namespace {

using test::point_at;
using test::wave;
using test::wave_mib;

constexpr double kMibPerDay = 24;  // of 1 MiB an hour

TEST(Lockstep, UnaccountedFollowsTheBalloon) {
  const auto found = analyse_series(wave(60, 1)).lockstep;
  ASSERT_TRUE(found);
  EXPECT_DOUBLE_EQ(found->slope, 1);
  EXPECT_TRUE(is_lockstep(*found)) << found->low << " … " << found->high;
  EXPECT_EQ(found->levels, 8);
  EXPECT_EQ(found->changes, 59);
  EXPECT_EQ(found->range_kib, 490 * 1024);
  EXPECT_EQ(found->since, test::kFirstReading);
}

TEST(Lockstep, ShareOfTheBalloonThatIsMissing) {
  for (const double share : {0.0, 0.3, 0.5, 0.9, 1.1, 2.0}) {
    const auto found = analyse_series(wave(60, share)).lockstep;
    ASSERT_TRUE(found) << share;
    EXPECT_NEAR(found->slope, share, 0.001);
    EXPECT_FALSE(is_lockstep(*found)) << share << ": " << found->low << " … " << found->high;
    EXPECT_FALSE(std::signbit(found->slope)) << "printed as -0";
  }
}

TEST(Lockstep, ALeakUnderneathDoesNotHide) {
  const auto found = analyse_series(wave(100, 1, 2));
  ASSERT_TRUE(found.lockstep);
  EXPECT_NEAR(found.lockstep->slope, 1, 0.002);
  EXPECT_TRUE(is_lockstep(*found.lockstep));
  ASSERT_TRUE(found.leak);
  EXPECT_NEAR(static_cast<double>(found.leak->kib_per_day), 2 * kMibPerDay * 1024, 200);
}

TEST(Lockstep, RebootsAreNoChanges) {
  std::vector<HistoryPoint> points;
  for (int hour = 0; hour < 80; ++hour) {
    const int boot = hour / 20;
    points.push_back(point_at(hour, wave_mib(hour), 10 + 200 * boot + wave_mib(hour),
                              "boot " + std::to_string(boot)));
  }
  const auto found = analyse_series(points);
  ASSERT_TRUE(found.lockstep);
  EXPECT_TRUE(is_lockstep(*found.lockstep));
  EXPECT_EQ(found.lockstep->changes, 76) << "none from boot to boot";
  EXPECT_FALSE(found.leak) << "what is more after each boot did not grow";
}

TEST(Lockstep, EpochsMayTakeTurns) {
  auto points = wave(60, 1);
  for (std::size_t i = 0; i < points.size(); i += 2) {
    points[i].epoch = "zoneinfo unread";
    points[i].unaccounted_kib += 50 * 1024;
  }
  const auto found = analyse_series(points).lockstep;
  ASSERT_TRUE(found);
  EXPECT_TRUE(is_lockstep(*found)) << found->low << " … " << found->high;
}

TEST(Lockstep, SomeStaleFiguresDoNoHarm) {
  auto points = wave(100, 1);
  for (std::size_t i = 7; i < points.size(); i += 13)
    points[i].balloon_kib = points[i - 1].balloon_kib;
  const auto found = analyse_series(points).lockstep;
  ASSERT_TRUE(found);
  EXPECT_TRUE(is_lockstep(*found)) << found->low << " … " << found->high;
}

// Two readings of each size; of every other size the second finds the guest at the next one.
TEST(Lockstep, AFigureThatIsNewCountsMoreThanOneThatIsRepeated) {
  std::vector<HistoryPoint> points;
  for (int hour = 0; hour < 100; ++hour) {
    const bool stale = hour % 4 == 1;
    points.push_back(point_at(hour, wave_mib(hour / 2), 10 + wave_mib(hour / 2 + (stale ? 1 : 0))));
  }
  const auto found = analyse_series(points).lockstep;
  ASSERT_TRUE(found);
  EXPECT_TRUE(is_lockstep(*found)) << found->low << " … " << found->high;
}

TEST(Lockstep, TheDriversFigureStandsInForTheHypervisors) {
  auto points = wave(60, 1);
  for (auto& point : points) std::swap(point.balloon_kib, point.driver_kib);
  EXPECT_TRUE(analyse_series(points).lockstep);
  for (auto& point : points) point.driver_kib.reset();
  EXPECT_FALSE(analyse_series(points).lockstep) << "nobody told";
}

// A balloon by the hour, of which all is missing.
template <typename Balloon>
std::vector<HistoryPoint> following(int hours, Balloon balloon) {
  std::vector<HistoryPoint> points;
  for (int hour = 0; hour < hours; ++hour) {
    points.push_back(point_at(hour, balloon(hour), 10 + balloon(hour)));
  }
  return points;
}

TEST(Lockstep, TooLittleMovementTellsNothing) {
  EXPECT_FALSE(analyse_series(following(100, [](int) { return 300.0; })).lockstep) << "steady";
  EXPECT_FALSE(analyse_series(following(100, [](int hour) { return hour % 4 * 100.0; })).lockstep)
      << "four levels";
  EXPECT_TRUE(analyse_series(following(100, [](int hour) { return hour % 5 * 100.0; })).lockstep)
      << "five levels";
  EXPECT_FALSE(analyse_series(following(100, [](int hour) { return hour % 7 * 4.0; })).lockstep)
      << "24 MiB are not far enough";
  EXPECT_FALSE(analyse_series(following(100, [](int hour) { return hour * 10.0; })).lockstep)
      << "it only grew: whatever else grows looks the same";
  EXPECT_FALSE(analyse_series(wave(6, 1)).lockstep) << "five changes";
}

TEST(Lockstep, TheRangeIsWellOverTheError) {
  auto points = wave(60, 1);
  for (auto& point : points) point.error_kib = 125 * 1024;
  EXPECT_FALSE(analyse_series(points).lockstep);
}

TEST(Lockstep, NoiseWidensTheInterval) {
  test::Dice dice(1);
  double before = 0;
  for (const double noise : {0.0, 4.0, 16.0, 64.0}) {
    auto points = wave(100, 1);
    for (auto& point : points) point.unaccounted_kib += std::llround(noise * 1024 * dice.normal());
    const auto found = analyse_series(points).lockstep;
    ASSERT_TRUE(found);
    EXPECT_LE(found->low, 1);
    EXPECT_GE(found->high, 1);
    EXPECT_GT(found->high - found->low, before) << noise;
    before = found->high - found->low;
  }
  EXPECT_GT(before, 0.2) << "noise as large as the changes is no proof";
}

TEST(Lockstep, ProofIsATightIntervalAroundOne) {
  const struct {
    double low, high;
    bool proof;
  } rows[] = {{0.99, 1.01, true}, {1, 1, true},        {0.91, 1.1, true}, {0.89, 1.1, false},
              {0.8, 0.99, false}, {1.01, 1.02, false}, {-10, 10, false}};
  for (const auto& row : rows) {
    Lockstep lockstep;
    lockstep.low = row.low;
    lockstep.high = row.high;
    EXPECT_EQ(is_lockstep(lockstep), row.proof) << row.low << " … " << row.high;
  }
}

// -- leaks

template <typename Extra>
std::vector<HistoryPoint> beside_steady(int hours, Extra extra) {
  std::vector<HistoryPoint> points;
  for (int hour = 0; hour < hours; ++hour) points.push_back(point_at(hour, 300, 310 + extra(hour)));
  return points;
}

TEST(Leak, HasItsRateAndItsBeginning) {
  const auto points = beside_steady(100, [](int hour) { return 0.5 * hour; });
  const auto found = analyse_series(points);
  EXPECT_FALSE(found.lockstep);
  ASSERT_TRUE(found.leak);
  EXPECT_NEAR(static_cast<double>(found.leak->kib_per_day), 0.5 * kMibPerDay * 1024, 100);
  EXPECT_LE(found.leak->low_kib_per_day, found.leak->kib_per_day);
  EXPECT_GE(found.leak->high_kib_per_day, found.leak->kib_per_day);
  EXPECT_EQ(found.leak->since, test::kFirstReading);
}

TEST(Leak, IsFoundWhereItBeganLater) {
  const auto found = analyse_series(
      beside_steady(120, [](int hour) { return hour < 60 ? 0 : 2.0 * (hour - 60); }));
  ASSERT_TRUE(found.leak);
  EXPECT_NEAR(static_cast<double>(found.leak->kib_per_day), 2 * kMibPerDay * 1024, 4000);
  EXPECT_GE(found.leak->since, test::kFirstReading + std::chrono::hours{60});
}

TEST(Leak, IsNotWhatOnlyLooksLikeOne) {
  const auto leak = [](auto extra) { return analyse_series(beside_steady(120, extra)).leak; };
  EXPECT_FALSE(leak([](int) { return 0.0; })) << "nothing";
  EXPECT_FALSE(leak([](int hour) { return -2.0 * hour; })) << "it gives back";
  EXPECT_FALSE(leak([](int hour) { return hour < 57 ? 0.0 : 200.0; })) << "taken once";
  EXPECT_FALSE(leak([](int hour) { return hour / 10 % 2 * 200.0; })) << "taken and given back";
  EXPECT_FALSE(leak([](int hour) { return std::min(2.0 * hour, 120.0); })) << "it ended";
  EXPECT_FALSE(leak([](int hour) { return 0.05 * hour; })) << "6 MiB: a server that warms up";
  EXPECT_FALSE(leak([](int hour) { return hour == 119 ? 500.0 : 0.0; })) << "one reading";
}

TEST(Leak, TakesTwelveReadingsAndThreeHours) {
  const auto growing = [](int hour) { return 10.0 * hour; };
  EXPECT_FALSE(analyse_series(beside_steady(11, growing)).leak);
  EXPECT_TRUE(analyse_series(beside_steady(12, growing)).leak);
  auto points = beside_steady(60, growing);
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i].read_at = test::kFirstReading + std::chrono::minutes{i};
  }
  EXPECT_FALSE(analyse_series(points).leak) << "what goes on for an hour may end";
}

TEST(Leak, OfTheNewestBootAlone) {
  auto points = beside_steady(100, [](int hour) { return hour < 80 ? 3.0 * hour : 0.0; });
  for (std::size_t i = 80; i < points.size(); ++i) points[i].epoch = "boot 2";
  EXPECT_FALSE(analyse_series(points).leak);
}

TEST(Leak, OfAnEpochThatCameBack) {
  auto points = beside_steady(100, [](int hour) { return 3.0 * hour; });
  points[50].epoch = "zoneinfo unread";
  EXPECT_TRUE(analyse_series(points).leak);
}

// The balloon shrinks, and nothing is missing: the rest is not growing.
TEST(Leak, IsNotABalloonThatTheGuestDoesNotShow) {
  std::vector<HistoryPoint> points;
  for (int hour = 0; hour < 100; ++hour) points.push_back(point_at(hour, 1000 - 10 * hour, 10));
  EXPECT_FALSE(analyse_series(points).leak);
}

TEST(Leak, BesideABalloonThatOnlyGrows) {
  std::vector<HistoryPoint> points;
  for (int hour = 0; hour < 100; ++hour) points.push_back(point_at(hour, 5 * hour, 10 + 7 * hour));
  const auto found = analyse_series(points);
  ASSERT_TRUE(found.leak);
  EXPECT_NEAR(static_cast<double>(found.leak->kib_per_day), 2 * kMibPerDay * 1024, 200);
}

// -- epochs

TEST(GuestEpoch, WhatMakesReadingsComparable) {
  const auto epoch = guest_epoch("b1", "4.18.0", 2048, {"zoneinfo was not readable: up to 64 MiB"});
  EXPECT_EQ(epoch, guest_epoch("b1", "4.18.0", 2048, {"zoneinfo was not readable: up to 32 MiB"}));
  EXPECT_NE(epoch, guest_epoch("b2", "4.18.0", 2048, {"zoneinfo was not readable: …"}));
  EXPECT_NE(epoch, guest_epoch("b1", "4.18.1", 2048, {"zoneinfo was not readable: …"}));
  EXPECT_NE(epoch, guest_epoch("b1", "4.18.0", 4096, {"zoneinfo was not readable: …"}));
  EXPECT_NE(epoch, guest_epoch("b1", "4.18.0", 2048, {"vmallocinfo was not readable (root can)"}));
  EXPECT_NE(epoch, guest_epoch("b1", "4.18.0", 2048, {}));
  EXPECT_NE(guest_epoch("b1", "2", 1, {}), guest_epoch("b", "12", 1, {}));
}

// -- whatever a damaged file holds

void expect_sane(const SeriesAnalysis& found, std::uint64_t seed) {
  if (found.lockstep) {
    EXPECT_LE(found.lockstep->low, found.lockstep->slope) << seed;
    EXPECT_GE(found.lockstep->high, found.lockstep->slope) << seed;
    EXPECT_TRUE(std::isfinite(found.lockstep->low) && std::isfinite(found.lockstep->high)) << seed;
    EXPECT_GE(found.lockstep->levels, 5) << seed;
  }
  if (found.leak) {
    EXPECT_GT(found.leak->low_kib_per_day, 0) << seed;
    EXPECT_LE(found.leak->low_kib_per_day, found.leak->kib_per_day) << seed;
    EXPECT_GE(found.leak->high_kib_per_day, found.leak->kib_per_day) << seed;
  }
}

std::int64_t any_number(test::Dice& dice) {
  constexpr std::int64_t kOdd[] = {0,
                                   -1,
                                   1,
                                   std::int64_t{1} << 62,
                                   -(std::int64_t{1} << 62),
                                   std::numeric_limits<std::int64_t>::max(),
                                   std::numeric_limits<std::int64_t>::min(),
                                   std::int64_t{1} << 53,
                                   -(std::int64_t{1} << 53)};
  const auto draw = dice.between(0, 30);
  return draw < 9 ? kOdd[draw] : dice.between(-2'000'000, 2'000'000);
}

TEST(Series, AbsurdFiguresDoNoHarm) {
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    test::Dice dice(seed);
    std::vector<HistoryPoint> points;
    const auto count = dice.between(0, 80);
    for (int i = 0; i < count; ++i) {
      auto point = point_at(i, 0, 0, dice.chance(0.1) ? "boot 2" : "boot 1");
      point.balloon_kib = any_number(dice);
      if (dice.chance(0.3)) point.driver_kib = any_number(dice);
      point.unaccounted_kib = any_number(dice);
      point.error_kib = any_number(dice);
      if (dice.chance(0.05)) point.read_at = UtcTime{std::chrono::milliseconds{any_number(dice)}};
      points.push_back(std::move(point));
    }
    expect_sane(analyse_series(points), seed);
  }
}

// So far from today a double does not tell one millisecond from the next.
TEST(Series, TimesAtTheEndOfTime) {
  auto points = wave(60, 1, 5);
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i].read_at =
        UtcTime{std::chrono::milliseconds{(std::int64_t{1} << 62) + static_cast<std::int64_t>(i)}};
  }
  points.back().read_at = UtcTime::max();
  expect_sane(analyse_series(points), 0);
}

TEST(Series, EqualTimesAreOneReading) {
  auto points = wave(60, 1);
  auto doubled = points;
  for (const auto& point : points) {
    auto twin = point;
    twin.unaccounted_kib += 500 * 1024;
    doubled.insert(doubled.begin() + 2 * (&point - points.data()) + 1, twin);
  }
  EXPECT_EQ(analyse_series(doubled).lockstep, analyse_series(points).lockstep);
  for (auto& point : points) point.read_at = test::kFirstReading;
  EXPECT_FALSE(analyse_series(points).lockstep) << "one reading is left";
}

TEST(Series, AbsurdPointsAreLeftOut) {
  auto points = wave(60, 1);
  const auto whole = analyse_series(points).lockstep;
  auto damaged = points[30];
  damaged.read_at += std::chrono::minutes{1};
  damaged.unaccounted_kib = std::int64_t{1} << 62;
  points.insert(points.begin() + 31, damaged);
  EXPECT_EQ(analyse_series(points).lockstep, whole);
}

TEST(Series, EmptyAndSingle) {
  EXPECT_FALSE(analyse_series({}).lockstep);
  EXPECT_FALSE(analyse_series({}).leak);
  const auto one = wave(1, 1);
  EXPECT_FALSE(analyse_series(one).lockstep);
  EXPECT_FALSE(analyse_series({}, one.front()).leak);
}

TEST(Series, TheNewestIsAReadingLikeTheOthers) {
  const auto points = wave(60, 1, 1);
  const auto all = analyse_series(points);
  const auto apart = analyse_series(std::span(points).first(59), points.back());
  EXPECT_EQ(all.lockstep, apart.lockstep);
  EXPECT_EQ(all.leak, apart.leak);
}

TEST(Series, OnlyTheNewestCount) {
  const auto found = analyse_series(wave(1000, 1)).lockstep;
  ASSERT_TRUE(found);
  EXPECT_EQ(found->since, test::kFirstReading + std::chrono::hours{1000 - 192});
}

}  // namespace
}  // namespace ballast::model
