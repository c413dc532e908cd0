// Private to vsphere/http, because it includes Asio: a connected socket without TLS.
#pragma once

#include <cstddef>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/error_code.hpp>

#include "base/async.h"

namespace ballast::vsphere {

// Has the operations of a TlsStream, with the same contracts; errors are the socket's.
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

}  // namespace ballast::vsphere
