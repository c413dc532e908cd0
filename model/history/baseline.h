// The baseline: what a guest leaves unaccounted without a balloon. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "model/account/account.h"
#include "model/guest_reading.h"

namespace ballast::model {

struct Baseline {
  std::int64_t kib = 0;
  std::int64_t spread_kib = 0;  // how far a reading may be from it
  int samples = 0;              // readings it was learned from; 0: the prior, not learned
};

// Returns the baseline of a guest of which nothing was learned yet: the middle of what guests of
// this era, RAM and number of CPUs were measured to leave unaccounted, and how far the ends are
// from it. `cpus` is counted by cpus_of().
[[nodiscard]] Baseline prior_baseline(KernelEra era, std::int64_t mem_total_kib, int cpus);
[[nodiscard]] Baseline prior_baseline(const GuestReading& reading, const MemoryAccount& account);

// Returns how many CPUs the guest has: those that zoneinfo lists, else those that are possible; 0
// if the reading does not tell.
[[nodiscard]] int cpus_of(const GuestReading& reading);

// Returns the baseline that a guest's own readings without a balloon show: their median, and the
// largest distance from it. They must be of one boot and kernel, and at least one.
[[nodiscard]] Baseline learn_baseline(std::vector<std::int64_t> unaccounted_kib);

}  // namespace ballast::model
