// Private to storage/: puts together what a span of time says about the VMs of a vCenter, and what hours
// and days say about one of them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "storage/queries.h"
#include "storage/rollup/period.h"
#include "storage/sqlite/connection.h"

namespace ballast::storage {

// Errors of both: kStorage for a damaged row. Use them inside Connection::attempt, on one moment of the
// database.

// Returns what Queries::day_until() says.
Result<std::optional<DayFigures>> read_day_until(Connection& connection, std::int64_t vcenter_id,
                                                 UtcTime end);
// Returns the built periods of a VM that start in [since, until), oldest first.
Result<std::vector<VmPeriodPoint>> read_periods_of_vm(Connection& connection,
                                                      const PeriodKind& kind, std::int64_t vm_id,
                                                      UtcTime since, UtcTime until);

}  // namespace ballast::storage
