#include "tests/storage/rollup_fixtures.h"

#include <SQLiteCpp/SQLiteCpp.h>

namespace ballast::storage {
namespace {

// Names are looked at before the reader's own go; the pointers are not to be followed later.
template <class Row, class Read>
std::vector<Row> rows_in(const std::string& path, Read read) {
  auto queries = must(ExportQueries::open(path));
  std::vector<Row> rows;
  must(read(*queries, [&](const Row& row) {
    rows.push_back(row);
    return true;
  }));
  return rows;
}

}  // namespace

model::VmResult varying_result(int number, int moment) {
  model::VmResult result = make_result(number);
  const auto mix = [&](int salt) { return (number * 7919 + moment * 104729 + salt * 31) % 5003; };
  model::QuickStats& stats = result.vm.stats;
  stats.balloon_kib = 1024 * (mix(1) % 700);
  stats.consumed_kib = 1024 * (4000 + mix(2));
  stats.active_kib = 1024 * mix(3) + number;
  stats.swapped_kib = mix(4) % 3 == 0 ? 4 * mix(5) : 0;
  result.guest->account.unaccounted_kib = 4 * (mix(6) - 1000);
  if (number % 5 == 0) {
    result.guest.reset();
    result.judgement = model::unknown(model::UnknownReason::kNotSelected);
  }
  if (number % 7 == 0) stats.balloon_kib.reset();
  if (number % 11 == moment % 11) stats.active_kib.reset();
  return result;
}

std::vector<model::VmResult> varying_fleet(int count, int moment) {
  std::vector<model::VmResult> fleet;
  for (int number = 1; number <= count; ++number) fleet.push_back(varying_result(number, moment));
  return fleet;
}

ScanId scan_at(Store& store, UtcTime started_at, const std::vector<model::VmResult>& results,
               const std::string& vcenter) {
  return write_scan(store, results, model::ScanStatus::kComplete, vcenter, make_about(vcenter),
                    started_at);
}

void scan_series(Store& store, UtcTime first, std::chrono::minutes step, int scans, int vms,
                 const std::string& vcenter) {
  for (int i = 0; i < scans; ++i) {
    scan_at(store, first + i * step, varying_fleet(vms, i), vcenter);
  }
}

std::vector<VmPeriodRow> hours_in(const std::string& path, const ExportQuery& query) {
  return rows_in<VmPeriodRow>(path, [&](ExportQueries& queries, const auto& visit) {
    return queries.hourly(query, visit);
  });
}

std::vector<VmPeriodRow> days_in(const std::string& path, const ExportQuery& query) {
  return rows_in<VmPeriodRow>(
      path, [&](ExportQueries& queries, const auto& visit) { return queries.daily(query, visit); });
}

std::vector<HostHourRow> host_hours_in(const std::string& path, const ExportQuery& query) {
  return rows_in<HostHourRow>(
      path, [&](ExportQueries& queries, const auto& visit) { return queries.hosts(query, visit); });
}

std::string rollups_as_text(const std::string& path) {
  SQLite::Database db(path, SQLite::OPEN_READONLY);
  std::string text;
  for (const char* sql :
       {"SELECT vcenter_id || ' ' || period || ' ' || start_ms FROM rollup ORDER BY 1",
        "SELECT 'hour ' || start_ms || ' ' || vm_id || ' ' || vm_state_id || ' ' || samples || ' ' "
        "|| hex(figures) FROM vm_hour ORDER BY start_ms, vm_id",
        "SELECT 'day ' || start_ms || ' ' || vm_id || ' ' || vm_state_id || ' ' || samples || ' ' "
        "|| hex(figures) FROM vm_day ORDER BY start_ms, vm_id",
        "SELECT 'host ' || start_ms || ' ' || host_id || ' ' || samples || ' ' || hex(figures) "
        "FROM host_hour ORDER BY start_ms, host_id"}) {
    SQLite::Statement rows(db, sql);
    while (rows.executeStep()) text += rows.getColumn(0).getString() + "\n";
  }
  return text;
}

}  // namespace ballast::storage
