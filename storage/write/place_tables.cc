#include "storage/write/place_tables.h"

#include <utility>

#include <fmt/format.h>

#include "storage/schema/schema.h"
#include "storage/sqlite/bound_statement.h"

namespace ballast::storage {

MorefIds::MorefIds(SQLite::Database& db, const char* table, int names)
    : find_(db, fmt::format("SELECT id FROM {} WHERE vcenter_id = ?1 AND moref = ?2", table)),
      newest_(db, fmt::format("SELECT coalesce(max(id), 0) FROM {}", table)),
      insert_(db, fmt::format("INSERT INTO {} VALUES (?1, ?2, ?3{}, 0)", table,
                              std::string(", '', '', ''", static_cast<std::size_t>(4 * names)))),
      seal_(db, seal(table, "id = ?1")) {}

std::int64_t MorefIds::id(std::int64_t vcenter_id, const std::string& moref) {
  auto& ids = known_[vcenter_id];
  if (const auto known = ids.find(moref); known != ids.end()) return known->second;

  std::int64_t id = 0;
  if (BoundStatement find(find_, vcenter_id, moref); find.step()) {
    id = find.integer(0);
  } else {
    BoundStatement newest(newest_);
    newest.step();
    id = newest.integer(0) + 1;
    BoundStatement(insert_, id, vcenter_id, moref).run();
    BoundStatement(seal_, id).run();
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
    : ids_(db, "host", 3),
      replace_(db,
               "INSERT INTO host VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO UPDATE "
               "SET name = ?4, cluster = ?5, datacenter = ?6, checksum = ?7"),
      insert_sample_(db, "INSERT OR REPLACE INTO host_sample VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)") {
}

void HostTable::write(std::int64_t scan_id, std::int64_t vcenter_id, const model::Host& host) {
  const std::int64_t host_id = ids_.id(vcenter_id, host.moref);
  const auto [latest, is_new] = latest_.try_emplace(host_id);
  Names names{host.name, host.cluster, host.datacenter};
  if (is_new || latest->second != names) {
    insert_row(replace_, host_id, vcenter_id, std::string_view(host.moref),
               std::string_view(names.name), std::string_view(names.cluster),
               std::string_view(names.datacenter));
    latest->second = std::move(names);
  }
  insert_row(insert_sample_, vcenter_id, scan_id, host_id, host.memory_kib, host.memory_usage_kib,
             host.memory_state);
}

PoolTable::PoolTable(SQLite::Database& db)
    : ids_(db, "pool", 1),
      replace_(db,
               "INSERT INTO pool VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE "
               "SET name = ?4, checksum = ?5"),
      insert_sample_(
          db, "INSERT OR REPLACE INTO pool_sample VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)") {}

void PoolTable::write(std::int64_t scan_id, std::int64_t vcenter_id,
                      const model::ResourcePool& pool) {
  const std::int64_t pool_id = ids_.id(vcenter_id, pool.moref);
  const auto parent_id = ids_.id_or_null(vcenter_id, pool.parent);
  insert_row(replace_, pool_id, vcenter_id, std::string_view(pool.moref),
             std::string_view(pool.name));
  insert_row(insert_sample_, vcenter_id, scan_id, pool_id, parent_id,
             pool.allocation.reservation_kib, pool.allocation.limit_kib, pool.usage_kib);
}

}  // namespace ballast::storage
