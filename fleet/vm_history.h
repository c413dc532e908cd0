// One VM in full: its newest state, what surrounds it, and what earlier scans saw of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "fleet/fleet_scans.h"
#include "model/cause.h"
#include "storage/queries.h"

namespace ballast::fleet {

struct VmReport {
  UtcTime now{};
  model::JudgedGuest row;                   // its newest state, with its causes
  FleetScan scan;                           // the latest of its vCenter
  std::vector<model::JudgedGuest> history;  // oldest first; may hold `row`
  // What is left of the time before it: days, then hours, oldest first.
  std::vector<storage::VmPeriodPoint> days = {};
  std::vector<storage::VmPeriodPoint> hours = {};
  model::VmSurroundings around = {};  // of `row`, as its scan saw them

  // Tells whether it is not in its vCenter's newest scan; `row` is how it was last seen then.
  [[nodiscard]] bool is_gone() const { return scan.usable && !scan.counts(row.scan_id); }
  // Tells whether `row` is of a scan before the newest, which does not tell of this VM.
  [[nodiscard]] bool is_earlier() const {
    return scan.usable && !is_gone() && scan.usable->id != row.scan_id;
  }
};

// What history is asked for.
struct HistorySpan {
  UtcTime since{};
  std::optional<UtcTime> until;
};

// Returns everything that the store knows of the VM in `row`. Errors: those of Queries.
[[nodiscard]] Result<VmReport> read_vm_report(storage::Queries& queries,
                                              const std::vector<FleetScan>& scans,
                                              model::JudgedGuest row, const HistorySpan& span,
                                              UtcTime now);

// What happened to a VM between two scans.
struct VmEvent {
  enum class Kind { kReboot, kMigration };
  Kind kind = Kind::kReboot;
  UtcTime at{};      // of the first scan after it
  std::string from;  // hosts, of a migration
  std::string to;
};

// Returns the changes of boot id and host from one scan to the next that knows it. `history` is
// oldest first.
[[nodiscard]] std::vector<VmEvent> events_of(const std::vector<model::JudgedGuest>& history);

}  // namespace ballast::fleet
