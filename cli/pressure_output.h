// How hard the guest's kernel had to work for free memory, for people.
#pragma once

#include "cli/page.h"
#include "model/reclaim.h"

namespace ballast::cli {

// A section of its own: what stalls tasks now, and what happened since the guest's boot. Prints
// nothing where nothing is known.
void print_pressure(const model::ReclaimPressure& pressure, Page& page);

}  // namespace ballast::cli
