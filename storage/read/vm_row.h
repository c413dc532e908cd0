// Private to storage/: reads a stored sample as a judged guest.
#pragma once

#include <optional>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "model/history/lockstep.h"
#include "storage/queries.h"
#include "storage/read/row_dictionary.h"
#include "storage/sqlite/row_cursor.h"
#include "storage/write/account_layout.h"

namespace ballast::storage {

// Returns a SELECT with every column and join that a judged guest needs, and `condition` (WHERE, ORDER BY)
// at its end. The condition may name usable_scan as scan, sample, vm and vm_state.
[[nodiscard]] std::string select_vm_rows(const std::string& condition);
inline constexpr int kVmIdColumn = 3;  // of select_vm_rows()

// Returns a SELECT for the sample of VM ?2 in scan ?1, if its guest was read.
[[nodiscard]] std::string select_history_point();

// Returns model::guest_epoch() of a stored reading.
[[nodiscard]] std::string epoch_of(const model::GuestSample& guest);

// Returns how far unaccounted may be off, whatever the baseline.
[[nodiscard]] std::int64_t reading_error(const model::GuestSample& guest,
                                         const model::Judgement& judgement);

class VmRowReader {
 public:
  explicit VmRowReader(SQLite::Database& db) : known_(db), layouts_(db) {}
  // Reads the row that the cursor of select_vm_rows() stands on into `row`, whose memory is used
  // again. Returns false if the row holds something that ballast never writes.
  [[nodiscard]] bool read(const RowCursor& cursor, model::JudgedGuest& row);
  // Reads the row of select_history_point(). Empty if it holds something that ballast never writes.
  [[nodiscard]] std::optional<model::HistoryPoint> read_point(const RowCursor& cursor);

 private:
  RowDictionary known_;
  LayoutReader layouts_;
};

}  // namespace ballast::storage
