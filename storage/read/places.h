// Private to storage/: what surrounds the VMs of one scan.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "model/inventory.h"

namespace ballast::storage {

// Without what runs on them.
[[nodiscard]] std::map<std::string, model::HostLoad> read_idle_hosts(SQLite::Database& db,
                                                                     std::int64_t scan_id);
[[nodiscard]] std::map<std::string, model::HostLoad> read_host_loads(SQLite::Database& db,
                                                                     std::int64_t scan_id);
[[nodiscard]] std::map<std::string, model::ResourcePool> read_pools(SQLite::Database& db,
                                                                    std::int64_t scan_id);

}  // namespace ballast::storage
