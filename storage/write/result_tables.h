// Private to storage/: writes everything that a scan says about hosts, pools and VMs. Calls belong
// inside a transaction; after one was rolled back, forget() must be called.
#pragma once

#include <cstdint>
#include <optional>

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/time.h"
#include "collector/ports/stored_scan.h"
#include "model/judged_guest.h"
#include "storage/write/batch_insert.h"
#include "storage/write/place_tables.h"
#include "storage/write/scan_tally.h"
#include "storage/write/setback_table.h"
#include "storage/write/vm_table.h"

namespace ballast::storage {

class ResultTables {
 public:
  explicit ResultTables(SQLite::Database& db);

  struct Scan {
    std::int64_t id = 0;
    std::int64_t vcenter_id = 0;
    UtcTime started_at{};
    ScanTally* tally = nullptr;  // counts the VMs written; needed only for them
  };
  void write(const Scan& scan, const model::Host& host);
  void write(const Scan& scan, const model::ResourcePool& pool);
  // Replaces what the scan wrote about this VM before.
  void write(const Scan& scan, const model::JudgedGuest& result);
  // Sends everything written so far to the database. To be called before the transaction's end.
  void flush();
  // Returns the number of a VM that an earlier scan wrote.
  std::optional<std::int64_t> vm_id(std::int64_t vcenter_id, const collector::GuestKey& guest) {
    return vms_.find_id(vcenter_id, guest);
  }
  // Writes a new judgement over that of a stored sample whose guest was read.
  void rewrite(const Scan& scan, const model::JudgedGuest& row);
  void forget();
  // These two are to be called when another process may have written, or scanned.
  void forget_setbacks() { setbacks_.forget(); }
  void forget_latest() {
    vms_.forget();
    hosts_.forget_latest();
  }

 private:
  // Write the rows of a guest that was read.
  void write_guest(const Scan& scan, std::int64_t vm_id, std::int64_t guest_state_id,
                   const model::JudgedGuest& result);
  void write_suspects(const Scan& scan, std::int64_t vm_id, const model::JudgedGuest& result);
  // Removes what write_guest() wrote of a VM, which comes a second time.
  void remove_guest(const Scan& scan, std::int64_t vm_id);

  SQLite::Database& db_;
  HostTable hosts_;
  PoolTable pools_;
  VmTable vms_;
  SetbackTable setbacks_;
  BatchInsert samples_;
  BatchInsert guests_;
  BatchInsert trends_;
  SQLite::Statement insert_suspect_;
  SQLite::Statement select_guest_state_;
  SQLite::Statement update_outcome_;
  SQLite::Statement seal_sample_;
  RowValues row_;  // the row being written; kept for its memory
};

}  // namespace ballast::storage
