// The schema of the hub: hub/schema/*.sql are what it is made of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hub/connection.h"

namespace ballast::hub {

inline constexpr int kSchemaVersion = 1;

enum class ColumnType { kText, kSmallint, kInteger, kBigint, kOther };

struct Column {
  std::string name;
  ColumnType type = ColumnType::kBigint;
};
struct Table {
  std::string name;
  std::vector<Column> columns;
};
// Returns every table of the schema.
[[nodiscard]] const std::vector<Table>& tables();
[[nodiscard]] const Table& table_of(std::string_view name);

// How long the hub keeps what it is sent. Whoever owns the hub says so, once for all collectors.
struct Keep {
  int raw_days = 30;
  int hourly_days = 180;
  int daily_days = 1825;
};

// Makes the schema and the roles, or brings them up to date, in one transaction; run again it only
// grants anew. The user must own the database, or may create in it, and have CREATEROLE unless both
// roles are there. `keep` counts for a new hub; nullopt leaves an old one as it is. Errors: those
// of connection.h; kStorage if a newer ballast made the schema, if the server is older than
// PostgreSQL 15, or if the database's encoding is not UTF8.
Status init(Connection& hub, std::optional<Keep> keep = {});

// Returns the statements by which init() grants, to be shown.
[[nodiscard]] std::string_view grants();

// Fails unless the hub has this program's schema. Errors: kNotFound if it has none; kStorage if it
// is of another version.
Status require_schema(Connection& hub);

// Drops what is older than the hub keeps it; returns how many parts of tables that were. What is in
// use is left for the next time. For the end of a scan: any writer may call it.
Result<std::int64_t> drop_expired(Connection& hub);

}  // namespace ballast::hub
