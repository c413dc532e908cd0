// An HTTP proxy on loopback that knows CONNECT and nothing else, in a thread of its own.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace ballast::e2e {

class ConnectProxy {
 public:
  ConnectProxy();
  ~ConnectProxy();  // ends every tunnel
  ConnectProxy(const ConnectProxy&) = delete;
  ConnectProxy& operator=(const ConnectProxy&) = delete;

  [[nodiscard]] std::string url() const;
  // Returns how many tunnels were opened, by what was asked for: "127.0.0.1:443".
  [[nodiscard]] std::map<std::string, int> tunnels() const;

 private:
  void note(const std::string& authority);

  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  mutable std::mutex mutex_;
  std::map<std::string, int> tunnels_;
  std::thread thread_;
};

}  // namespace ballast::e2e
