// Private to storage/ and hub/: one SQLite connection, and the one place where SQLiteCpp's
// exceptions become Results. Only .cc files of both and their tests may include this.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/result.h"
#include "storage/options.h"
#include "storage/sqlite/sql_error.h"
#include "storage/sqlite/waiting.h"

namespace ballast::storage {

template <class T>
struct AsResult {
  using type = Result<T>;
};
template <class T>
struct AsResult<Result<T>> {
  using type = Result<T>;
};

// One thread at a time. Errors of every call: kStorage, with the path and SQLite's or the system's
// reason.
class Connection {
 public:
  // Opens the file, and makes it if it is missing: with mode 0640 less the umask from its first
  // moment on.
  static Result<Connection> open_for_writing(const std::string& path, OpenOptions options);
  // Opens the file read-only. Errors: also kNotFound if there is no file or an empty one.
  static Result<Connection> open_for_reading(const std::string& path, OpenOptions options);

  // Sets up the write-ahead log, foreign keys, and what else a writer needs. Call it only once the
  // schema is known to be ballast's, because it changes the file.
  Status prepare_for_writing();

  // Returns whether the open file is still the one at its path.
  [[nodiscard]] bool is_in_place();
  // Opens the file that is at the path now, or makes one; prepare_for_writing() comes next. There
  // may be no statement left. After an error nothing is open, and this is the only call allowed.
  Status reopen();

  // Moves the log's content into the file and empties the log, as far as possible without waiting
  // for readers. Does not report failures: what is in the log is safe there, and the next write
  // tells.
  void shorten_log();

  // Calls job() and returns its result. What SQLite throws meanwhile becomes an Error about
  // `doing`; a job that returns a Result keeps its own errors.
  template <class Job>
  auto attempt(std::string_view doing, Job&& job) {
    using Value = std::invoke_result_t<Job&>;
    using Outcome = typename AsResult<Value>::type;
    open_->waiting.begin();
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

  // Calls job(), which returns Status, in a transaction that holds the write lock from its
  // beginning. After a failure nothing is changed.
  template <class Job>
  Status write(std::string_view doing, Job&& job) {
    return attempt(doing, [&]() -> Status {
      SQLite::Transaction transaction(open_->db, SQLite::TransactionBehavior::IMMEDIATE);
      Status done = job();
      if (done) transaction.commit();
      return done;
    });
  }

  // How long statements wait for locks and rows.
  [[nodiscard]] Waiting& waiting() { return open_->waiting; }

  [[nodiscard]] SQLite::Database& db() { return open_->db; }
  [[nodiscard]] const std::string& path() const { return path_; }
  // Returns the first column of the first row as a number.
  [[nodiscard]] std::int64_t number(const char* sql);

 private:
  Connection(std::string path, SQLite::Database db, OpenOptions options);
  [[nodiscard]] int last_os_error() const;

  std::string path_;
  // An open file, in a place that stays when the connection is moved. Closed after its handlers are
  // gone.
  struct Open {
    Open(SQLite::Database database, const std::string& path, const OpenOptions& options)
        : db(std::move(database)), waiting(db, path, options) {}
    SQLite::Database db;
    Waiting waiting;
  };
  std::unique_ptr<Open> open_;
  OpenOptions options_;
};

// Returns how many bytes the file and its write-ahead log take.
[[nodiscard]] std::int64_t size_of_database(const std::string& path);

}  // namespace ballast::storage
