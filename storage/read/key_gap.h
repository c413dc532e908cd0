// Private to storage/: tells a row that is not there from one whose key was damaged.
#pragma once

#include <cstdint>
#include <string_view>

#include "storage/sqlite/row_cursor.h"

namespace ballast::storage {

// Of a table with the key (vcenter_id, scan_id, vm_id). A row whose key was damaged is not found, but it
// still lies where it was: one of the two rows beside the gap has a wrong checksum then.
class KeyGap {
 public:
  KeyGap(SQLite::Database& db, std::string_view table);
  // Tells whether the rows beside the place of that key, where there is none, are as they were written.
  bool is_sound(std::int64_t vcenter_id, std::int64_t scan_id, std::int64_t vm_id);

 private:
  RowCursor before_;
  RowCursor after_;
};

}  // namespace ballast::storage
