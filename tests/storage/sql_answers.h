// Asks a database as anybody would who opens the file with SQL.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace ballast::storage {

// Columns by name, in their order, as text; NULL is "NULL".
using SqlAnswer = std::vector<std::pair<std::string, std::string>>;

// Returns the rows of a query that any SQLite can run, without a function of ballast's.
[[nodiscard]] std::vector<SqlAnswer> answers_of(const std::string& path, const std::string& sql);
// Returns one column of a row; a test failure and "" if it has none of that name.
[[nodiscard]] std::string value_of(const SqlAnswer& row, const std::string& column);

}  // namespace ballast::storage
