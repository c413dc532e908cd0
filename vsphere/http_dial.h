// From a host name to a connected socket. For http_*.cc only, because of what it includes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "vsphere/http_deadline.h"
#include "vsphere/http_error.h"

namespace ballast::vsphere {

using Addresses = std::vector<boost::asio::ip::tcp::endpoint>;

// The addresses of a name. getaddrinfo cannot be interrupted: when the caller is cancelled the
// lookup is left behind and ends by itself, touching nothing of the caller's; io_context::run()
// returns after it. `Resolver` is a parameter for the tests.
template <class Resolver = boost::asio::ip::tcp::resolver>
Awaitable<std::pair<boost::system::error_code, Addresses>> look_up(std::string host,
                                                                   std::uint16_t port) {
  namespace asio = boost::asio;
  struct Lookup {
    explicit Lookup(const asio::any_io_executor& executor)
        : resolver(executor), done(executor, TimePoint::max()) {}
    Resolver resolver;
    asio::steady_timer done;
    bool finished = false;
    std::pair<boost::system::error_code, Addresses> outcome;
  };
  auto lookup = std::make_shared<Lookup>(co_await asio::this_coro::executor);
  lookup->resolver.async_resolve(
      host, std::to_string(port), asio::ip::resolver_base::numeric_service,
      [lookup](const boost::system::error_code& error, const auto& results) {
        lookup->outcome.first = error;
        for (const auto& result : results) lookup->outcome.second.push_back(result.endpoint());
        lookup->finished = true;
        lookup->done.cancel();
      });
  const auto [error] = co_await lookup->done.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!lookup->finished) throw_if_aborted(error);
  co_return std::move(lookup->outcome);
}

// Tries the host's addresses one after the other, sharing what is left until `deadline` among
// them; the last may go on until the caller cancels it. Errors: kUnreachable.
Awaitable<Result<boost::asio::ip::tcp::socket>> dial(const Endpoint& endpoint, TimePoint deadline,
                                                     Progress& progress);

}  // namespace ballast::vsphere
