// One connection of an HttpClient's pool, TLS or plain.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "base/async.h"
#include "base/deadline.h"
#include "base/result.h"
#include "vsphere/http/error.h"
#include "vsphere/http/http_client.h"

namespace ballast::vsphere {

class TlsPeer;
struct Answer;

class HttpConnection {
 public:
  // Looks up, connects and shakes hands. `tls` is null for plain HTTP; it and `endpoint` outlive
  // the connection. `deadline` shares the time among addresses; the caller enforces it.
  static Awaitable<Result<std::unique_ptr<HttpConnection>>> open(
      const Endpoint& endpoint, TlsPeer* tls, std::chrono::steady_clock::time_point deadline,
      Progress& progress);
  ~HttpConnection();  // closes it
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // See exchange() in http_exchange.h. `request` and `message` outlive the call.
  Awaitable<Answer> exchange(const HttpRequest& request, const std::string& message,
                             std::size_t max_header_bytes, Progress& progress);

  // Has the exchange that is under way end soon, in whatever way.
  void cut_off();

  // While idle: whether nothing has come, not even the end. A server that closed it, or sent
  // something unasked, makes it useless.
  [[nodiscard]] bool is_quiet();

 private:
  class Impl;
  explicit HttpConnection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// From a host name to a connected socket. For http_*.cc only, because of what it includes.

// Tries the host's addresses one after the other, sharing what is left until `deadline` among
// them; the last may go on until the caller cancels it. Errors: kUnreachable.
Awaitable<Result<boost::asio::ip::tcp::socket>> dial(const Endpoint& endpoint, TimePoint deadline,
                                                     Progress& progress);

}  // namespace ballast::vsphere
