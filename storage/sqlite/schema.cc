#include "storage/sqlite/schema.h"

#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "storage/sqlite/schema_v1.h"
#include "storage/sqlite/schema_v2.h"
#include "storage/sqlite/schema_v3.h"
#include "storage/sqlite/schema_v4.h"
#include "storage/sqlite/schema_v5.h"

namespace ballast::storage {
namespace {

constexpr std::array kMigrations = {Migration{1, kSchemaV1}, Migration{2, kSchemaV2},
                                    Migration{3, kSchemaV3}, Migration{4, kSchemaV4},
                                    Migration{5, kSchemaV5}};

int user_version(Connection& connection) {
  return static_cast<int>(connection.number("PRAGMA user_version"));
}

tl::unexpected<Error> refuse(const Connection& connection, std::string_view what,
                             std::string hint) {
  return fail(ErrorCode::kStorage,
              fmt::format("opening the database ({}): {}", printable(connection.path()), what),
              std::move(hint));
}

void apply(Connection& connection, const Migration& migration) {
  SQLite::Database& db = connection.db();
  SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
  if (user_version(connection) >= migration.version) return;
  db.exec(migration.sql);
  db.exec(fmt::format("PRAGMA user_version = {}; PRAGMA application_id = {}", migration.version,
                      kApplicationId));
  transaction.commit();
}

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

int newest_schema_version() { return kMigrations.back().version; }

Result<int> schema_version(Connection& connection, int newest) {
  return connection.attempt("opening the database", [&]() -> Result<int> {
    // One moment: another process may be making the schema right now.
    const SQLite::Transaction moment(connection.db(), SQLite::TransactionBehavior::DEFERRED);
    const int version = user_version(connection);
    const std::int64_t application = connection.number("PRAGMA application_id");
    const bool empty = connection.number("SELECT count(*) FROM sqlite_schema") == 0;
    if (application == 0 && version == 0 && empty) return 0;
    if (application != kApplicationId) {
      return refuse(connection, "this is an SQLite database of another program",
                    "check the path, or name another file with --db");
    }
    if (version > newest) {
      return refuse(connection,
                    fmt::format("a newer ballast wrote it (schema version {}; this one knows up to "
                                "version {})",
                                version, newest),
                    "use the newer ballast, or name another file with --db");
    }
    return version;
  });
}

Status migrate(Connection& connection, std::span<const Migration> all) {
  for (const Migration& migration : all) {
    auto applied = connection.attempt(
        fmt::format("bringing the database to schema version {}", migration.version),
        [&] { apply(connection, migration); });
    if (!applied) return applied;
  }
  return {};
}

Status require_current_schema(Connection& connection, int newest) {
  const auto version = schema_version(connection, newest);
  if (!version) return fail(version.error());
  if (*version == 0) {
    return fail(ErrorCode::kNotFound,
                fmt::format("the database {} is still empty", printable(connection.path())),
                "run `ballast scan` first, or name another file with --db");
  }
  if (*version < newest) {
    return refuse(connection,
                  fmt::format("an older ballast wrote it (schema version {}; this one reads "
                              "version {})",
                              *version, newest),
                  "run `ballast scan` once: it brings the file up to date");
  }
  return {};
}

}  // namespace ballast::storage
