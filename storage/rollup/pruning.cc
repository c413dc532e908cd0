#include "storage/rollup/pruning.h"

#include <array>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "storage/schema/schema.h"
#include "storage/sqlite/bound_statement.h"
#include "storage/sqlite/times.h"
#include "storage/write/scan_table.h"

namespace ballast::storage {
namespace {

constexpr std::string_view kDoing = "removing what is older than its retention";
constexpr std::int64_t kRowsAtOnce = 5000;  // in one transaction, for which scans have to wait

constexpr const char* kRetirable = R"sql(
SELECT id, vcenter_id, started_ms FROM usable_scan AS scan
WHERE started_ms < ?1
  AND id <> (SELECT max(id) FROM usable_scan AS other WHERE other.vcenter_id = scan.vcenter_id)
  AND EXISTS (SELECT 1 FROM rollup WHERE rollup.vcenter_id = scan.vcenter_id
    AND period = 'hour' AND start_ms = scan.started_ms / 3600000 * 3600000)
  AND EXISTS (SELECT 1 FROM rollup WHERE rollup.vcenter_id = scan.vcenter_id
    AND period = 'day' AND start_ms = scan.started_ms / 86400000 * 86400000)
ORDER BY id
)sql";

constexpr const char* kRetire = R"sql(
UPDATE scan SET status = 'failed', error = 'pruned' WHERE id = ?1 AND 2 = (
  SELECT count(*) FROM rollup WHERE vcenter_id = ?2 AND
    ((period = 'hour' AND start_ms = ?3) OR (period = 'day' AND start_ms = ?4)))
)sql";

// With a part of its samples gone a period could only be built wrongly: it stays as it is.
constexpr const char* kPeriodsOfScan =
    "vcenter_id = ?1 AND ((period = 'hour' AND start_ms = ?2) OR (period = 'day' AND start_ms = "
    "?3))";

constexpr const char* kRemovable = R"sql(
SELECT id, coalesce(vcenter_id, 0), started_ms FROM scan
WHERE started_ms < ?1 AND status = 'failed' AND EXISTS (
  SELECT 1 FROM scan AS later WHERE later.id > scan.id AND later.status <> 'running' AND
    CASE WHEN scan.vcenter_id IS NULL THEN later.vcenter_name = scan.vcenter_name
         ELSE later.vcenter_id = scan.vcenter_id END)
ORDER BY id
)sql";

constexpr const char* kRemoveMarks = R"sql(
DELETE FROM rollup WHERE period = ?1 AND start_ms + ?2 <= ?3 AND NOT EXISTS (
  SELECT 1 FROM usable_scan AS scan WHERE scan.vcenter_id = rollup.vcenter_id
    AND scan.started_ms >= rollup.start_ms AND scan.started_ms < rollup.start_ms + ?2)
)sql";

constexpr const char* kGone = R"sql(
SELECT 1 WHERE NOT EXISTS (
  SELECT 1 FROM rollup WHERE vcenter_id = ?1 AND period = ?2 AND start_ms = ?3)
AND NOT EXISTS (
  SELECT 1 FROM usable_scan AS scan WHERE scan.vcenter_id = ?1
    AND scan.started_ms >= ?3 AND scan.started_ms < ?3 + ?4)
)sql";

}  // namespace

Status Pruning::in_chunks(const std::function<int()>& remove_some) {
  for (int removed = 1; removed > 0;) {
    auto done = connection_.write(kDoing, [&]() -> Status {
      removed = remove_some();
      return {};
    });
    if (!done) return done;
  }
  return {};
}

Result<std::vector<Pruning::Scan>> Pruning::scans(const char* sql, UtcTime cutoff) {
  return connection_.attempt(kDoing, [&] {
    SQLite::Statement statement(connection_.db(), sql);
    std::vector<Scan> found;
    for (BoundStatement row(statement, milliseconds(cutoff)); row.step();) {
      found.push_back({row.integer(0), row.integer(1), row.integer(2)});
    }
    return found;
  });
}

Status Pruning::remove_scans(UtcTime cutoff) {
  const auto retirable = scans(kRetirable, cutoff);
  if (!retirable) return fail(retirable.error());
  for (const Scan& scan : *retirable) {
    if (auto retired = retire(scan); !retired) return retired;
  }
  const auto removable = scans(kRemovable, cutoff);
  if (!removable) return fail(removable.error());
  for (const Scan& scan : *removable) {
    if (auto removed = remove(scan); !removed) return removed;
  }
  return {};
}

Status Pruning::retire(const Scan& scan) {
  const std::int64_t hour = start_of(kHour, scan.started_ms);
  const std::int64_t day = start_of(kDay, scan.started_ms);
  return connection_.write(kDoing, [&]() -> Status {
    // A scan that ended just now may have taken a mark away: then it must be built first.
    SQLite::Statement retire(connection_.db(), kRetire);
    if (BoundStatement(retire, scan.id, scan.vcenter_id, hour, day).run() == 0) return {};
    SQLite::Statement finalise(connection_.db(),
                               fmt::format("UPDATE rollup SET final = 1 WHERE {}", kPeriodsOfScan));
    BoundStatement(finalise, scan.vcenter_id, hour, day).run();
    SQLite::Statement seal_marks(connection_.db(), seal("rollup", kPeriodsOfScan));
    BoundStatement(seal_marks, scan.vcenter_id, hour, day).run();
    SQLite::Statement seal_scan(connection_.db(), seal("scan", "id = ?1"));
    BoundStatement(seal_scan, scan.id).run();
    return {};
  });
}

Status Pruning::remove(const Scan& scan) {
  for (const std::string_view table : kTablesOfScans) {
    const std::string_view key = table == "host_sample"   ? "host_id"
                                 : table == "pool_sample" ? "pool_id"
                                                          : "vm_id";
    const std::string sql = fmt::format(
        "DELETE FROM {0} WHERE vcenter_id = ?1 AND scan_id = ?2 AND {1} <= (SELECT max({1}) FROM "
        "(SELECT {1} FROM {0} WHERE vcenter_id = ?1 AND scan_id = ?2 ORDER BY {1} LIMIT ?3))",
        table, key);
    auto removed = in_chunks([&] {
      SQLite::Statement statement(connection_.db(), sql);
      return BoundStatement(statement, scan.vcenter_id, scan.id, kRowsAtOnce).run();
    });
    if (!removed) return removed;
  }
  return connection_.write(kDoing, [&]() -> Status {
    SQLite::Statement statement(connection_.db(), "DELETE FROM scan WHERE id = ?1");
    BoundStatement(statement, scan.id).run();
    return {};
  });
}

Status Pruning::remove_periods(const PeriodKind& kind, UtcTime cutoff) {
  auto unmarked = connection_.write(kDoing, [&]() -> Status {
    SQLite::Statement statement(connection_.db(), kRemoveMarks);
    BoundStatement(statement, kind.word, kind.length_ms, milliseconds(cutoff)).run();
    return {};
  });
  if (!unmarked) return unmarked;
  auto removed = remove_rows(kind, {kind.vm_table, "vm_id"}, cutoff);
  if (!removed || &kind != &kHour) return removed;
  return remove_rows(kind, {"host_hour", "host_id"}, cutoff);
}

std::vector<Period> Pruning::unmarked(const PeriodKind& kind, const PeriodTable& table,
                                      UtcTime cutoff) {
  SQLite::Statement vcenters(connection_.db(), "SELECT id FROM vcenter");
  SQLite::Statement next(
      connection_.db(),
      fmt::format("SELECT min(start_ms) FROM {} WHERE vcenter_id = ?1 AND start_ms > ?2 "
                  "AND start_ms <= ?3",
                  table.rows));
  SQLite::Statement gone(connection_.db(), kGone);
  std::vector<Period> periods;
  for (BoundStatement vcenter(vcenters); vcenter.step();) {
    const std::int64_t id = vcenter.integer(0);
    std::int64_t start_ms = std::numeric_limits<std::int64_t>::min();
    for (;;) {
      BoundStatement row(next, id, start_ms, milliseconds(cutoff) - kind.length_ms);
      row.step();
      const auto found = row.optional_integer(0);
      if (!found) break;
      start_ms = *found;
      const bool is_gone = BoundStatement(gone, id, kind.word, start_ms, kind.length_ms).step();
      if (is_gone) periods.push_back({&kind, id, start_ms});
    }
  }
  return periods;
}

Status Pruning::remove_rows(const PeriodKind& kind, const PeriodTable& table, UtcTime cutoff) {
  const auto periods = connection_.attempt(kDoing, [&] { return unmarked(kind, table, cutoff); });
  if (!periods) return fail(periods.error());
  const std::string remove = fmt::format(
      "DELETE FROM {0} WHERE vcenter_id = ?1 AND start_ms = ?2 AND {1} IN (SELECT {1} FROM {0} "
      "WHERE vcenter_id = ?1 AND start_ms = ?2 ORDER BY {1} LIMIT ?3)",
      table.rows, table.owner_column);
  for (const Period& period : *periods) {
    auto removed = in_chunks([&] {
      SQLite::Statement statement(connection_.db(), remove);
      return BoundStatement(statement, period.vcenter_id, period.start_ms, kRowsAtOnce).run();
    });
    if (!removed) return removed;
  }
  return {};
}

}  // namespace ballast::storage
