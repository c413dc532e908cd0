#include "tests/e2e/harness/connect_proxy.h"

#include <array>
#include <functional>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace ballast::e2e {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

using Shared = std::shared_ptr<tcp::socket>;

// Until one side ends; then both do.
asio::awaitable<void> copy(Shared from, Shared to) {
  std::array<char, 16 * 1024> bytes{};
  try {
    for (;;) {
      const auto count = co_await from->async_read_some(asio::buffer(bytes), asio::use_awaitable);
      co_await asio::async_write(*to, asio::buffer(bytes.data(), count), asio::use_awaitable);
    }
  } catch (const boost::system::system_error&) {
    boost::system::error_code ignored;
    from->shutdown(tcp::socket::shutdown_both, ignored);
    to->shutdown(tcp::socket::shutdown_both, ignored);
  }
}

using Note = std::function<void(const std::string&)>;

asio::awaitable<void> serve(Shared client, Note note) {
  std::string head;
  co_await asio::async_read_until(*client, asio::dynamic_buffer(head), "\r\n\r\n",
                                  asio::use_awaitable);
  const auto authority = head.substr(8, head.find(' ', 8) - 8);  // behind "CONNECT "
  const auto colon = authority.rfind(':');
  const auto address = asio::ip::make_address(authority.substr(0, colon));
  const auto port = static_cast<std::uint16_t>(std::stoi(authority.substr(colon + 1)));
  const auto executor = client->get_executor();
  auto server = std::make_shared<tcp::socket>(executor);
  const tcp::endpoint place(address, port);
  co_await server->async_connect(place, asio::use_awaitable);
  note(authority);
  const std::string answer = "HTTP/1.1 200 Connection established\r\n\r\n";
  co_await asio::async_write(*client, asio::buffer(answer), asio::use_awaitable);
  asio::co_spawn(executor, copy(client, server), asio::detached);
  asio::co_spawn(executor, copy(server, client), asio::detached);
}

asio::awaitable<void> accept_all(tcp::acceptor& acceptor, Note note) {
  for (;;) {
    auto client = std::make_shared<tcp::socket>(acceptor.get_executor());
    co_await acceptor.async_accept(*client, asio::use_awaitable);
    asio::co_spawn(acceptor.get_executor(), serve(client, note), asio::detached);
  }
}

}  // namespace

ConnectProxy::ConnectProxy()
    : acceptor_(io_, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)) {
  Note noted = [this](const std::string& authority) { note(authority); };
  asio::co_spawn(io_, accept_all(acceptor_, std::move(noted)), asio::detached);
  thread_ = std::thread([this] { io_.run(); });
}

ConnectProxy::~ConnectProxy() {
  io_.stop();
  thread_.join();
}

std::string ConnectProxy::url() const {
  return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

std::map<std::string, int> ConnectProxy::tunnels() const {
  const std::lock_guard lock(mutex_);
  return tunnels_;
}

void ConnectProxy::note(const std::string& authority) {
  const std::lock_guard lock(mutex_);
  ++tunnels_[authority];
}

}  // namespace ballast::e2e
