// TLS on a connected socket, as a client. For http_*.cc and their like, because of what it
// includes.
//
// In place of Asio's stream, which keeps four buffers of 17 KiB a connection and copies every byte
// through them: here OpenSSL works on the socket itself, and gives its own buffers back while it
// waits, so that a thousand connections are no matter.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include "base/async.h"
#include "vsphere/tls/context.h"

namespace ballast::vsphere {

// One coroutine at a time. Errors are the socket's, OpenSSL's (category: Asio's of SSL), or
// asio::ssl::error::stream_truncated if the other side ended without saying so; eof if it said so.
// operation_aborted comes back as an error, too; the stream is then in an unknown state.
class TlsStream {
 public:
  // `peer` and `check` outlive the stream. Throws std::bad_alloc, for OpenSSL.
  TlsStream(boost::asio::ip::tcp::socket socket, TlsPeer& peer, PeerCheck& check);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  Awaitable<boost::system::error_code> shake_hands();
  // Waits until there may be something to read, or the socket has failed: before that no space is
  // needed for it.
  Awaitable<boost::system::error_code> wait_for_data();
  // At least one byte, or an error.
  Awaitable<std::pair<boost::system::error_code, std::size_t>> read_some(
      boost::asio::mutable_buffer space);
  // All of it. What is written goes nowhere but into OpenSSL's records.
  Awaitable<boost::system::error_code> write(boost::asio::const_buffer data);

  [[nodiscard]] boost::asio::ip::tcp::socket& socket() { return socket_; }
  [[nodiscard]] ssl_st* native() { return ssl_.get(); }

 private:
  template <class Step>
  Awaitable<boost::system::error_code> drive(Step step);

  struct Freed {
    void operator()(ssl_st* ssl) const;
  };

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<ssl_st, Freed> ssl_;
};

}  // namespace ballast::vsphere
