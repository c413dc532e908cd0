// Private to storage/ and hub/: a query of many rows and columns. SQLiteCpp makes an object for
// each value, which shares ownership of the statement; this reads what SQLite gives, without one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include "storage/sqlite/checksum.h"

namespace ballast::storage {

// Every call may throw SQLite::Exception; use it inside Connection::attempt.
class RowCursor {
 public:
  RowCursor(SQLite::Database& db, const std::string& sql);

  // The query runs as long as this lives.
  class [[nodiscard]] Run {
   public:
    explicit Run(sqlite3_stmt* statement) : statement_(statement) {}
    ~Run() { sqlite3_reset(statement_); }
    Run(Run&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
    Run& operator=(Run&&) = delete;

   private:
    sqlite3_stmt* statement_;  // to reset nullptr does nothing
  };
  // Begins the query with these numbers and texts as ?1, ?2, …
  template <class... Values>
  Run run(const Values&... values) {
    int index = 0;
    (bind(++index, values), ...);
    return Run(statement_.get());
  }
  // Goes to the next row. Returns false if there is none.
  bool step();

  // Return values of the row. NULL is 0, or "".
  [[nodiscard]] std::int64_t integer(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
  }
  [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const {
    // One call for the column in place of one for its type and one for its value.
    sqlite3_value* value = sqlite3_column_value(statement_.get(), column);
    if (sqlite3_value_type(value) == SQLITE_NULL) return std::nullopt;
    return sqlite3_value_int64(value);
  }
  // Returns every byte of a text; valid until the next step.
  [[nodiscard]] std::string_view view(int column) const {
    sqlite3_value* value = sqlite3_column_value(statement_.get(), column);
    const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
    return {bytes, static_cast<std::size_t>(sqlite3_value_bytes(value))};
  }

 private:
  struct Finalized {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  void bind(int index, std::optional<std::int64_t> number);
  void bind(int index, std::string_view text);

  sqlite3* db_;
  std::unique_ptr<sqlite3_stmt, Finalized> statement_;
};

// Takes the columns of a row one after the other, and adds up their checksum.
class Columns {
 public:
  explicit Columns(const RowCursor& row, int first = 0) : row_(row), next_(first) {}

  std::int64_t integer() { return added(row_.integer(next_++)); }
  std::optional<std::int64_t> optional_integer() { return added(row_.optional_integer(next_++)); }
  // Valid until the next step.
  std::string_view text() { return added(row_.view(next_++)); }
  // Takes the column checksum of a table. Returns whether it is that of the columns since the last
  // one, which have to be all columns of the table, in its order.
  [[nodiscard]] bool is_sound() {
    const bool sound = row_.integer(next_++) == sum_.value();
    sum_ = {};
    return sound;
  }

 private:
  template <class Value>
  Value added(Value value) {
    sum_.add(value);
    return value;
  }

  const RowCursor& row_;
  int next_;
  Checksum sum_;
};

}  // namespace ballast::storage
