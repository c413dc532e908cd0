#include "vsphere/http_connection.h"

#include <sys/socket.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "vsphere/http_dial.h"
#include "vsphere/http_exchange.h"
#include "vsphere/tls_context.h"
#include "vsphere/tls_error.h"

namespace ballast::vsphere {

using boost::asio::ip::tcp;

class HttpConnection::Impl {
 public:
  Impl(const Endpoint& endpoint, tcp::socket socket, TlsPeer* tls) : endpoint_(endpoint) {
    if (tls == nullptr) {
      plain_.emplace(std::move(socket));
    } else {
      secure_.emplace(std::move(socket), *tls, check_);
    }
  }

  Awaitable<Status> shake_hands() {
    if (!secure_) co_return Status();
    const auto error = co_await secure_->shake_hands();
    throw_if_aborted(error);
    if (error) co_return fail(handshake_failed(endpoint_, error, check_));
    co_return Status();
  }

  Awaitable<Answer> exchange(ExchangeTask task) {
    if (secure_) return vsphere::exchange(*secure_, task);
    return vsphere::exchange(*plain_, task);
  }

  [[nodiscard]] int descriptor() {
    return (secure_ ? secure_->socket() : plain_->socket()).native_handle();
  }

  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }

 private:
  const Endpoint& endpoint_;
  PeerCheck check_;  // before the streams: OpenSSL may write to it as long as they live
  std::optional<PlainStream> plain_;
  std::optional<TlsStream> secure_;
};

HttpConnection::HttpConnection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpConnection::~HttpConnection() = default;

Awaitable<Result<std::unique_ptr<HttpConnection>>> HttpConnection::open(
    const Endpoint& endpoint, TlsPeer* tls, std::chrono::steady_clock::time_point deadline,
    Progress& progress) {
  auto socket = co_await dial(endpoint, deadline, progress);
  if (!socket) co_return fail(std::move(socket.error()));
  auto impl = std::make_unique<Impl>(endpoint, std::move(*socket), tls);
  progress.phase = Progress::Phase::kHandshake;
  auto done = co_await impl->shake_hands();
  if (!done) co_return fail(std::move(done.error()));
  co_return std::unique_ptr<HttpConnection>(new HttpConnection(std::move(impl)));
}

Awaitable<Answer> HttpConnection::exchange(const HttpRequest& request, const std::string& message,
                                           std::size_t max_header_bytes, Progress& progress) {
  return impl_->exchange(
      ExchangeTask{impl_->endpoint(), request, message, max_header_bytes, progress});
}

// Not closed: OpenSSL knows the socket by its number, which would be another's.
void HttpConnection::cut_off() { ::shutdown(impl_->descriptor(), SHUT_RDWR); }

bool HttpConnection::is_quiet() {
  char byte = 0;
  const auto count = ::recv(impl_->descriptor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace ballast::vsphere
