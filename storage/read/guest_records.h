// Private to storage/: reads what earlier scans say about which guests to probe.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/time.h"
#include "model/setback.h"

namespace ballast::storage {

// Returns what Store::guest_records() says, in one pass over the samples of those scans, without
// their packed columns. Empty if a row holds what ballast never writes.
[[nodiscard]] std::optional<std::vector<model::GuestRecord>> read_guest_records(
    SQLite::Database& db, std::int64_t vcenter_id, UtcTime reads_since);

}  // namespace ballast::storage
