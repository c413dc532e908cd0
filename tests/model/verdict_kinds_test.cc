#include "model/verdict_kinds.h"

#include <gtest/gtest.h>

namespace ballast::model {
namespace {

TEST(Words, RoundTrip) {
  for (int i = 0; i <= static_cast<int>(Verdict::kUnknown); ++i) {
    const auto verdict = static_cast<Verdict>(i);
    EXPECT_FALSE(to_string(verdict).empty());
    EXPECT_EQ(verdict_from_string(to_string(verdict)), verdict);
  }
  for (int i = 0; i <= static_cast<int>(Proof::kLockstep); ++i) {
    EXPECT_EQ(proof_from_string(to_string(static_cast<Proof>(i))), static_cast<Proof>(i));
  }
  for (int i = 0; i <= static_cast<int>(UnknownReason::kCancelled); ++i) {
    const auto reason = static_cast<UnknownReason>(i);
    EXPECT_EQ(reason_from_string(to_string(reason)), reason) << "reason " << i << " has no word";
    EXPECT_EQ(describe(reason).empty(), reason == UnknownReason::kNone) << to_string(reason);
    EXPECT_EQ(is_failure(reason), reason >= UnknownReason::kContradiction) << to_string(reason);
    EXPECT_FALSE(is_failure(reason) && remedy(reason).empty()) << to_string(reason);
  }
}

TEST(Words, AreStable) {
  EXPECT_EQ(to_string(Verdict::kBalloon), "balloon");
  EXPECT_EQ(to_string(Proof::kNone), "");
  EXPECT_EQ(to_string(Proof::kDriver), "driver");
  EXPECT_EQ(to_string(UnknownReason::kPoweredOff), "powered_off");
  EXPECT_EQ(to_string(UnknownReason::kToolsNotRunning), "tools_not_running");
  EXPECT_EQ(describe(UnknownReason::kToolsNotRunning), "VMware Tools not running");
  EXPECT_FALSE(verdict_from_string("Balloon"));
  EXPECT_FALSE(verdict_from_string(""));
  EXPECT_FALSE(reason_from_string("nonsense"));
}

}  // namespace
}  // namespace ballast::model
