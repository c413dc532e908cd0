#include "storage/sqlite/connection.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <sqlite3.h>

#include "base/text.h"
#include "storage/sqlite/checksum.h"

namespace ballast::storage {
namespace {

constexpr std::string_view kOpening = "opening the database";
constexpr mode_t kFileMode = 0640;
constexpr int kLongestRow = 4 * 1024 * 1024;  // bytes; no row of ballast's comes near it

// SQLite gives ":memory:" and "file:…" a meaning of their own; here they are file names.
std::string plain_path(const std::string& path) {
  return path.starts_with('/') ? path : "./" + path;
}

// An existing file is never opened here: closing it would drop the locks that another connection of
// this process holds on it. For the same reason no thread may see a new file before it is closed.
Status create_if_missing(const std::string& path) {
  static std::mutex mutex;
  const std::scoped_lock lock(mutex);
  const int fd = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, kFileMode);
  if (fd < 0 && errno != EEXIST) return fail(file_error(errno, path, "creating the database"));
  if (fd >= 0) ::close(fd);
  return {};
}

Result<struct stat> stat_file(const std::string& path) {
  struct stat info {};
  if (::stat(plain_path(path).c_str(), &info) != 0) {
    if (errno == ENOENT) {
      return fail(ErrorCode::kNotFound, fmt::format("there is no database {}", printable(path)),
                  "run `ballast scan` first, or name the file with --db");
    }
    return fail(file_error(errno, path, kOpening));
  }
  if (S_ISDIR(info.st_mode)) return fail(file_error(EISDIR, path, kOpening));
  return info;
}

// Answers row_checksum(…) in SQL: the Checksum of its arguments.
void row_checksum(sqlite3_context* context, int count, sqlite3_value** values) {
  Checksum sum;
  for (int i = 0; i < count; ++i) {
    sqlite3_value* value = values[i];
    switch (sqlite3_value_type(value)) {
      case SQLITE_INTEGER:
        sum.add(static_cast<std::int64_t>(sqlite3_value_int64(value)));
        break;
      case SQLITE_NULL:
        sum.add_null();
        break;
      default: {
        const auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
        sum.add(std::string_view(bytes, static_cast<std::size_t>(sqlite3_value_bytes(value))));
      }
    }
  }
  sqlite3_result_int64(context, sum.value());
}

void add_checksum_function(SQLite::Database& db) {
  constexpr int kAnyNumber = -1;
  const int failure =
      sqlite3_create_function_v2(db.getHandle(), "row_checksum", kAnyNumber,
                                 SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, nullptr,
                                 &row_checksum, nullptr, nullptr, nullptr);
  if (failure != SQLITE_OK) throw SQLite::Exception(db.getHandle(), failure);
}

SQLite::Database open_database(const std::string& name, int flags, const OpenOptions& options) {
  // A connection belongs to one thread at a time, so SQLite needs no mutex of its own.
  SQLite::Database db(name, flags | SQLite::OPEN_NOMUTEX,
                      static_cast<int>(options.busy_timeout.count()));
  // The file may come from anywhere: its schema may not call functions, its pages are checked.
  db.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
  sqlite3_db_config(db.getHandle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_limit(db.getHandle(), SQLITE_LIMIT_LENGTH, kLongestRow);
  add_checksum_function(db);
  return db;
}

void read_something(SQLite::Database& db) { db.execAndGet("SELECT count(*) FROM sqlite_schema"); }

std::string immutable_uri(const std::string& path) {
  std::string uri = "file:";
  for (const unsigned char c : std::filesystem::absolute(path).string()) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       c == '/' || c == '.' || c == '_' || c == '-';
    uri += plain ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
  }
  return uri + "?immutable=1";
}

bool folder_is_read_only(const std::string& path) {
  const auto folder = std::filesystem::absolute(path).parent_path();
  return ::access(folder.c_str(), W_OK) != 0;
}

bool has_log(const std::string& path) {
  struct stat info {};
  return ::stat((plain_path(path) + "-wal").c_str(), &info) == 0 && info.st_size > 0;
}

// In a folder that cannot be written SQLite cannot make the shared memory that a write-ahead log
// needs; with no log to read, the file alone is the whole database.
SQLite::Database open_read_only(const std::string& path, const OpenOptions& options) {
  try {
    SQLite::Database db = open_database(plain_path(path), SQLite::OPEN_READONLY, options);
    // The states that the samples of a large fleet refer to lie all over their tables: SQLite's
    // usual 2 MiB would hold a page too short.
    db.exec("PRAGMA cache_size = -8192");
    read_something(db);
    return db;
  } catch (const SQLite::Exception& exception) {
    const int code = exception.getErrorCode();
    const bool no_log_possible = code == SQLITE_CANTOPEN || code == SQLITE_READONLY;
    if (!no_log_possible || has_log(path) || !folder_is_read_only(path)) throw;
  }
  return open_database(immutable_uri(path), SQLite::OPEN_READONLY | SQLite::OPEN_URI, options);
}

Error cannot_read_log(const std::string& path) {
  return Error{
      ErrorCode::kStorage,
      fmt::format("{} ({}): its folder is read-only, and its write-ahead log {}-wal cannot "
                  "be read without writing there",
                  kOpening, printable(path), printable(path)),
      "copy the file and its -wal file to a folder you can write, and use that copy",
      {}};
}

// Returns the journal mode that is then in force. SQLite does not wait by itself when several
// processes switch a new file at once.
std::string switch_to_log(SQLite::Database& db, std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kPause{5};
  for (auto waited = std::chrono::milliseconds(0);; waited += kPause) {
    try {
      return db.execAndGet("PRAGMA journal_mode = WAL").getString();
    } catch (const SQLite::Exception& exception) {
      if (exception.getErrorCode() != SQLITE_BUSY || waited >= patience) throw;
    }
    std::this_thread::sleep_for(kPause);
  }
}

std::int64_t size_of(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_size : 0;
}

}  // namespace

Connection::Connection(std::string path, SQLite::Database db, OpenOptions options)
    : path_(std::move(path)),
      open_(std::make_unique<Open>(std::move(db), path_, options)),
      options_(std::move(options)) {}

Result<Connection> Connection::open_for_writing(const std::string& path, OpenOptions options) {
  if (auto made = create_if_missing(plain_path(path)); !made) return fail(made.error());
  if (auto info = stat_file(path); !info) return fail(info.error());
  // SQLite would then open the file for reading, and may leave a read-only -shm file behind.
  if (::access(plain_path(path).c_str(), W_OK) != 0) {
    return fail(file_error(errno, path, "opening the database for writing"));
  }
  try {
    auto db = open_database(plain_path(path), SQLite::OPEN_READWRITE, options);
    return Connection(path, std::move(db), options);
  } catch (const SQLite::Exception& exception) {
    return fail(sql_error(exception, 0, path, kOpening));
  }
}

Result<Connection> Connection::open_for_reading(const std::string& path, OpenOptions options) {
  auto info = stat_file(path);
  if (!info) return fail(info.error());
  if (info->st_size == 0) {
    return fail(ErrorCode::kNotFound,
                fmt::format("the database {} is still empty", printable(path)),
                "run `ballast scan` first, or name another file with --db");
  }
  if (::access(plain_path(path).c_str(), R_OK) != 0) return fail(file_error(errno, path, kOpening));
  try {
    return Connection(path, open_read_only(path, options), options);
  } catch (const SQLite::Exception& exception) {
    const int code = exception.getErrorCode();
    const bool log = code == SQLITE_CANTOPEN || code == SQLITE_READONLY;
    if (log && has_log(path) && folder_is_read_only(path)) return fail(cannot_read_log(path));
    return fail(sql_error(exception, 0, path, kOpening));
  }
}

Status Connection::prepare_for_writing() {
  return attempt(kOpening, [&]() -> Status {
    if (sqlite3_db_readonly(open_->db.getHandle(), "main") != 0) {
      const bool denied = ::access(plain_path(path_).c_str(), W_OK) != 0;
      return fail(file_error(denied ? errno : EACCES, path_, "opening the database for writing"));
    }
    const std::string mode = switch_to_log(open_->db, options_.busy_timeout);
    if (mode != "wal") {
      return fail(Error{ErrorCode::kStorage,
                        fmt::format("{} ({}): this file system cannot hold a write-ahead log "
                                    "(journal mode stays {})",
                                    kOpening, printable(path_), mode),
                        "put the database on a local file system",
                        {}});
    }
    // The log stays when the last writer closes, so that users who may read the file but not write
    // the folder can still follow a scan that starts while they read.
    int keep_log = 1;
    sqlite3_file_control(open_->db.getHandle(), "main", SQLITE_FCNTL_PERSIST_WAL, &keep_log);
    // NORMAL: a commit is not flushed to the disk by itself. A power loss can take the last commits
    // of a running scan, which is lost anyway, and never damages the file; finish_scan flushes.
    open_->db.exec(
        "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = OFF;"
        "PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY");
    return {};
  });
}

bool Connection::is_in_place() {
  int moved = 0;
  sqlite3_file_control(open_->db.getHandle(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  return moved == 0;
}

Status Connection::reopen() {
  // Closed before the other file is opened, which would take this one's log for its own.
  *this = Connection(path_, SQLite::Database(":memory:", SQLite::OPEN_READWRITE), options_);
  auto fresh = open_for_writing(path_, options_);
  if (!fresh) return fail(fresh.error());
  *this = std::move(*fresh);
  return {};
}

void Connection::shorten_log() {
  const Waiting::With impatience(open_->waiting, Waiting::Patience::kNone);
  open_->db.tryExec("PRAGMA wal_checkpoint(TRUNCATE)");
}

std::int64_t Connection::number(const char* sql) { return open_->db.execAndGet(sql).getInt64(); }

int Connection::last_os_error() const { return sqlite3_system_errno(open_->db.getHandle()); }

std::int64_t size_of_database(const std::string& path) {
  return size_of(path) + size_of(path + "-wal");
}

}  // namespace ballast::storage
