// Private to storage/: how a stored sample becomes a VmRow.
#pragma once

#include <optional>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "storage/account_layout.h"
#include "storage/queries.h"

namespace ballast::storage {

// "SELECT … FROM sample … " with every join a VmRow needs, `condition` (WHERE, ORDER BY) appended.
// Tables: usable_scan AS scan, sample, vm, and others.
[[nodiscard]] std::string select_vm_rows(const std::string& condition);

class VmRowReader {
 public:
  explicit VmRowReader(SQLite::Database& db) : layouts_(db) {}
  // The row that the statement (of select_vm_rows) stands on; empty if it holds something that
  // ballast never writes.
  [[nodiscard]] std::optional<VmRow> read(SQLite::Statement& statement);

 private:
  LayoutReader layouts_;
};

}  // namespace ballast::storage
