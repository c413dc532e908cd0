// How hard the kernel has to work for free memory: the harm that a balloon does, never its size.
#pragma once

#include <cstdint>
#include <optional>

#include "model/guest_reading.h"

namespace ballast::model {

// Counts since the guest's boot, from /proc/vmstat. The names of all eras are known; where a kernel
// counts by zone they are summed. Empty where this kernel has no such counter, or it was not read.
struct ReclaimPressure {
  std::optional<std::int64_t> alloc_stalls;  // allocations that had to reclaim memory first
  std::optional<std::int64_t> direct_scanned_kib;
  // Empty before RHEL 7, whose pgsteal_* counters include what kswapd reclaimed.
  std::optional<std::int64_t> direct_reclaimed_kib;
  std::optional<std::int64_t> swapped_in_kib;
  std::optional<std::int64_t> swapped_out_kib;
  std::optional<std::int64_t> refaulted_kib;  // evicted from the page cache and needed again
  std::optional<std::int64_t> oom_kills;      // absent on RHEL 7
  std::optional<MemoryPressure> psi;

  // Tells whether anything was read.
  [[nodiscard]] bool known() const;
  // Tells whether any of it is above 0.
  [[nodiscard]] bool any() const;
};

// Takes the figures out of vmstat and PSI of `reading`.
[[nodiscard]] ReclaimPressure reclaim_pressure(const GuestReading& reading);

}  // namespace ballast::model
