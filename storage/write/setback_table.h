// Private to storage/: the tables of what is remembered about guests and logins that fail.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_set>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "model/judged_guest.h"
#include "model/setback.h"
#include "storage/write/dictionary.h"

namespace ballast::storage {

// Calls belong inside a transaction; after one was rolled back, forget() must be called.
class SetbackTable {
 public:
  SetbackTable(SQLite::Database& db, TextTable& texts);

  // Forgets a guest that was read, remembers one with a setback, and leaves others as they are. A
  // guest that never failed costs no query.
  void write(std::int64_t vm_id, const model::JudgedGuest& result);
  // Makes the next write ask the database again which guests have a setback.
  void forget() { known_.reset(); }

 private:
  bool is_known(std::int64_t vm_id);

  TextTable& texts_;
  SQLite::Statement select_all_;
  SQLite::Statement replace_;
  SQLite::Statement remove_;
  std::optional<std::unordered_set<std::int64_t>> known_;
};

// Reads the columns reason, failures, last_try_ms, next_try_ms and username, which begin at
// `first`; reason must not be NULL. Empty if they hold what ballast never writes.
[[nodiscard]] std::optional<model::Setback> read_setback(SQLite::Statement& row, int first);

// Returns the logins of one vCenter, or of all, by vCenter and user name.
[[nodiscard]] std::vector<model::LoginSetback> read_login_setbacks(
    SQLite::Database& db, std::optional<std::int64_t> vcenter_id = {});
// Writing one with failures == 0 removes it.
void write_login_setback(SQLite::Database& db, std::int64_t vcenter_id,
                         const model::LoginSetback& setback);

}  // namespace ballast::storage
