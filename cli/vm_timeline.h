// The history of one VM as a plot, and what happened to it meanwhile. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/page.h"
#include "cli/plot.h"
#include "storage/queries.h"

namespace ballast::cli {

struct VmEvent {
  PlotMark mark;
  std::string from;  // hosts, of a migration
  std::string to;
};

// Changes of the boot id and of the host from one scan to the next that knows it. `history`: oldest
// first.
[[nodiscard]] std::vector<VmEvent> events_of(const std::vector<storage::VmRow>& history);

// A section of its own with the plot and the newest events; nothing for less than three scans.
void print_timeline(const std::vector<storage::VmRow>& history, Page& page);

}  // namespace ballast::cli
