// A server on 127.0.0.1 whose connections follow scripts, and so can misbehave in any way. Each
// connection has a thread of its own; all of them are joined by the destructor, which breaks off
// what they wait for.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/vsphere/http/test_certificates.h"
#include "vsphere/http/http_client.h"

namespace ballast::vsphere {

// The server's end of one connection, for its script. A failed call closes nothing; later ones
// fail as well.
class Peer {
 public:
  Peer(int descriptor, SSL_CTX* tls);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // False if TLS is wanted and the handshake failed.
  [[nodiscard]] bool greet();
  // Head and body of the next request; nothing once the client is gone.
  std::optional<std::string> read_request();
  // Only the head; the body stays unread.
  std::optional<std::string> read_head();
  // Waits for any bytes and drops them.
  bool read_some();
  bool send(std::string_view bytes);
  // One byte at a time; stops when the client goes.
  void drip(std::string_view bytes, std::chrono::milliseconds pause);
  // Reads and drops until the client closes.
  void wait_for_close();
  // Reads nothing until the client closes.
  void wait_for_hangup();
  // Ends the connection in good manners, over TLS with a close_notify. What happens at a script's
  // end.
  void close();
  // Ends it without close_notify.
  void break_off();
  // Ends it the rude way, with a reset.
  void reset();
  // Whether the TLS session of an earlier connection was resumed.
  [[nodiscard]] bool resumed() const;

  // From any thread: whatever the script waits for ends.
  void interrupt();

 private:
  long receive(char* to, std::size_t room);

  int descriptor_;
  std::string unread_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
};

using Script = std::function<void(Peer&)>;

class LoopbackServer {
 public:
  // The n-th connection follows the n-th script, and all further ones the last. With an identity
  // the server speaks TLS, as `configure` sets it up.
  using Configure = std::function<void(SSL_CTX*)>;
  explicit LoopbackServer(std::vector<Script> scripts, const Identity* identity = nullptr,
                          const Configure& configure = {});
  explicit LoopbackServer(Script script, const Identity* identity = nullptr,
                          const Configure& configure = {})
      : LoopbackServer(std::vector<Script>{std::move(script)}, identity, configure) {}
  ~LoopbackServer();

  [[nodiscard]] Endpoint endpoint() const;
  [[nodiscard]] int accepted() const { return accepted_; }
  [[nodiscard]] int most_open() const { return most_open_; }

 private:
  struct Served {
    std::unique_ptr<Peer> peer;
    std::thread thread;
  };

  void accept_all();
  void serve(Peer& peer, const Script& script);

  const std::vector<Script> scripts_;
  TlsServerContext tls_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> accepted_ = 0;
  std::atomic<int> open_ = 0;
  std::atomic<int> most_open_ = 0;
  std::mutex mutex_;  // guards served_
  std::list<Served> served_;
  std::thread acceptor_;
};

// Answers each request on the connection with 200 and `body` until the client closes.
Script always_answers(std::string body);
// A complete sized answer.
std::string ok(std::string_view body, std::string_view more_headers = "");

}  // namespace ballast::vsphere
