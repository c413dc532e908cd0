// Private to storage/: the table of the VMs of every vCenter, with their present states. Calls
// belong inside a transaction; after one was rolled back, forget() must be called.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "collector/ports/stored_scan.h"
#include "model/judged_guest.h"
#include "storage/write/dictionary.h"
#include "storage/write/known_vms.h"
#include "storage/write/state_tables.h"

namespace ballast::storage {

// The numbers that a sample refers to.
struct VmIds {
  std::int64_t vm = 0;
  std::int64_t vm_state = 0;
  GuestState guest_state;  // empty without a guest sample
};

class VmTable {
 public:
  VmTable(SQLite::Database& db, TextTable& texts);

  // Finds or adds the VM and its states, and records its latest name and moref. A VM is known by
  // its instance UUID, or by its moref if it has none (a new or an inaccessible VM).
  VmIds write(std::int64_t vcenter_id, const Place& place, const model::JudgedGuest& result);
  // Returns the number of a VM that was written before.
  std::optional<std::int64_t> find_id(std::int64_t vcenter_id, const collector::GuestKey& guest);
  void forget() { known_.forget(); }
  // See KnownVms::remember().
  void remember(bool on) { known_.remember(on); }

 private:
  struct Known;
  // Writes new states of a known VM where its fingerprints (in `now`) have changed. Returns false
  // if the database has to be asked.
  bool renew(KnownVms::Vm& known, const KnownVms::Vm& now, const Place& place,
             const model::JudgedGuest& result);
  // Does what write() says, without what is known.
  VmIds look_up(std::int64_t vcenter_id, const Place& place, const model::JudgedGuest& result);
  std::optional<Known> find(std::int64_t vcenter_id, const std::string& instance_uuid,
                            const std::string& moref);
  // Finds a VM that is stored without an instance UUID.
  std::optional<Known> find_unnamed(std::int64_t vcenter_id, const std::string& moref);
  static std::optional<Known> read(SQLite::Statement& statement, std::int64_t vcenter_id,
                                   const std::string& key);

  SQLite::Database& db_;
  KnownVms known_;
  StateTables states_;
  SQLite::Statement find_by_uuid_;
  SQLite::Statement find_by_moref_;
  SQLite::Statement find_unnamed_;
  SQLite::Statement insert_;
  SQLite::Statement update_;
  SQLite::Statement update_states_;
};

}  // namespace ballast::storage
