#include "storage/host_table.h"

#include <utility>

#include "storage/bound.h"

namespace ballast::storage {

HostTable::HostTable(SQLite::Database& db)
    : ids_(db, "SELECT id FROM host WHERE vcenter_id = ?1 AND moref = ?2",
           "INSERT INTO host (vcenter_id, moref, name, cluster, datacenter) "
           "VALUES (?1, ?2, '', '', '')"),
      update_(db, "UPDATE host SET name = ?2, cluster = ?3, datacenter = ?4 WHERE id = ?1"),
      insert_sample_(db,
                     "INSERT OR REPLACE INTO host_sample (scan_id, host_id, memory_kib, "
                     "memory_usage_kib, memory_state) VALUES (?1, ?2, ?3, ?4, ?5)") {}

void HostTable::write(std::int64_t scan_id, std::int64_t vcenter_id, const model::Host& host) {
  const std::int64_t host_id = ids_.id(vcenter_id, host.moref);
  const auto [latest, is_new] = latest_.try_emplace(host_id);
  Names names{host.name, host.cluster, host.datacenter};
  if (is_new || latest->second != names) {
    Bound(update_, host_id, names.name, names.cluster, names.datacenter).run();
    latest->second = std::move(names);
  }
  Bound(insert_sample_, scan_id, host_id, host.memory_kib, host.memory_usage_kib, host.memory_state)
      .run();
}

}  // namespace ballast::storage
