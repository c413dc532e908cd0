#include "storage/write/place_tables.h"

#include <utility>

#include "storage/sqlite/bound_statement.h"

namespace ballast::storage {

MorefIds::MorefIds(SQLite::Database& db, const char* find, const char* insert)
    : db_(db), find_(db, find), insert_(db, insert) {}

std::int64_t MorefIds::id(std::int64_t vcenter_id, const std::string& moref) {
  auto& ids = known_[vcenter_id];
  if (const auto known = ids.find(moref); known != ids.end()) return known->second;

  std::int64_t id = 0;
  if (BoundStatement find(find_, vcenter_id, moref); find.step()) {
    id = find.integer(0);
  } else {
    BoundStatement(insert_, vcenter_id, moref).run();
    id = db_.getLastInsertRowid();
  }
  ids.emplace(moref, id);
  return id;
}

std::optional<std::int64_t> MorefIds::id_or_null(std::int64_t vcenter_id,
                                                 const std::string& moref) {
  if (moref.empty()) return std::nullopt;
  return id(vcenter_id, moref);
}

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
    BoundStatement(update_, host_id, names.name, names.cluster, names.datacenter).run();
    latest->second = std::move(names);
  }
  BoundStatement(insert_sample_, scan_id, host_id, host.memory_kib, host.memory_usage_kib,
                 host.memory_state)
      .run();
}

PoolTable::PoolTable(SQLite::Database& db)
    : ids_(db, "SELECT id FROM pool WHERE vcenter_id = ?1 AND moref = ?2",
           "INSERT INTO pool (vcenter_id, moref, name) VALUES (?1, ?2, '')"),
      update_(db, "UPDATE pool SET name = ?2 WHERE id = ?1"),
      insert_sample_(db,
                     "INSERT OR REPLACE INTO pool_sample (scan_id, pool_id, parent_id, "
                     "reservation_kib, limit_kib, usage_kib) VALUES (?1, ?2, ?3, ?4, ?5, ?6)") {}

void PoolTable::write(std::int64_t scan_id, std::int64_t vcenter_id,
                      const model::ResourcePool& pool) {
  const std::int64_t pool_id = ids_.id(vcenter_id, pool.moref);
  const auto parent_id = ids_.id_or_null(vcenter_id, pool.parent);
  BoundStatement(update_, pool_id, pool.name).run();
  BoundStatement(insert_sample_, scan_id, pool_id, parent_id, pool.allocation.reservation_kib,
                 pool.allocation.limit_kib, pool.usage_kib)
      .run();
}

}  // namespace ballast::storage
