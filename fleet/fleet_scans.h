// Which scan speaks for each vCenter, and what a reader has to know about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "storage/queries.h"

namespace ballast::fleet {

// One vCenter's latest state.
struct FleetScan {
  std::string vcenter;
  std::optional<storage::ScanRow> usable;  // newest complete or partial scan; empty if none is left
  std::optional<storage::ScanRow> failed;  // a failed scan newer than that
  // Where `usable` does not tell of every VM: the ones before it that tell of others, newest first.
  std::vector<storage::ScanRow> earlier = {};

  // Tells whether the scan with this number is one of those that count.
  [[nodiscard]] bool counts(std::int64_t scan_id) const;
};

// Groups the rows of Queries::latest_scans() by vCenter, in their order.
[[nodiscard]] std::vector<FleetScan> group_scans(const std::vector<storage::ScanRow>& scans);

// Returns the vCenter's entry; nullptr if there is none.
[[nodiscard]] const FleetScan* find_scan(const std::vector<FleetScan>& scans,
                                         const std::string& vcenter);

// Tells whether this vCenter could not be read, or not to the end, the last time: a report about it
// is partial then. (Single guests that could not be read do not count.)
[[nodiscard]] bool is_incomplete(const FleetScan& scan);

// Tells whether a VM that is in `other` and not in `scan` was not there any more, or not yet; where
// both are limited alike, or was not among what they are limited to.
[[nodiscard]] bool tells_of_all(const storage::ScanRow& scan, const storage::ScanRow& other);

// Returns a sentence when the last scan failed, was cut short, or is older than a day; else "".
// Names and errors in it went through printable().
[[nodiscard]] std::string warning_about(const FleetScan& scan, UtcTime now);

}  // namespace ballast::fleet
