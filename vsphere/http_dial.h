// From a host name to a connected socket. For http_*.cc only, because of what it includes.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "base/deadline.h"
#include "vsphere/http_error.h"

namespace ballast::vsphere {

// Tries the host's addresses one after the other, sharing what is left until `deadline` among
// them; the last may go on until the caller cancels it. Errors: kUnreachable.
Awaitable<Result<boost::asio::ip::tcp::socket>> dial(const Endpoint& endpoint, TimePoint deadline,
                                                     Progress& progress);

}  // namespace ballast::vsphere
