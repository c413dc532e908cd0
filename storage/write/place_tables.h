// Private to storage/: the tables of hosts and resource pools, which a vCenter knows by a moref.
// Calls belong inside a transaction; after one was rolled back, forget() must be called.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include <SQLiteCpp/SQLiteCpp.h>

#include "model/inventory.h"

namespace ballast::storage {

// Gives each moref of a vCenter its number.
class MorefIds {
 public:
  // Of the table `table`; `names` is how many columns of names follow the moref in it.
  MorefIds(SQLite::Database& db, const char* table, int names);
  // Returns the number, which is added if it is new.
  std::int64_t id(std::int64_t vcenter_id, const std::string& moref);
  // Returns the same, but nothing (NULL in the file) for "".
  std::optional<std::int64_t> id_or_null(std::int64_t vcenter_id, const std::string& moref);
  void forget() { known_.clear(); }

 private:
  SQLite::Statement find_;
  SQLite::Statement newest_;
  SQLite::Statement insert_;
  SQLite::Statement seal_;
  std::unordered_map<std::int64_t, std::unordered_map<std::string, std::int64_t>>
      known_;  // by vCenter
};

// The hosts of every vCenter.
class HostTable {
 public:
  explicit HostTable(SQLite::Database& db);
  // Records the host's latest name and place, and its figures in this scan.
  void write(std::int64_t scan_id, std::int64_t vcenter_id, const model::Host& host);
  // Returns the number of a host that a VM runs on, also if no list of hosts had it; nothing for
  // "".
  std::optional<std::int64_t> id_or_null(std::int64_t vcenter_id, const std::string& moref) {
    return ids_.id_or_null(vcenter_id, moref);
  }
  void forget() {
    ids_.forget();
    latest_.clear();
  }
  // To be called when another process may have written.
  void forget_latest() { latest_.clear(); }

 private:
  struct Names {
    std::string name;
    std::string cluster;
    std::string datacenter;
    bool operator==(const Names&) const = default;
  };

  MorefIds ids_;
  std::unordered_map<std::int64_t, Names> latest_;  // what was last written, by number
  SQLite::Statement replace_;
  SQLite::Statement insert_sample_;
};

// The resource pools of every vCenter.
class PoolTable {
 public:
  explicit PoolTable(SQLite::Database& db);
  // Records the pool's latest name, and its figures in this scan.
  void write(std::int64_t scan_id, std::int64_t vcenter_id, const model::ResourcePool& pool);
  // Returns the number of a pool that a VM or another pool is in, also if no list of pools had it;
  // nothing for "".
  std::optional<std::int64_t> id_or_null(std::int64_t vcenter_id, const std::string& moref) {
    return ids_.id_or_null(vcenter_id, moref);
  }
  void forget() { ids_.forget(); }

 private:
  MorefIds ids_;
  SQLite::Statement replace_;
  SQLite::Statement insert_sample_;
};

}  // namespace ballast::storage
