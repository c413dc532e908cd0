#include "vsphere/http/exchange.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <optional>
#include <type_traits>

#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/read_size.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include "vsphere/http/error.h"

namespace ballast::vsphere {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

bool is_target(std::string_view text) {
  return text.starts_with('/') && std::all_of(text.begin(), text.end(),
                                              [](unsigned char c) { return c > 0x20 && c < 0x7F; });
}

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return (c >= 0x20 && c != 0x7F) || c == '\t'; });
}

// Twice in a request, they would let the server and a proxy disagree about where it ends.
bool is_added_here(std::string_view name) {
  for (const char* own : {"Host", "Content-Length", "Transfer-Encoding"}) {
    if (boost::algorithm::iequals(name, own)) return true;
  }
  return false;
}

std::size_t room_for(const HttpRequest& request) {
  constexpr std::size_t kFixedParts = 128;
  std::size_t room = kFixedParts + request.method.size() + request.target.size();
  for (const auto& [name, value] : request.headers) room += name.size() + value.size() + 4;
  return room;
}

std::string host_field(const Endpoint& endpoint) {
  const bool usual = endpoint.port == (endpoint.tls ? 443 : 80);
  std::string host = place(endpoint);
  return usual ? host.substr(0, host.rfind(':')) : host;
}

// Room for body bytes behind the largest header, and the most a chunk's size line may take.
constexpr std::size_t kReadAhead = 64 * 1024;
// What most answers need; they are waited for by the thousand.
constexpr std::size_t kFirstRoom = 4 * 1024;
constexpr int kMaxInterimAnswers = 8;  // a server could send them for ever
constexpr int kSwitchingProtocols = 101;

using Parser = http::response_parser<http::string_body>;

struct Reading {
  explicit Reading(const ExchangeTask& task) : buffer(task.max_header_bytes + kReadAhead) {
    buffer.reserve(kFirstRoom);  // Beast reads as much as fits, but only 512 bytes if nothing does
    next(task);
  }

  // Called once the header is read, for the body.
  void make_room() {
    if (parser->content_length().value_or(kReadAhead) > kFirstRoom) buffer.reserve(kReadAhead);
  }

  void next(const ExchangeTask& task) {
    parser.emplace();
    parser->header_limit(static_cast<std::uint32_t>(task.max_header_bytes));
    parser->body_limit(task.request.max_body_bytes);
    parser->skip(task.request.method == "HEAD");
  }

  [[nodiscard]] bool nothing_arrived() const {
    return interim_answers == 0 && !parser->got_some() && buffer.size() == 0;
  }
  [[nodiscard]] std::string_view unread() const {
    const auto data = buffer.cdata();
    return {static_cast<const char*>(data.data()), data.size()};
  }

  beast::flat_buffer buffer;
  std::optional<Parser> parser;
  int interim_answers = 0;  // 100 Continue and its like
};

bool is_end_of_file(const error_code& error) {
  return error == asio::error::eof || error == http::error::end_of_stream ||
         error == http::error::partial_message || error == asio::ssl::error::stream_truncated;
}

std::string received_text(const Parser& parser) {
  if (!parser.is_header_done()) return "in its header";
  const auto received = parser.get().body().size();
  const auto expected = parser.content_length();
  if (expected) return fmt::format("{} of {} bytes", received, *expected);
  return fmt::format("after {} bytes", received);
}

// A TLS alert or handshake record, which is what a TLS server says to plain HTTP.
bool is_tls_record(std::string_view bytes) {
  return bytes.size() >= 3 && (bytes[0] == 0x15 || bytes[0] == 0x16) && bytes[1] == 0x03;
}

bool is_too_large(const error_code& error) {
  return error == http::error::header_limit || error == http::error::body_limit ||
         error == http::error::buffer_overflow;
}

Error read_error(const ExchangeTask& task, const Reading& reading, const error_code& error) {
  const Endpoint& endpoint = task.endpoint;
  const bool in_header = !reading.parser->is_header_done();
  if (reading.nothing_arrived() && is_end_of_file(error)) {
    return broken_before_answer(endpoint, error);
  }
  if (in_header && is_tls_record(reading.unread())) return wants_tls(endpoint);
  if (is_too_large(error)) {
    return in_header ? too_large(endpoint, "header", task.max_header_bytes)
                     : too_large(endpoint, "body", task.request.max_body_bytes);
  }
  if (is_end_of_file(error)) return ended_early(endpoint, received_text(*reading.parser));
  if (error.category() == asio::error::get_ssl_category()) return tls_broke(endpoint, error);
  if (error == http::error::bad_version && in_header) return not_http(endpoint, reading.unread());
  if (error.category() == http::make_error_code(http::error::bad_version).category()) {
    return malformed(endpoint, error);
  }
  return reading.nothing_arrived() ? broken_before_answer(endpoint, error)
                                   : broken_in_answer(endpoint, error);
}

// How the usual servers answer plain HTTP on their TLS port, other than by a TLS alert.
bool asks_for_tls(const ExchangeTask& task, const HttpResponse& response) {
  constexpr std::size_t kMaxNotice = 2048;
  if (task.endpoint.tls || response.status != 400 || response.body.size() > kMaxNotice)
    return false;
  return response.body.find("HTTPS") != std::string::npos ||
         response.body.find("SSL-enabled") != std::string::npos;
}

Answer finished(const ExchangeTask& task, Reading& reading) {
  const bool reusable = reading.parser->keep_alive() && reading.buffer.size() == 0;
  auto message = reading.parser->release();
  HttpResponse response;
  response.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    std::string name(field.name_string());
    for (char& c : name) c = beast::detail::ascii_tolower(c);
    response.headers.emplace_back(std::move(name), std::string(field.value()));
  }
  response.body = std::move(message.body());
  if (asks_for_tls(task, response)) return {fail(wants_tls(task.endpoint))};
  const bool stays_http = response.status != kSwitchingProtocols;
  return {std::move(response), reusable && stays_http};
}

// Feeds the parser what the buffer holds. Returns need_more if it is not `done` yet.
error_code parse(Reading& reading, bool (Parser::*done)() const) {
  Parser& parser = *reading.parser;
  error_code error;
  while (!error && !(parser.*done)()) {
    if (reading.buffer.size() == 0) return http::make_error_code(http::error::need_more);
    const auto used = parser.put(reading.buffer.cdata(), error);
    reading.buffer.consume(used);
  }
  return error;
}

error_code at_end_of_file(Reading& reading) {
  error_code error = http::make_error_code(http::error::end_of_stream);
  if (reading.parser->got_some()) {
    error.clear();
    reading.parser->put_eof(error);
  }
  return error;
}

// Reads until the parser is `done`. In place of http::async_read, which (Boost 1.81) forgets a
// cancellation that arrives between two of its reads, and then waits for ever.
template <class Stream>
Awaitable<error_code> read_until(Stream& stream, Reading& reading, bool (Parser::*done)() const) {
  for (;;) {
    const auto error = parse(reading, done);
    if (error != http::error::need_more) co_return error;
    const auto room = beast::read_size(reading.buffer, kReadAhead);
    if (room == 0) co_return http::make_error_code(http::error::buffer_overflow);
    const auto space = reading.buffer.prepare(room);
    const auto [failure, count] = co_await stream.read_some(space);
    throw_if_aborted(failure);
    reading.buffer.commit(count);
    if (failure == asio::error::eof) co_return at_end_of_file(reading);
    if (failure) co_return failure;
  }
}

// Reads up to the header of the final answer.
template <class Stream>
Awaitable<error_code> read_header(Stream& stream, ExchangeTask task, Reading& reading) {
  while (reading.interim_answers <= kMaxInterimAnswers) {
    const auto error = co_await read_until(stream, reading, &Parser::is_header_done);
    if (error) co_return error;
    const int status = static_cast<int>(reading.parser->get().result_int());
    if (status >= 200 || status == kSwitchingProtocols) co_return error_code();
    ++reading.interim_answers;
    reading.next(task);
  }
  co_return http::make_error_code(http::error::bad_status);
}

template <class Stream>
Awaitable<Answer> exchange_on(Stream& stream, ExchangeTask task) {
  task.progress.phase = Progress::Phase::kSend;
  const auto write_error = co_await stream.write(asio::buffer(task.message));
  throw_if_aborted(write_error);

  // Also after a failed write: a server may refuse a request before it has read all of it.
  task.progress.phase = Progress::Phase::kWait;
  throw_if_aborted(co_await stream.wait_for_data());  // another failure comes again at once
  Reading reading(task);
  auto error = co_await read_header(stream, task, reading);
  if (!error && !reading.parser->is_done()) {
    task.progress.phase = Progress::Phase::kReceive;
    reading.make_room();
    error = co_await read_until(stream, reading, &Parser::is_done);
  }
  if (error) {
    Answer failed{fail(read_error(task, reading, error))};
    failed.lost_before_answer =
        reading.nothing_arrived() && failed.response.error().code == ErrorCode::kUnreachable;
    co_return failed;
  }
  Answer answer = finished(task, reading);
  answer.reusable = answer.reusable && !write_error;
  co_return answer;
}

}  // namespace

Result<std::string> request_head(const HttpRequest& request, const Endpoint& endpoint) {
  if (!is_token(request.method) || !is_target(request.target)) {
    return fail(ErrorCode::kInvalidArgument,
                "a request to " + place(endpoint) + " has a malformed method or target");
  }
  std::string head;
  // In one piece from the start: growing would leave copies behind of what is to be overwritten.
  head.reserve(room_for(request) + endpoint.host.size());
  fmt::format_to(std::back_inserter(head), "{} {} HTTP/1.1\r\nHost: {}\r\n", request.method,
                 request.target, host_field(endpoint));
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || !is_field_value(value) || is_added_here(name)) {
      return fail(ErrorCode::kInvalidArgument,
                  "a request to " + place(endpoint) + " has a malformed header");
    }
    head.append(name).append(": ").append(value).append("\r\n");
  }
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", request.body.size());
  }
  head += "\r\n";
  return head;
}

Awaitable<Answer> exchange(PlainStream& stream, ExchangeTask task) {
  return exchange_on(stream, task);
}

Awaitable<Answer> exchange(TlsStream& stream, ExchangeTask task) {
  return exchange_on(stream, task);
}

}  // namespace ballast::vsphere
