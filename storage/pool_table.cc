#include "storage/pool_table.h"

#include "storage/bound.h"

namespace ballast::storage {

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
  Bound(update_, pool_id, pool.name).run();
  Bound(insert_sample_, scan_id, pool_id, parent_id, pool.allocation.reservation_kib,
        pool.allocation.limit_kib, pool.usage_kib)
      .run();
}

}  // namespace ballast::storage
