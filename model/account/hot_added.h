// Page descriptors of memory that was added while the guest ran: 1/64 of it, taken from MemTotal and
// in no counter before 6.11. Those of the memory at boot are outside MemTotal.
#pragma once

#include <cstdint>

#include "model/guest_reading.h"

namespace ballast::model {

// Returns how much they take at most. Where the zones and the memory that is kept for a crash kernel
// are known, it follows from what lies between present and managed pages: less than the descriptors
// of all present pages, where some of these came later. Where that is unknown, as much as if a
// quarter of the memory was added.
[[nodiscard]] std::int64_t most_hot_added_memmap(const GuestReading& reading);

}  // namespace ballast::model
