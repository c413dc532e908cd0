// What the user reads when there is no answer, or none in time.
#include <future>

#include <gtest/gtest.h>

#include "tests/vsphere/http/full_listener.h"
#include "tests/vsphere/http/http_fixture.h"
#include "vsphere/http/error.h"

namespace ballast::vsphere {
namespace {

struct Slow {
  const char* what;
  Script script;
  std::string body;
  const char* says;
};

class HttpFailure : public HttpTest {
 protected:
  // Whether the request times out, every time, and reaches the phase in question at last: on a
  // busy machine a short deadline may pass before that.
  ::testing::AssertionResult times_out_when(const Slow& slow) {
    Result<HttpResponse> result = fail(ErrorCode::kInvalidArgument, "not tried");
    for (Milliseconds timeout(100); timeout < Milliseconds(10'000); timeout *= 2) {
      HttpRequest request;
      request.method = "POST";
      request.body = slow.body;
      request.timeout = timeout;
      result = ask(slow.script, request);
      if (result || result.error().code != ErrorCode::kTimeout) break;
      if (says(result, slow.says)) return ::testing::AssertionSuccess();
    }
    return ::testing::AssertionFailure() << slow.what << ": " << why(result);
  }

  static std::string port_of(const Endpoint& endpoint) {
    return "127.0.0.1:" + std::to_string(endpoint.port);
  }
};

TEST_F(HttpFailure, RefusedConnection) {
  Endpoint nobody;
  { nobody = LoopbackServer(always_answers("")).endpoint(); }
  const auto client = make_client(nobody);
  const auto result = send(*client);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnreachable);
  EXPECT_EQ(result.error().message,
            "cannot connect to " + port_of(nobody) + ": connection refused (127.0.0.1)");
  EXPECT_TRUE(says(result, "check the host and port"));
}

TEST_F(HttpFailure, UnknownName) {
  // A label of more than 63 bytes is refused before any name server is asked.
  const auto client = make_client({false, std::string(64, 'a') + ".example", 80});
  const auto result = send(*client);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnreachable);
  EXPECT_TRUE(says(result, "cannot look up the address of aaaa"));
  EXPECT_TRUE(says(result, "DNS settings"));
}

TEST_F(HttpFailure, NamesAreLookedUp) {
  LoopbackServer server(always_answers("hello"));
  auto endpoint = server.endpoint();
  endpoint.host = "localhost";  // may be ::1 first, where nobody listens
  const auto client = make_client(endpoint);
  const auto result = send(*client);
  ASSERT_TRUE(result) << why(result);
  EXPECT_EQ(result->body, "hello");
}

TEST_F(HttpFailure, ClosedWithoutAnAnswer) {
  const auto result = ask([](Peer& peer) { peer.read_request(); });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnreachable);
  EXPECT_TRUE(says(result, "closed the connection without an answer"));
  EXPECT_TRUE(says(result, "begin the url with https://"));
}

TEST_F(HttpFailure, ResetWithoutAnAnswer) {
  const auto result = ask([](Peer& peer) {
    peer.read_request();
    peer.reset();
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnreachable);
  EXPECT_TRUE(says(result, "broke the connection off before it answered"));
}

TEST_F(HttpFailure, ResetInTheMiddleOfTheAnswer) {
  // A reset may overtake what was sent before it, so the server waits until the client has a full
  // chunk of it: that is the case once more than both socket buffers hold went out.
  const auto result = ask([](Peer& peer) {
    if (!peer.read_request()) return;
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 60000000\r\n\r\n" + std::string(20'000'000, 'x'));
    peer.reset();
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnreachable) << why(result);
  EXPECT_TRUE(says(result, "broke in the middle of its answer"));
}

TEST(HttpErrorText, NamesWhatIsWrongWithEachAddress) {
  const Endpoint v6{true, "2001:db8::1", 8443};
  EXPECT_EQ(place(v6), "[2001:db8::1]:8443");
  const auto unreachable = boost::asio::error::host_unreachable;
  EXPECT_EQ(connect_problem(unreachable), "no route to this host");
  const auto error = connect_failed(v6, {"no route to this host (a)", "no answer (b)"});
  EXPECT_EQ(error.message,
            "cannot connect to [2001:db8::1]:8443: no route to this host (a); no answer (b)");
  EXPECT_NE(error.hint.find("firewalls"), std::string::npos);
  const auto silent = lookup_failed(v6, boost::asio::error::host_not_found_try_again);
  EXPECT_NE(silent.message.find("no name server answered"), std::string::npos);
}

TEST_F(HttpFailure, OneDeadlineCoversSendingWaitingAndReading) {
  const Slow rows[] = {
      {"never reads",
       [](Peer& peer) {
         peer.read_head();
         peer.wait_for_hangup();
       },
       std::string(64'000'000, 'x'), "had not taken the whole request"},
      {"never answers", [](Peer& peer) { peer.wait_for_close(); }, "", "had not answered"},
      {"drips its header",
       [](Peer& peer) {
         if (peer.read_request())
           peer.drip("HTTP/1.1 200 OK\r\nX: " + std::string(1000, 'x'), Milliseconds(5));
       },
       "", "had not answered"},
      {"drips its body",
       [](Peer& peer) {
         if (!peer.read_request()) return;
         peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
         peer.drip(std::string(1000, 'x'), Milliseconds(5));
       },
       "", "answer had not ended"},
      {"drips chunks",
       [](Peer& peer) {
         if (!peer.read_request()) return;
         peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
         for (int i = 0; i < 1000; ++i) peer.drip("1\r\nx\r\n", Milliseconds(5));
       },
       "", "answer had not ended"},
  };
  for (const auto& row : rows) EXPECT_TRUE(times_out_when(row));
}

TEST_F(HttpFailure, TheDeadlineCoversWaitingForAConnection) {
  std::promise<void> tried;
  auto tried_future = tried.get_future();
  LoopbackServer server([&](Peer& peer) {
    if (!peer.read_request()) return;
    tried_future.wait();
    peer.send(ok("first"));
  });
  HttpLimits limits;
  limits.max_connections = 1;
  const auto client = make_client(server.endpoint(), limits);
  std::optional<Result<HttpResponse>> first;
  std::optional<Result<HttpResponse>> second;
  auto story = [](HttpClient& to, auto& a, auto& b, auto& said) -> Awaitable<void> {
    TaskGroup group(co_await boost::asio::this_coro::executor);
    HttpRequest patient;
    group.spawn(send_into(to, std::move(patient), a));
    HttpRequest hasty;
    hasty.timeout = Milliseconds(50);
    co_await send_into(to, std::move(hasty), b);
    said.set_value();
    co_await group.join();
  };
  run(story(*client, first, second, tried));
  EXPECT_EQ(second->error().code, ErrorCode::kTimeout);
  EXPECT_TRUE(says(*second, "took longer than 50 ms: all connections to it stayed busy"));
  ASSERT_TRUE(*first) << why(*first);
  EXPECT_EQ((*first)->body, "first");
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(HttpFailure, ConnectingHasATimeLimitOfItsOwn) {
  FullListener full;
  HttpLimits limits;
  limits.connect_timeout = Milliseconds(100);
  const auto client = make_client(full.endpoint(), limits);
  const auto result = send(*client);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTimeout) << why(result);
  EXPECT_TRUE(says(result, "took longer than 100 ms: no connection came about (tried 127.0.0.1)"));
}

TEST_F(HttpFailure, TheDeadlineCoversConnecting) {
  FullListener full;
  HttpRequest request;
  request.timeout = Milliseconds(100);
  const auto client = make_client(full.endpoint());
  const auto result = send(*client, request);
  ASSERT_FALSE(result);
  EXPECT_TRUE(says(result, "took longer than 100 ms: no connection came about"));
}

TEST_F(HttpFailure, ASilentTlsServerRunsIntoTheConnectLimit) {
  LoopbackServer server([](Peer& peer) { peer.wait_for_close(); });
  auto endpoint = server.endpoint();
  endpoint.tls = true;
  HttpLimits limits;
  limits.connect_timeout = Milliseconds(100);
  const auto client = make_client(endpoint, limits);
  const auto result = send(*client);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTimeout) << why(result);
  EXPECT_TRUE(says(result, "the TLS handshake had not ended"));
}

}  // namespace
}  // namespace ballast::vsphere
