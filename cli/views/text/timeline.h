// The history of one VM as a plot, and what happened to it meanwhile. Pure.
#pragma once

#include "fleet/vm_history.h"
#include "output/page.h"

namespace ballast::cli {

// Prints a section with the plot and the newest events; nothing for less than three scans,
// hours and days.
void print_timeline(const fleet::VmReport& report, output::Page& page);

}  // namespace ballast::cli
