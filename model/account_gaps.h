// The error side of the account: what a reading did not tell, and how much that may hide.
#pragma once

#include "model/account.h"
#include "model/guest_reading.h"
#include "model/parse/kernel_release.h"

namespace ballast::model {

// The per-CPU first chunk is made before MemTotal is counted, and yet it is in `Percpu:`. Only the
// boot log tells its size: 40 pages for each possible CPU on the smallest kernels, 64 on those of
// distributions. Without a boot log the middle is taken.
inline constexpr std::int64_t kFirstChunkPages = 52;
inline constexpr std::int64_t kFirstChunkErrorPages = 12;

// Fills counter_error_kib, unread_*_kib and missing of `account`, whose era, total and evidence of
// the balloon must be set.
void note_gaps(const GuestReading& reading, const KernelRelease& release, MemoryAccount& account);

// Returns how many CPUs the guest may ever have, hot-add included; 0 if the reading does not tell.
[[nodiscard]] int known_cpus(const GuestReading& reading);

}  // namespace ballast::model
