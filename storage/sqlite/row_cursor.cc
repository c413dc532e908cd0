#include "storage/sqlite/row_cursor.h"

#include "storage/sqlite/waiting.h"

namespace ballast::storage {

RowCursor::RowCursor(SQLite::Database& db, const std::string& sql) : db_(db.getHandle()) {
  sqlite3_stmt* statement = nullptr;
  const int size = static_cast<int>(sql.size());
  const int failure = sqlite3_prepare_v2(db_, sql.data(), size, &statement, nullptr);
  if (failure != SQLITE_OK) throw SQLite::Exception(db_, failure);
  statement_.reset(statement);
}

void RowCursor::bind(int index, std::optional<std::int64_t> number) {
  const int failure = number ? sqlite3_bind_int64(statement_.get(), index, *number)
                             : sqlite3_bind_null(statement_.get(), index);
  if (failure != SQLITE_OK) throw SQLite::Exception(db_, failure);
}

void RowCursor::bind(int index, std::string_view text) {
  const int failure = sqlite3_bind_text64(statement_.get(), index, text.data(), text.size(),
                                          SQLITE_TRANSIENT, SQLITE_UTF8);
  if (failure != SQLITE_OK) throw SQLite::Exception(db_, failure);
}

bool RowCursor::step() {
  const int outcome = sqlite3_step(statement_.get());
  ++rows_given;
  if (outcome == SQLITE_ROW) return true;
  if (outcome == SQLITE_DONE) return false;
  throw SQLite::Exception(db_, outcome);
}

}  // namespace ballast::storage
