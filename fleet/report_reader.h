// Reads a report from the store.
#pragma once

#include <optional>

#include "base/result.h"
#include "base/time.h"
#include "fleet/report.h"
#include "storage/queries.h"

namespace ballast::fleet {

// Reads the newest usable scan of each vCenter that the query is about. With `since` it also finds
// what changed since the newest scan at or before that time. Holds the rows of the report, and
// little of each VM of one earlier scan. Errors: those of Queries.
[[nodiscard]] Result<Report> read_report(storage::Queries& queries, const ReportQuery& query,
                                         std::optional<UtcTime> since, UtcTime now);

}  // namespace ballast::fleet
