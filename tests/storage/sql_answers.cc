#include "tests/storage/sql_answers.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

namespace ballast::storage {

std::vector<SqlAnswer> answers_of(const std::string& path, const std::string& sql) {
  SQLite::Database db(path, SQLite::OPEN_READONLY);
  SQLite::Statement statement(db, sql);
  std::vector<SqlAnswer> rows;
  while (statement.executeStep()) {
    SqlAnswer& row = rows.emplace_back();
    for (int i = 0; i < statement.getColumnCount(); ++i) {
      const auto value = statement.getColumn(i);
      row.emplace_back(statement.getColumnName(i), value.isNull() ? "NULL" : value.getString());
    }
  }
  return rows;
}

std::string value_of(const SqlAnswer& row, const std::string& column) {
  for (const auto& [name, value] : row) {
    if (name == column) return value;
  }
  ADD_FAILURE() << "there is no column " << column;
  return {};
}

}  // namespace ballast::storage
