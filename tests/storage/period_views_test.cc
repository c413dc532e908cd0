// The views of hours and days tell what `ballast export` tells of them.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/fixtures/rollup_fixtures.h"
#include "tests/storage/sql_answers.h"

namespace ballast::storage {
namespace {

std::string or_null(const std::optional<std::int64_t>& value) {
  return value ? std::to_string(*value) : "NULL";
}

// The columns of kPeriodColumns.
std::string exported_line(const VmPeriodRow& row) {
  const auto limit = row.limit_kib == model::kUnlimited ? std::nullopt : row.limit_kib;
  std::string line = fmt::format(
      "{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", row.vm->vcenter, row.vm->name, row.vm->instance_uuid,
      row.host->name, row.host->cluster, row.start.time_since_epoch().count(),
      or_null(row.configured_kib), or_null(limit), or_null(row.reservation_kib), row.period.samples,
      row.period.guests_read, or_null(row.period.difference_mean_kib));
  for (const auto spread : kVmSpreads) {
    const auto& told = row.period.figures.*spread;
    line += told ? fmt::format("|{}|{}|{}|{}", told->min_kib, told->mean_kib, told->p95_kib,
                               told->max_kib)
                 : "|NULL|NULL|NULL|NULL";
  }
  return line;
}
constexpr const char* kPeriodColumns =
    "vcenter, name, instance_uuid, host, cluster, start_ms, configured_kib, limit_kib, "
    "reservation_kib, samples, guests_read, difference_mean_kib, balloon_min_kib, "
    "balloon_mean_kib, balloon_p95_kib, balloon_max_kib, unaccounted_min_kib, "
    "unaccounted_mean_kib, unaccounted_p95_kib, unaccounted_max_kib, consumed_min_kib, "
    "consumed_mean_kib, consumed_p95_kib, consumed_max_kib, active_min_kib, active_mean_kib, "
    "active_p95_kib, active_max_kib, swapped_min_kib, swapped_mean_kib, swapped_p95_kib, "
    "swapped_max_kib";

std::string exported_host(const HostHourRow& row) {
  const HostMeans& means = row.figures;
  return fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", row.host->vcenter, row.host->name,
                     row.host->cluster, row.start.time_since_epoch().count(), row.samples,
                     or_null(means.memory_kib), or_null(means.configured_kib),
                     or_null(means.consumed_kib), or_null(means.balloon_kib),
                     or_null(means.swapped_kib), or_null(means.vms_on), or_null(means.vms));
}
constexpr const char* kHostColumns =
    "vcenter, host, cluster, start_ms, samples, physical_kib, configured_kib, consumed_kib, "
    "ballooned_kib, swapped_kib, vms_on, vms";

std::vector<std::string> told_by_view(const std::string& path, const std::string& view,
                                      const std::string& columns) {
  std::vector<std::string> lines;
  for (const auto& row : answers_of(path, fmt::format("SELECT {} FROM {}", columns, view))) {
    std::string line = row.front().second;
    for (std::size_t i = 1; i < row.size(); ++i) line += "|" + row[i].second;
    lines.push_back(line);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<std::string> told_by_export(const std::string& path, const std::string& view) {
  const auto queries = must(ExportQueries::open(path));
  std::vector<std::string> lines;
  const auto add = [&](const VmPeriodRow& row) {
    lines.push_back(exported_line(row));
    return true;
  };
  if (view == "guest_hourly") must(queries->hourly({}, add));
  if (view == "guest_daily") must(queries->daily({}, add));
  if (view == "host_hourly") {
    must(queries->hosts({}, [&](const HostHourRow& row) {
      lines.push_back(exported_host(row));
      return true;
    }));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

void expect_exports_agree(const std::string& path) {
  EXPECT_EQ(told_by_view(path, "guest_hourly", kPeriodColumns),
            told_by_export(path, "guest_hourly"));
  EXPECT_EQ(told_by_view(path, "guest_daily", kPeriodColumns), told_by_export(path, "guest_daily"));
  EXPECT_EQ(told_by_view(path, "host_hourly", kHostColumns), told_by_export(path, "host_hourly"));
}

TEST(PeriodViews, TellWhatExportTells) {
  const TempDir dir;
  const auto store = must(Store::open(dir.path()));
  scan_series(*store, kMidnight, std::chrono::minutes(90), 20, 15);
  scan_series(*store, kMidnight, std::chrono::minutes(60), 3, 4, "branch");
  must(store->roll_up());
  EXPECT_EQ(told_by_view(dir.path(), "guest_daily", "name").size(), 15U);
  expect_exports_agree(dir.path());
}

TEST(PeriodViews, LeaveOutWhatIsNotMarkedAsBuilt) {
  const TempDir dir;
  const auto store = must(Store::open(dir.path()));
  scan_series(*store, kMidnight, std::chrono::minutes(60), 26, 5);
  must(store->roll_up());
  run_sql(dir.path(), fmt::format("DELETE FROM rollup WHERE period = 'day' OR start_ms = {}",
                                  kMidnight.time_since_epoch().count()));
  EXPECT_TRUE(told_by_view(dir.path(), "guest_daily", "name").empty());
  EXPECT_EQ(told_by_view(dir.path(), "guest_hourly", "name").size(), 24U * 5);
  EXPECT_EQ(told_by_view(dir.path(), "host_hourly", "host").size(), 24U * 8);
  expect_exports_agree(dir.path());
}

}  // namespace
}  // namespace ballast::storage
