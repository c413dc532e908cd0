#include "storage/host_table.h"

#include "storage/bound.h"

namespace ballast::storage {

HostTable::HostTable(SQLite::Database& db)
    : db_(db),
      find_(db, "SELECT id FROM host WHERE vcenter_id = ?1 AND moref = ?2"),
      insert_(db,
              "INSERT INTO host (vcenter_id, moref, name, cluster, datacenter) "
              "VALUES (?1, ?2, '', '', '')"),
      update_(db, "UPDATE host SET name = ?2, cluster = ?3, datacenter = ?4 WHERE id = ?1"),
      insert_sample_(db,
                     "INSERT OR REPLACE INTO host_sample (scan_id, host_id, memory_kib, "
                     "memory_usage_kib, memory_state) VALUES (?1, ?2, ?3, ?4, ?5)") {}

std::int64_t HostTable::id(std::int64_t vcenter_id, const std::string& moref) {
  std::pair key(vcenter_id, moref);
  if (const auto known = known_.find(key); known != known_.end()) return known->second;

  std::int64_t id = 0;
  if (Bound find(find_, vcenter_id, moref); find.step()) {
    id = find.integer(0);
  } else {
    Bound(insert_, vcenter_id, moref).run();
    id = db_.getLastInsertRowid();
  }
  known_.emplace(std::move(key), id);
  return id;
}

void HostTable::write(std::int64_t scan_id, std::int64_t vcenter_id, const model::Host& host) {
  const std::int64_t host_id = id(vcenter_id, host.moref);
  Bound(update_, host_id, host.name, host.cluster, host.datacenter).run();
  Bound(insert_sample_, scan_id, host_id, host.memory_kib, host.memory_usage_kib, host.memory_state)
      .run();
}

std::optional<std::int64_t> HostTable::id_or_null(std::int64_t vcenter_id,
                                                  const std::string& moref) {
  if (moref.empty()) return std::nullopt;
  return id(vcenter_id, moref);
}

}  // namespace ballast::storage
