// Private to storage/: one SQLite connection, and the one place where SQLiteCpp's exceptions become
// Results. Only .cc files of storage/ and its tests may include this.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/result.h"
#include "storage/options.h"
#include "storage/sqlite/sql_error.h"

namespace ballast::storage {

template <class T>
struct AsResult {
  using type = Result<T>;
};
template <class T>
struct AsResult<Result<T>> {
  using type = Result<T>;
};

class Connection {
 public:
  // Makes the file if it is missing, with mode 0640 less the umask from its first moment on.
  static Result<Connection> open_for_writing(const std::string& path, OpenOptions options);
  // Errors: kNotFound if there is no file or an empty one.
  static Result<Connection> open_for_reading(const std::string& path, OpenOptions options);

  // Write-ahead log, foreign keys, and what else a writer needs. Not before the schema is known to
  // be ours: it changes the file.
  Status prepare_for_writing();

  // Whether the file that is open is still the one at its path.
  [[nodiscard]] bool is_in_place();
  // Opens the file that is at the path now, or makes it; prepare_for_writing() comes next. No
  // statement may be left. After an error nothing is open: it can only be tried again.
  Status reopen();

  // Moves what the log holds into the file and empties it, as far as that goes without waiting for
  // readers. Failures are left to the next write to report: what is in the log is safe there.
  void shorten_log();

  // Runs `job()`; what SQLite throws meanwhile becomes an Error about `doing`. A job that returns a
  // Result keeps its own errors.
  template <class Job>
  auto attempt(std::string_view doing, Job&& job) {
    using Value = std::invoke_result_t<Job&>;
    using Outcome = typename AsResult<Value>::type;
    try {
      if constexpr (std::is_void_v<Value>) {
        job();
        return Outcome();
      } else {
        return Outcome(job());
      }
    } catch (const SQLite::Exception& exception) {
      return Outcome(fail(sql_error(exception, last_os_error(), path_, doing)));
    }
  }

  // Runs `job()`, which returns Status, in a transaction that holds the write lock from its
  // beginning; a failure leaves nothing of it.
  template <class Job>
  Status write(std::string_view doing, Job&& job) {
    return attempt(doing, [&]() -> Status {
      SQLite::Transaction transaction(db_, SQLite::TransactionBehavior::IMMEDIATE);
      Status done = job();
      if (done) transaction.commit();
      return done;
    });
  }

  [[nodiscard]] SQLite::Database& db() { return db_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  // First column of the first row, as a number.
  [[nodiscard]] std::int64_t number(const char* sql);

 private:
  Connection(std::string path, SQLite::Database db, OpenOptions options);
  [[nodiscard]] int last_os_error() const;

  std::string path_;
  SQLite::Database db_;
  OpenOptions options_;
};

// Bytes of the file and its write-ahead log.
[[nodiscard]] std::int64_t size_of_database(const std::string& path);

}  // namespace ballast::storage
