// Private to storage/: a query of many rows and columns. SQLiteCpp makes an object for each value,
// which shares ownership of the statement; this reads what SQLite gives, without one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

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
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

   private:
    sqlite3_stmt* statement_;
  };
  // Begins the query with these numbers as ?1, ?2, …
  template <class... Numbers>
  Run run(Numbers... numbers) {
    int index = 0;
    (bind(++index, numbers), ...);
    return Run(statement_.get());
  }
  // Goes to the next row. Returns false if there is none.
  bool step();

  // Return values of the row. NULL is 0, or "".
  [[nodiscard]] std::int64_t integer(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
  }
  [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const {
    if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return std::nullopt;
    return integer(column);
  }
  // Returns every byte of a text or blob; valid until the next step.
  [[nodiscard]] std::string_view view(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
  }

 private:
  struct Finalized {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  void bind(int index, std::int64_t number);

  sqlite3* db_;
  std::unique_ptr<sqlite3_stmt, Finalized> statement_;
};

}  // namespace ballast::storage
