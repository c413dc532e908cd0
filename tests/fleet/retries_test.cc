// Guests and logins that are left alone, in words.
#include "fleet/retries.h"

#include <gmock/gmock.h>

#include "tests/fixtures/samples.h"

namespace ballast::fleet {

using namespace fixtures;
namespace {

using model::UnknownReason;
using std::chrono::hours;
using ::testing::HasSubstr;

model::Setback setback(UnknownReason reason, int failures, hours wait) {
  return {reason, failures, sample_now() - hours(1), sample_now() + wait, "ballast"};
}

TEST(Retries, ASentenceSaysUntilWhenAndWhy) {
  EXPECT_EQ(retry_sentence(setback(UnknownReason::kInvalidGuestLogin, 3, hours(1))),
            "Not tried again before 2026-11-23 14:17 UTC: the guest refused the login of user "
            "ballast 3 times in a row. Retry now with `ballast scan --retry`.");
  EXPECT_THAT(retry_sentence(setback(UnknownReason::kInvalidGuestLogin, 1, hours(1))),
              HasSubstr("user ballast once."));
  EXPECT_THAT(retry_sentence(setback(UnknownReason::kTimedOut, 4, hours(1))),
              HasSubstr("it failed 4 times in a row, last with \"timed out\"."));
  EXPECT_THAT(retry_sentence(setback(UnknownReason::kTimedOut, 1, hours(1))),
              HasSubstr("it failed once, with \"timed out\"."));
  auto hostile = setback(UnknownReason::kInvalidGuestLogin, 2, hours(1));
  hostile.username = "root\x1b[2J" + std::string(5000, 'x');
  EXPECT_THAT(retry_sentence(hostile), HasSubstr("root\\x1b[2J"));
  EXPECT_LT(retry_sentence(hostile).size(), 300U);
}

TEST(Retries, OnlyAGuestThatFailsAndWaitsIsLeftAlone) {
  auto row = unread_vm("db", UnknownReason::kTimedOut);
  EXPECT_FALSE(is_left_alone(row, sample_now())) << "nothing is known of it";
  row.setback = setback(UnknownReason::kTimedOut, 3, hours(1));
  EXPECT_TRUE(is_left_alone(row, sample_now()));
  EXPECT_FALSE(is_left_alone(row, sample_now() + hours(1))) << "its time has come";
  row.judgement.reason = UnknownReason::kPoweredOff;
  EXPECT_FALSE(is_left_alone(row, sample_now())) << "it is off, which says enough";
  auto read = judged_vm("db", model::Verdict::kClean, 0, 14);
  read.setback = row.setback;
  EXPECT_FALSE(is_left_alone(read, sample_now()));
}

TEST(Retries, GuestsOfOneReasonShareALine) {
  WaitingGuests waiting;
  add_waiting(setback(UnknownReason::kTimedOut, 3, hours(5)), waiting);
  EXPECT_EQ(waiting_words(UnknownReason::kTimedOut, waiting[UnknownReason::kTimedOut]),
            "timed out: next try 2026-11-23 18:17 UTC");
  add_waiting(setback(UnknownReason::kTimedOut, 2, hours(2)), waiting);
  add_waiting(setback(UnknownReason::kInvalidGuestLogin, 2, hours(90)), waiting);
  EXPECT_EQ(waiting[UnknownReason::kTimedOut].guests, 2);
  EXPECT_EQ(waiting_words(UnknownReason::kTimedOut, waiting[UnknownReason::kTimedOut]),
            "timed out: next tries from 2026-11-23 15:17 UTC to 2026-11-23 18:17 UTC");
}

TEST(Retries, SuspendedLoginsAreNamedWithTheGuestsTheyCost) {
  const auto login = [](const char* name, hours wait) {
    return model::LoginSetback{"lab", name, 1, sample_now(), sample_now() + wait};
  };
  const auto now_suspended = suspended(
      {login("a", hours(1)), login("over", hours(0)), login("b", hours(2))}, sample_now());
  ASSERT_EQ(now_suspended.size(), 2U);
  EXPECT_EQ(suspended_sentence({}, 5), "");
  EXPECT_EQ(suspended_sentence({now_suspended[0]}, 12),
            "Login a is suspended in lab until 2026-11-23 14:17 UTC: 12 guests not tried.");
  EXPECT_EQ(suspended_sentence({now_suspended[0]}, 0),
            "Login a is suspended in lab until 2026-11-23 14:17 UTC.");
  EXPECT_EQ(suspended_sentence(now_suspended, 1),
            "Logins are suspended (a in lab until 2026-11-23 14:17 UTC, b in lab until 2026-11-23 "
            "15:17 UTC): "
            "1 guest not tried.");
}

}  // namespace
}  // namespace ballast::fleet
