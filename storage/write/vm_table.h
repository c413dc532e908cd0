// Private to storage/: the table of the VMs of every vCenter, with their present states. Calls
// belong inside a transaction; after one was rolled back, forget() must be called.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "collector/ports/stored_scan.h"
#include "model/judged_guest.h"
#include "storage/write/known_vms.h"
#include "storage/write/state_tables.h"

namespace ballast::storage {

// The numbers that a sample refers to.
struct VmIds {
  std::int64_t vm = 0;
  std::int64_t vm_state = 0;
  std::int64_t guest_state = 0;  // 0 without a guest sample
  std::int64_t outcome = 0;
};

class VmTable {
 public:
  explicit VmTable(SQLite::Database& db);

  // Finds or adds the VM and its states, and records its latest name and moref. A VM is known by
  // its instance UUID, or by its moref if it has none (a new or an inaccessible VM).
  VmIds write(std::int64_t vcenter_id, const Place& place, const model::JudgedGuest& result);
  // Returns the number of a VM that was written before.
  std::optional<std::int64_t> find_id(std::int64_t vcenter_id, const collector::GuestKey& guest);
  // Returns the number of the row with that verdict and detail, which is added if it is new.
  std::int64_t outcome(std::int64_t vcenter_id, const model::JudgedGuest& row) {
    return states_.outcome(vcenter_id, row.judgement, row.detail);
  }
  void forget() { known_.forget(); }

 private:
  struct Names;
  // Finds or adds the VM, and records its names. Returns its number.
  std::int64_t write_names(std::int64_t vcenter_id, const model::VmView& vm);
  std::optional<Names> find(std::int64_t vcenter_id, const std::string& instance_uuid,
                            const std::string& moref);
  // Finds a VM that is stored without an instance UUID.
  std::optional<Names> find_unnamed(std::int64_t vcenter_id, const std::string& moref);
  static std::optional<Names> read(SQLite::Statement& statement, std::int64_t vcenter_id,
                                   const std::string& key);

  KnownVms known_;
  StateTables states_;
  SQLite::Statement find_by_uuid_;
  SQLite::Statement find_by_moref_;
  SQLite::Statement find_unnamed_;
  SQLite::Statement newest_;
  SQLite::Statement replace_;
};

}  // namespace ballast::storage
