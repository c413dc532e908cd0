// Private to storage/: the numbers of things that a vCenter knows by a moref. Calls belong inside a
// transaction; after one was rolled back, forget() must be called.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include <SQLiteCpp/SQLiteCpp.h>

#include "model/inventory.h"

namespace ballast::storage {

class MorefIds {
 public:
  // `find` selects the id by (vcenter_id, moref), `insert` adds a row for them.
  MorefIds(SQLite::Database& db, const char* find, const char* insert);
  // Found or added.
  std::int64_t id(std::int64_t vcenter_id, const std::string& moref);
  // NULL for "".
  std::optional<std::int64_t> id_or_null(std::int64_t vcenter_id, const std::string& moref);
  void forget() { known_.clear(); }

 private:
  SQLite::Database& db_;
  SQLite::Statement find_;
  SQLite::Statement insert_;
  std::unordered_map<std::int64_t, std::unordered_map<std::string, std::int64_t>>
      known_;  // by vCenter
};

// Private to storage/: the hosts of every vCenter. Calls belong inside a transaction; after one was
// rolled back, forget() must be called.

class HostTable {
 public:
  explicit HostTable(SQLite::Database& db);
  // Records the host's latest name and place, and its figures in this scan.
  void write(std::int64_t scan_id, std::int64_t vcenter_id, const model::Host& host);
  // The number of a host that a VM says it runs on, even if no list of hosts had it; NULL for "".
  std::optional<std::int64_t> id_or_null(std::int64_t vcenter_id, const std::string& moref) {
    return ids_.id_or_null(vcenter_id, moref);
  }
  // After a rollback.
  void forget() {
    ids_.forget();
    latest_.clear();
  }
  // Where another process may have written.
  void forget_latest() { latest_.clear(); }

 private:
  struct Names {
    std::string name;
    std::string cluster;
    std::string datacenter;
    bool operator==(const Names&) const = default;
  };

  MorefIds ids_;
  std::unordered_map<std::int64_t, Names> latest_;  // as they were written, by number
  SQLite::Statement update_;
  SQLite::Statement insert_sample_;
};

// Private to storage/: the resource pools of every vCenter. Calls belong inside a transaction;
// after one was rolled back, forget() must be called.

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
