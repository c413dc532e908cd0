// Private to hub/: rows on their way from SQLite to PostgreSQL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "hub/connection.h"
#include "hub/schema.h"

namespace ballast::hub {

// NULL, a number or a text, which lives elsewhere.
using Value = std::variant<std::monostate, std::int64_t, std::string_view>;
using Row = std::vector<Value>;

// Appends a row to `bytes` in the binary form of COPY, which is also that of query results. Errors:
// kStorage if a number does not fit its column.
Status append_row(const Table& table, const Row& row, std::string& bytes);
// Returns the same form of a row that a query gave, all columns of a table in their order.
[[nodiscard]] std::string bytes_of(const Rows& rows, int row, std::size_t columns);

// Writes many rows into a table with COPY. One that is not ended is taken back.
class CopyRows {
 public:
  static Result<CopyRows> begin(Connection& hub, std::string_view doing, const Table& table);
  ~CopyRows();
  CopyRows(CopyRows&& other) noexcept;
  CopyRows& operator=(CopyRows&&) = delete;

  Status add(const Row& row);
  // Adds a row that append_row() made.
  Status add_bytes(std::string_view row);
  Status end();
  [[nodiscard]] std::int64_t count() const { return count_; }

 private:
  CopyRows(Connection& hub, std::string_view doing, const Table& table)
      : hub_(&hub), doing_(doing), table_(&table) {}
  Status send_if_full();

  Connection* hub_;  // nullptr once it is ended
  std::string doing_;
  const Table* table_;
  std::string bytes_;
  std::int64_t count_ = 0;
};

}  // namespace ballast::hub
