// Private to storage/: the tables of what is remembered about guests and logins that fail.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "model/judged_guest.h"
#include "model/setback.h"

namespace ballast::storage {

// Calls belong inside a transaction; after one was rolled back, forget() must be called.
class SetbackTable {
 public:
  explicit SetbackTable(SQLite::Database& db);

  // Forgets a guest that was read, remembers one with a setback, and leaves others as they are. A
  // guest that never failed costs no query.
  void write(std::int64_t vcenter_id, std::int64_t vm_id, const model::JudgedGuest& result);
  // Makes the next write ask the database again which guests have a setback.
  void forget() { known_.reset(); }

 private:
  bool is_known(std::int64_t vm_id);

  SQLite::Statement select_all_;
  SQLite::Statement replace_;
  SQLite::Statement remove_;
  std::optional<std::unordered_set<std::int64_t>> known_;
};

// Returns the setbacks of guests of one vCenter, or of all, by number of the VM. Empty if a row
// holds what ballast never writes.
[[nodiscard]] std::optional<std::unordered_map<std::int64_t, model::Setback>> read_guest_setbacks(
    SQLite::Database& db, std::optional<std::int64_t> vcenter_id = {});

// Returns the logins of one vCenter, or of all, by vCenter and user name. Empty as above.
[[nodiscard]] std::optional<std::vector<model::LoginSetback>> read_login_setbacks(
    SQLite::Database& db, std::optional<std::int64_t> vcenter_id = {});
// Writing one with failures == 0 removes it.
void write_login_setback(SQLite::Database& db, std::int64_t vcenter_id,
                         const model::LoginSetback& setback);

}  // namespace ballast::storage
