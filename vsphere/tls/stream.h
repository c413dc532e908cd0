// Private to vsphere/, because it includes Asio: the client's side of TLS on a connected socket.
//
// Asio's own stream keeps four buffers of 17 KiB a connection and copies every byte through them.
// Here OpenSSL works on the socket itself and gives its buffers back while it waits, so that a
// thousand waiting connections cost little.
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

// Used by one coroutine at a time. Errors are the socket's or OpenSSL's (category: Asio's of SSL).
// The end of the stream is asio::error::eof if the other side announced it, and
// asio::ssl::error::stream_truncated if not. A cancelled call returns operation_aborted; the stream
// is then in an unknown state.
class TlsStream {
 public:
  // `peer` and `check` outlive the stream. Throws std::bad_alloc if OpenSSL gets no memory.
  TlsStream(boost::asio::ip::tcp::socket socket, TlsPeer& peer, PeerCheck& check);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  Awaitable<boost::system::error_code> shake_hands();
  // Waits until there may be something to read, or the socket has failed. Until then the caller
  // needs no buffer.
  Awaitable<boost::system::error_code> wait_for_data();
  // Reads at least one byte, or returns an error.
  Awaitable<std::pair<boost::system::error_code, std::size_t>> read_some(
      boost::asio::mutable_buffer space);
  // Writes all of `data`. Copies of it are only in OpenSSL's encrypted records.
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
