// What a reading did not tell, and how much that may hide: the error side of the account.
#pragma once

#include "model/account.h"
#include "model/guest_reading.h"
#include "model/parse/kernel_release.h"

namespace ballast::model {

// The per-CPU first chunk is made before MemTotal is counted, yet is in `Percpu:`. Its size is not
// published but in the boot log: 40 pages a possible CPU on the smallest kernels, 64 on those of
// distributions.
inline constexpr std::int64_t kFirstChunkPages = 52;
inline constexpr std::int64_t kFirstChunkErrorPages = 12;

// Fills counter_error_kib, unread_*_kib and missing of `account`, whose era and total are set.
void note_gaps(const GuestReading& reading, const KernelRelease& release, MemoryAccount& account);

// The CPUs that may exist, as far as the reading tells; 0 if it does not.
[[nodiscard]] int known_cpus(const GuestReading& reading);

}  // namespace ballast::model
