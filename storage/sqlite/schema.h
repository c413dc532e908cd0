// Private to storage/: the schema's versions and how a file gets from one to the next.
//
// PRAGMA user_version is the number of the last migration applied, application_id marks the file as
// ballast's. docs/SCHEMA.md describes the tables. A released migration is never edited.
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

// Every migration, oldest first; versions count from 1 without a gap.
[[nodiscard]] std::span<const Migration> migrations();
[[nodiscard]] int newest_schema_version();

// The file's schema version, 0 for an empty database. Errors: kStorage if it is another program's
// database or its schema is newer than `newest`.
Result<int> schema_version(Connection& connection, int newest);

// Applies what is missing, each migration in a transaction of its own, so that a failure leaves the
// file at the last version that worked. Another process may do the same at the same time.
Status migrate(Connection& connection, std::span<const Migration> all);

// For readers, which cannot migrate. Errors: as schema_version; kNotFound if the database is empty,
// kStorage if its schema is older than `newest`.
Status require_current_schema(Connection& connection, int newest);

}  // namespace ballast::storage
