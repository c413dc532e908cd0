// Reclaim pressure as the commands show it: the harm that a balloon does.
#pragma once

#include "cli/json.h"
#include "cli/page.h"
#include "model/reclaim.h"

namespace ballast::cli {

// A heading and a line for each figure that is known; nothing where none is.
void print_pressure(const model::ReclaimPressure& pressure, Page& page);

// An object, null where nothing is known; a figure that is not known is null.
[[nodiscard]] Json json_of_pressure(const model::ReclaimPressure& pressure);

}  // namespace ballast::cli
