// Nine days of a small fleet, of which every query of docs/SCHEMA.md has something to tell.
//
// vCenter "lab" is scanned every two hours, from midnight on; the last scan, at midnight after the
// ninth day, was cut short and has the first half of the VMs alone. What each VM does is in its name:
// the functions below say it in figures. Beside it "branch", with one scan of a VM without a balloon.
#pragma once

#include <string>
#include <vector>

#include "tests/fixtures/rollup_fixtures.h"

namespace ballast::storage {

inline constexpr int kStepsADay = 12;
inline constexpr int kDays = 9;
inline constexpr int kLastStep = kDays * kStepsADay;  // of the scan that was cut short
inline constexpr std::int64_t kMib = 1024;
inline constexpr std::int64_t kGib = 1024 * kMib;

inline constexpr int kVms = 14;
enum Character {
  kLimited = 1,  // a limit of 6 GiB below its 8, and a pool that is at its limit
  kClocked,      // a balloon from 8 to 16 o'clock
  kGrowing,      // 64 MiB more every day
  kLeaking,
  kLacking,  // an excess, with suspects
  kRefused,  // its guest takes no login
  kSwapped,  // by the host
  // -- Not in the last scan:
  kOff,
  kReserved,  // 6 GiB of which it makes no use
  kRebooted,
  kMigrated,
  kPressed,  // swaps in while it has a balloon
  kVague,    // a wide tolerance
  kGone      // after the second day
};

[[nodiscard]] std::string name_of(int vm);
[[nodiscard]] UtcTime time_of_step(int step);
// Tells whether the scan of that step has the VM.
[[nodiscard]] bool is_there(int vm, int step);
[[nodiscard]] std::int64_t balloon_kib(int vm, int step);
// Of kPressed: what it has swapped in since its boot.
[[nodiscard]] std::int64_t swapped_in_kib(int step);

inline constexpr std::int64_t kSwappedKib = 700 * kMib;
inline constexpr std::int64_t kLeakKibPerDay = 40 * kMib;
inline constexpr std::int64_t kShortHostKib = 32 * kGib;
inline constexpr int kRebootStep = 60;
inline constexpr int kMoveStep = 70;

// Writes all of it, hours and days too.
void write_query_history(Store& store);

}  // namespace ballast::storage
