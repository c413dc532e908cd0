// One request and its answer on an open connection. For http_*.cc only, because of what it
// includes.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "base/async.h"
#include "base/result.h"
#include "vsphere/http_client.h"
#include "vsphere/http_error.h"

namespace ballast::vsphere {

using TcpStream = boost::asio::ip::tcp::socket;
using TlsStream = boost::asio::ssl::stream<TcpStream>;

struct Answer {
  Result<HttpResponse> response;
  bool reusable = false;            // the connection is ready for another request
  bool lost_before_answer = false;  // it broke, and not a byte of an answer had come
};

struct ExchangeTask {
  const Endpoint& endpoint;
  const HttpRequest& request;
  const std::string& head;  // from request_head
  std::size_t max_header_bytes;
  Progress& progress;
};

// Writes the request and reads the whole answer. Throws when cancelled; the connection is then in
// an unknown state. What `task` refers to outlives the call.
Awaitable<Answer> exchange(TcpStream& stream, ExchangeTask task);
Awaitable<Answer> exchange(TlsStream& stream, ExchangeTask task);

}  // namespace ballast::vsphere
