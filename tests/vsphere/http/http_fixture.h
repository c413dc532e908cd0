// What the tests of HttpClient share: an io_context on the test's thread, a client, requests.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "base/async.h"
#include "tests/vsphere/http/loopback_server.h"
#include "vsphere/http/http_client.h"

namespace ballast::vsphere {

class HttpTest : public ::testing::Test {
 protected:
  using Milliseconds = std::chrono::milliseconds;

  std::unique_ptr<HttpClient> make_client(Endpoint endpoint, HttpLimits limits = {},
                                          TlsTrust trust = {}) {
    auto client =
        HttpClient::create(io_.get_executor(), std::move(endpoint), std::move(trust), limits);
    if (!client) throw std::runtime_error(client.error().sentence());
    return std::move(*client);
  }

  Result<HttpResponse> send(HttpClient& client, HttpRequest request = {}) {
    std::optional<Result<HttpResponse>> result;
    run(send_into(client, std::move(request), result));
    return std::move(*result);
  }

  // Runs `task` and everything it started to the end.
  void run(Awaitable<void> task) {
    std::exception_ptr thrown;
    boost::asio::co_spawn(io_, std::move(task), [&](std::exception_ptr error) { thrown = error; });
    io_.restart();
    io_.run();
    if (thrown) std::rethrow_exception(thrown);
  }

  // One request to a server with this script.
  Result<HttpResponse> ask(Script script, HttpRequest request = {}, HttpLimits limits = {}) {
    LoopbackServer server(std::move(script));
    const auto client = make_client(server.endpoint(), limits);
    return send(*client, std::move(request));
  }

  static Awaitable<void> send_into(HttpClient& client, HttpRequest request,
                                   std::optional<Result<HttpResponse>>& result) {
    result.emplace(co_await client.send(std::move(request)));
  }

  boost::asio::io_context io_;
};

// A script that sends `answer` to the first request and closes.
inline Script answers_once(std::string answer) {
  return [answer = std::move(answer)](Peer& peer) {
    if (peer.read_request()) peer.send(answer);
  };
}

// "code: sentence" of a failed result, for failure messages and searches.
inline std::string why(const Result<HttpResponse>& result) {
  return result ? "status " + std::to_string(result->status) : result.error().sentence();
}

// `part` is somewhere in what the user would read.
inline ::testing::AssertionResult says(const Result<HttpResponse>& result,
                                       const std::string& part) {
  if (!result && result.error().sentence().find(part) != std::string::npos) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure() << "\"" << part << "\" is not in: " << why(result);
}

}  // namespace ballast::vsphere
