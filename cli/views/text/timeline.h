// The history of one VM as a plot, and what happened to it meanwhile. Pure.
#pragma once

#include <string>
#include <vector>

#include "output/page.h"
#include "storage/queries.h"

namespace ballast::cli {

// Prints a section with the plot and the newest events; nothing for less than three scans.
void print_timeline(const std::vector<model::JudgedGuest>& history, output::Page& page);

}  // namespace ballast::cli
