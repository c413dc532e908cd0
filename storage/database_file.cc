#include "storage/database_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include <fmt/format.h>

#include "base/disk.h"
#include "base/text.h"
#include "storage/sqlite/bound_statement.h"
#include "storage/sqlite/connection.h"
#include "storage/sqlite/schema.h"
#include "storage/sqlite/sql_error.h"

namespace ballast::storage {
namespace {

constexpr std::string_view kChecking = "checking the database";
constexpr std::string_view kBackingUp = "backing up the database";

constexpr std::array kCountUnreadable = {
    "SELECT count(*) FROM sample LEFT JOIN vm ON vm.id = sample.vm_id "
    "LEFT JOIN vm_state ON vm_state.id = sample.vm_state_id "
    "LEFT JOIN outcome ON outcome.id = sample.outcome_id "
    "LEFT JOIN guest_state ON guest_state.id = sample.guest_state_id "
    "WHERE vm.id IS NULL OR vm_state.id IS NULL OR outcome.id IS NULL "
    "OR (guest_state.id IS NULL AND sample.guest_state_id IS NOT NULL)",
    "SELECT count(*) FROM (SELECT vm_id, vm_state_id FROM vm_hour UNION ALL "
    "SELECT vm_id, vm_state_id FROM vm_day) AS row LEFT JOIN vm ON vm.id = row.vm_id "
    "LEFT JOIN vm_state ON vm_state.id = row.vm_state_id "
    "WHERE vm.id IS NULL OR vm_state.id IS NULL",
    "SELECT count(*) FROM host_hour LEFT JOIN host ON host.id = host_hour.host_id "
    "WHERE host.id IS NULL"};

// Without the advice to run the very check that is being run.
std::string hint_of(const Error& error) {
  std::string hint = error.hint.empty() ? std::string(kRestore) : error.hint;
  const auto at = hint.find(kCheckFirst);
  if (at != std::string::npos) hint.erase(at, kCheckFirst.size());
  return hint;
}

// SQLite checks pages, indexes and declared references; the others (of samples and periods) are
// counted here.
void check_contents(Connection& connection, HealthReport& report) {
  SQLite::Statement integrity(connection.db(), "PRAGMA integrity_check(20)");
  for (BoundStatement row(integrity); row.step();) {
    if (row.text(0) != "ok") report.problems.push_back("the file is damaged: " + row.text(0));
  }
  SQLite::Statement references(connection.db(), "PRAGMA foreign_key_check");
  std::int64_t broken = 0;
  for (BoundStatement row(references); row.step();) ++broken;
  for (const char* count : kCountUnreadable) broken += connection.number(count);
  if (broken > 0) {
    report.problems.push_back(fmt::format("{} rows refer to rows that are not there", broken));
  }
}

Status examine(Connection& connection, HealthReport& report) {
  auto version = schema_version(connection, newest_schema_version());
  if (!version) return fail(version.error());
  report.schema_version = *version;
  if (*version != newest_schema_version()) {
    report.problems.push_back(
        fmt::format("its schema is version {}, this ballast's is {}: the next scan brings it up to "
                    "date",
                    *version, newest_schema_version()));
    report.hint = "run `ballast scan`, then check again";
    return {};
  }
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
  const auto version = schema_version(*connection, newest_schema_version());
  if (!version) return fail(version.error());
  const auto fd = create(target);
  if (!fd) return fail(fd.error());
  auto copied = copy(*connection, target, *fd);
  ::close(*fd);
  if (!copied) ::unlink(target.c_str());
  return copied;
}

}  // namespace ballast::storage
