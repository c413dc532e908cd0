// One connection to the hub, a PostgreSQL database that many collectors and readers share: a thin
// layer over libpq. It never waits longer than it was told to, and it leaves nothing in its session
// that a pooler (PgBouncer) would have to keep: no prepared statements, no SET, no session locks.
//
// Errors of every call: what was being done, PostgreSQL's words, and in Error::fault the SQLSTATE,
// "" where the server had no say. By their code:
//   kUnreachable   the hub is down, is starting or was stopped, or the connection broke
//   kTimeout       it did not answer in time, or another held a lock for too long
//   kConfig        the URL is none
//   kUnavailable   it is full, read-only or overloaded, or two transactions got in each other's way
//   kLogin, kTls   it does not take the user, or is not to be trusted
//   kPermission    the role may not do that
//   kNotFound      the database, or ballast's schema in it, is not there
//   kStorage       everything else that PostgreSQL refuses
// is_worth_retrying() tells the first three. After kUnreachable and kTimeout nobody knows whether
// what was under way was done.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

struct pg_conn;
struct pg_result;

namespace ballast::hub {

struct Settings {
  std::string url;                 // "postgresql://…", or libpq's "host=… dbname=…"
  std::optional<Secret> password;  // in place of one in the URL or of libpq's own ways
  std::string ca_file;             // who vouches for the server; "" for the system's authorities
  std::chrono::seconds connect_timeout{10};
  // How long the server may take for one answer, or to take in a piece of what is sent.
  std::chrono::milliseconds answer_timeout{60'000};
};

// Tells whether the same call may succeed later without anybody doing anything here.
[[nodiscard]] bool is_worth_retrying(const Error& error);

// The answer to a query. Views into it live as long as it does.
class Rows {
 public:
  explicit Rows(pg_result* result);

  [[nodiscard]] int size() const;
  // How many rows an INSERT, UPDATE or DELETE changed.
  [[nodiscard]] std::int64_t changed() const;
  // Returns what the server did: "COMMIT", "INSERT 0 1" …
  [[nodiscard]] std::string_view command() const;
  [[nodiscard]] bool is_null(int row, int column) const;
  // Returns a smallint, integer, bigint or boolean; NULL is 0.
  [[nodiscard]] std::int64_t integer(int row, int column) const;
  [[nodiscard]] std::optional<std::int64_t> optional_integer(int row, int column) const;
  // Returns a text; NULL is "".
  [[nodiscard]] std::string_view text(int row, int column) const;

 private:
  struct Cleared {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Cleared> result_;
};

// A value for $1, $2, … In the statement it needs a cast where its type is not obvious
// ($1::bigint).
class Parameter {
 public:
  Parameter(std::int64_t value) : text_(std::to_string(value)) {}
  Parameter(std::optional<std::int64_t> value);
  Parameter(std::string_view value) : text_(value) {}
  Parameter(const std::string& value) : text_(value) {}
  Parameter(const char* value) : text_(value) {}
  // Arrays.
  Parameter(const std::vector<std::int64_t>& values);
  Parameter(const std::vector<std::string>& values);

  [[nodiscard]] const char* c_str() const { return text_ ? text_->c_str() : nullptr; }

 private:
  std::optional<std::string> text_;
};

// One thread at a time. Once a call has failed with kUnreachable or kTimeout, every other one fails
// with kUnreachable: open another.
class Connection {
 public:
  static Result<Connection> open(const Settings& settings);

  // Runs one statement.
  template <class... Values>
  Result<Rows> query(std::string_view doing, const std::string& sql, const Values&... values) {
    return query_with(doing, sql, {Parameter(values)...});
  }
  // Does the same with as many parameters as there are.
  Result<Rows> query_with(std::string_view doing, const std::string& sql,
                          const std::vector<Parameter>& parameters);
  template <class... Values>
  Status execute(std::string_view doing, const std::string& sql, const Values&... values) {
    auto rows = query_with(doing, sql, {Parameter(values)...});
    if (!rows) return fail(std::move(rows.error()));
    return {};
  }
  // Runs several statements, in one transaction unless they say otherwise.
  Status run_script(std::string_view doing, const std::string& sql);

  // Begin a COPY … FROM STDIN, send pieces of it, and end it. Between them nothing else may be
  // called but abandon_copy(), which makes the server forget it.
  Status begin_copy(std::string_view doing, const std::string& sql);
  Status send_copy(std::string_view doing, std::string_view piece);
  Status end_copy(std::string_view doing);
  void abandon_copy();

  // Changes how long the server may take for one answer; returns how long it was.
  std::chrono::milliseconds set_answer_timeout(std::chrono::milliseconds timeout) {
    return std::exchange(answer_timeout_, timeout);
  }
  // Whether the connection can still be used.
  [[nodiscard]] bool is_open() const;
  // Whether a transaction is under way on it.
  [[nodiscard]] bool is_in_transaction() const;
  // Returns where it leads, without secrets: "hub.example.org:5432/ballast".
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  struct Finished {
    void operator()(pg_conn* connection) const;
  };
  using Deadline = std::chrono::steady_clock::time_point;

  Connection(std::unique_ptr<pg_conn, Finished> connection, std::string name,
             std::chrono::milliseconds answer_timeout)
      : connection_(std::move(connection)),
        name_(std::move(name)),
        answer_timeout_(answer_timeout) {}
  // Waits for the answers to what was sent, and returns the last one or the first error.
  Result<Rows> take_answer(std::string_view doing);
  Status flush(std::string_view doing);
  // Waits until the socket can be read (or written, too), and reads what is there.
  Status wait(std::string_view doing, bool also_to_write, Deadline deadline);
  [[nodiscard]] Deadline deadline() const;
  [[nodiscard]] Error broken(std::string_view doing);

  std::unique_ptr<pg_conn, Finished> connection_;
  std::string name_;
  std::chrono::milliseconds answer_timeout_;
};

// A transaction, rolled back unless commit() was called. The connection must outlive it.
class Transaction {
 public:
  // `timeout` is how long the server may work on one statement, and wait for one lock.
  static Result<Transaction> begin(Connection& connection, std::string_view doing,
                                   std::chrono::milliseconds timeout);
  ~Transaction();
  Transaction(Transaction&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;

  Status commit(std::string_view doing);

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

}  // namespace ballast::hub
