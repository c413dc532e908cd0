// Private to storage/: reads the hosts and resource pools of one scan, by moref.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "model/inventory.h"

namespace ballast::storage {

// Returns the hosts without any load.
[[nodiscard]] std::map<std::string, model::HostLoad> read_idle_hosts(SQLite::Database& db,
                                                                     std::int64_t scan_id);
// Returns the hosts with the load of their VMs.
[[nodiscard]] std::map<std::string, model::HostLoad> read_host_loads(SQLite::Database& db,
                                                                     std::int64_t scan_id);
[[nodiscard]] std::map<std::string, model::ResourcePool> read_pools(SQLite::Database& db,
                                                                    std::int64_t scan_id);

}  // namespace ballast::storage
