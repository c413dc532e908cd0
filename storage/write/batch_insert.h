// Private to storage/: writes rows of numbers, several with one statement, because a third of a row's
// cost is the beginning and the end of its statement.
#pragma once

#include <cstddef>
#include <string_view>

#include <SQLiteCpp/SQLiteCpp.h>

#include "storage/schema/sample_columns.h"

namespace ballast::storage {

// Calls belong inside a transaction. Call flush() before it is committed, forget() after a
// rollback.
class BatchInsert {
 public:
  // All columns of `table` have to be numbers.
  BatchInsert(SQLite::Database& db, std::string_view table);
  // Adds a row: every column in the order of the table, the key at its beginning, without the
  // checksum. Replaces a row with the same key.
  void add(const RowValues& row);
  // Writes every row that was added.
  void flush();
  void forget() { values_.clear(); }

 private:
  void write(SQLite::Statement& statement, std::size_t first, std::size_t rows);

  std::size_t columns_;  // with the checksum
  SQLite::Statement one_;
  SQLite::Statement several_;
  RowValues values_;
};

}  // namespace ballast::storage
