#include "storage/schema/schema.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "storage/tables_sql.h"
#include "storage/views_sql.h"

namespace ballast::storage {
namespace {

tl::unexpected<Error> refuse(const Connection& connection, std::string_view what,
                             std::string hint) {
  return fail(ErrorCode::kStorage,
              fmt::format("opening the database ({}): {}", printable(connection.path()), what),
              std::move(hint));
}

// The first word of a line that begins with two spaces and a small letter is a column.
std::vector<TableColumns> parse_tables() {
  constexpr std::string_view kTable = "CREATE TABLE ";
  std::vector<TableColumns> tables;
  std::istringstream lines{std::string(kTablesSql)};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(kTable)) {
      tables.push_back({line.substr(kTable.size(), line.find(" (") - kTable.size()), {}});
    }
    const bool is_column =
        line.size() > 2 && line.starts_with("  ") && line[2] >= 'a' && line[2] <= 'z';
    if (!is_column) continue;
    std::string name = line.substr(2, line.find(' ', 2) - 2);
    if (name != "checksum") tables.back().columns.push_back(std::move(name));
  }
  return tables;
}

const TableColumns& table_of(std::string_view name) {
  const auto& all = tables();
  return *std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
}

std::string columns_of(std::string_view table, std::string_view alias) {
  const auto& columns = table_of(table).columns;
  const std::string between = fmt::format(", {}.", alias);
  return fmt::format("{}.{}", alias, fmt::join(columns, between));
}

// Type, name and text of each table, index and view.
using SchemaObject = std::pair<std::string, std::string>;

std::set<SchemaObject> objects_of(SQLite::Database& db) {
  SQLite::Statement statement(db,
                              "SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema "
                              "WHERE name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\'");
  std::set<SchemaObject> objects;
  while (statement.executeStep()) {
    objects.emplace(statement.getColumn(0).getString(), statement.getColumn(1).getString());
  }
  return objects;
}

const std::set<SchemaObject>& expected_objects() {
  static const std::set<SchemaObject> kExpected = [] {
    SQLite::Database db(":memory:", SQLite::OPEN_READWRITE);
    db.exec(kTablesSql);
    db.exec(kViewsSql);
    return objects_of(db);
  }();
  return kExpected;
}

// Returns the first object that one has and the other has not; "" if they are the same.
std::string difference(const std::set<SchemaObject>& there,
                       const std::set<SchemaObject>& expected) {
  std::vector<SchemaObject> differing;
  std::set_symmetric_difference(there.begin(), there.end(), expected.begin(), expected.end(),
                                std::back_inserter(differing));
  if (differing.empty()) return {};
  const std::string& name = differing.front().first;
  const auto has = [&](const std::set<SchemaObject>& objects) {
    return std::any_of(objects.begin(), objects.end(),
                       [&](const SchemaObject& one) { return one.first == name; });
  };
  const bool is_there = has(there);
  const bool is_expected = has(expected);
  if (is_there && is_expected) return name + " is not as ballast makes it";
  return name + (is_there ? " is not ballast's" : " is missing");
}

Result<int> read_version(Connection& connection) {
  const auto version = static_cast<int>(connection.number("PRAGMA user_version"));
  const std::int64_t application = connection.number("PRAGMA application_id");
  const bool empty = connection.number("SELECT count(*) FROM sqlite_schema") == 0;
  if (application == 0 && version == 0 && empty) return 0;
  if (application != kApplicationId) {
    return refuse(connection, "this is an SQLite database of another program",
                  "check the path, or name another file with --db");
  }
  // Version 1 of today has a number that no trial version had.
  if (connection.number("SELECT count(*) FROM sqlite_schema WHERE name = 'guest_sample'") == 0) {
    return refuse(
        connection,
        "it is of a trial version of ballast, from before the first release, whose history "
        "this one does not read",
        "move it away, or name another file with --db: the next scan begins a new one");
  }
  if (version > kSchemaVersion) {
    return refuse(connection,
                  fmt::format("a newer ballast wrote it (schema version {}; this one knows up to "
                              "version {})",
                              version, kSchemaVersion),
                  "use the newer ballast, or name another file with --db");
  }
  return version;
}

}  // namespace

const std::vector<TableColumns>& tables() {
  static const std::vector<TableColumns> kTables = parse_tables();
  return kTables;
}

std::string row_of(std::string_view table, std::string_view alias) {
  if (alias.empty()) alias = table;
  return fmt::format("{}, {}.checksum", columns_of(table, alias), alias);
}

std::string sound(std::string_view table, std::string_view alias) {
  if (alias.empty()) alias = table;
  return fmt::format("{}.checksum = row_checksum({})", alias, columns_of(table, alias));
}

std::string seal(std::string_view table, std::string_view condition) {
  return fmt::format("UPDATE {0} SET checksum = row_checksum({1}) WHERE {2}", table,
                     columns_of(table, table), condition);
}

Status create_schema(Connection& connection) {
  return connection.write("making the database's schema", [&]() -> Status {
    if (connection.number("PRAGMA user_version") != 0) return {};
    connection.db().exec(kTablesSql);
    connection.db().exec(kViewsSql);
    connection.db().exec(fmt::format("PRAGMA user_version = {}; PRAGMA application_id = {}",
                                     kSchemaVersion, kApplicationId));
    return {};
  });
}

Result<int> schema_version(Connection& connection) {
  return connection.attempt("opening the database", [&]() -> Result<int> {
    // One moment: another process may be making the schema right now.
    const SQLite::Transaction moment(connection.db(), SQLite::TransactionBehavior::DEFERRED);
    return read_version(connection);
  });
}

Status require_schema(Connection& connection) {
  const auto version = schema_version(connection);
  if (!version) return fail(version.error());
  if (*version == 0) {
    return fail(ErrorCode::kNotFound,
                fmt::format("the database {} is still empty", printable(connection.path())),
                "run `ballast scan` first, or name another file with --db");
  }
  return connection.attempt("opening the database", [&]() -> Status {
    const auto wrong = difference(objects_of(connection.db()), expected_objects());
    if (wrong.empty()) return {};
    return refuse(connection, fmt::format("its schema was changed: {}", printable(wrong)),
                  "take away what was added, or restore a backup; views and indexes of your own "
                  "belong in a database beside it (ATTACH)");
  });
}

}  // namespace ballast::storage
