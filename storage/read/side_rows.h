// Private to storage/: reads a second table beside the samples of a scan. Both are in the order of the
// VMs, so that one pass over each finds what belongs together, without a search for every VM.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/sqlite/row_cursor.h"

namespace ballast::storage {

class SideRows {
 public:
  // `sql` selects the rows of vCenter ?1 and scan ?2 from VM ?3 on, by number of the VM, which is in
  // column `vm_column`.
  SideRows(SQLite::Database& db, const std::string& sql, int vm_column)
      : rows_(db, sql), vm_column_(vm_column) {}

  // Goes to the next row of that VM in that scan. Returns false if there is none (any more). Cheap if
  // VMs are asked for in rising order.
  bool next(std::int64_t vcenter_id, std::int64_t scan_id, std::int64_t vm_id) {
    const bool goes_on =
        run_ && vcenter_id == vcenter_id_ && scan_id == scan_id_ && vm_id >= vm_id_;
    if (!goes_on) begin(vcenter_id, scan_id, vm_id);
    vm_id_ = vm_id;
    while (there_is_one_ && (is_taken_ || rows_.integer(vm_column_) < vm_id)) {
      is_taken_ = false;
      there_is_one_ = rows_.step();
    }
    is_taken_ = there_is_one_ && rows_.integer(vm_column_) == vm_id;
    return is_taken_;
  }
  // Ends the query. While one is under way its transaction cannot end: to be called before a write.
  void rest() { run_.reset(); }
  // The row that next() went to.
  [[nodiscard]] const RowCursor& row() const { return rows_; }

 private:
  void begin(std::int64_t vcenter_id, std::int64_t scan_id, std::int64_t vm_id) {
    run_.reset();
    run_.emplace(rows_.run(vcenter_id, scan_id, vm_id));
    vcenter_id_ = vcenter_id;
    scan_id_ = scan_id;
    is_taken_ = false;
    there_is_one_ = rows_.step();
  }

  RowCursor rows_;
  int vm_column_;
  std::optional<RowCursor::Run> run_;
  std::int64_t vcenter_id_ = 0;
  std::int64_t scan_id_ = 0;
  std::int64_t vm_id_ = 0;
  bool there_is_one_ = false;
  bool is_taken_ = false;
};

}  // namespace ballast::storage
