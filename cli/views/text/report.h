// The tables of a report for people.
#pragma once

#include "fleet/report.h"
#include "output/page.h"
#include "output/table.h"

namespace ballast::cli {

// Returns the table of the listed guests. Columns that would say nothing are left out: the vCenter
// where there is one, the cause and the leak where no guest has any, cluster and consumed but where
// they are the order.
[[nodiscard]] output::Table guest_table(const fleet::Report& report, const output::Page& page);

// Prints "All VMs by cluster", the largest balloons first; nothing where there is one cluster.
void print_clusters(const fleet::Report& report, output::Page& page);

// Prints what changed since the earlier scans. report.changes is set.
void print_changes(const fleet::Report& report, output::Page& page);

}  // namespace ballast::cli
