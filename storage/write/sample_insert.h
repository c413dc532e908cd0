// Private to storage/: writes rows of the table sample, several with one statement, because a third
// of a row's cost is the beginning and the end of its statement.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

namespace ballast::storage {

struct SampleRow {
  std::int64_t scan_id = 0;
  std::int64_t vm_id = 0;
  std::int64_t vm_state_id = 0;
  std::int64_t outcome_id = 0;
  std::optional<std::int64_t> balloon_kib;
  std::string figures;
  std::optional<std::int64_t> guest_state_id;
  std::optional<std::int64_t> unaccounted_kib;
  std::optional<std::string> guest;
};

// Calls belong inside a transaction. Call flush() before it is committed, forget() after a
// rollback.
class SampleInsert {
 public:
  explicit SampleInsert(SQLite::Database& db);
  // Replaces what the scan wrote about this VM before.
  void add(SampleRow row);
  // Writes every row that was added.
  void flush();
  void forget() { rows_.clear(); }

 private:
  SQLite::Statement one_;
  SQLite::Statement several_;
  std::vector<SampleRow> rows_;
};

}  // namespace ballast::storage
