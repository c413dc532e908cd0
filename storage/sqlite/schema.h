// Private to storage/: the versions of the schema, and how a file is brought from one to the next.
//
// PRAGMA user_version is the number of the last migration that was applied, application_id marks
// the file as ballast's. docs/SCHEMA.md describes the tables. A released migration is never edited.
#pragma once

#include <span>

#include "base/result.h"
#include "storage/sqlite/connection.h"

namespace ballast::storage {

inline constexpr std::int64_t kApplicationId = 0x626c7374;  // "blst"

struct Migration {
  int version = 0;
  const char* sql = nullptr;
};

// Returns every migration, oldest first. Versions count from 1 without a gap.
[[nodiscard]] std::span<const Migration> migrations();
[[nodiscard]] int newest_schema_version();

// Returns the file's schema version, 0 for an empty database. Errors: kStorage if the database is
// another program's, or its schema is newer than `newest`.
Result<int> schema_version(Connection& connection, int newest);

// Applies the missing migrations, each in a transaction of its own: after a failure the file has
// the last version that worked. Another process may do the same at the same time.
Status migrate(Connection& connection, std::span<const Migration> all);

// Fails unless the schema is version `newest`, for readers, which cannot migrate. Errors: as
// schema_version(); kNotFound if the database is empty; kStorage if its schema is older.
Status require_current_schema(Connection& connection, int newest);

}  // namespace ballast::storage
