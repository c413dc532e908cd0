// A listening port whose queue is full: Linux drops what else wants to connect, so that a client
// waits as it does behind a firewall.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include <poll.h>

#include "vsphere/http/http_client.h"

namespace ballast::vsphere {

class FullListener {
 public:
  FullListener() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address_), size);
    ::listen(listener_, 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address_), &size);
    constexpr int kMoreThanFit = 4;
    for (int i = 0; i < kMoreThanFit; ++i) fill();
  }
  ~FullListener() {
    for (const int client : clients_) ::close(client);
    ::close(listener_);
  }
  FullListener(const FullListener&) = delete;
  FullListener& operator=(const FullListener&) = delete;

  [[nodiscard]] Endpoint endpoint() const { return {false, "127.0.0.1", ntohs(address_.sin_port)}; }

 private:
  void fill() {
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ::connect(client, reinterpret_cast<const sockaddr*>(&address_), sizeof address_);
    clients_.push_back(client);
  }

  int listener_;
  sockaddr_in address_{};
  std::vector<int> clients_;
};

}  // namespace ballast::vsphere
