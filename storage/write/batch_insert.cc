#include "storage/write/batch_insert.h"

#include <string>

#include <fmt/format.h>

#include "storage/schema/schema.h"
#include "storage/sqlite/bound_statement.h"
#include "storage/sqlite/checksum.h"

namespace ballast::storage {
namespace {

constexpr std::size_t kRows = 20;  // in one statement

std::size_t width_of(std::string_view table) {
  for (const auto& one : tables()) {
    if (one.name == table) return one.columns.size() + 1;
  }
  return 0;
}

std::string insert_of(std::string_view table, std::size_t rows) {
  std::string row = "(?";
  for (std::size_t i = 1; i < width_of(table); ++i) row += ",?";
  row += ")";
  std::string sql = fmt::format("INSERT OR REPLACE INTO {} VALUES {}", table, row);
  for (; rows > 1; --rows) sql += "," + row;
  return sql;
}

}  // namespace

BatchInsert::BatchInsert(SQLite::Database& db, std::string_view table)
    : columns_(width_of(table)),
      one_(db, insert_of(table, 1)),
      several_(db, insert_of(table, kRows)) {}

void BatchInsert::add(const RowValues& row) {
  Checksum sum;
  for (const auto& value : row) sum.add(value);
  values_.insert(values_.end(), row.begin(), row.end());
  values_.emplace_back(sum.value());
  if (values_.size() < kRows * columns_) return;
  write(several_, 0, kRows);
  values_.clear();
}

void BatchInsert::write(SQLite::Statement& statement, std::size_t first, std::size_t rows) {
  BoundStatement bound(statement);
  for (std::size_t i = first * columns_; i < (first + rows) * columns_; ++i) bound.add(values_[i]);
  bound.run();
}

void BatchInsert::flush() {
  for (std::size_t row = 0; row * columns_ < values_.size(); ++row) write(one_, row, 1);
  values_.clear();
}

}  // namespace ballast::storage
