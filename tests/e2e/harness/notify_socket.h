// A service manager's end of sd_notify(3).
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace ballast::e2e {

class NotifySocket {
 public:
  explicit NotifySocket(std::string path)
      : path_(std::move(path)),
        socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof(address.sun_path) - 1);
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
      throw std::runtime_error("cannot bind " + path_);
    }
  }
  ~NotifySocket() { ::close(socket_); }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  // How many messages began like that so far.
  std::ptrdiff_t count(const std::string& beginning) {
    read_all();
    return std::count_if(messages_.begin(), messages_.end(),
                         [&](const auto& message) { return message.starts_with(beginning); });
  }
  bool heard(const std::string& beginning) { return count(beginning) > 0; }

 private:
  void read_all() {
    std::array<char, 4096> buffer{};
    for (;;) {
      const ssize_t size = ::recv(socket_, buffer.data(), buffer.size(), 0);
      if (size <= 0) return;
      messages_.emplace_back(buffer.data(), static_cast<std::size_t>(size));
    }
  }

  std::string path_;
  int socket_;
  std::vector<std::string> messages_;
};

}  // namespace ballast::e2e
