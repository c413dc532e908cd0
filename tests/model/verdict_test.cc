#include "model/verdict.h"

#include <string>

#include <gtest/gtest.h>

#include "base/units.h"
#include "model/history/judge_history.h"
#include "tests/model/synthetic.h"

namespace ballast::model {
namespace {

constexpr std::int64_t mib(std::int64_t value) { return kib_from_mib(value); }

// A guest whose learned baseline is 10 MiB ± 4 MiB: with 1 MiB of counters and 1 MiB of rounding
// the tolerance is 6 MiB.
constexpr Baseline kLearned{mib(10), mib(4), 20};

MemoryAccount account_with(std::int64_t unaccounted_mib) {
  MemoryAccount account;
  account.mem_total_kib = mib(2048);
  account.unaccounted_kib = mib(unaccounted_mib);
  account.counter_error_kib = mib(1);
  return account;
}

struct Row {
  const char* what;
  std::int64_t unaccounted;  // MiB, all of them
  std::optional<std::int64_t> hypervisor;
  std::optional<std::int64_t> driver;  // the status file
  std::optional<std::int64_t> vmstat;
  Verdict verdict;
  Proof proof = Proof::kNone;
  UnknownReason reason = UnknownReason::kNone;
  std::int64_t reference = 0;
};

constexpr auto kNo = std::nullopt;

const Row kRows[] = {
    // The sum alone.
    {"nothing missing", 10, 0, kNo, kNo, Verdict::kClean},
    {"at the edge", 16, 0, kNo, kNo, Verdict::kClean},
    {"beyond the edge", 17, 0, kNo, kNo, Verdict::kExcess},
    {"less than ever", -50, 0, kNo, kNo, Verdict::kClean},
    {"equal", 310, 300, kNo, kNo, Verdict::kBalloon, Proof::kPoint, UnknownReason::kNone, 300},
    {"equal, upper edge", 316, 300, kNo, kNo, Verdict::kBalloon, Proof::kPoint,
     UnknownReason::kNone, 300},
    {"equal, lower edge", 304, 300, kNo, kNo, Verdict::kBalloon, Proof::kPoint,
     UnknownReason::kNone, 300},
    {"300 more", 610, 300, kNo, kNo, Verdict::kExcess, Proof::kNone, UnknownReason::kNone, 300},
    {"just more", 317, 300, kNo, kNo, Verdict::kExcess, Proof::kNone, UnknownReason::kNone, 300},
    {"nothing there", 10, 300, kNo, kNo, Verdict::kHidden, Proof::kNone, UnknownReason::kNone, 300},
    {"a part there", 200, 300, kNo, kNo, Verdict::kHidden, Proof::kNone, UnknownReason::kNone, 300},
    {"MemTotal shrank", -290, 300, kNo, kNo, Verdict::kHidden, Proof::kNone, UnknownReason::kNone,
     300},
    // Balloons near the tolerance: only what a guest without one cannot look like is proof.
    {"too small to tell", 15, 5, kNo, kNo, Verdict::kUnknown, Proof::kNone,
     UnknownReason::kBelowTolerance, 5},
    {"small and told apart", 19, 8, kNo, kNo, Verdict::kBalloon, Proof::kPoint,
     UnknownReason::kNone, 8},
    {"too small, but the driver knows", 15, 5, 5, kNo, Verdict::kBalloon, Proof::kDriver,
     UnknownReason::kNone, 5},
    {"1 MiB that the driver denies", 10, 1, 0, kNo, Verdict::kUnknown, Proof::kNone,
     UnknownReason::kBelowTolerance, 1},
    // The driver's figure beside it.
    {"driver agrees", 310, 300, 300, kNo, Verdict::kBalloon, Proof::kDriver, UnknownReason::kNone,
     300},
    {"driver a step of 2 MiB on", 311, 300, 302, kNo, Verdict::kBalloon, Proof::kDriver,
     UnknownReason::kNone, 300},
    {"vmstat agrees", 310, 300, kNo, 301, Verdict::kBalloon, Proof::kDriver, UnknownReason::kNone,
     300},
    {"status file goes before vmstat", 310, 300, 300, 100, Verdict::kBalloon, Proof::kDriver,
     UnknownReason::kNone, 300},
    {"driver agrees and 200 more are missing", 510, 300, 300, kNo, Verdict::kExcess, Proof::kNone,
     UnknownReason::kNone, 300},
    {"driver agrees and nothing is missing", 10, 300, 300, kNo, Verdict::kHidden, Proof::kNone,
     UnknownReason::kNone, 300},
    // Hypervisor and driver differ.
    {"it grew since the hypervisor was asked", 410, 300, 400, kNo, Verdict::kBalloon, Proof::kPoint,
     UnknownReason::kNone, 400},
    {"it appeared since", 410, 0, 400, kNo, Verdict::kBalloon, Proof::kPoint, UnknownReason::kNone,
     400},
    {"it grew, and there is more than that", 610, 300, 400, kNo, Verdict::kExcess, Proof::kNone,
     UnknownReason::kNone, 400},
    {"it shrank since", 210, 300, 200, kNo, Verdict::kHidden, Proof::kNone, UnknownReason::kNone,
     300},
    {"stale figure, empty balloon", 10, 300, 0, kNo, Verdict::kHidden, Proof::kNone,
     UnknownReason::kNone, 300},
    {"a leak as big as a stale figure", 310, 300, 0, kNo, Verdict::kExcess, Proof::kNone,
     UnknownReason::kNone, 0},
    {"more than the driver holds", 260, 300, 200, kNo, Verdict::kExcess, Proof::kNone,
     UnknownReason::kNone, 200},
    {"a leak as big as a stale figure, by vmstat", 310, 300, kNo, 0, Verdict::kExcess, Proof::kNone,
     UnknownReason::kNone, 0},
    {"more than the driver holds, by vmstat", 260, 300, kNo, 200, Verdict::kExcess, Proof::kNone,
     UnknownReason::kNone, 200},
    {"it shrank before vmstat was read", 310, 300, kNo, 280, Verdict::kBalloon, Proof::kPoint,
     UnknownReason::kNone, 300},
    {"driver claims what is not missing", 10, 0, 300, kNo, Verdict::kClean},
    // No figure from the hypervisor.
    {"nobody told", 310, kNo, kNo, kNo, Verdict::kUnknown, Proof::kNone,
     UnknownReason::kBalloonFigureUnset},
    {"only the driver told", 310, kNo, 300, kNo, Verdict::kBalloon, Proof::kDriver,
     UnknownReason::kNone, 300},
    {"only the driver told, more is missing", 410, kNo, 300, kNo, Verdict::kExcess, Proof::kNone,
     UnknownReason::kNone, 300},
    {"only the driver told: empty", 10, kNo, 0, kNo, Verdict::kClean},
    {"only the driver told: empty, and a leak", 310, kNo, 0, kNo, Verdict::kExcess},
};

std::optional<std::int64_t> kib(std::optional<std::int64_t> value) {
  return value ? std::optional(mib(*value)) : std::nullopt;
}

TEST(Judge, Table) {
  for (const auto& row : kRows) {
    auto account = account_with(row.unaccounted);
    account.driver_kib = kib(row.driver);
    account.vmstat_kib = kib(row.vmstat);
    const auto judgement = judge(account, kLearned, kib(row.hypervisor));
    EXPECT_EQ(judgement.verdict, row.verdict)
        << row.what << ": came out as " << to_string(judgement.verdict);
    EXPECT_EQ(judgement.proof, row.proof) << row.what;
    EXPECT_EQ(judgement.reason, row.reason) << row.what;
    EXPECT_EQ(judgement.reference_kib, mib(row.reference)) << row.what;
    EXPECT_EQ(judgement.difference_kib, mib(row.unaccounted - 10 - row.reference)) << row.what;
  }
}

// What was not read may be what is missing; it is never what is not missing.
TEST(Judge, UnreadCountsOneWayOnly) {
  const struct {
    const char* what;
    std::int64_t unaccounted, balloon, unread;  // MiB
    Verdict verdict;
    UnknownReason reason;
  } rows[] = {
      {"no shortfall is excused", 200, 300, 200, Verdict::kHidden, UnknownReason::kNone},
      {"9 GiB of an 11 GiB balloon", 9'000, 11'500, 4'000, Verdict::kHidden, UnknownReason::kNone},
      {"twice the balloon", 610, 300, 200, Verdict::kExcess, UnknownReason::kNone},
      {"more, or all in the unread file", 410, 300, 200, Verdict::kUnknown, UnknownReason::kUnread},
      {"no balloon, and the file decides", 110, 0, 200, Verdict::kUnknown, UnknownReason::kUnread},
      {"no balloon, and nothing missing", 12, 0, 200, Verdict::kClean, UnknownReason::kNone},
      {"equal, and a little unread", 310, 300, 40, Verdict::kBalloon, UnknownReason::kNone},
      {"a little more, and a little unread", 340, 300, 40, Verdict::kBalloon, UnknownReason::kNone},
      {"equal, and as much unread", 310, 300, 300, Verdict::kUnknown, UnknownReason::kUnread},
      {"small, and more is unread", 30, 20, 40, Verdict::kUnknown, UnknownReason::kUnread},
  };
  for (const auto& row : rows) {
    auto account = account_with(row.unaccounted);
    account.unread_varying_kib = mib(row.unread);
    const auto judgement = judge(account, kLearned, mib(row.balloon));
    EXPECT_EQ(judgement.verdict, row.verdict) << row.what;
    EXPECT_EQ(judgement.reason, row.reason) << row.what;
    EXPECT_EQ(judgement.tolerance_kib, mib(6 + row.unread)) << row.what;
    EXPECT_EQ(judgement.tolerance_below_kib(), mib(6)) << row.what;
  }
}

// The hypervisor's figure may be old: what the driver does not hold may be in what was not read.
TEST(Judge, ADriverThatHoldsLessIsNotOverruledByWhatWasNotRead) {
  auto account = account_with(1010);
  account.unread_varying_kib = mib(230);
  EXPECT_EQ(judge(account, kLearned, mib(1000)).proof, Proof::kPoint);
  account.driver_kib = mib(800);
  EXPECT_EQ(judge(account, kLearned, mib(1000)).reason, UnknownReason::kUnread);
  account.driver_kib.reset();
  account.vmstat_kib = mib(800);
  EXPECT_EQ(judge(account, kLearned, mib(1000)).reason, UnknownReason::kUnread);
  account.unread_varying_kib = mib(50);
  EXPECT_EQ(judge(account, kLearned, mib(1000)).verdict, Verdict::kExcess);
}

// Zram where vmstat was not read: no reason to doubt a balloon, and no excess without it.
TEST(Judge, WhatFewGuestsHaveForbidsAnExcessAlone) {
  auto account = account_with(310);
  account.unread_seldom_kib = mib(310);
  EXPECT_EQ(judge(account, kLearned, mib(300)).verdict, Verdict::kBalloon);
  EXPECT_EQ(judge(account, kLearned, mib(200)).reason, UnknownReason::kUnread);
  EXPECT_EQ(judge(account, kLearned, mib(0)).reason, UnknownReason::kUnread);
  EXPECT_EQ(judge(account, kLearned, mib(400)).verdict, Verdict::kHidden);
}

TEST(Judge, TheDriversFigureIsProofWhateverWasNotRead) {
  auto account = account_with(310);
  account.driver_kib = mib(300);
  account.unread_varying_kib = mib(300);
  EXPECT_EQ(judge(account, kLearned, mib(300)).proof, Proof::kDriver);
}

TEST(Judge, MarkedPagesAreTheThirdWitness) {
  const struct {
    const char* what;
    std::int64_t unaccounted;
    std::optional<std::int64_t> hypervisor, driver, vmstat, kpageflags;
    Verdict verdict;
    Proof proof;
  } rows[] = {
      {"agree", 310, 300, kNo, kNo, 300, Verdict::kBalloon, Proof::kDriver},
      {"alone", 310, kNo, kNo, kNo, 300, Verdict::kBalloon, Proof::kDriver},
      {"vmstat goes before", 310, 300, kNo, 100, 300, Verdict::kExcess, Proof::kNone},
      {"the status file goes before", 310, 300, 0, kNo, 300, Verdict::kExcess, Proof::kNone},
      {"fewer marked than missing", 310, 300, kNo, kNo, 100, Verdict::kBalloon, Proof::kPoint},
      {"it grew since", 410, 300, kNo, kNo, 400, Verdict::kBalloon, Proof::kPoint},
  };
  for (const auto& row : rows) {
    auto account = account_with(row.unaccounted);
    account.driver_kib = kib(row.driver);
    account.vmstat_kib = kib(row.vmstat);
    account.kpageflags_kib = kib(row.kpageflags);
    const auto judgement = judge(account, kLearned, kib(row.hypervisor));
    EXPECT_EQ(judgement.verdict, row.verdict) << row.what;
    EXPECT_EQ(judgement.proof, row.proof) << row.what;
  }
}

TEST(Judge, AResetVoidsTheSample) {
  auto account = account_with(310);
  account.driver_kib = mib(300);
  account.resetting = true;
  const auto judgement = judge(account, kLearned, mib(300));
  EXPECT_EQ(judgement.verdict, Verdict::kUnknown);
  EXPECT_EQ(judgement.reason, UnknownReason::kDriverResetting);
  EXPECT_FALSE(judgement.tolerance.empty()) << "there is an account, so the terms are shown";
}

std::string terms(const Judgement& judgement) {
  std::string text;
  for (const auto& term : judgement.tolerance) {
    text += std::string(term.name) + "=" + std::to_string(term.kib) + " ";
  }
  return text;
}

TEST(Tolerance, TermsAreNamedAndAddUp) {
  auto account = account_with(310);
  account.counter_error_kib = 700;
  account.unread_varying_kib = 50;
  account.unread_fixed_kib = 3;
  const Baseline prior{mib(10), 4000, 0};
  EXPECT_EQ(terms(judge(account, prior, mib(300))),
            "counters=700 baseline=4000 unread=53 host_rounding=1024 ");
  EXPECT_EQ(judge(account, prior, mib(300)).tolerance_kib, 5777);
}

TEST(Tolerance, ALearnedBaselineContainsWhatIsAlwaysUnread) {
  auto account = account_with(310);
  account.unread_fixed_kib = mib(24);
  EXPECT_EQ(terms(judge(account, kLearned, mib(300))),
            "counters=1024 baseline=4096 host_rounding=1024 ");
}

TEST(Tolerance, NoRoundingWithoutTheHypervisorsFigure) {
  auto account = account_with(310);
  account.driver_kib = mib(300);
  EXPECT_EQ(terms(judge(account, kLearned, std::nullopt)), "counters=1024 baseline=4096 ");
}

TEST(Unknown, HasOnlyAReason) {
  const auto judgement = unknown(UnknownReason::kTimedOut);
  EXPECT_EQ(judgement.verdict, Verdict::kUnknown);
  EXPECT_EQ(judgement.reason, UnknownReason::kTimedOut);
  EXPECT_EQ(judgement.proof, Proof::kNone);
  EXPECT_TRUE(judgement.tolerance.empty());
}

TEST(IsBallooned, ByTheHypervisorOrByTheDriver) {
  MemoryAccount account;
  EXPECT_FALSE(is_ballooned(account, std::nullopt));
  EXPECT_FALSE(is_ballooned(account, 0));
  EXPECT_TRUE(is_ballooned(account, 1024));
  account.vmstat_kib = 2048;
  EXPECT_TRUE(is_ballooned(account, 0)) << "vCenter's figure may be old";
  EXPECT_GT(history_wanted(account, 0), history_wanted(MemoryAccount{}, 0));
}

// What seems to be missing may be on its way from one list to another.
// The balloon's source lines count what they hold now, so that they can be believed either way.
TEST(CallSites, SpeakForTheDriver) {
  auto account = account_with(210);
  account.call_sites_kib = mib(200);
  EXPECT_EQ(judge(account, kLearned, mib(200)).proof, Proof::kDriver);
  EXPECT_EQ(judge(account, kLearned, std::nullopt).verdict, Verdict::kBalloon);
  account.vmstat_kib = mib(500);
  EXPECT_EQ(judge(account, kLearned, mib(200)).proof, Proof::kDriver)
      << "counters drift, call sites do not";
  account.call_sites_kib = mib(100);
  const auto judgement = judge(account, kLearned, mib(200));
  EXPECT_EQ(judgement.verdict, Verdict::kExcess) << "the rest is somebody else's";
  EXPECT_EQ(judgement.reference_kib, mib(100));
}

TEST(Reclaiming, NothingIsAnExcess) {
  const struct {
    std::int64_t unaccounted, hypervisor;
    Verdict verdict;
    UnknownReason reason;
  } rows[] = {{100, 0, Verdict::kUnknown, UnknownReason::kReclaiming},
              {300, 200, Verdict::kUnknown, UnknownReason::kReclaiming},
              {210, 200, Verdict::kBalloon, UnknownReason::kNone},
              {10, 200, Verdict::kHidden, UnknownReason::kNone},
              {10, 0, Verdict::kClean, UnknownReason::kNone}};
  for (const auto& row : rows) {
    auto account = account_with(row.unaccounted);
    account.reclaiming = true;
    const auto judgement = judge(account, kLearned, mib(row.hypervisor));
    EXPECT_EQ(judgement.verdict, row.verdict) << row.unaccounted << " of " << row.hypervisor;
    EXPECT_EQ(judgement.reason, row.reason);
  }
}

TEST(ReadingTerm, GoesBothWays) {
  for (const std::int64_t off : {-9, 9}) {
    auto account = account_with(10 + 200 + off);
    EXPECT_NE(judge(account, kLearned, mib(200)).verdict, Verdict::kBalloon) << off;
    account.reading_kib = mib(4);
    const auto judgement = judge(account, kLearned, mib(200));
    EXPECT_EQ(judgement.verdict, Verdict::kBalloon) << off;
    EXPECT_EQ(judgement.tolerance_kib, mib(10));
  }
}

}  // namespace
}  // namespace ballast::model
