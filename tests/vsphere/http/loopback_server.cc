#include "tests/vsphere/http/loopback_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <stdexcept>

#include <fmt/format.h>
#include <poll.h>

namespace ballast::vsphere {

Peer::Peer(int descriptor, SSL_CTX* tls) : descriptor_(descriptor), ssl_(nullptr, SSL_free) {
  if (tls == nullptr) return;
  ssl_.reset(SSL_new(tls));
  SSL_set_fd(ssl_.get(), descriptor_);
}

Peer::~Peer() { ::close(descriptor_); }

bool Peer::greet() { return !ssl_ || SSL_accept(ssl_.get()) == 1; }

long Peer::receive(char* to, std::size_t room) {
  if (ssl_) return SSL_read(ssl_.get(), to, static_cast<int>(room));
  return ::recv(descriptor_, to, room, 0);
}

std::optional<std::string> Peer::read_head() {
  std::size_t end = 0;
  while ((end = unread_.find("\r\n\r\n")) == std::string::npos) {
    char bytes[4096];
    const auto count = receive(bytes, sizeof bytes);
    if (count <= 0) return std::nullopt;
    unread_.append(bytes, static_cast<std::size_t>(count));
  }
  std::string head = unread_.substr(0, end + 4);
  unread_.erase(0, end + 4);
  return head;
}

std::optional<std::string> Peer::read_request() {
  auto request = read_head();
  if (!request) return std::nullopt;
  const std::string field = "Content-Length: ";
  const auto at = request->find(field);
  const std::size_t length =
      at == std::string::npos ? 0 : std::stoul(request->substr(at + field.size()));
  while (unread_.size() < length) {
    char bytes[65536];
    const auto count = receive(bytes, sizeof bytes);
    if (count <= 0) return std::nullopt;
    unread_.append(bytes, static_cast<std::size_t>(count));
  }
  *request += unread_.substr(0, length);
  unread_.erase(0, length);
  return request;
}

bool Peer::read_some() {
  char bytes[4096];
  return receive(bytes, sizeof bytes) > 0;
}

bool Peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const long count = ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                            : ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void Peer::drip(std::string_view bytes, std::chrono::milliseconds pause) {
  for (const char byte : bytes) {
    if (!send({&byte, 1})) return;
    pollfd gone{descriptor_, POLLRDHUP, 0};
    if (::poll(&gone, 1, static_cast<int>(pause.count())) != 0) return;
  }
}

void Peer::wait_for_close() {
  while (read_some()) {
  }
}

void Peer::wait_for_hangup() {
  pollfd gone{descriptor_, POLLRDHUP, 0};
  while (::poll(&gone, 1, -1) < 0) {
  }
}

void Peer::reset() {
  const linger at_once{1, 0};
  if (ssl_) SSL_set_quiet_shutdown(ssl_.get(), 1);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  // The place of the connection is taken by an unconnected socket: the number stays ours.
  const int other = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ::dup2(other, descriptor_);
  ::close(other);
}

bool Peer::resumed() const { return ssl_ && SSL_session_reused(ssl_.get()) == 1; }

void Peer::close() {
  if (ssl_) SSL_shutdown(ssl_.get());
  break_off();
}

void Peer::break_off() {
  if (ssl_) SSL_set_quiet_shutdown(ssl_.get(), 1);
  interrupt();
}

void Peer::interrupt() { ::shutdown(descriptor_, SHUT_RDWR); }

LoopbackServer::LoopbackServer(std::vector<Script> scripts, const Identity* identity,
                               const Configure& configure)
    : scripts_(std::move(scripts)), tls_(server_context(identity)) {
  if (configure) configure(tls_.get());
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 512) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("cannot listen on loopback");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

LoopbackServer::~LoopbackServer() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (auto& served : served_) served.peer->interrupt();
  for (auto& served : served_) served.thread.join();
  ::close(listener_);
}

Endpoint LoopbackServer::endpoint() const { return {tls_ != nullptr, "127.0.0.1", port_}; }

void LoopbackServer::accept_all() {
  for (;;) {
    const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) return;
    const auto number = static_cast<std::size_t>(accepted_++);
    const Script& script = scripts_[std::min(number, scripts_.size() - 1)];
    const std::scoped_lock lock(mutex_);
    Served& served = served_.emplace_back();
    served.peer = std::make_unique<Peer>(descriptor, tls_.get());
    served.thread = std::thread([this, &served, &script] { serve(*served.peer, script); });
  }
}

void LoopbackServer::serve(Peer& peer, const Script& script) {
  const int open = ++open_;
  int most = most_open_;
  while (open > most && !most_open_.compare_exchange_weak(most, open)) {
  }
  if (peer.greet()) script(peer);
  --open_;
  peer.close();
}

Script always_answers(std::string body) {
  return [answer = ok(body)](Peer& peer) {
    while (peer.read_request() && peer.send(answer)) {
    }
  };
}

std::string ok(std::string_view body, std::string_view more_headers) {
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{}\r\n{}", body.size(), more_headers,
                     body);
}

}  // namespace ballast::vsphere
