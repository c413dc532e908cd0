// What a synthetic guest is going to live through. Private to the generator.
#pragma once

#include <cstdint>

#include "tests/lockstep/synthetic_guests.h"

namespace ballast::test {

// SplitMix64: the same figures with every library, unlike the distributions of <random>.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  double between(double least, double most) { return least + (most - least) * unit(); }
  int between(int least, int most) {
    return least + static_cast<int>(next() % static_cast<std::uint64_t>(most - least + 1));
  }
  bool chance(double share) { return unit() < share; }
  // Deviation 1, at most 6.
  double normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += unit();
    return sum;
  }

 private:
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15;
    auto mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EB;
    return mixed ^ (mixed >> 31U);
  }
  double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

  std::uint64_t state_;
};

enum class BalloonPlan { kNone, kSteady, kSawtooth, kSteps, kRamp };
enum class LeakPlan { kNone, kEven, kUneven, kStairs };
enum class ConsumerPlan { kNone, kConstant, kSteps, kLikeBalloon };
enum class DriverPlan { kSilent, kStatusFile, kVmstat };

// Sizes in MiB, times in seconds.
struct GuestPlan {
  int readings = 100;  // of which the last is the newest
  double interval = 3600;
  BalloonPlan balloon = BalloonPlan::kNone;
  double highest = 400;   // of the balloon
  double late_start = 0;  // the share of the window before the balloon first appears
  bool shows = true;      // false: the kernel takes the balloon out of MemTotal
  double megabytes_per_second = 20;
  LeakPlan leak = LeakPlan::kNone;
  double leaked = 0;       // at the newest reading
  double leak_begins = 0;  // in shares of the window
  double leak_ends = 1;
  ConsumerPlan consumer = ConsumerPlan::kNone;
  double warm_up = 0;
  double noise = 0.1;      // deviation of unaccounted
  double persistence = 0;  // of the noise, from reading to reading
  double stale = 0.01;     // share of figures that are those of the reading before
  double lost = 0.02;      // share of readings that failed
  double hole = 0;         // share of the window in which none was made
  double reboot = 0;       // share of intervals with one
  double migration = 0;
  DriverPlan driver = DriverPlan::kSilent;
  bool root = true;
  bool counters = true;  // the realtime counters of the newest reading were asked for
};

[[nodiscard]] GuestPlan make_plan(GuestKind kind, Dice& dice);

}  // namespace ballast::test
