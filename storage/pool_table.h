// Private to storage/: the resource pools of every vCenter. Calls belong inside a transaction;
// after one was rolled back, forget() must be called.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "model/inventory.h"
#include "storage/moref_ids.h"

namespace ballast::storage {

class PoolTable {
 public:
  explicit PoolTable(SQLite::Database& db);
  // Records the pool's latest name, and its figures in this scan.
  void write(std::int64_t scan_id, std::int64_t vcenter_id, const model::ResourcePool& pool);
  // The number of a pool that a VM or a pool below names, even if no list of pools had it; NULL for
  // "".
  std::optional<std::int64_t> id_or_null(std::int64_t vcenter_id, const std::string& moref) {
    return ids_.id_or_null(vcenter_id, moref);
  }
  void forget() { ids_.forget(); }

 private:
  MorefIds ids_;
  SQLite::Statement update_;
  SQLite::Statement insert_sample_;
};

}  // namespace ballast::storage
