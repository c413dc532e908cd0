#include "collector/choice/login_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ballast::collector {
namespace {

using Answer = LoginGuard::Answer;
using Guest = LoginGuard::Guest;
using Turn = LoginGuard::Turn;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

const UtcTime kLoginAt = parse_iso8601("2026-11-25T12:00:00Z").value();

// Of a fleet that was listed, and of which no guest was read before.
LoginGuard listed(std::vector<model::LoginSetback> known = {}, bool retry_all = false,
                  UtcTime now = kLoginAt) {
  LoginGuard guard(std::move(known), retry_all, now);
  guard.listing_ended();
  return guard;
}

// Starts as many as may start, at most `most`.
int start_all(LoginGuard& guard, int most = 100, Guest guest = Guest::kNew) {
  int started = 0;
  for (; started < most && guard.turn_of("u", guest) == Turn::kNow; ++started) guard.started("u");
  return started;
}

void expect_known(LoginGuard& guard, int guests) {
  for (int i = 0; i < guests; ++i) guard.expect_known("u");
}

TEST(LoginGuard, FewTryALoginThatNobodyHasTaken) {
  auto guard = listed();
  EXPECT_EQ(start_all(guard), 3);
  EXPECT_EQ(guard.turn_of("u", Guest::kNew), Turn::kLater);
  EXPECT_EQ(guard.turn_of("other", Guest::kNew), Turn::kNow)
      << "another login has nothing to do with it";
  EXPECT_FALSE(guard.ended("u", Guest::kNew, Answer::kTaken, kLoginAt))
      << "there is nothing to forget";
  EXPECT_EQ(start_all(guard), 100) << "a login that was taken is for all";
}

// A fleet in which the first thousands have no agent, or hang.
TEST(LoginGuard, GuestsThatFailOtherwiseHoldNobodyUp) {
  auto guard = listed();
  EXPECT_EQ(start_all(guard), 3);
  for (int i = 0; i < 3; ++i) guard.ended("u", Guest::kNew, Answer::kNone, kLoginAt);
  EXPECT_EQ(start_all(guard), 6) << "each one that said nothing makes place for another";
  for (int i = 0; i < 6; ++i) guard.ended("u", Guest::kNew, Answer::kNone, kLoginAt);
  EXPECT_EQ(start_all(guard), 10) << "but all that run may be refused at once";
  guard.ended("u", Guest::kNew, Answer::kRefused, kLoginAt);
  EXPECT_EQ(guard.turn_of("u", Guest::kNew), Turn::kLater) << "from a refusal on it is few again";
  for (int i = 0; i < 2; ++i) guard.ended("u", Guest::kNew, Answer::kRefused, kLoginAt);
  EXPECT_EQ(guard.turn_of("u", Guest::kNew), Turn::kSuspended);
}

TEST(LoginGuard, ThreeRefusalsSuspendItForTheRest) {
  auto guard = listed();
  start_all(guard);
  EXPECT_FALSE(guard.ended("u", Guest::kNew, Answer::kRefused, kLoginAt));
  EXPECT_EQ(guard.turn_of("u", Guest::kNew), Turn::kLater) << "no fourth guest while two are asked";
  EXPECT_FALSE(guard.ended("u", Guest::kNew, Answer::kRefused, kLoginAt));
  const auto setback = guard.ended("u", Guest::kNew, Answer::kRefused, kLoginAt);
  ASSERT_TRUE(setback);
  EXPECT_EQ(setback->username, "u");
  EXPECT_EQ(setback->failures, 1);
  EXPECT_EQ(setback->last_try, kLoginAt);
  EXPECT_EQ(setback->next_try, kLoginAt + 1h);
  EXPECT_EQ(guard.turn_of("u", Guest::kNew), Turn::kSuspended);
  EXPECT_THAT(guard.why_suspended("u"), HasSubstr("not tried again before 2026-11-25T13:00:00Z"));
}

TEST(LoginGuard, KnownGuestsThatRefuseATakenLoginHoldUpNobodyUntilTheyAreTenInARow) {
  auto guard = listed();
  expect_known(guard, 40);
  start_all(guard, 1, Guest::kKnown);
  guard.ended("u", Guest::kKnown, Answer::kTaken, kLoginAt);
  start_all(guard, 64, Guest::kKnown);
  for (int i = 0; i < 9; ++i)
    EXPECT_FALSE(guard.ended("u", Guest::kKnown, Answer::kRefused, kLoginAt));
  guard.ended("u", Guest::kKnown, Answer::kTaken, kLoginAt);
  for (int i = 0; i < 9; ++i)
    EXPECT_FALSE(guard.ended("u", Guest::kKnown, Answer::kRefused, kLoginAt));
  EXPECT_EQ(guard.turn_of("u", Guest::kNew), Turn::kNow);
  EXPECT_TRUE(guard.ended("u", Guest::kKnown, Answer::kRefused, kLoginAt));
  EXPECT_EQ(guard.turn_of("u", Guest::kNew), Turn::kSuspended);
  EXPECT_FALSE(guard.ended("u", Guest::kKnown, Answer::kRefused, kLoginAt))
      << "those under way change nothing";
  const auto forgotten = guard.ended("u", Guest::kKnown, Answer::kTaken, kLoginAt);
  ASSERT_TRUE(forgotten);
  EXPECT_EQ(forgotten->failures, 0) << "a guest that takes it forgets the setback";
  EXPECT_EQ(guard.turn_of("u", Guest::kNew), Turn::kNow);
}

// An appliance in the fleet is no sign of a wrong password.
TEST(LoginGuard, GuestsThatNeverTookItDoNotSuspendALoginThatOthersTook) {
  auto taken = listed();
  start_all(taken, 1);
  taken.ended("u", Guest::kNew, Answer::kTaken, kLoginAt);
  start_all(taken, 40);
  for (int i = 0; i < 40; ++i) {
    EXPECT_FALSE(taken.ended("u", Guest::kNew, Answer::kRefused, kLoginAt));
  }
  EXPECT_EQ(taken.turn_of("u", Guest::kNew), Turn::kNow) << "taken in this scan";

  auto earlier = listed();
  expect_known(earlier, 1);
  start_all(earlier, 1, Guest::kKnown);
  earlier.ended("u", Guest::kKnown, Answer::kNone, kLoginAt);
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(start_all(earlier, 1), 1) << i;
    EXPECT_FALSE(earlier.ended("u", Guest::kNew, Answer::kRefused, kLoginAt)) << i;
  }
}

TEST(LoginGuard, KnownGuestsGoFirstAndTheirRefusalsCount) {
  LoginGuard guard;
  expect_known(guard, 5);
  EXPECT_EQ(guard.turn_of("u", Guest::kNew), Turn::kLater);
  EXPECT_EQ(start_all(guard, 100, Guest::kKnown), 3) << "they need not wait for the listing";
  guard.listing_ended();
  EXPECT_EQ(guard.turn_of("u", Guest::kNew), Turn::kLater) << "two known ones are still to come";
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(guard.ended("u", Guest::kKnown, Answer::kRefused, kLoginAt));
  }
  EXPECT_TRUE(guard.ended("u", Guest::kKnown, Answer::kRefused, kLoginAt));
  EXPECT_EQ(guard.turn_of("u", Guest::kNew), Turn::kSuspended) << "the password was changed";
}

TEST(LoginGuard, NewGuestsCountOnceAKnownOneHasRefused) {
  auto guard = listed();
  expect_known(guard, 1);
  start_all(guard, 1, Guest::kKnown);
  EXPECT_FALSE(guard.ended("u", Guest::kKnown, Answer::kRefused, kLoginAt));
  EXPECT_EQ(start_all(guard), 2);
  EXPECT_FALSE(guard.ended("u", Guest::kNew, Answer::kRefused, kLoginAt));
  EXPECT_TRUE(guard.ended("u", Guest::kNew, Answer::kRefused, kLoginAt))
      << "a changed password would lock the account";
}

TEST(LoginGuard, NewGuestsWaitForTheListingAndForKnownOnesThatAreLeftOut) {
  LoginGuard guard;
  EXPECT_EQ(guard.turn_of("u", Guest::kNew), Turn::kLater);
  expect_known(guard, 1);
  guard.listing_ended();
  EXPECT_EQ(guard.turn_of("u", Guest::kNew), Turn::kLater);
  guard.left_out("u", Guest::kKnown);
  EXPECT_EQ(start_all(guard), 3);
}

TEST(LoginGuard, SuspendedLoginWaitsAndThenOneGuestGoesFirst) {
  const std::vector<model::LoginSetback> known = {{"lab", "u", 1, kLoginAt, kLoginAt + 1h}};
  EXPECT_EQ(listed(known, false, kLoginAt + 59min).turn_of("u", Guest::kNew), Turn::kSuspended);
  auto guard = listed(known, false, kLoginAt + 1h);
  EXPECT_EQ(start_all(guard), 1);
  const auto again = guard.ended("u", Guest::kNew, Answer::kRefused, kLoginAt + 1h);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->failures, 2);
  EXPECT_EQ(again->next_try, kLoginAt + 3h) << "the pause doubles";

  auto lucky = listed(known, false, kLoginAt + 1h);
  start_all(lucky);
  const auto forgotten = lucky.ended("u", Guest::kNew, Answer::kTaken, kLoginAt + 1h);
  ASSERT_TRUE(forgotten);
  EXPECT_EQ(forgotten->failures, 0);
  EXPECT_EQ(start_all(lucky), 100);
}

TEST(LoginGuard, PauseIsADayAtMost) {
  auto guard = listed({{"lab", "u", 400, kLoginAt - 25h, kLoginAt - 1h}});
  start_all(guard);
  EXPECT_EQ(guard.ended("u", Guest::kNew, Answer::kRefused, kLoginAt)->next_try, kLoginAt + 24h);
}

TEST(LoginGuard, RetryAndAClockThatJumpedEndASuspension) {
  const std::vector<model::LoginSetback> known = {{"lab", "u", 3, kLoginAt, kLoginAt + 4h}};
  auto retried = listed(known, true);
  EXPECT_EQ(start_all(retried), 1) << "the person who asks may be wrong";
  const std::vector<model::LoginSetback> ahead = {
      {"lab", "u", 3, kLoginAt + 900h, kLoginAt + 904h}};
  EXPECT_EQ(listed(ahead).turn_of("u", Guest::kNew), Turn::kNow);
}

}  // namespace
}  // namespace ballast::collector
