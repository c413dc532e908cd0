// The figures of one VM as tables: vCenter's, the guest's account, one row of history.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "output/page.h"
#include "output/table.h"
#include "storage/queries.h"

namespace ballast::cli {

// What vCenter configured and counted.
void print_hypervisor(const model::VmView& vm, output::Page& page);

// Where the guest's memory is: every part with something in it, then what is unaccounted, split
// into baseline, balloon and difference. row.guest is set.
void print_waterfall(const storage::VmRow& row, output::Page& page);

// For the columns time, balloon, unaccounted, difference, verdict, proof or reason.
[[nodiscard]] std::vector<output::Cell> history_cells(const storage::VmRow& row);

}  // namespace ballast::cli
