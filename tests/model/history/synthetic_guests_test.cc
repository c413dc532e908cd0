// The score of the verdict with history over 10,000 simulated guests whose truth is known.
#include "tests/lockstep/synthetic_guests.h"

#include <iostream>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tests/accuracy/captures.h"
#include "tests/lockstep/lockstep_score.h"

namespace ballast::test {
namespace {

constexpr double kLeastRight = 99;
constexpr double kLeastRightOfAClass = 97;

// No class hides behind the others.
void expect_right(const Score& score) {
  EXPECT_GE(percent_right(score.all()), kLeastRight) << "worst: " << to_string(score.worst());
  for (int i = 0; i < kGuestKinds; ++i) {
    const auto& kind = score.kinds[static_cast<std::size_t>(i)];
    EXPECT_GE(kind.guests, 400) << to_string(static_cast<GuestKind>(i));
    EXPECT_GE(percent_right(kind), kLeastRightOfAClass) << to_string(static_cast<GuestKind>(i));
  }
}

void expect_intervals_hold_the_truth(const KindScore& all) {
  EXPECT_GE(all.rates, 2500) << "leaks found";
  EXPECT_GE(all.rates_inside, all.rates * 95 / 100);
}

void expect_document_shows(const Score& score) {
  const auto text = read_text(BALLAST_SOURCE_DIR "/docs/VERDICTS.md");
  EXPECT_NE(text.find(score_table(score)), std::string::npos)
      << "docs/VERDICTS.md is old: it is to have what scripts/lockstep prints";
}

// One test, as each runs in a process of its own and the guests take seconds.
TEST(SyntheticGuests, NinetyNineInAHundredAreRight) {
  const auto score = score_guests(kScoredGuests, kScoredSeed);
  EXPECT_EQ(score.all().guests, 10'000);
  expect_right(score);
  expect_intervals_hold_the_truth(score.all());
  expect_document_shows(score);
  if (HasFailure()) std::cout << score_table(score);
}

// If what a class is called did not happen in it, its score would mean nothing.
TEST(SyntheticGuests, ClassesAreWhatTheyAreCalled) {
  int moved = 0;
  int rebooted = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    EXPECT_LE(make_guest(GuestKind::kNoHistory, seed).history.size(), 2U);
    EXPECT_EQ(make_guest(GuestKind::kClean, seed).truth.balloon_kib, 0);
    EXPECT_GT(make_guest(GuestKind::kSteady, seed).truth.balloon_kib, 0);
    EXPECT_EQ(make_guest(GuestKind::kSteady, seed).truth.moved, Moved::kNotEnough);
    EXPECT_TRUE(make_guest(GuestKind::kLeak, seed).truth.leak_kib_per_day);
    EXPECT_FALSE(make_guest(GuestKind::kLeakThatEnded, seed).truth.leak_kib_per_day);
    EXPECT_FALSE(make_guest(GuestKind::kHidden, seed).truth.shows);
    const auto alike = make_guest(GuestKind::kConsumerLikeBalloon, seed).truth;
    EXPECT_NEAR(static_cast<double>(alike.other_kib), static_cast<double>(alike.balloon_kib), 4096);
    moved += make_guest(GuestKind::kSawtooth, seed).truth.moved == Moved::kPlenty ? 1 : 0;
    std::set<std::string> boots;
    for (const auto& point : make_guest(GuestKind::kReboot, seed).history)
      boots.insert(point.epoch);
    rebooted += boots.size() > 1 ? 1 : 0;
  }
  EXPECT_GE(moved, 30);
  EXPECT_GE(rebooted, 30);
}

TEST(SyntheticGuests, TheSameSeedIsTheSameGuest) {
  const auto one = make_guest(GuestKind::kSawtooth, 7);
  const auto same = make_guest(GuestKind::kSawtooth, 7);
  ASSERT_EQ(one.history.size(), same.history.size());
  for (std::size_t i = 0; i < one.history.size(); ++i) {
    EXPECT_EQ(one.history[i].unaccounted_kib, same.history[i].unaccounted_kib);
  }
  EXPECT_NE(one.account.unaccounted_kib,
            make_guest(GuestKind::kSawtooth, 8).account.unaccounted_kib);
}

// A judge that always says the same is not right.
TEST(SyntheticGuests, TheScoreTellsWrongFromRight) {
  model::Judgement always;
  always.verdict = model::Verdict::kBalloon;
  always.proof = model::Proof::kPoint;
  int right = 0;
  for (int i = 0; i < 1100; ++i) {
    const auto guest = make_guest(static_cast<GuestKind>(i % kGuestKinds), 1);
    right += find_mistake(guest.truth, always) == Mistake::kNone ? 1 : 0;
  }
  EXPECT_LT(right, 500);
}

}  // namespace
}  // namespace ballast::test
