// Private to storage/: reads rows of the table scan, and chooses among them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "storage/queries.h"
#include "storage/sqlite/connection.h"

namespace ballast::storage {

// Every function reads finished scans only. Errors: kStorage for a damaged row. Use them inside
// Connection::attempt.

// Fails if a row of scan or vcenter is not as it was written: one whose key or status was damaged
// would not be found where it is looked for.
Status check_scans(Connection& connection);
// Returns what Queries::latest_scans() says.
Result<std::vector<ScanRow>> read_latest_scans(Connection& connection);
// Returns what Queries::scan_before() says.
Result<std::optional<ScanRow>> read_scan_before(Connection& connection, const std::string& vcenter,
                                                UtcTime when);
// Returns the scan; kNotFound if there is no such finished one, or no longer.
Result<ScanRow> read_finished_scan(Connection& connection, std::int64_t scan_id);
// Returns the usable scans of a vCenter that started in [since, until), oldest first.
Result<std::vector<ScanRow>> read_usable_scans(Connection& connection, std::int64_t vcenter_id,
                                               UtcTime since, UtcTime until);

}  // namespace ballast::storage
