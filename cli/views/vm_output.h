// One VM in full: what `ballast vm` prints, in any format. Nothing here asks the time or the store.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "base/time.h"
#include "fleet/fleet_scans.h"
#include "fleet/vm_history.h"
#include "model/cause.h"
#include "output/terminal.h"
#include "storage/queries.h"

namespace ballast::cli {

// For people. Fits traits.width; without a width (piped) nothing is cut or folded.
void print_vm_table(const fleet::VmReport& report, const output::StreamTraits& traits,
                    std::ostream& out);

// "ballast.vm/1": everything that is stored about it. ASCII only.
void print_vm_json(const fleet::VmReport& report, std::ostream& out);

// One record a scan, oldest first; see vm_csv.cc for the columns.
void print_vm_csv(const fleet::VmReport& report, std::ostream& out);

}  // namespace ballast::cli
