// Private to vsphere/http: every way an exchange can fail, as an Error that says what happened and
// what to try. Text from the server is made printable and cut here.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/error_code.hpp>

#include "base/result.h"
#include "vsphere/http/http_client.h"

namespace ballast::vsphere {

struct PeerCheck;

// What an exchange is busy with. Kept up to date, so that a timeout can say what took too long.
struct Progress {
  enum class Phase { kQueue, kLookup, kConnect, kTunnel, kHandshake, kSend, kWait, kReceive };
  Phase phase = Phase::kQueue;
  std::string address;  // the one being tried, from kConnect on
};

// Returns "vc.example.com:443", "[::1]:8443".
[[nodiscard]] std::string place(const Endpoint& endpoint);
// Returns the proxy on the way to `endpoint`, which has one, as an endpoint of its own.
[[nodiscard]] Endpoint proxy_of(const Endpoint& endpoint);

[[nodiscard]] Error lookup_failed(const Endpoint& endpoint, const boost::system::error_code& why);
// Returns the words for one address ("connection refused"), of which connect_failed() makes an
// Error.
[[nodiscard]] std::string connect_problem(const boost::system::error_code& why);
[[nodiscard]] Error connect_failed(const Endpoint& endpoint,
                                   const std::vector<std::string>& problem_by_address);
// `check` is what the handshake found out about the certificate.
[[nodiscard]] Error handshake_failed(const Endpoint& endpoint, const boost::system::error_code& why,
                                     const PeerCheck& check);
// TLS failed after the handshake.
[[nodiscard]] Error tls_broke(const Endpoint& endpoint, const boost::system::error_code& why);
[[nodiscard]] Error broken_before_answer(const Endpoint& endpoint,
                                         const boost::system::error_code& why);
[[nodiscard]] Error broken_in_answer(const Endpoint& endpoint,
                                     const boost::system::error_code& why);
// `received` is a text like "100 of 500 bytes".
[[nodiscard]] Error ended_early(const Endpoint& endpoint, std::string_view received);
[[nodiscard]] Error not_http(const Endpoint& endpoint, std::string_view first_bytes);
[[nodiscard]] Error wants_tls(const Endpoint& endpoint);
[[nodiscard]] Error malformed(const Endpoint& endpoint, const boost::system::error_code& why);
// `what` is "header" or "body".
[[nodiscard]] Error too_large(const Endpoint& endpoint, std::string_view what, std::size_t limit);
[[nodiscard]] Error timed_out(const Endpoint& endpoint, const Progress& progress,
                              std::chrono::milliseconds limit);

}  // namespace ballast::vsphere
