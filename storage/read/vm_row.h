// Private to storage/: how a stored sample becomes a model::JudgedGuest.
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

// "SELECT … FROM sample … " with every join a model::JudgedGuest needs, `condition` (WHERE, ORDER BY) appended.
// Tables: usable_scan AS scan, sample, vm, and others.
[[nodiscard]] std::string select_vm_rows(const std::string& condition);
inline constexpr int kVmIdColumn = 3;  // of that

// Of sample (?1 scan, ?2 VM), if its guest was read.
[[nodiscard]] std::string select_history_point();

[[nodiscard]] std::string epoch_of(const model::GuestSample& guest);

// How far unaccounted may be off, whatever the baseline.
[[nodiscard]] std::int64_t reading_error(const model::GuestSample& guest,
                                         const model::Judgement& judgement);

class VmRowReader {
 public:
  explicit VmRowReader(SQLite::Database& db) : known_(db), layouts_(db) {}
  // The row that the cursor (of select_vm_rows) stands on, in place of what `row` held, whose
  // memory is used again; false if it holds something that ballast never writes.
  [[nodiscard]] bool read(const RowCursor& cursor, model::JudgedGuest& row);
  // The same for select_history_point().
  [[nodiscard]] std::optional<model::HistoryPoint> read_point(const RowCursor& cursor);

 private:
  RowDictionary known_;
  LayoutReader layouts_;
};

}  // namespace ballast::storage
