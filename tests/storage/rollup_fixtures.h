// What the tests of rollups, retention and export share: scans over days, and all rows as text.
#pragma once

#include <string>
#include <vector>

#include "storage/export_queries.h"
#include "tests/storage/fixtures.h"

namespace ballast::storage {

inline constexpr std::chrono::hours kOneHour{1};
inline constexpr UtcTime kMidnight{std::chrono::sys_days{std::chrono::days{20'720}}};

// A VM that tells figures which differ by VM and by `moment`; some tell a few of them only.
[[nodiscard]] model::VmResult varying_result(int number, int moment);
[[nodiscard]] std::vector<model::VmResult> varying_fleet(int count, int moment);
// A whole scan of one vCenter with these results.
ScanId scan_at(Store& store, UtcTime started_at, const std::vector<model::VmResult>& results,
               const std::string& vcenter = "lab");
// One scan every `step` from `first` on.
void scan_series(Store& store, UtcTime first, std::chrono::minutes step, int scans, int vms,
                 const std::string& vcenter = "lab");

[[nodiscard]] std::vector<VmPeriodRow> hours_in(const std::string& path,
                                                const ExportQuery& query = {});
[[nodiscard]] std::vector<VmPeriodRow> days_in(const std::string& path,
                                               const ExportQuery& query = {});
[[nodiscard]] std::vector<HostHourRow> host_hours_in(const std::string& path,
                                                     const ExportQuery& query = {});

// Every row of the rollup tables, byte for byte.
[[nodiscard]] std::string rollups_as_text(const std::string& path);

}  // namespace ballast::storage
