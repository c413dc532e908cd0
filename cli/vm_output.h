// One VM in full: what `ballast vm` prints, in any format. Nothing here asks the time or the store.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "base/time.h"
#include "cli/fleet_scans.h"
#include "cli/terminal.h"
#include "model/cause.h"
#include "storage/queries.h"

namespace ballast::cli {

struct VmReport {
  UtcTime now{};
  storage::VmRow row;                   // its newest state
  FleetScan scan;                       // the latest of its vCenter
  std::vector<storage::VmRow> history;  // oldest first; may hold `row`
  model::Surroundings around = {};      // of `row`, as its scan saw them

  // Not in its vCenter's newest scan: `row` is how it was last seen.
  [[nodiscard]] bool is_gone() const { return scan.usable && scan.usable->id != row.scan_id; }
};

// The verdict in one sentence, without the VM's name: "512 MiB is in the balloon, and …".
[[nodiscard]] std::string verdict_sentence(const storage::VmRow& row);

// For people. Fits traits.width; without a width (piped) nothing is cut or folded.
void print_vm_table(const VmReport& report, const StreamTraits& traits, std::ostream& out);

// "ballast.vm/1": everything that is stored about it. ASCII only.
void print_vm_json(const VmReport& report, std::ostream& out);

// One record a scan, oldest first; see vm_csv.cc for the columns.
void print_vm_csv(const VmReport& report, std::ostream& out);

}  // namespace ballast::cli
