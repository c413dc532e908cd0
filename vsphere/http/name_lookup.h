// Private to vsphere/http, because it includes Asio: looks up host names on threads of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include "base/async.h"

namespace ballast::vsphere {

using Addresses = std::vector<boost::asio::ip::tcp::endpoint>;
using Lookup = std::pair<boost::system::error_code, Addresses>;

// Returns what getaddrinfo says. Blocks.
Lookup look_up_blocking(const std::string& host, std::uint16_t port);

// Looks up the addresses of a name. getaddrinfo cannot be interrupted and may take a minute, so
// each lookup has a thread of its own. It delays no other lookup; a cancelled one is left behind
// and holds up neither io_context::run() nor the end of the program. At most 32 run at once; beyond
// that the error is resource_unavailable_try_again. `blocking` is a parameter for the tests.
Awaitable<Lookup> look_up(
    std::string host, std::uint16_t port,
    std::function<Lookup(const std::string&, std::uint16_t)> blocking = look_up_blocking);

}  // namespace ballast::vsphere
