#include "model/history/judge_history.h"

#include <limits>
#include <tuple>

#include <gtest/gtest.h>

#include "tests/lockstep/guest_plan.h"
#include "tests/model/history/history_helpers.h"

namespace ballast::model {
namespace {

using test::point_at;
using test::wave;
using test::wave_mib;

constexpr std::int64_t history_mib(std::int64_t value) { return kib_from_mib(value); }

// Guests whose prior is 20 MiB ± 20 MiB, read after `history` with these figures in MiB.
struct Reading {
  std::optional<std::int64_t> balloon;
  std::int64_t unaccounted = 0;
  std::optional<std::int64_t> driver = std::nullopt;
  std::optional<BalloonBracket> bracket = std::nullopt;
  const char* epoch = "boot 1";
};

Judgement judge_after(const std::vector<HistoryPoint>& history, const Reading& reading) {
  MemoryAccount account;
  account.mem_total_kib = history_mib(4096);
  account.counter_error_kib = history_mib(1);
  account.unaccounted_kib = history_mib(reading.unaccounted);
  if (reading.driver) account.driver_kib = history_mib(*reading.driver);
  const auto read_at =
      history.empty() ? test::kFirstReading : history.back().read_at + std::chrono::hours{1};
  const auto balloon =
      reading.balloon ? std::optional(history_mib(*reading.balloon)) : std::nullopt;
  const Evidence evidence{account,       read_at,
                          reading.epoch, Baseline{history_mib(20), history_mib(20), 0},
                          balloon,       reading.bracket};
  return judge_with_history(evidence, history);
}

std::vector<HistoryPoint> quiet(int hours, double unaccounted = 10) {
  std::vector<HistoryPoint> points;
  for (int hour = 0; hour < hours; ++hour) points.push_back(point_at(hour, 0, unaccounted));
  return points;
}

TEST(History, WithoutOneItIsTheRuleForOneSample) {
  const auto judgement = judge_after({}, {300, 320});
  EXPECT_EQ(judgement.verdict, Verdict::kBalloon);
  EXPECT_EQ(judgement.proof, Proof::kPoint);
  EXPECT_EQ(judgement.baseline.samples, 0);
  EXPECT_EQ(judgement.tolerance_kib, history_mib(22));
  EXPECT_FALSE(judgement.lockstep);
  EXPECT_FALSE(judgement.leak);
}

// -- the baseline

TEST(LearnedBaseline, TakesThreeSamplesWithoutABalloon) {
  EXPECT_EQ(judge_after(quiet(2), {0, 10}).baseline.samples, 0);
  const auto few = judge_after(quiet(3), {0, 10}).baseline;
  EXPECT_EQ(few.samples, 3);
  EXPECT_EQ(few.kib, history_mib(10));
  const auto many = judge_after(quiet(100), {0, 10}).baseline;
  EXPECT_EQ(many.samples, 64) << "the newest";
  EXPECT_LT(many.spread_kib, few.spread_kib) << "few samples do not show how far others are";
}

TEST(History, AReadingOfAClockThatWasAheadDoesNotHideThoseAfterIt) {
  auto points = quiet(60);
  points[0].read_at += std::chrono::hours{24 * 3650};
  EXPECT_EQ(judge_after(points, {0, 10}).baseline.samples, 59);
  auto moving = wave(60, 1);
  moving[0].read_at += std::chrono::hours{24 * 3650};
  EXPECT_EQ(judge_after(moving, {70, 80}).proof, Proof::kLockstep);
}

TEST(LearnedBaseline, IsOfOneEpoch) {
  EXPECT_EQ(judge_after(quiet(50), {0, 10, {}, {}, "boot 2"}).baseline.samples, 0);
}

TEST(LearnedBaseline, IsOfGuestsOfWhichEverybodySaysThatTheyHadNone) {
  auto points = quiet(20);
  for (auto& point : points) point.balloon_kib.reset();
  EXPECT_EQ(judge_after(points, {0, 10}).baseline.samples, 0) << "the hypervisor told nothing";
  points = quiet(20);
  for (auto& point : points) point.driver_kib = history_mib(8);
  EXPECT_EQ(judge_after(points, {0, 10}).baseline.samples, 0) << "the driver holds something";
  for (auto& point : points) point.driver_kib = 0;
  EXPECT_EQ(judge_after(points, {0, 10}).baseline.samples, 20);
  for (auto& point : points) point.balloon_kib = history_mib(8);
  EXPECT_EQ(judge_after(points, {0, 10}).baseline.samples, 0) << "there was one";
}

TEST(LearnedBaseline, TellsASmallBalloonFromNone) {
  EXPECT_EQ(judge_after({}, {12, 22}).reason, UnknownReason::kBelowTolerance);
  EXPECT_EQ(judge_after(quiet(40), {12, 22}).verdict, Verdict::kBalloon);
}

TEST(LearnedBaseline, ABalloonThatNobodyToldOfIsDropped) {
  auto points = quiet(20);
  points[5].unaccounted_kib = history_mib(35);
  points[11].unaccounted_kib = history_mib(300);
  const auto baseline = judge_after(points, {0, 10}).baseline;
  EXPECT_EQ(baseline.kib, history_mib(10));
  EXPECT_EQ(baseline.samples, 18);
  EXPECT_LT(baseline.spread_kib, history_mib(2)) << "it would hide what is as large";
}

TEST(LearnedBaseline, ASurplusIsNeverLearned) {
  const auto points = quiet(50, 200);
  const auto judgement = judge_after(points, {0, 200});
  EXPECT_EQ(judgement.baseline.samples, 0);
  EXPECT_EQ(judgement.verdict, Verdict::kExcess) << "somebody holds 160 MiB that are not normal";
  EXPECT_EQ(judge_after(points, {300, 500}).verdict, Verdict::kExcess) << "and still does";
}

TEST(LearnedBaseline, IsNoWiderThanThePrior) {
  std::vector<HistoryPoint> points;
  for (int hour = 0; hour < 40; ++hour) points.push_back(point_at(hour, 0, hour % 2 * 40));
  EXPECT_LE(judge_after(points, {0, 10}).baseline.spread_kib, history_mib(20));
}

TEST(LearnedBaseline, AbsurdSamplesAreNotLearned) {
  auto points = quiet(6);
  points[0].unaccounted_kib = std::int64_t{1} << 62;
  points[1].unaccounted_kib = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(judge_after(points, {0, 10}).baseline.samples, 4);
}

TEST(LearnedBaseline, OnlyFromBeforeTheReading) {
  auto points = quiet(20);
  const Reading newest{0, 10};
  MemoryAccount account;
  account.unaccounted_kib = history_mib(10);
  const Evidence evidence{account,        points[2].read_at,
                          "boot 1",       Baseline{history_mib(20), history_mib(20), 0},
                          newest.balloon, {}};
  EXPECT_EQ(judge_with_history(evidence, points).baseline.samples, 0) << "two are older";
}

// -- skew

TEST(Skew, IsHowFarTheBracketReachesBeyondTheFigure) {
  const struct {
    const char* what;
    std::int64_t low, high, skew;
  } rows[] = {
      {"stood still", 300, 300, 0}, {"grew", 300, 420, 120},      {"shrank", 250, 300, 50},
      {"both", 290, 330, 30},       {"elsewhere", 350, 400, 100},
  };
  for (const auto& row : rows) {
    const auto judgement = judge_after(
        {}, {300, 320, {}, BalloonBracket{history_mib(row.low), history_mib(row.high), {}}});
    EXPECT_EQ(judgement.tolerance_kib, history_mib(22 + row.skew)) << row.what;
    EXPECT_EQ(judgement.tolerance.back().name, row.skew > 0 ? "skew" : "host_rounding") << row.what;
    EXPECT_TRUE(judgement.bracket) << row.what;
  }
}

// VMware Tools told the figure while the guest was read: it counts, not the older one of the poll.
TEST(Skew, IsNoneWhereTheFigureIsOfTheSameMoment) {
  const BalloonBracket exact{history_mib(400), history_mib(400), {}};
  const auto judgement = judge_after(quiet(20), {300, 410, {}, exact});
  EXPECT_EQ(judgement.verdict, Verdict::kBalloon);
  EXPECT_EQ(judgement.reference_kib, history_mib(400));
  EXPECT_EQ(judgement.difference_kib, 0);
  EXPECT_EQ(judgement.tolerance.back().name, "host_rounding");
  EXPECT_EQ(judge_after(quiet(20), {{}, 410, {}, exact}).verdict, Verdict::kBalloon)
      << "without vCenter's figure";
  EXPECT_EQ(judge_after(quiet(20), {400, 410, {}, BalloonBracket{0, 0, {}}}).verdict,
            Verdict::kExcess)
      << "the balloon was gone";
}

// Under reclaim pages are in flight, and what is missing is not what the guest leaves unaccounted.
TEST(LearnedBaseline, IsNotLearnedFromReadingsUnderReclaim) {
  auto history = quiet(6, 10);
  for (int hour = 6; hour < 12; ++hour) {
    history.push_back(point_at(hour, 0, 24));
    history.back().error_kib += history_mib(10);
  }
  const auto judgement = judge_after(history, {0, 10});
  EXPECT_EQ(judgement.baseline.samples, 6);
  EXPECT_EQ(judgement.baseline.kib, history_mib(10));
  for (auto& point : history) point.error_kib = history_mib(11);
  EXPECT_EQ(judge_after(history, {0, 10}).baseline.samples, 12)
      << "of a guest that is never read any better all teach";
}

TEST(Skew, ExplainsABalloonOnTheMove) {
  EXPECT_EQ(judge_after(quiet(20), {300, 400}).verdict, Verdict::kExcess);
  EXPECT_EQ(
      judge_after(quiet(20), {300, 400, {}, BalloonBracket{history_mib(300), history_mib(400), {}}})
          .verdict,
      Verdict::kBalloon);
}

TEST(Skew, AbsurdBracketsDoNoHarm) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  for (const auto& bracket :
       {BalloonBracket{kLeast, kMost, kMost}, BalloonBracket{kMost, kLeast, {}}}) {
    EXPECT_NE(judge_after({}, {300, 320, {}, bracket}).verdict, Verdict::kExcess);
  }
}

// -- lockstep

TEST(LockstepProof, OutranksPointAndDriver) {
  const auto history = wave(60, 1);
  const auto balloon = static_cast<std::int64_t>(wave_mib(60));
  for (const auto driver : {std::optional<std::int64_t>{}, std::optional(balloon)}) {
    const auto judgement = judge_after(history, {balloon, balloon + 10, driver});
    EXPECT_EQ(judgement.verdict, Verdict::kBalloon);
    EXPECT_EQ(judgement.proof, Proof::kLockstep);
    ASSERT_TRUE(judgement.lockstep);
  }
}

TEST(LockstepProof, TakesANewestSampleThatFits) {
  const auto history = wave(60, 1);
  const auto balloon = static_cast<std::int64_t>(wave_mib(60));
  EXPECT_EQ(judge_after(history, {balloon, balloon + 210}).verdict, Verdict::kExcess);
  EXPECT_EQ(judge_after(history, {balloon, balloon - 200}).verdict, Verdict::kHidden);
  EXPECT_TRUE(judge_after(history, {balloon, balloon + 210}).lockstep)
      << "it is shown all the same";
}

TEST(LockstepProof, SettlesASampleBelowTheTolerance) {
  const auto history = wave(60, 1);
  const Reading small{12, 22, {}, {}, "boot 2"};
  EXPECT_EQ(judge_after({}, small).reason, UnknownReason::kBelowTolerance);
  const auto judgement = judge_after(history, small);
  EXPECT_EQ(judgement.verdict, Verdict::kBalloon);
  EXPECT_EQ(judgement.proof, Proof::kLockstep);
  EXPECT_EQ(judgement.reason, UnknownReason::kNone);
}

TEST(LockstepProof, IsNotForAFigureThatOnlyTheSkewAdmits) {
  const auto judgement =
      judge_after(wave(60, 1), {700, 10, {}, BalloonBracket{0, history_mib(700), {}}});
  EXPECT_EQ(judgement.verdict, Verdict::kUnknown);
  EXPECT_EQ(judgement.reason, UnknownReason::kBelowTolerance);
}

TEST(LockstepProof, WhatDoesNotFollowIsNotTheBalloon) {
  auto history = wave(60, 0);
  for (auto& point : history) point.unaccounted_kib = history_mib(310);
  const auto judgement = judge_after(history, {300, 310});
  EXPECT_EQ(judge_after({}, {300, 310}).verdict, Verdict::kBalloon) << "one sample fits";
  EXPECT_EQ(judgement.verdict, Verdict::kExcess);
  EXPECT_EQ(judgement.proof, Proof::kNone);
  EXPECT_EQ(judgement.reference_kib, 0);
  EXPECT_EQ(judgement.difference_kib, history_mib(290));
}

TEST(LockstepProof, WhereNothingIsMissingTheBalloonIsHidden) {
  const auto judgement = judge_after(wave(60, 0), {12, 25, {}, {}, "boot 2"});
  EXPECT_EQ(judgement.verdict, Verdict::kHidden);
  EXPECT_EQ(judgement.reason, UnknownReason::kNone);
}

// -- leaks

TEST(LeakVerdict, AlsoWhereThePointFits) {
  std::vector<HistoryPoint> history;
  for (int hour = 0; hour < 60; ++hour) history.push_back(point_at(hour, 300, 300 + 0.5 * hour));
  const auto judgement = judge_after(history, {300, 330});
  EXPECT_EQ(judge_after({}, {300, 330}).verdict, Verdict::kBalloon);
  EXPECT_EQ(judgement.verdict, Verdict::kExcess);
  EXPECT_EQ(judgement.proof, Proof::kNone);
  ASSERT_TRUE(judgement.leak);
  EXPECT_NEAR(static_cast<double>(judgement.leak->kib_per_day), 12 * 1024, 200);
}

TEST(LeakVerdict, WithoutABalloonAndBesideAMovingOne) {
  std::vector<HistoryPoint> history;
  for (int hour = 0; hour < 60; ++hour) history.push_back(point_at(hour, 0, 0.5 * hour));
  EXPECT_EQ(judge_after(history, {0, 30}).verdict, Verdict::kExcess)
      << "normal for a guest of this kind, but it grows";
  const auto balloon = static_cast<std::int64_t>(wave_mib(60));
  const auto moving = judge_after(wave(60, 1, 0.4), {balloon, balloon + 34});
  EXPECT_EQ(moving.verdict, Verdict::kExcess);
  ASSERT_TRUE(moving.lockstep);
  EXPECT_TRUE(is_lockstep(*moving.lockstep)) << "the balloon's share is proven";
}

// vCenter's figure is stuck; the driver says that it was the driver all the time.
TEST(LeakVerdict, NotForWhatTheDriverHolds) {
  std::vector<HistoryPoint> points;
  for (int hour = 0; hour < 40; ++hour) {
    points.push_back(point_at(hour, 256, 276 + 20 * hour));
    points.back().driver_kib = history_mib(256 + 20 * hour);
  }
  const auto judgement = judge_after(points, {256, 276 + 800, 256 + 800});
  EXPECT_FALSE(judgement.leak);
  EXPECT_EQ(judgement.verdict, Verdict::kBalloon);
  for (auto& point : points) point.driver_kib.reset();
  EXPECT_TRUE(judge_after(points, {256, 276 + 800}).leak) << "where the driver does not tell";
}

TEST(LeakVerdict, NotForASampleThatSaysNothing) {
  std::vector<HistoryPoint> history;
  for (int hour = 0; hour < 60; ++hour) history.push_back(point_at(hour, 0, 2 * hour));
  const auto judgement = judge_after(history, {std::nullopt, 120});
  EXPECT_EQ(judgement.reason, UnknownReason::kBalloonFigureUnset);
  EXPECT_FALSE(judgement.leak);
}

// -- a balloon that moved between the hypervisor's figure and the reading

TEST(Moved, ItsWayIsNoExcuseForWhatTheDriverTells) {
  const BalloonBracket wide{0, history_mib(2048), std::nullopt};
  const auto judgement = judge_after({}, {0, 2060, 2048, wide});
  EXPECT_EQ(judgement.verdict, Verdict::kBalloon) << "the driver holds what is missing";
  EXPECT_EQ(judgement.reference_kib, history_mib(2048));
}

TEST(Moved, WhatItMayHaveBeenIsNotClean) {
  const BalloonBracket wide{0, history_mib(2048), std::nullopt};
  const auto missing = judge_after({}, {0, 1000, std::nullopt, wide});
  EXPECT_EQ(missing.verdict, Verdict::kUnknown) << "a leak would look the same";
  EXPECT_EQ(missing.reason, UnknownReason::kBelowTolerance);
  EXPECT_EQ(judge_after({}, {0, 25, std::nullopt, wide}).verdict, Verdict::kClean);
}

// -- a guest's own report

Judgement judge_report(std::int64_t balloon, std::int64_t unaccounted,
                       std::optional<BalloonBracket> bracket = std::nullopt) {
  MemoryAccount account;
  account.mem_total_kib = history_mib(4096);
  account.unaccounted_kib = history_mib(unaccounted);
  Evidence evidence{account,
                    test::kFirstReading,
                    "boot 1",
                    Baseline{history_mib(20), history_mib(20), 0},
                    history_mib(balloon),
                    bracket};
  evidence.is_report = true;
  return judge_with_history(evidence, {});
}

TEST(Report, ProvesTheLeast) {
  const auto judgement = judge_report(300, 320);
  EXPECT_EQ(judgement.verdict, Verdict::kBalloon);
  EXPECT_EQ(judgement.proof, Proof::kReport);
}

TEST(Report, WhatTheBalloonMayHaveDoneSinceIsNoExcessAndNotHidden) {
  for (const auto& [balloon, unaccounted, verdict] :
       {std::tuple{0, 600, Verdict::kExcess}, std::tuple{900, 20, Verdict::kHidden}}) {
    const auto alone = judge_report(balloon, unaccounted);
    EXPECT_EQ(alone.verdict, Verdict::kUnknown);
    EXPECT_EQ(alone.reason, UnknownReason::kReportOutdated);
    const BalloonBracket still{history_mib(balloon), history_mib(balloon), std::nullopt};
    EXPECT_EQ(judge_report(balloon, unaccounted, still).verdict, verdict)
        << "the counters tell that it did nothing";
  }
}

TEST(Report, SaysNothingOfLaterProbes) {
  auto history = quiet(10);
  for (auto& point : history) point.is_report = true;
  EXPECT_EQ(judge_after(history, {0, 30}).baseline.samples, 0) << "anybody may have written them";
  for (auto& point : history) point.is_report = false;
  EXPECT_GT(judge_after(history, {0, 30}).baseline.samples, 0);
}

TEST(Report, ReadByThreeScansIsOneReading) {
  auto history = quiet(10);
  for (auto& point : history) point.read_at = history.front().read_at;
  EXPECT_EQ(judge_after(history, {0, 30}).baseline.samples, 0);
}

}  // namespace
}  // namespace ballast::model
