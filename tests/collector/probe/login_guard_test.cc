#include "collector/probe/login_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ballast::collector {
namespace {

using Answer = LoginGuard::Answer;
using Turn = LoginGuard::Turn;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

const UtcTime kLoginAt = parse_iso8601("2026-11-25T12:00:00Z").value();

// Starts as many as may start, at most `most`.
int start_all(LoginGuard& guard, int most = 100) {
  int started = 0;
  for (; started < most && guard.turn_of("u") == Turn::kNow; ++started) guard.started("u");
  return started;
}

TEST(LoginGuard, FewTryALoginThatNobodyHasTaken) {
  LoginGuard guard;
  EXPECT_EQ(start_all(guard), 3);
  EXPECT_EQ(guard.turn_of("u"), Turn::kLater);
  EXPECT_EQ(guard.turn_of("other"), Turn::kNow) << "another login has nothing to do with it";
  EXPECT_FALSE(guard.ended("u", Answer::kTaken, kLoginAt)) << "there is nothing to forget";
  EXPECT_EQ(start_all(guard), 100) << "a login that was taken is for all";
}

TEST(LoginGuard, ThreeRefusalsSuspendItForTheRest) {
  LoginGuard guard;
  start_all(guard);
  EXPECT_FALSE(guard.ended("u", Answer::kRefused, kLoginAt));
  EXPECT_EQ(guard.turn_of("u"), Turn::kLater) << "no fourth guest while two are asked";
  EXPECT_FALSE(guard.ended("u", Answer::kRefused, kLoginAt));
  const auto setback = guard.ended("u", Answer::kRefused, kLoginAt);
  ASSERT_TRUE(setback);
  EXPECT_EQ(setback->username, "u");
  EXPECT_EQ(setback->failures, 1);
  EXPECT_EQ(setback->last_try, kLoginAt);
  EXPECT_EQ(setback->next_try, kLoginAt + 1h);
  EXPECT_EQ(guard.turn_of("u"), Turn::kSuspended);
  EXPECT_THAT(guard.why_suspended("u"), HasSubstr("not tried again before 2026-11-25T13:00:00Z"));
}

TEST(LoginGuard, GuestThatTellsNothingFreesItsSlotOnly) {
  LoginGuard guard;
  start_all(guard);
  EXPECT_FALSE(guard.ended("u", Answer::kNone, kLoginAt));
  EXPECT_EQ(start_all(guard), 1);
  for (int i = 0; i < 3; ++i) guard.ended("u", Answer::kRefused, kLoginAt);
  EXPECT_EQ(guard.turn_of("u"), Turn::kSuspended);
}

TEST(LoginGuard, GuestsThatRefuseATakenLoginHoldUpNobodyUntilTheyAreTenInARow) {
  LoginGuard guard;
  start_all(guard, 1);
  guard.ended("u", Answer::kTaken, kLoginAt);
  start_all(guard, 64);
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(guard.ended("u", Answer::kRefused, kLoginAt));
  guard.ended("u", Answer::kTaken, kLoginAt);
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(guard.ended("u", Answer::kRefused, kLoginAt));
  EXPECT_EQ(guard.turn_of("u"), Turn::kNow);
  EXPECT_TRUE(guard.ended("u", Answer::kRefused, kLoginAt));
  EXPECT_EQ(guard.turn_of("u"), Turn::kSuspended);
  EXPECT_FALSE(guard.ended("u", Answer::kRefused, kLoginAt)) << "those under way change nothing";
  const auto forgotten = guard.ended("u", Answer::kTaken, kLoginAt);
  ASSERT_TRUE(forgotten);
  EXPECT_EQ(forgotten->failures, 0) << "a guest that takes it forgets the setback";
  EXPECT_EQ(guard.turn_of("u"), Turn::kNow);
}

TEST(LoginGuard, SuspendedLoginWaitsAndThenOneGuestGoesFirst) {
  const std::vector<model::LoginSetback> known = {{"u", 1, kLoginAt, kLoginAt + 1h}};
  EXPECT_EQ(LoginGuard(known, false, kLoginAt + 59min).turn_of("u"), Turn::kSuspended);
  LoginGuard guard(known, false, kLoginAt + 1h);
  EXPECT_EQ(start_all(guard), 1);
  const auto again = guard.ended("u", Answer::kRefused, kLoginAt + 1h);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->failures, 2);
  EXPECT_EQ(again->next_try, kLoginAt + 3h) << "the pause doubles";

  LoginGuard lucky(known, false, kLoginAt + 1h);
  start_all(lucky);
  const auto forgotten = lucky.ended("u", Answer::kTaken, kLoginAt + 1h);
  ASSERT_TRUE(forgotten);
  EXPECT_EQ(forgotten->failures, 0);
  EXPECT_EQ(start_all(lucky), 100);
}

TEST(LoginGuard, PauseIsADayAtMost) {
  LoginGuard guard({{"u", 400, kLoginAt - 25h, kLoginAt - 1h}}, false, kLoginAt);
  start_all(guard);
  EXPECT_EQ(guard.ended("u", Answer::kRefused, kLoginAt)->next_try, kLoginAt + 24h);
}

TEST(LoginGuard, RetryAndAClockThatJumpedEndASuspension) {
  const std::vector<model::LoginSetback> known = {{"u", 3, kLoginAt, kLoginAt + 4h}};
  LoginGuard retried(known, true, kLoginAt);
  EXPECT_EQ(start_all(retried), 1) << "the person who asks may be wrong";
  const std::vector<model::LoginSetback> ahead = {{"u", 3, kLoginAt + 900h, kLoginAt + 904h}};
  EXPECT_EQ(LoginGuard(ahead, false, kLoginAt).turn_of("u"), Turn::kNow);
}

}  // namespace
}  // namespace ballast::collector
