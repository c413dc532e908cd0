// Reads a report from the store.
#pragma once

#include <optional>

#include "base/result.h"
#include "base/time.h"
#include "fleet/report.h"
#include "storage/queries.h"

namespace ballast::fleet {

// What the fleet of today is compared with.
struct ComparedWith {
  std::optional<UtcTime> when;  // empty: with nothing
  // False: the 24 hours up to then are compared with those up to the newest scan, so that what comes
  // and goes every day is no change. True: the newest scan at or before then with the newest one.
  bool is_instant = false;
};

// Reads what is known of each VM of the vCenters that the query is about: by the newest usable scan
// or, where that does not tell of it, by the last one that does. Also finds what changed, where that
// is asked for. Holds the rows of the report, and little of each VM of what it is compared with.
// Errors: those of Queries.
[[nodiscard]] Result<Report> read_report(storage::Queries& queries, const ReportQuery& query,
                                         const ComparedWith& with, UtcTime now);

}  // namespace ballast::fleet
