#include "hub/connection.h"

#include <cerrno>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include "base/time.h"
#include "hub/hub_error.h"

namespace ballast::hub {
namespace {

using std::chrono::steady_clock;

constexpr std::string_view kConnecting = "connecting";
constexpr const char* kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";
constexpr int kBinary = 1;

void ignore_notice(void*, const pg_result*) {}

// Returns where the connection leads, without user and password.
std::string name_of(const pg_conn* connection) {
  const auto told = [](const char* text) { return std::string_view(text ? text : ""); };
  const std::string_view host = told(PQhost(connection));
  const std::string_view database = told(PQdb(connection));
  if (host.starts_with('/')) return fmt::format("{}/{}", host, database);
  return fmt::format("{}:{}/{}", host, told(PQport(connection)), database);
}

bool is_url(const std::string& url) {
  PQconninfoOption* options = PQconninfoParse(url.c_str(), nullptr);
  PQconninfoFree(options);
  return options != nullptr;
}

std::string field(const pg_result* result, int which) {
  const char* text = PQresultErrorField(result, which);
  return text == nullptr ? std::string() : text;
}

bool is_failure(ExecStatusType status) {
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE ||
         status == PGRES_NONFATAL_ERROR;
}

}  // namespace

Rows::Rows(pg_result* result) : result_(result) {}
void Rows::Cleared::operator()(pg_result* result) const { PQclear(result); }
int Rows::size() const { return PQntuples(result_.get()); }

std::int64_t Rows::changed() const {
  const std::string_view count = PQcmdTuples(result_.get());
  return count.empty() ? 0 : std::stoll(std::string(count));
}

std::string_view Rows::command() const { return PQcmdStatus(result_.get()); }

bool Rows::is_null(int row, int column) const {
  return PQgetisnull(result_.get(), row, column) != 0;
}

std::int64_t Rows::integer(int row, int column) const {
  const std::string_view bytes = text(row, column);
  if (bytes.empty()) return 0;
  // The sign is in the first bit; the value of a boolean is 0 or 1.
  const bool is_negative = (static_cast<unsigned char>(bytes.front()) & 0x80U) != 0;
  std::uint64_t value = is_negative ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes) value = value << 8U | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(value);
}

std::optional<std::int64_t> Rows::optional_integer(int row, int column) const {
  if (is_null(row, column)) return std::nullopt;
  return integer(row, column);
}

std::string_view Rows::text(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

Parameter::Parameter(std::optional<std::int64_t> value) {
  if (value) text_ = std::to_string(*value);
}

Parameter::Parameter(const std::vector<std::int64_t>& values) : text_("{") {
  for (const std::int64_t value : values) {
    if (text_->size() > 1) *text_ += ',';
    *text_ += std::to_string(value);
  }
  *text_ += '}';
}

Parameter::Parameter(const std::vector<std::string>& values) : text_("{") {
  for (const std::string& value : values) {
    *text_ += text_->size() > 1 ? ",\"" : "\"";
    for (const char c : value) {
      if (c == '"' || c == '\\') *text_ += '\\';
      *text_ += c;
    }
    *text_ += '"';
  }
  *text_ += '}';
}

void Connection::Finished::operator()(pg_conn* connection) const { PQfinish(connection); }

Result<Connection> Connection::open(const Settings& settings) {
  if (!is_url(settings.url)) {
    // libpq's words would quote a part of it, perhaps of the password.
    return fail(ErrorCode::kConfig, "connecting to the hub: its URL is none that libpq takes",
                "postgresql://USER@HOST:PORT/DATABASE; in a user or password @ : / and % are "
                "%40 %3A %2F and %25");
  }
  const std::string timeout = std::to_string(settings.connect_timeout.count());
  const std::string patience = std::to_string(settings.answer_timeout.count());
  const std::string authorities = settings.ca_file.empty() ? kSystemAuthorities : settings.ca_file;
  // The URL may say otherwise of what stands before it (dbname), and not of what stands after it.
  std::vector<const char*> names = {"sslmode",         "sslrootcert",      "connect_timeout",
                                    "dbname",          "application_name", "client_encoding",
                                    "tcp_user_timeout"};
  std::vector<const char*> values = {"verify-full",        authorities.c_str(), timeout.c_str(),
                                     settings.url.c_str(), "ballast",           "UTF8",
                                     patience.c_str()};
  if (settings.password) {
    names.push_back("password");
    values.push_back(settings.password->reveal().c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  constexpr int kExpandUrl = 1;
  std::unique_ptr<pg_conn, Finished> connection(
      PQconnectdbParams(names.data(), values.data(), kExpandUrl));
  const std::string name = name_of(connection.get());
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    return fail(connection_error(kConnecting, name, PQerrorMessage(connection.get())));
  }
  PQsetNoticeReceiver(connection.get(), ignore_notice, nullptr);
  PQsetnonblocking(connection.get(), 1);
  return Connection(std::move(connection), name, settings.answer_timeout);
}

bool Connection::is_open() const { return PQstatus(connection_.get()) == CONNECTION_OK; }

bool Connection::is_in_transaction() const {
  const auto status = PQtransactionStatus(connection_.get());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

Connection::Deadline Connection::deadline() const { return steady_clock::now() + answer_timeout_; }

Error Connection::broken(std::string_view doing) {
  if (!connection_) {
    return hub_error(ErrorCode::kUnreachable, doing, name_, "the connection was given up before");
  }
  Error error = connection_error(doing, name_, PQerrorMessage(connection_.get()));
  // Whatever the words remind of: it was open before.
  error.code = ErrorCode::kUnreachable;
  return error;
}

Status Connection::wait(std::string_view doing, bool also_to_write, Deadline deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now()).count();
  pollfd socket{PQsocket(connection_.get()),
                static_cast<short>(also_to_write ? POLLIN | POLLOUT : POLLIN), 0};
  const int ready = left > 0 ? ::poll(&socket, 1, static_cast<int>(left)) : 0;
  if (ready < 0 && errno != EINTR) return fail(broken(doing));
  if (ready == 0) {
    // The answer may come yet, and would be taken for that to the next question.
    connection_.reset();
    return fail(hub_error(ErrorCode::kTimeout, doing, name_,
                          fmt::format("no answer in {}", format_duration(answer_timeout_)),
                          "see what the server is busy with (pg_stat_activity), and whether the "
                          "network lets large packets pass"));
  }
  if ((socket.revents & (POLLIN | POLLERR | POLLHUP)) != 0 &&
      PQconsumeInput(connection_.get()) == 0) {
    return fail(broken(doing));
  }
  return {};
}

Status Connection::flush(std::string_view doing) {
  for (;;) {
    const int left = PQflush(connection_.get());
    if (left < 0) return fail(broken(doing));
    if (left == 0) return {};
    if (auto waited = wait(doing, true, deadline()); !waited) return waited;
  }
}

Result<Rows> Connection::take_answer(std::string_view doing) {
  if (auto flushed = flush(doing); !flushed) return fail(std::move(flushed.error()));
  const Deadline end = deadline();
  std::optional<Rows> last;
  std::optional<Error> failure;
  for (;;) {
    while (PQisBusy(connection_.get()) != 0) {
      if (auto waited = wait(doing, false, end); !waited) return fail(std::move(waited.error()));
    }
    pg_result* result = PQgetResult(connection_.get());
    if (result == nullptr) break;
    const auto status = PQresultStatus(result);
    if (is_failure(status) && !failure) {
      const std::string sqlstate = field(result, PG_DIAG_SQLSTATE);
      failure = sqlstate.empty()
                    ? broken(doing)
                    : server_error(doing, name_, sqlstate, field(result, PG_DIAG_MESSAGE_PRIMARY),
                                   field(result, PG_DIAG_MESSAGE_DETAIL));
    }
    last.emplace(result);
    // The server waits for data now.
    if (status == PGRES_COPY_IN) break;
  }
  if (failure) return fail(std::move(*failure));
  if (!last) return fail(broken(doing));
  return std::move(*last);
}

Result<Rows> Connection::query_with(std::string_view doing, const std::string& sql,
                                    const std::vector<Parameter>& parameters) {
  std::vector<const char*> values;
  for (const Parameter& parameter : parameters) values.push_back(parameter.c_str());
  if (PQsendQueryParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                        values.data(), nullptr, nullptr, kBinary) == 0) {
    return fail(broken(doing));
  }
  return take_answer(doing);
}

Status Connection::run_script(std::string_view doing, const std::string& sql) {
  if (PQsendQuery(connection_.get(), sql.c_str()) == 0) return fail(broken(doing));
  auto answer = take_answer(doing);
  if (!answer) return fail(std::move(answer.error()));
  return {};
}

Status Connection::begin_copy(std::string_view doing, const std::string& sql) {
  return run_script(doing, sql);
}

Status Connection::send_copy(std::string_view doing, std::string_view piece) {
  for (;;) {
    const int sent = PQputCopyData(connection_.get(), piece.data(), static_cast<int>(piece.size()));
    if (sent < 0) return fail(broken(doing));
    if (sent > 0) break;
    if (auto waited = wait(doing, true, deadline()); !waited) return waited;
  }
  // Not more than one piece waits here. A server that refused the first row says so only at the
  // end.
  return flush(doing);
}

Status Connection::end_copy(std::string_view doing) {
  for (;;) {
    const int sent = PQputCopyEnd(connection_.get(), nullptr);
    if (sent < 0) return fail(broken(doing));
    if (sent > 0) break;
    if (auto waited = wait(doing, true, deadline()); !waited) return waited;
  }
  auto answer = take_answer(doing);
  if (!answer) return fail(std::move(answer.error()));
  return {};
}

void Connection::abandon_copy() {
  if (!is_open()) return;
  if (PQputCopyEnd(connection_.get(), "abandoned by ballast") > 0) {
    (void)take_answer("abandoning a copy");
  }
}

Result<Transaction> Transaction::begin(Connection& connection, std::string_view doing,
                                       std::chrono::milliseconds timeout) {
  Transaction transaction(connection);
  auto begun = connection.run_script(
      doing,
      // Whoever waited for a lock has to see what the holder did. And what was sent has to be on
      // the disk, even where the server's owner thinks otherwise of what others send.
      fmt::format(
          "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = {0}; "
          "SET LOCAL lock_timeout = {0}; SELECT set_config('synchronous_commit', 'on', true) "
          "WHERE current_setting('synchronous_commit') = 'off'",
          timeout.count()));
  if (!begun) return fail(std::move(begun.error()));
  return transaction;
}

Transaction::~Transaction() {
  if (connection_ == nullptr || !connection_->is_open() || !connection_->is_in_transaction()) {
    return;
  }
  (void)connection_->run_script("rolling back", "ROLLBACK");
}

Status Transaction::commit(std::string_view doing) {
  Connection& connection = *std::exchange(connection_, nullptr);
  auto committed = connection.query(doing, "COMMIT");
  if (!committed) return fail(std::move(committed.error()));
  // What PostgreSQL makes of COMMIT after a statement that failed.
  if (committed->command() == "ROLLBACK") {
    return fail(hub_error(ErrorCode::kStorage, doing, connection.name(), "it was rolled back"));
  }
  return {};
}

}  // namespace ballast::hub
