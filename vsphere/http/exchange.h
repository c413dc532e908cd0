// Private to vsphere/http, because it includes Asio: one request and its answer on an open
// connection.
#pragma once

#include <string>

#include "base/async.h"
#include "base/result.h"
#include "vsphere/http/error.h"
#include "vsphere/http/http_client.h"
#include "vsphere/http/plain_stream.h"
#include "vsphere/tls/stream.h"

namespace ballast::vsphere {

// What became of one exchange.
struct Answer {
  Result<HttpResponse> response;
  bool reusable = false;            // the connection is ready for another request
  bool lost_before_answer = false;  // it broke, and not a byte of an answer had come
};

// What an exchange works on.
struct ExchangeTask {
  const Endpoint& endpoint;
  const HttpRequest& request;
  const std::string& message;  // what goes out: request_head() and the body
  std::size_t max_header_bytes;
  Progress& progress;
};

// Returns the request line and the headers as bytes, the empty line included. Errors:
// kInvalidArgument for anything that could end a line early or give the length twice.
[[nodiscard]] Result<std::string> request_head(const HttpRequest& request,
                                               const Endpoint& endpoint);

// Writes the request and reads the whole answer. Throws when cancelled; the connection is then in
// an unknown state. What `task` refers to outlives the call. Errors: those of HttpClient::send.
Awaitable<Answer> exchange(PlainStream& stream, ExchangeTask task);
Awaitable<Answer> exchange(TlsStream& stream, ExchangeTask task);

}  // namespace ballast::vsphere
