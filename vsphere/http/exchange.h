// Private to vsphere/http, because it includes Asio: one request and its answer on an open
// connection, with TLS or without.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/error_code.hpp>

#include "base/async.h"
#include "base/result.h"
#include "vsphere/http/error.h"
#include "vsphere/http/http_client.h"
#include "vsphere/tls/stream.h"

namespace ballast::vsphere {

// A connected socket without TLS. Has the operations of a TlsStream, with the same contracts;
// errors are the socket's.
class PlainStream {
 public:
  explicit PlainStream(boost::asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

  Awaitable<boost::system::error_code> wait_for_data() {
    const auto [error] = co_await socket_.async_wait(
        boost::asio::ip::tcp::socket::wait_read, boost::asio::as_tuple(boost::asio::use_awaitable));
    co_return error;
  }

  Awaitable<std::pair<boost::system::error_code, std::size_t>> read_some(
      boost::asio::mutable_buffer space) {
    const auto [error, count] =
        co_await socket_.async_read_some(space, boost::asio::as_tuple(boost::asio::use_awaitable));
    co_return std::pair(error, count);
  }

  Awaitable<boost::system::error_code> write(boost::asio::const_buffer data) {
    const auto [error, count] = co_await boost::asio::async_write(
        socket_, data, boost::asio::as_tuple(boost::asio::use_awaitable));
    co_return error;
  }

  [[nodiscard]] boost::asio::ip::tcp::socket& socket() { return socket_; }

 private:
  boost::asio::ip::tcp::socket socket_;
};

// What became of one exchange.
struct Answer {
  Result<HttpResponse> response;
  bool reusable = false;            // the connection is ready for another request
  bool lost_before_answer = false;  // it broke, and not a byte of an answer had come
};

// What an exchange works on.
struct ExchangeTask {
  const Endpoint& endpoint;
  const HttpRequest& request;
  const std::string& message;  // what goes out: request_head() and the body
  std::size_t max_header_bytes;
  Progress& progress;
};

// Returns the request line and the headers as bytes, the empty line included. Errors:
// kInvalidArgument for anything that could end a line early or give the length twice.
[[nodiscard]] Result<std::string> request_head(const HttpRequest& request,
                                               const Endpoint& endpoint);

// Writes the request and reads the whole answer. Throws when cancelled; the connection is then in
// an unknown state. What `task` refers to outlives the call. Errors: those of HttpClient::send.
Awaitable<Answer> exchange(PlainStream& stream, ExchangeTask task);
Awaitable<Answer> exchange(TlsStream& stream, ExchangeTask task);

}  // namespace ballast::vsphere
