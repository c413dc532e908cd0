// Private to vsphere/http: the way to a server (dial), and one connection of an HttpClient's pool
// on top of it, TLS or plain.
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

// Looks the host up, or the proxy on the way to it, and connects to its addresses, one after the
// other; through a proxy it opens a tunnel. They share what is left
// until `deadline`; the last one may go on until the caller cancels it. `endpoint` and `progress`
// outlive the call. Errors: kUnreachable, with what each address said.
Awaitable<Result<boost::asio::ip::tcp::socket>> dial(const Endpoint& endpoint, TimePoint deadline,
                                                     Progress& progress);

class HttpConnection {
 public:
  // Dials and shakes hands. `tls` is null for plain HTTP; it and `endpoint` outlive the connection.
  // `deadline` is shared out as dial() does; the caller enforces it. Errors: kUnreachable, kTls.
  static Awaitable<Result<std::unique_ptr<HttpConnection>>> open(
      const Endpoint& endpoint, TlsPeer* tls, std::chrono::steady_clock::time_point deadline,
      Progress& progress);
  ~HttpConnection();  // closes it
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // Sends `message` and reads the answer, as exchange() of exchange.h does. `request` and `message`
  // outlive the call.
  Awaitable<Answer> exchange(const HttpRequest& request, const std::string& message,
                             std::size_t max_header_bytes, Progress& progress);

  // Makes the exchange that is under way end soon, with whatever result.
  void cut_off();

  // Returns whether an idle connection can be used again: nothing has arrived on it, neither bytes
  // nor the end. A server that closed it, or sent something unasked, makes it useless.
  [[nodiscard]] bool is_quiet();

 private:
  class Impl;
  explicit HttpConnection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ballast::vsphere
