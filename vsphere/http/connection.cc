#include "vsphere/http/connection.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>

#include "vsphere/http/exchange.h"
#include "vsphere/http/name_lookup.h"
#include "vsphere/http/proxy.h"
#include "vsphere/tls/context.h"

namespace ballast::vsphere {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

Awaitable<std::pair<error_code, Addresses>> addresses_of(const Endpoint& endpoint) {
  error_code not_an_address;
  const auto address = asio::ip::make_address(endpoint.host, not_an_address);
  if (!not_an_address) {
    Addresses one;
    one.emplace_back(address, endpoint.port);
    co_return std::pair(error_code(), std::move(one));
  }
  co_return co_await look_up(endpoint.host, endpoint.port);
}

// Adds the server's spare address, to be tried last.
void add_spare(const Endpoint& endpoint, Addresses& addresses) {
  error_code not_an_address;
  const auto address = asio::ip::make_address(endpoint.spare_address, not_an_address);
  if (not_an_address) return;
  const tcp::endpoint spare(address, endpoint.port);
  if (std::find(addresses.begin(), addresses.end(), spare) == addresses.end()) {
    addresses.push_back(spare);
  }
}

Awaitable<error_code> connect(tcp::socket& socket, tcp::endpoint address) {
  error_code error;
  if (socket.open(address.protocol(), error); error) co_return error;
  // A program that this process starts has no business with its connections.
  ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
  const auto [failure] =
      co_await socket.async_connect(address, asio::as_tuple(asio::use_awaitable));
  throw_if_aborted(failure);
  if (!failure) socket.set_option(tcp::no_delay(true), error);
  co_return failure;
}

// Without shares, an address that swallows every packet would use up the time of all others.
Awaitable<error_code> connect_in_share(tcp::socket& socket, tcp::endpoint address,
                                       TimePoint deadline, std::size_t still_to_try) {
  auto attempt = connect(socket, address);
  if (still_to_try == 0) co_return co_await std::move(attempt);
  const auto now = std::chrono::steady_clock::now();
  const auto share = (deadline - now) / (still_to_try + 1);
  auto outcome = co_await finish_by(now + share, std::move(attempt));
  co_return outcome.value_or(error_code(asio::error::timed_out));
}

Awaitable<Result<tcp::socket>> dial_directly(const Endpoint& endpoint, TimePoint deadline,
                                             Progress& progress) {
  const auto executor = co_await asio::this_coro::executor;
  progress.phase = Progress::Phase::kLookup;
  auto [lookup_error, addresses] = co_await addresses_of(endpoint);
  add_spare(endpoint, addresses);
  if (addresses.empty()) co_return fail(lookup_failed(endpoint, lookup_error));

  progress.phase = Progress::Phase::kConnect;
  std::vector<std::string> problems;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    progress.address = addresses[i].address().to_string();
    tcp::socket socket(executor);
    const auto failure =
        co_await connect_in_share(socket, addresses[i], deadline, addresses.size() - i - 1);
    if (!failure) co_return std::move(socket);
    problems.push_back(connect_problem(failure) + " (" + progress.address + ")");
  }
  if (lookup_error) {
    auto error = lookup_failed(endpoint, lookup_error);
    error.message += "; at its own address: " + problems.front();
    co_return fail(std::move(error));
  }
  co_return fail(connect_failed(endpoint, problems));
}

}  // namespace

Awaitable<Result<tcp::socket>> dial(const Endpoint& endpoint, TimePoint deadline,
                                    Progress& progress) {
  if (endpoint.proxy_host.empty()) co_return co_await dial_directly(endpoint, deadline, progress);
  const Endpoint proxy = proxy_of(endpoint);
  auto socket = co_await dial_directly(proxy, deadline, progress);
  if (!socket) {
    socket.error().hint = "check the proxy's URL, in the configuration or in HTTPS_PROXY";
    co_return fail(during(std::move(socket.error()), "the proxy on the way to " + place(endpoint)));
  }
  progress.phase = Progress::Phase::kTunnel;
  auto opened = co_await open_tunnel(*socket, endpoint);
  if (!opened) co_return fail(std::move(opened.error()));
  co_return std::move(*socket);
}

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
