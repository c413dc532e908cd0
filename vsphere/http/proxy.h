// An HTTP proxy on the way to a server: whether there is one, and the tunnel through it (CONNECT,
// RFC 9110 section 9.3.6).
#pragma once

#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "base/async.h"
#include "base/result.h"
#include "vsphere/http/http_client.h"

namespace ballast::vsphere {

// Which servers are reached through a proxy.
struct ProxyRules {
  std::string url;  // "http://proxy.example.com:3128", also without the scheme; "" for no proxy
  // As in NO_PROXY: names ("corp.example" and ".corp.example" stand for all names below as well),
  // addresses, networks ("10.0.0.0/8"), "*" for all; with commas between them.
  std::string except = {};
  bool spares_loopback = false;  // this machine itself is reached directly
};

// Returns `endpoint` with the proxy that leads to it, if any. Errors: kConfig, when the rules' URL
// is none of an HTTP proxy.
[[nodiscard]] Result<Endpoint> routed(Endpoint endpoint, const ProxyRules& rules);

// Asks the proxy at the other end of `socket` for a tunnel to `endpoint`; both outlive the call.
// Errors: kUnreachable, when the proxy refuses or does not speak HTTP. Throws when cancelled.
Awaitable<Status> open_tunnel(boost::asio::ip::tcp::socket& socket, const Endpoint& endpoint);

}  // namespace ballast::vsphere
