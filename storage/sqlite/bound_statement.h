// Private to storage/: runs a prepared statement once. Every call may throw SQLite::Exception; use
// it inside Connection::attempt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <SQLiteCpp/SQLiteCpp.h>

#include "storage/sqlite/checksum.h"
#include "storage/sqlite/waiting.h"

namespace ballast::storage {

// Binds ?1, ?2, … in order. Text is copied. The destructor resets the statement, so that a failed
// execution never leaves one open inside a transaction.
class BoundStatement {
 public:
  template <class... Args>
  explicit BoundStatement(SQLite::Statement& statement, const Args&... args)
      : statement_(statement) {
    add(args...);
  }
  ~BoundStatement() { statement_.tryReset(); }
  BoundStatement(const BoundStatement&) = delete;
  BoundStatement& operator=(const BoundStatement&) = delete;

  // Binds the next parameters.
  template <class... Args>
  void add(const Args&... args) {
    (bind(++bound_, args), ...);
  }
  // Goes to the next row. Returns false if there is none.
  bool step() {
    ++rows_given;
    return statement_.executeStep();
  }
  // Runs a statement that has no rows. Returns how many rows of the database it changed.
  int run() { return statement_.exec(); }
  [[nodiscard]] std::int64_t integer(int column) { return statement_.getColumn(column).getInt64(); }
  [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) {
    if (statement_.isColumnNull(column)) return std::nullopt;
    return integer(column);
  }
  // Returns every byte of a text.
  [[nodiscard]] std::string text(int column) { return std::string(view(column)); }
  // Returns the same without a copy; valid until the next step.
  [[nodiscard]] std::string_view view(int column) {
    const SQLite::Column value = statement_.getColumn(column);
    const auto* bytes = static_cast<const char*>(value.getBlob());
    return {bytes, static_cast<std::size_t>(value.getBytes())};
  }

 private:
  void bind(int index, std::int64_t value) { statement_.bind(index, value); }
  void bind(int index, const std::optional<std::int64_t>& value) {
    value ? statement_.bind(index, *value) : statement_.bind(index);
  }
  void bind(int index, std::string_view value) { statement_.bind(index, std::string(value)); }

  SQLite::Statement& statement_;
  int bound_ = 0;
};

// Inserts a row: `values` are all columns of its table in their order, without the checksum, which
// the statement has as its last parameter.
template <class... Values>
void insert_row(SQLite::Statement& statement, const Values&... values) {
  BoundStatement(statement, values..., checksum_of(values...)).run();
}

}  // namespace ballast::storage
