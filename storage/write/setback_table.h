// Private to storage/: what is remembered of guests and logins that fail.
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

  // A guest that was read is forgotten, one with a setback remembered, others stay as they are.
  // Guests that never failed cost no query.
  void write(std::int64_t vm_id, const model::JudgedGuest& result);
  // Which guests have a setback is asked again at the next write.
  void forget() { known_.reset(); }

 private:
  bool is_known(std::int64_t vm_id);

  TextTable& texts_;
  SQLite::Statement select_all_;
  SQLite::Statement replace_;
  SQLite::Statement remove_;
  std::optional<std::unordered_set<std::int64_t>> known_;
};

// The columns reason, failures, last_try_ms, next_try_ms and username of a statement, from `first`
// on; the first must not be NULL. Empty if they hold what ballast never writes.
[[nodiscard]] std::optional<model::Setback> read_setback(SQLite::Statement& row, int first);

[[nodiscard]] std::vector<model::LoginSetback> read_login_setbacks(SQLite::Database& db);
void write_login_setback(SQLite::Database& db, const model::LoginSetback& setback);

}  // namespace ballast::storage
