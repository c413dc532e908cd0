#include "vsphere/http_dial.h"

#include <fcntl.h>

#include <string>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>

#include "vsphere/name_lookup.h"

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

Awaitable<error_code> connect(tcp::socket& socket, tcp::endpoint address) {
  error_code error;
  if (socket.open(address.protocol(), error); error) co_return error;
  // Programs the collector starts have no business with its connections.
  ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
  const auto [failure] =
      co_await socket.async_connect(address, asio::as_tuple(asio::use_awaitable));
  throw_if_aborted(failure);
  if (!failure) socket.set_option(tcp::no_delay(true), error);
  co_return failure;
}

Awaitable<error_code> connect_in_share(tcp::socket& socket, tcp::endpoint address,
                                       TimePoint deadline, std::size_t still_to_try) {
  auto attempt = connect(socket, address);
  if (still_to_try == 0) co_return co_await std::move(attempt);
  const auto now = std::chrono::steady_clock::now();
  const auto share = (deadline - now) / (still_to_try + 1);
  auto outcome = co_await finish_by(now + share, std::move(attempt));
  co_return outcome.value_or(error_code(asio::error::timed_out));
}

}  // namespace

Awaitable<Result<tcp::socket>> dial(const Endpoint& endpoint, TimePoint deadline,
                                    Progress& progress) {
  const auto executor = co_await asio::this_coro::executor;
  progress.phase = Progress::Phase::kLookup;
  const auto [lookup_error, addresses] = co_await addresses_of(endpoint);
  if (lookup_error) co_return fail(lookup_failed(endpoint, lookup_error));

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
  co_return fail(connect_failed(endpoint, problems));
}

}  // namespace ballast::vsphere
