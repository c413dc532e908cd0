// Private to storage/: the hosts of every vCenter. Calls belong inside a transaction; after one was
// rolled back, forget() must be called.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include <SQLiteCpp/SQLiteCpp.h>

#include "model/inventory.h"
#include "storage/moref_ids.h"

namespace ballast::storage {

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

}  // namespace ballast::storage
