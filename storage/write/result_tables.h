// Private to storage/: writes everything that a scan says about hosts, pools and VMs. Calls belong
// inside a transaction; after one was rolled back, forget() must be called.
#pragma once

#include <cstdint>
#include <optional>

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/time.h"
#include "collector/ports/stored_scan.h"
#include "model/judged_guest.h"
#include "storage/queries.h"
#include "storage/write/account_layout.h"
#include "storage/write/dictionary.h"
#include "storage/write/place_tables.h"
#include "storage/write/sample_codec.h"
#include "storage/write/sample_insert.h"
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
  void flush() { samples_.flush(); }
  // Returns the number of a VM that an earlier scan wrote.
  std::optional<std::int64_t> vm_id(std::int64_t vcenter_id, const collector::GuestKey& guest) {
    return vms_.find_id(vcenter_id, guest);
  }
  // Writes a new judgement over that of a stored sample whose guest was read.
  void rewrite(const Scan& scan, const model::JudgedGuest& row);
  void forget();
  // See KnownVms::remember().
  void remember_vms(bool on) { vms_.remember(on); }
  // These two are to be called when another process may have written, or scanned.
  void forget_setbacks() { setbacks_.forget(); }
  void forget_latest() {
    vms_.forget();
    hosts_.forget_latest();
  }

 private:
  // Packs figures_, which have been filled.
  std::string pack(const std::vector<model::AccountPart>& parts, const model::Judgement& judgement,
                   const Yardstick& yardstick, std::optional<std::int64_t> balloon_kib,
                   UtcTime scan_start);

  TextTable texts_;
  OutcomeTable outcomes_;
  HostTable hosts_;
  PoolTable pools_;
  LayoutTable layouts_;
  VmTable vms_;
  SetbackTable setbacks_;
  SampleInsert samples_;
  SQLite::Statement select_yardstick_;
  SQLite::Statement update_sample_;
  GuestFigures figures_;  // of the guest being written; kept for its memory
};

}  // namespace ballast::storage
