#include "fleet/fleet_scans.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "base/words.h"

namespace ballast::fleet {

namespace {

using model::ScanStatus;

constexpr std::chrono::hours kOldAfter{24};

std::string because(const std::string& error) {
  return error.empty() ? "" : ": " + printable(error);
}

std::string when(UtcTime time, UtcTime now) {
  return fmt::format("{} ({})", format_when(time), format_age(time, now));
}

}  // namespace

std::vector<FleetScan> group_scans(const std::vector<storage::ScanRow>& scans) {
  std::vector<FleetScan> fleet;
  for (const auto& scan : scans) {
    auto entry = std::find_if(fleet.begin(), fleet.end(),
                              [&](const FleetScan& one) { return one.vcenter == scan.vcenter; });
    if (entry == fleet.end()) entry = fleet.insert(entry, FleetScan{scan.vcenter, {}, {}, {}});
    if (scan.status == ScanStatus::kFailed) {
      entry->failed = scan;
    } else if (!entry->usable) {
      entry->usable = scan;
    } else {
      entry->earlier.push_back(scan);
    }
  }
  return fleet;
}

bool FleetScan::counts(std::int64_t scan_id) const {
  const auto is_it = [scan_id](const storage::ScanRow& scan) { return scan.id == scan_id; };
  return (usable && is_it(*usable)) || std::any_of(earlier.begin(), earlier.end(), is_it);
}

const FleetScan* find_scan(const std::vector<FleetScan>& scans, const std::string& vcenter) {
  const auto found = std::find_if(scans.begin(), scans.end(),
                                  [&](const FleetScan& one) { return one.vcenter == vcenter; });
  return found == scans.end() ? nullptr : &*found;
}

bool is_incomplete(const FleetScan& scan) {
  if (scan.failed || !scan.usable) return true;
  return scan.usable->was_cut_short();
}

bool tells_of_all(const storage::ScanRow& scan, const storage::ScanRow& other) {
  const bool is_limited_alike = scan.limited_to == other.limited_to;
  return !scan.was_cut_short() && (scan.limited_to.empty() || is_limited_alike);
}

std::string warning_about(const FleetScan& scan, UtcTime now) {
  const std::string name = "vCenter " + printable(scan.vcenter);
  if (scan.failed) {
    const std::string shown = scan.usable
                                  ? "what is shown is from " + when(scan.usable->finished_at, now)
                                  : "there is no earlier one to show";
    return fmt::format("{}: the last scan, {}, failed{}; {}", name,
                       when(scan.failed->finished_at, now), because(scan.failed->error), shown);
  }
  if (!scan.usable) return name + ": no scan has finished yet";
  if (is_incomplete(scan)) {
    return fmt::format("{}: the scan was cut short{}", name, because(scan.usable->error));
  }
  if (now - scan.usable->finished_at > kOldAfter) {
    return fmt::format("{}: the last scan is old, {}", name, when(scan.usable->finished_at, now));
  }
  return {};
}

}  // namespace ballast::fleet
