// Private to storage/: reads the hosts and resource pools of a scan, by moref. Empty if a row is
// missing or damaged. Every call may throw SQLite::Exception; use it inside Connection::attempt.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "model/inventory.h"

namespace ballast::storage {

using HostLoads = std::map<std::string, model::HostLoad>;

// Without any load.
std::optional<HostLoads> read_idle_hosts(SQLite::Database& db, std::int64_t scan_id);
// With the load of their VMs; of the host with that moref alone, if it is not "".
std::optional<HostLoads> read_host_loads(SQLite::Database& db, std::int64_t scan_id,
                                         const std::string& only_host);
std::optional<std::map<std::string, model::ResourcePool>> read_pools(SQLite::Database& db,
                                                                     std::int64_t scan_id);

}  // namespace ballast::storage
