#include "storage/database_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include <fmt/format.h>

#include "base/disk.h"
#include "base/text.h"
#include "storage/schema/schema.h"
#include "storage/sqlite/bound_statement.h"
#include "storage/sqlite/connection.h"
#include "storage/sqlite/sql_error.h"

namespace ballast::storage {
namespace {

constexpr std::string_view kChecking = "checking the database";
constexpr std::string_view kBackingUp = "backing up the database";

// The references that SQLite does not know of: a table, its column, and the table that it leads to.
struct Reference {
  const char* table;
  const char* column;
  const char* target;
};
constexpr std::array kReferences = {Reference{"sample", "vm_id", "vm"},
                                    Reference{"sample", "vm_state_id", "vm_state"},
                                    Reference{"sample", "outcome_id", "outcome"},
                                    Reference{"sample", "scan_id", "scan"},
                                    Reference{"guest_sample", "guest_state_id", "guest_state"},
                                    Reference{"guest_sample", "scan_id", "scan"},
                                    Reference{"vm_hour", "vm_id", "vm"},
                                    Reference{"vm_hour", "vm_state_id", "vm_state"},
                                    Reference{"vm_day", "vm_id", "vm"},
                                    Reference{"vm_day", "vm_state_id", "vm_state"},
                                    Reference{"host_sample", "host_id", "host"},
                                    Reference{"pool_sample", "pool_id", "pool"},
                                    Reference{"host_hour", "host_id", "host"}};

// What has to be as many as the row says that counts it. A scan that is being pruned is failed.
constexpr std::array kCounts = {
    "SELECT count(*) FROM usable_scan AS scan WHERE vms <> (SELECT count(*) FROM sample "
    "WHERE sample.vcenter_id = scan.vcenter_id AND sample.scan_id = scan.id) OR guests_read <> "
    "(SELECT count(*) FROM guest_sample AS guest "
    "WHERE guest.vcenter_id = scan.vcenter_id AND guest.scan_id = scan.id) OR hosts <> "
    "(SELECT count(*) FROM host_sample AS own "
    "WHERE own.vcenter_id = scan.vcenter_id AND own.scan_id = scan.id) OR pools <> "
    "(SELECT count(*) FROM pool_sample AS own "
    "WHERE own.vcenter_id = scan.vcenter_id AND own.scan_id = scan.id)",
    "SELECT count(*) FROM guest_sample AS guest LEFT JOIN trend ON trend.vcenter_id = "
    "guest.vcenter_id AND trend.scan_id = guest.scan_id AND trend.vm_id = guest.vm_id "
    "WHERE trends <> (trend.vm_id IS NOT NULL)",
    "SELECT count(*) FROM rollup WHERE period = 'hour' AND vms <> (SELECT count(*) FROM vm_hour "
    "WHERE vm_hour.vcenter_id = rollup.vcenter_id AND vm_hour.start_ms = rollup.start_ms)",
    "SELECT count(*) FROM rollup WHERE period = 'day' AND vms <> (SELECT count(*) FROM vm_day "
    "WHERE vm_day.vcenter_id = rollup.vcenter_id AND vm_day.start_ms = rollup.start_ms)"};

// Without the advice to run the very check that is being run.
std::string hint_of(const Error& error) {
  std::string hint = error.hint.empty() ? std::string(kRestore) : error.hint;
  const auto at = hint.find(kCheckFirst);
  if (at != std::string::npos) hint.erase(at, kCheckFirst.size());
  return hint;
}

void check_references(Connection& connection, HealthReport& report) {
  SQLite::Statement declared(connection.db(), "PRAGMA foreign_key_check");
  std::int64_t broken = 0;
  for (BoundStatement row(declared); row.step();) ++broken;
  for (const Reference& one : kReferences) {
    broken += connection.number(fmt::format("SELECT count(*) FROM {0} LEFT JOIN {2} ON {2}.id = "
                                            "{0}.{1} WHERE {2}.id IS NULL",
                                            one.table, one.column, one.target)
                                    .c_str());
  }
  if (broken == 0) return;
  report.problems.push_back(fmt::format("{} rows refer to rows that are not there", broken));
}

void check_rows(Connection& connection, HealthReport& report) {
  for (const TableColumns& table : tables()) {
    const std::int64_t wrong = connection.number(
        fmt::format("SELECT count(*) FROM {} WHERE NOT {}", table.name, sound(table.name)).c_str());
    if (wrong == 0) continue;
    report.problems.push_back(
        fmt::format("{} rows of the table {} are not as they were written", wrong, table.name));
  }
  std::int64_t incomplete = 0;
  for (const char* count : kCounts) incomplete += connection.number(count);
  if (incomplete == 0) return;
  report.problems.push_back(
      fmt::format("{} scans, hours or days have not as many rows as they had", incomplete));
}

// SQLite checks pages and indexes; what is in the rows is checked here.
void check_contents(Connection& connection, HealthReport& report) {
  SQLite::Statement integrity(connection.db(), "PRAGMA integrity_check(20)");
  for (BoundStatement row(integrity); row.step();) {
    if (row.text(0) != "ok") report.problems.push_back("the file is damaged: " + row.text(0));
  }
  check_references(connection, report);
  check_rows(connection, report);
}

Status examine(Connection& connection, HealthReport& report) {
  auto version = schema_version(connection);
  if (!version) return fail(version.error());
  report.schema_version = *version;
  if (auto known = require_schema(connection); !known) return known;
  return connection.attempt(kChecking, [&] {
    report.scans = connection.number("SELECT count(*) FROM scan WHERE status <> 'running'");
    check_contents(connection, report);
  });
}

// Makes an empty file for VACUUM INTO to fill, so that its mode is right from the first moment on.
Result<int> create(const std::string& target) {
  const int fd = ::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  if (fd >= 0) return fd;
  if (errno == EEXIST) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: {} exists already", kBackingUp, printable(target)),
                "name a new file, or remove that one");
  }
  return fail(file_error(errno, target, kBackingUp));
}

Status copy(Connection& connection, const std::string& target, int fd) {
  return connection.attempt(kBackingUp, [&]() -> Status {
    SQLite::Statement statement(connection.db(), "VACUUM INTO ?1");
    BoundStatement(statement, target).run();
    if (::fsync(fd) != 0) return fail(file_error(errno, target, kBackingUp));
    sync_folder_of(target);
    return {};
  });
}

}  // namespace

Result<HealthReport> check_database(const std::string& path, OpenOptions options) {
  HealthReport report;
  report.file_bytes = size_of_database(path);
  auto connection = Connection::open_for_reading(path, options);
  if (!connection && connection.error().code == ErrorCode::kNotFound) {
    return fail(connection.error());
  }
  auto examined = connection ? examine(*connection, report) : Status(fail(connection.error()));
  if (!examined) {
    report.problems.push_back(examined.error().message);
    report.hint = hint_of(examined.error());
  }
  report.ok = report.problems.empty();
  if (!report.ok && report.hint.empty()) report.hint = kRestore;
  return report;
}

Status back_up(const std::string& path, const std::string& target, OpenOptions options) {
  auto connection = Connection::open_for_reading(path, options);
  if (!connection) return fail(connection.error());
  if (auto known = require_schema(*connection); !known) return known;
  const auto fd = create(target);
  if (!fd) return fail(fd.error());
  auto copied = copy(*connection, target, *fd);
  ::close(*fd);
  if (!copied) ::unlink(target.c_str());
  return copied;
}

}  // namespace ballast::storage
