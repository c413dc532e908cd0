#include "vsphere/tls/stream.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <new>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace ballast::vsphere {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// With OpenSSL's own BIO for sockets, a connection closed by the server would end the program
// (SIGPIPE).
int descriptor_of(BIO* bio) { return static_cast<int>(BIO_get_fd(bio, nullptr)); }

int result_of(BIO* bio, ssize_t count, int retry) {
  BIO_clear_retry_flags(bio);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
    BIO_set_flags(bio, retry | BIO_FLAGS_SHOULD_RETRY);
  }
  return static_cast<int>(count);
}

int send_quietly(BIO* bio, const char* data, int size) {
  const auto count = ::send(descriptor_of(bio), data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  return result_of(bio, count, BIO_FLAGS_WRITE);
}

int receive(BIO* bio, char* data, int size) {
  const auto count = ::recv(descriptor_of(bio), data, static_cast<std::size_t>(size), 0);
  if (count == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return result_of(bio, count, BIO_FLAGS_READ);
}

// Differs from OpenSSL's own BIO for sockets in reading and writing alone.
const BIO_METHOD* quiet_sockets() {
  static const BIO_METHOD* const kMethod = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_TYPE_SOCKET, "socket without signals");
    if (method == nullptr) throw std::bad_alloc();
    BIO_meth_set_create(method, BIO_meth_get_create(BIO_s_socket()));
    BIO_meth_set_destroy(method, BIO_meth_get_destroy(BIO_s_socket()));
    BIO_meth_set_ctrl(method, BIO_meth_get_ctrl(BIO_s_socket()));
    BIO_meth_set_write(method, send_quietly);
    BIO_meth_set_read(method, receive);
    return method;
  }();
  return kMethod;
}

error_code last_error(int failure) {
  const int system = errno;
  const auto code = ERR_get_error();
  ERR_clear_error();
  if (failure == SSL_ERROR_ZERO_RETURN) return asio::error::eof;
  if (ERR_GET_LIB(code) == ERR_LIB_SSL &&
      ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    return asio::ssl::error::stream_truncated;
  }
  if (code != 0) return {static_cast<int>(code), asio::error::get_ssl_category()};
  if (failure == SSL_ERROR_SYSCALL && system != 0) {
    return {system, boost::system::system_category()};
  }
  return asio::ssl::error::stream_truncated;
}

int bounded(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, INT_MAX)); }

}  // namespace

void TlsStream::Freed::operator()(ssl_st* ssl) const { SSL_free(ssl); }

TlsStream::TlsStream(tcp::socket socket, TlsPeer& peer, PeerCheck& check)
    : socket_(std::move(socket)), ssl_(peer.new_connection(check)) {
  BIO* bio = BIO_new(quiet_sockets());
  if (bio == nullptr) throw std::bad_alloc();
  socket_.native_non_blocking(true);
  BIO_set_fd(bio, socket_.native_handle(), BIO_NOCLOSE);
  SSL_set_bio(ssl_.get(), bio, bio);
}

TlsStream::~TlsStream() {
  // Without this OpenSSL does not resume the session of a connection that was closed without
  // notice.
  SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

// Repeats `step` until it succeeds (> 0), waiting for the socket in between.
template <class Step>
Awaitable<error_code> TlsStream::drive(Step step) {
  for (;;) {
    ERR_clear_error();
    errno = 0;
    const int done = step();
    if (done > 0) co_return error_code();
    const int failure = SSL_get_error(ssl_.get(), done);
    if (failure != SSL_ERROR_WANT_READ && failure != SSL_ERROR_WANT_WRITE) {
      co_return last_error(failure);
    }
    const auto wanted =
        failure == SSL_ERROR_WANT_READ ? tcp::socket::wait_read : tcp::socket::wait_write;
    error_code error;
    co_await socket_.async_wait(wanted, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return error;
  }
}

Awaitable<error_code> TlsStream::shake_hands() {
  return drive([this] { return SSL_do_handshake(ssl_.get()); });
}

Awaitable<error_code> TlsStream::wait_for_data() {
  error_code error;
  if (SSL_has_pending(ssl_.get()) == 0) {
    co_await socket_.async_wait(tcp::socket::wait_read,
                                asio::redirect_error(asio::use_awaitable, error));
  }
  co_return error;
}

Awaitable<std::pair<error_code, std::size_t>> TlsStream::read_some(asio::mutable_buffer space) {
  std::size_t count = 0;
  auto step = [&] {
    const int got = SSL_read(ssl_.get(), space.data(), bounded(space.size()));
    count = got > 0 ? static_cast<std::size_t>(got) : 0;
    return got;
  };
  const auto error = co_await drive(step);
  co_return std::pair(error, count);
}

Awaitable<error_code> TlsStream::write(asio::const_buffer data) {
  while (data.size() > 0) {
    int count = 0;
    auto step = [&] { return count = SSL_write(ssl_.get(), data.data(), bounded(data.size())); };
    const auto error = co_await drive(step);
    if (error) co_return error;
    data += static_cast<std::size_t>(count);
  }
  co_return error_code();
}

}  // namespace ballast::vsphere
