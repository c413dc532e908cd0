// Private to storage/ and hub/: the schema of the file. storage/schema/tables.sql and views.sql are
// what it is made of; docs/SCHEMA.md explains it to users.
//
// PRAGMA user_version is the number of the schema, application_id marks the file as ballast's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/sqlite/connection.h"

namespace ballast::storage {

inline constexpr std::int64_t kApplicationId = 0x626c7374;  // "blst"
inline constexpr int kSchemaVersion = 1;

// A table and its columns, in their order, without the checksum, which is the last.
struct TableColumns {
  std::string name;
  std::vector<std::string> columns;
};
// Returns every table of the schema.
[[nodiscard]] const std::vector<TableColumns>& tables();

// Returns the columns of a table with its checksum, each after "<table>." and with commas between:
// a row that Columns::is_sound() can tell. `alias` is the table's name in the query.
[[nodiscard]] std::string row_of(std::string_view table, std::string_view alias = {});
// Returns a condition that is true of rows whose checksum is right.
[[nodiscard]] std::string sound(std::string_view table, std::string_view alias = {});
// Returns an UPDATE that makes the checksum of the rows right that meet `condition`. For rows of
// which a part was changed.
[[nodiscard]] std::string seal(std::string_view table, std::string_view condition);

// Makes the schema in an empty database; does nothing if it is there already. Another process may
// do the same at the same time.
Status create_schema(Connection& connection);

// Returns the file's schema version, 0 for an empty database. Errors: kStorage if the database is
// another program's, or of a ballast whose history this one does not read.
Result<int> schema_version(Connection& connection);

// Fails unless the database holds this schema and nothing else. Errors: as schema_version();
// kNotFound if the database is empty; kStorage if a table, view or index is another than this
// program makes, or too many.
Status require_schema(Connection& connection);

}  // namespace ballast::storage
