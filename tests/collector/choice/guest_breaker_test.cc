#include "collector/choice/guest_breaker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ballast::collector {
namespace {

using model::Setback;
using model::UnknownReason;
using namespace std::chrono_literals;
using ::testing::ElementsAre;

const UtcTime kProbedAt = parse_iso8601("2026-11-25T12:00:00Z").value();

// The pauses, in minutes, after so many failures in a row, each tried as soon as it may be.
std::vector<std::int64_t> pauses(UnknownReason reason, int failures) {
  std::vector<std::int64_t> minutes;
  std::optional<Setback> setback;
  UtcTime now = kProbedAt;
  for (int i = 0; i < failures; ++i) {
    setback = setback_after(setback, reason, "probe", now);
    minutes.push_back(
        std::chrono::duration_cast<std::chrono::minutes>(setback->next_try - now).count());
    now = setback->next_try;
  }
  return minutes;
}

TEST(GuestBreaker, LoginThatWasRefusedIsNotGivenAgainSoon) {
  EXPECT_THAT(pauses(UnknownReason::kInvalidGuestLogin, 7),
              ElementsAre(60, 120, 240, 480, 960, 1440, 1440))
      << "an account would be locked";
}

TEST(GuestBreaker, OtherFailuresAreTriedThreeTimesBeforeAPause) {
  EXPECT_THAT(pauses(UnknownReason::kTimedOut, 9),
              ElementsAre(0, 0, 15, 30, 60, 120, 240, 360, 360));
}

TEST(GuestBreaker, EndlessFailuresDoNotOverflow) {
  const Setback before{UnknownReason::kTimedOut, 2'000'000'000, kProbedAt, kProbedAt, "probe"};
  EXPECT_EQ(setback_after(before, UnknownReason::kTimedOut, "probe", kProbedAt)->next_try,
            kProbedAt + 6h);
}

TEST(GuestBreaker, CountsWhatTheGuestFailedAt) {
  const struct {
    UnknownReason reason;
    bool counts;
  } rows[] = {{UnknownReason::kInvalidGuestLogin, true},
              {UnknownReason::kGuestPermissionDenied, true},
              {UnknownReason::kGuestOperationsDisabled, true},
              {UnknownReason::kGuestOperationsUnavailable, true},
              {UnknownReason::kProbeFailed, true},
              {UnknownReason::kOutputUnreadable, true},
              {UnknownReason::kOutputTooLarge, true},
              {UnknownReason::kTransferFailed, false},
              {UnknownReason::kTimedOut, true},
              {UnknownReason::kVcenterFailed, false},
              {UnknownReason::kVmBusy, false},
              {UnknownReason::kNotLicensed, false},
              {UnknownReason::kAppliance, false},
              {UnknownReason::kVcenterPermission, false},
              {UnknownReason::kCancelled, false},
              {UnknownReason::kVmUnavailable, false},
              {UnknownReason::kToolsNotRunning, false},
              {UnknownReason::kLoginSuspended, false},
              {UnknownReason::kNone, false}};
  for (const auto& row : rows) {
    EXPECT_EQ(is_guests_own(row.reason), row.counts) << model::to_string(row.reason);
    EXPECT_EQ(setback_after(std::nullopt, row.reason, "probe", kProbedAt).has_value(), row.counts)
        << model::to_string(row.reason);
  }
}

TEST(GuestBreaker, RefusedLoginsAndOtherFailuresAreCountedApart) {
  const Setback refused{UnknownReason::kInvalidGuestLogin, 5, kProbedAt, kProbedAt + 16h, "probe"};
  EXPECT_EQ(setback_after(refused, UnknownReason::kTimedOut, "probe", kProbedAt)->failures, 1);
  EXPECT_EQ(setback_after(refused, UnknownReason::kInvalidGuestLogin, "other", kProbedAt)->failures,
            1)
      << "another login begins anew";
  const Setback failed{UnknownReason::kTimedOut, 2, kProbedAt, kProbedAt, "probe"};
  EXPECT_EQ(setback_after(failed, UnknownReason::kProbeFailed, "probe", kProbedAt)->failures, 3)
      << "a guest that fails each time in another way fails in a row";
}

TEST(GuestBreaker, LeavesAGuestAloneUntilItsTime) {
  const Setback setback{UnknownReason::kTimedOut, 4, kProbedAt, kProbedAt + 30min, "probe"};
  EXPECT_TRUE(is_left_alone(setback, "probe", kProbedAt));
  EXPECT_TRUE(is_left_alone(setback, "probe", kProbedAt + 29min));
  EXPECT_FALSE(is_left_alone(setback, "probe", kProbedAt + 30min));
  EXPECT_FALSE(is_left_alone(setback, "another", kProbedAt)) << "another login is tried at once";
}

TEST(GuestBreaker, PauseThatNoRuleGivesIsNotBelieved) {
  const Setback failed{UnknownReason::kTimedOut, 4, kProbedAt + 72h, kProbedAt + 72h, "probe"};
  EXPECT_FALSE(is_left_alone(failed, "probe", kProbedAt))
      << "the clock was ahead when that was written";
  const Setback six{UnknownReason::kTimedOut, 9, kProbedAt, kProbedAt + 6h, "probe"};
  EXPECT_TRUE(is_left_alone(six, "probe", kProbedAt));
  const Setback login{UnknownReason::kInvalidGuestLogin, 9, kProbedAt, kProbedAt + 24h, "probe"};
  EXPECT_TRUE(is_left_alone(login, "probe", kProbedAt));
  EXPECT_FALSE(is_left_alone(login, "probe", kProbedAt - 1s));
}

TEST(GuestBreaker, SaysWhyAGuestIsLeftAlone) {
  EXPECT_EQ(
      describe(Setback{UnknownReason::kInvalidGuestLogin, 3, kProbedAt, kProbedAt + 4h, "probe"}),
      "guest login refused 3 times in a row, last at 2026-11-25T12:00:00Z; not tried again "
      "before 2026-11-25T16:00:00Z");
  EXPECT_EQ(
      describe(Setback{UnknownReason::kInvalidGuestLogin, 1, kProbedAt, kProbedAt + 1h, "probe"}),
      "guest login refused once, last at 2026-11-25T12:00:00Z; not tried again before "
      "2026-11-25T13:00:00Z");
  EXPECT_EQ(describe(Setback{UnknownReason::kTimedOut, 4, kProbedAt, kProbedAt + 30min, "probe"}),
            "failed 4 times in a row, last (timed out) at 2026-11-25T12:00:00Z; not tried again "
            "before 2026-11-25T12:30:00Z");
}

}  // namespace
}  // namespace ballast::collector
