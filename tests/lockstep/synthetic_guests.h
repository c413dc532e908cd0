// SYNTHETIC guests with known truth: a simulation of balloon, quick stats, counters and kernel over
// days. No machine printed these figures. The truth is what happened in the simulated guest; it
// knows nothing of the rules that are scored against it. Deterministic, on every machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/verdict.h"

namespace ballast::test {

// What a class is, is in docs/VERDICTS.md beside its score.
enum class GuestKind {
  kNoHistory,
  kClean,
  kWarmUp,
  kSteady,
  kSawtooth,
  kSteps,
  kReboot,
  kMigration,
  kGaps,
  kNoise,
  kStale,
  kLeak,
  kLeakUnderSteady,
  kLeakUnderSawtooth,
  kLeakBesideRamp,
  kLeakThatBegan,
  kLeakThatEnded,
  kLeakLikeBalloon,
  kConsumerLikeBalloon,
  kConsumerInSteps,
  kConstantConsumer,
  kHidden,
};
inline constexpr int kGuestKinds = static_cast<int>(GuestKind::kHidden) + 1;

[[nodiscard]] std::string_view to_string(GuestKind kind);

// How much the true balloon moved where it could be seen to.
enum class Moved { kNotEnough, kBetween, kPlenty };

struct Truth {
  std::int64_t balloon_kib = 0;  // at the newest reading, as it was, whatever was reported
  std::int64_t figure_kib = 0;   // what the hypervisor reported
  bool shows = true;             // the balloon is missing in the guest
  std::int64_t other_kib = 0;    // held by somebody else
  std::optional<double> leak_kib_per_day;  // since it began; empty if there is no leak now
  bool driver_told = false;                // a driver's figure was read
  Moved moved = Moved::kNotEnough;
};

struct SyntheticGuest {
  GuestKind kind = GuestKind::kClean;
  model::MemoryAccount account;
  UtcTime read_at{};
  std::string epoch;
  model::Baseline prior;
  std::optional<std::int64_t> balloon_kib;
  std::optional<model::BalloonBracket> bracket;
  std::vector<model::HistoryPoint> history;
  Truth truth;

  [[nodiscard]] model::Judgement judge() const;
};

[[nodiscard]] SyntheticGuest make_guest(GuestKind kind, std::uint64_t seed);

}  // namespace ballast::test
