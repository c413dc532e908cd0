#include "hub/schema.h"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

#include "hub/hub_error.h"
#include "hub/leases_sql.h"
#include "hub/parts_sql.h"
#include "hub/periods_sql.h"
#include "hub/retention_sql.h"
#include "hub/roles_sql.h"
#include "hub/tables_sql.h"

namespace ballast::hub {
namespace {

constexpr std::string_view kMaking = "making the hub's schema";
constexpr std::string_view kOpening = "opening the hub";
constexpr std::chrono::minutes kMakingPatience{5};
constexpr int kOldestServer = 150'000;

ColumnType type_from(std::string_view word) {
  if (word.starts_with("text")) return ColumnType::kText;
  if (word.starts_with("smallint")) return ColumnType::kSmallint;
  if (word.starts_with("integer")) return ColumnType::kInteger;
  return word.starts_with("bigint") ? ColumnType::kBigint : ColumnType::kOther;
}

// The first word of a line that begins with two spaces and a small letter is a column.
std::vector<Table> parse_tables() {
  constexpr std::string_view kTable = "CREATE TABLE ballast.";
  std::vector<Table> tables;
  std::istringstream lines{std::string(kTablesSql)};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(kTable)) {
      tables.push_back({line.substr(kTable.size(), line.find(" (") - kTable.size()), {}});
    }
    const bool is_column =
        line.size() > 2 && line.starts_with("  ") && line[2] >= 'a' && line[2] <= 'z';
    if (!is_column) continue;
    const std::size_t space = line.find(' ', 2);
    tables.back().columns.push_back({line.substr(2, space - 2), type_from(line.substr(space + 1))});
  }
  return tables;
}

// Returns the version of the schema, 0 if there is none.
Result<int> version_of(Connection& hub, std::string_view doing) {
  auto there = hub.query(doing, "SELECT to_regclass('ballast.hub') IS NOT NULL");
  if (!there) return fail(there.error());
  if (there->integer(0, 0) == 0) return 0;
  auto version = hub.query(doing, "SELECT schema_version FROM ballast.hub");
  if (!version) return fail(version.error());
  return version->size() == 0 ? 0 : static_cast<int>(version->integer(0, 0));
}

Error wrong_version(const Connection& hub, std::string_view doing, int version) {
  return hub_error(
      ErrorCode::kStorage, doing, hub.name(),
      fmt::format("its schema has version {}, this ballast's {}", version, kSchemaVersion),
      version > kSchemaVersion
          ? "use the newer ballast"
          : "`ballast hub init`, run by the hub's owner, brings it up to date");
}

Status check_server(Connection& hub) {
  auto about = hub.query(kMaking,
                         "SELECT current_setting('server_version_num')::integer, "
                         "current_setting('server_encoding'), current_setting('server_version')");
  if (!about) return fail(about.error());
  if (about->integer(0, 0) < kOldestServer) {
    return fail(hub_error(ErrorCode::kStorage, kMaking, hub.name(),
                          fmt::format("it is PostgreSQL {}", about->text(0, 2)),
                          "PostgreSQL 15 or newer is needed"));
  }
  if (about->text(0, 1) != "UTF8") {
    return fail(hub_error(ErrorCode::kStorage, kMaking, hub.name(),
                          fmt::format("the database's encoding is {}", about->text(0, 1)),
                          "createdb --encoding=UTF8 --template=template0 makes another"));
  }
  return {};
}

Status make_tables(Connection& hub, const Keep& keep) {
  auto made =
      hub.run_script(kMaking, std::string("CREATE SCHEMA IF NOT EXISTS ballast;\n") + kTablesSql);
  if (!made) return made;
  return hub.execute(kMaking,
                     "INSERT INTO ballast.hub (schema_version, raw_days, hourly_days, daily_days) "
                     "VALUES ($1::integer, $2::integer, $3::integer, $4::integer)",
                     std::int64_t{kSchemaVersion}, std::int64_t{keep.raw_days},
                     std::int64_t{keep.hourly_days}, std::int64_t{keep.daily_days});
}

Status set_keep(Connection& hub, const Keep& keep) {
  return hub.execute(kMaking,
                     "UPDATE ballast.hub SET raw_days = $1::integer, hourly_days = $2::integer, "
                     "daily_days = $3::integer",
                     std::int64_t{keep.raw_days}, std::int64_t{keep.hourly_days},
                     std::int64_t{keep.daily_days});
}

}  // namespace

const std::vector<Table>& tables() {
  static const std::vector<Table> kTables = parse_tables();
  return kTables;
}

const Table& table_of(std::string_view name) {
  const auto& all = tables();
  return *std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
}

Status init(Connection& hub, std::optional<Keep> keep) {
  if (auto checked = check_server(hub); !checked) return checked;
  auto transaction = Transaction::begin(hub, kMaking, kMakingPatience);
  if (!transaction) return fail(transaction.error());
  // Of two that do this at once one waits. A lock of the transaction, not of the session.
  auto alone = hub.execute(kMaking, "SELECT pg_advisory_xact_lock(hashtext('ballast.hub'))");
  if (!alone) return alone;
  const auto version = version_of(hub, kMaking);
  if (!version) return fail(version.error());
  if (*version > kSchemaVersion) return fail(wrong_version(hub, kMaking, *version));
  Status done;
  if (*version == 0) {
    done = make_tables(hub, keep.value_or(Keep{}));
  } else if (keep) {
    done = set_keep(hub, *keep);
  }
  if (!done) return done;
  for (const char* script : {kPartsSql, kPeriodsSql, kLeasesSql, kRetentionSql, kRolesSql}) {
    if (auto made = hub.run_script(kMaking, script); !made) return made;
  }
  return transaction->commit(kMaking);
}

std::string_view grants() { return kRolesSql; }

Status require_schema(Connection& hub) {
  const auto version = version_of(hub, kOpening);
  if (!version) return fail(version.error());
  if (*version == 0) {
    return fail(hub_error(ErrorCode::kNotFound, kOpening, hub.name(),
                          "the database has no schema of ballast's",
                          "`ballast hub init`, run by the owner of the database, makes it"));
  }
  if (*version != kSchemaVersion) return fail(wrong_version(hub, kOpening, *version));
  return {};
}

Result<std::int64_t> drop_expired(Connection& hub) {
  constexpr std::string_view kDropping = "dropping what is older than the hub keeps it";
  auto transaction = Transaction::begin(hub, kDropping, kMakingPatience);
  if (!transaction) return fail(transaction.error());
  auto dropped = hub.query(kDropping, "SELECT ballast.drop_expired()");
  if (!dropped) return fail(dropped.error());
  if (auto committed = transaction->commit(kDropping); !committed) return fail(committed.error());
  return dropped->integer(0, 0);
}

}  // namespace ballast::hub
