// Figures that cannot be those of one kernel at one moment, so that no account of them is worth
// anything.
#pragma once

#include <string>

#include "model/account/account.h"
#include "model/guest_reading.h"
#include "model/inventory.h"

namespace ballast::model {

// Returns a sentence that says what does not add up, and what it is likely to be: a container's
// figures, files of different moments, pages that are not of 4 KiB, huge pages outside MemTotal.
// Returns "" where everything adds up. `account` must be complete, with its errors.
[[nodiscard]] std::string find_contradiction(const GuestReading& reading,
                                             const MemoryAccount& account);

// Returns a sentence that says why the figures cannot be those of this VM's guest; "" where they can.
[[nodiscard]] std::string find_contradiction(const GuestReading& reading, const VmView& vm);

}  // namespace ballast::model
