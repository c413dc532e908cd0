#include "storage/read/scans.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "base/text.h"
#include "storage/schema/schema.h"
#include "storage/sqlite/row_cursor.h"
#include "storage/sqlite/times.h"
#include "storage/sqlite/words.h"

namespace ballast::storage {
namespace {

constexpr std::string_view kReadingScans = "reading the database";

// The newest finished scan of each vCenter; of those that never reached one, the newest of each
// configured name, unless a later scan of that name did better. Then the usable ones that an earlier
// reading of a VM may be of.
constexpr const char* kLatest = R"sql(
WITH newest (id) AS (
  SELECT (SELECT max(id) FROM scan WHERE vcenter_id = vcenter.id AND status <> 'running')
    FROM vcenter
  UNION
  SELECT (SELECT max(id) FROM usable_scan WHERE vcenter_id = vcenter.id) FROM vcenter
  UNION
  SELECT max(id) FROM scan AS lost
    WHERE vcenter_id IS NULL AND status = 'failed' AND NOT EXISTS (
      SELECT 1 FROM scan AS later WHERE later.vcenter_name = lost.vcenter_name
        AND later.id > lost.id AND later.status <> 'running' AND later.vcenter_id IS NOT NULL)
    GROUP BY vcenter_name
)
SELECT {0}, coalesce(vcenter.instance_uuid, '')
FROM newest JOIN scan ON scan.id = newest.id LEFT JOIN vcenter ON vcenter.id = scan.vcenter_id
ORDER BY scan.vcenter_name, scan.id DESC
)sql";

std::string select_scans(std::string_view rest) {
  return fmt::format(
      "SELECT {}, coalesce(vcenter.instance_uuid, '') FROM scan "
      "LEFT JOIN vcenter ON vcenter.id = scan.vcenter_id {}",
      row_of("scan"), rest);
}

Result<ScanRow> read_scan(const RowCursor& row, const Connection& connection) {
  Columns columns(row);
  ScanRow scan;
  scan.id = columns.integer();
  columns.text();  // its UUID
  scan.vcenter_id = columns.optional_integer().value_or(0);
  scan.vcenter = columns.text();
  scan.vcenter_url = columns.text();
  scan.limited_to = columns.text();
  const auto status = status_from_word(columns.text());
  scan.started_at = time_of(columns.integer());
  scan.finished_at = time_of(columns.optional_integer().value_or(0));
  scan.error = columns.text();
  scan.vms = columns.integer();
  scan.guests_read = columns.integer();
  scan.guests_failed = columns.integer();
  columns.integer();  // hosts
  columns.integer();  // pools
  columns.integer();  // the process of its writer
  columns.text();
  columns.integer();
  if (!columns.is_sound() || !status) {
    return fail(damaged(connection.path(), kReadingScans, fmt::format("scan {}", scan.id)));
  }
  scan.status = *status;
  scan.vcenter_uuid = columns.text();
  return scan;
}

template <class... Values>
Result<std::vector<ScanRow>> read_scans(Connection& connection, const std::string& sql,
                                        const Values&... values) {
  RowCursor rows(connection.db(), sql);
  std::vector<ScanRow> scans;
  for (const auto run = rows.run(values...); rows.step();) {
    auto scan = read_scan(rows, connection);
    if (!scan) return fail(scan.error());
    scans.push_back(std::move(*scan));
  }
  return scans;
}

bool is_failed(const ScanRow& scan) { return scan.status == model::ScanStatus::kFailed; }

// Returns the scans before `newest` that its picture needs, newest first: each that may have VMs that
// the ones after it do not tell of.
Result<std::vector<ScanRow>> earlier_scans(Connection& connection, const ScanRow& newest) {
  std::vector<ScanRow> earlier;
  if (newest.tells_of_all()) return earlier;
  auto before =
      read_scans(connection,
                 select_scans("WHERE scan.vcenter_id = ?1 AND scan.id < ?2 AND "
                              "scan.started_ms >= ?3 AND "
                              "scan.status IN ('complete', 'partial') "
                              "ORDER BY scan.id DESC"),
                 newest.vcenter_id, newest.id, milliseconds(newest.started_at - kOldestReading));
  if (!before) return fail(before.error());
  for (ScanRow& scan : *before) {
    const auto covers = [&](const ScanRow& later) {
      return !later.was_cut_short() && later.limited_to == scan.limited_to;
    };
    const bool is_covered = covers(newest) || std::any_of(earlier.begin(), earlier.end(), covers);
    if (is_covered) continue;
    const bool is_last = scan.tells_of_all();
    earlier.push_back(std::move(scan));
    if (is_last) break;
  }
  return earlier;
}

}  // namespace

Status check_scans(Connection& connection) {
  for (const char* table : {"scan", "vcenter"}) {
    const std::string wrong =
        fmt::format("SELECT count(*) FROM {} WHERE NOT {}", table, sound(table));
    if (connection.number(wrong.c_str()) == 0) continue;
    return fail(damaged(connection.path(), kReadingScans, fmt::format("a row of {}", table)));
  }
  return {};
}

Result<std::vector<ScanRow>> read_latest_scans(Connection& connection) {
  auto all = read_scans(connection, fmt::format(fmt::runtime(kLatest), row_of("scan")));
  if (!all) return all;
  std::vector<ScanRow> scans;
  for (ScanRow& scan : *all) {
    // A name may have stood for several vCenters (its URL was changed): the newest scan counts, and
    // behind a failed one the newest usable one.
    const bool first = scans.empty() || scans.back().vcenter != scan.vcenter;
    const bool behind_failed = !first && is_failed(scans.back()) && !is_failed(scan);
    if (!first && !behind_failed) continue;
    scans.push_back(std::move(scan));
    if (is_failed(scans.back())) continue;
    auto earlier = earlier_scans(connection, scans.back());
    if (!earlier) return fail(earlier.error());
    const std::string name = scans.back().vcenter;
    for (ScanRow& one : *earlier) {
      one.vcenter = name;
      scans.push_back(std::move(one));
    }
  }
  return scans;
}

Result<std::optional<ScanRow>> read_scan_before(Connection& connection, const std::string& vcenter,
                                                UtcTime when) {
  auto scans = read_scans(connection,
                          select_scans("WHERE scan.vcenter_name = ?1 AND scan.started_ms <= ?2 AND "
                                       "scan.status IN ('complete', 'partial') "
                                       "ORDER BY scan.id DESC LIMIT 1"),
                          vcenter, milliseconds(when));
  if (!scans) return fail(scans.error());
  if (scans->empty()) return std::optional<ScanRow>();
  return std::optional(std::move(scans->front()));
}

Result<ScanRow> read_finished_scan(Connection& connection, std::int64_t scan_id) {
  // A scan that is being pruned still has its row, but must not look like one without VMs.
  auto scans = read_scans(connection,
                          select_scans("WHERE scan.id = ?1 AND scan.status <> 'running' AND "
                                       "NOT (scan.status = 'failed' AND scan.error = 'pruned')"),
                          scan_id);
  if (!scans) return fail(scans.error());
  if (!scans->empty()) return std::move(scans->front());
  return fail(ErrorCode::kNotFound,
              fmt::format("{} ({}): there is no finished scan {}", kReadingScans,
                          printable(connection.path()), scan_id),
              "it may have been removed meanwhile: run the command again");
}

Result<std::vector<ScanRow>> read_usable_scans(Connection& connection, std::int64_t vcenter_id,
                                               UtcTime since, UtcTime until) {
  return read_scans(connection,
                    select_scans("WHERE scan.vcenter_id = ?1 AND scan.started_ms >= ?2 AND "
                                 "scan.started_ms < ?3 AND scan.status IN ('complete', 'partial') "
                                 "ORDER BY scan.id"),
                    vcenter_id, milliseconds(since), milliseconds(until));
}

}  // namespace ballast::storage
