#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "base/text.h"
#include "storage/queries.h"
#include "storage/sqlite/bound_statement.h"
#include "storage/sqlite/connection.h"
#include "storage/sqlite/schema.h"
#include "storage/sqlite/sql_error.h"

namespace ballast::storage {
namespace {

constexpr std::string_view kBackingUp = "backing up the database";

// An empty file, which VACUUM INTO fills: so its mode is ours from its first moment on.
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
    return {};
  });
}

}  // namespace

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
