// The error side of the account: what a reading did not tell, and how much that may hide.
#pragma once

#include "model/account/account.h"
#include "model/guest_reading.h"
#include "model/parse/kernel_release.h"

namespace ballast::model {

// Fills counter_error_kib, unread_*_kib, estimate_kib, missing and deciding_files of `account`,
// which must be complete otherwise.
void note_gaps(const GuestReading& reading, const KernelRelease& release, MemoryAccount& account);

// Returns how many CPUs the guest has, as far as the reading tells: those that zoneinfo lists, else
// those that are possible; 0 if it does not.
[[nodiscard]] int online_cpus(const GuestReading& reading);

// Returns how many pages the first chunk of a CPU takes: as the boot log says, else the middle.
[[nodiscard]] std::int64_t first_chunk_pages(const GuestReading& reading);

}  // namespace ballast::model
