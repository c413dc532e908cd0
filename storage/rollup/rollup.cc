#include "storage/rollup/rollup.h"

#include <optional>

#include <fmt/format.h>

#include "base/time.h"
#include "storage/rollup/period_builder.h"
#include "storage/sqlite/bound_statement.h"

namespace ballast::storage {
namespace {

// Periods of usable scans that end before their vCenter's newest usable scan starts. The newest is
// the one begun last: a clock that was once ahead must not end the present hour at every scan.
constexpr const char* kMissing = R"sql(
WITH newest AS (
  SELECT vcenter_id, started_ms FROM usable_scan
  WHERE id IN (SELECT max(id) FROM usable_scan GROUP BY vcenter_id)
)
SELECT DISTINCT scan.vcenter_id, scan.started_ms / ?1 * ?1 AS start_ms
FROM usable_scan AS scan JOIN newest ON newest.vcenter_id = scan.vcenter_id
WHERE scan.started_ms < newest.started_ms / ?1 * ?1 AND NOT EXISTS (
  SELECT 1 FROM rollup WHERE rollup.vcenter_id = scan.vcenter_id AND rollup.period = ?2
    AND rollup.start_ms = scan.started_ms / ?1 * ?1)
ORDER BY start_ms, scan.vcenter_id
)sql";

constexpr const char* kForget = R"sql(
DELETE FROM rollup WHERE final = 0 AND period = ?2 AND EXISTS (
  SELECT 1 FROM usable_scan AS scan WHERE scan.vcenter_id = rollup.vcenter_id
    AND scan.started_ms >= rollup.start_ms AND scan.started_ms < rollup.start_ms + ?1)
)sql";

}  // namespace

std::vector<Period> Rollup::missing(const PeriodKind& kind) {
  SQLite::Statement statement(connection_.db(), kMissing);
  std::vector<Period> periods;
  for (BoundStatement row(statement, kind.length_ms, kind.word); row.step();) {
    periods.push_back({&kind, row.integer(0), row.integer(1)});
  }
  return periods;
}

Status Rollup::build_missing() {
  damage_.reset();
  for (const PeriodKind* kind : kPeriodKinds) {
    const auto periods =
        connection_.attempt("looking for periods to roll up", [&] { return missing(*kind); });
    if (!periods) return fail(periods.error());
    for (const Period& period : *periods) {
      if (auto built = build(period); !built) return built;
    }
  }
  if (damage_) return fail(*damage_);
  return {};
}

Status Rollup::build(const Period& period) {
  const UtcTime start{std::chrono::milliseconds(period.start_ms)};
  const std::string doing =
      fmt::format("rolling up the {} {}", period.kind->word, format_iso8601(start));
  std::optional<PeriodBuilder> builder;
  auto ready = connection_.attempt(doing, [&] { builder.emplace(connection_, period); });
  if (!ready) return ready;
  for (bool more = true; more;) {
    auto done = connection_.write(doing, [&]() -> Status {
      const auto step = builder->step();
      if (!step && !damage_) damage_ = step.error();
      more = step && *step;
      return {};
    });
    if (!done) return done;
  }
  return {};
}

Status Rollup::forget() {
  return connection_.write("forgetting rollups", [&]() -> Status {
    SQLite::Statement statement(connection_.db(), kForget);
    for (const PeriodKind* kind : kPeriodKinds) {
      BoundStatement(statement, kind->length_ms, kind->word).run();
    }
    return {};
  });
}

}  // namespace ballast::storage
