// The pages that move between lists while a guest is read: free, on LRU lists, isolated.
//
// meminfo has them, but not the free pages on per-CPU lists; zoneinfo has all of them. What moves
// between the two files is counted twice or not at all: under reclaim -12 to +15 MiB were measured
// on kernels whose per-CPU lists are long (RHEL 9.5 and later, 6.7 and later). In one pass over
// zoneinfo it is -0.5 to +1.3 MiB.
#pragma once

#include <cstdint>

#include "model/guest_reading.h"
#include "model/parse/kernel_release.h"

namespace ballast::model {

struct MovingPages {
  std::int64_t free_kib = 0;  // without the per-CPU lists
  std::int64_t anon_kib = 0;  // 0 on RHEL 5, which does not split its lists
  std::int64_t file_kib = 0;
  std::int64_t unevictable_kib = 0;
  std::int64_t isolated_kib = 0;
  // How far their sum may be off, both ways: what moved between the readings of meminfo and of
  // zoneinfo, and within the latter.
  std::int64_t moved_kib = 0;

  [[nodiscard]] std::int64_t sum_kib() const {
    return free_kib + anon_kib + file_kib + unevictable_kib + isolated_kib;
  }
};

// Takes them from the pass over zoneinfo that the per-CPU lists are from, where it has all of them
// and is of the same moment as meminfo; else from meminfo and vmstat. From 6.13 on it takes the mean
// of both: 6.19 frees pages in batches that are on no list of zoneinfo meanwhile, and was measured
// 3.8 MiB off with one pass, 2.4 with meminfo, 1.7 with the mean. `reading.meminfo` must have
// MemFree, Active and Inactive.
[[nodiscard]] MovingPages moving_pages(const GuestReading& reading, const KernelRelease& release);

}  // namespace ballast::model
