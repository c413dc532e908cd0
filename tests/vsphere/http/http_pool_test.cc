// Which connection a request gets, and in which order requests get one.
#include <atomic>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/vsphere/http/http_fixture.h"

namespace ballast::vsphere {
namespace {

class HttpPool : public HttpTest {
 protected:
  // Sends `count` requests at once, "/0", "/1", …, and gives the answers in that order.
  std::vector<Result<HttpResponse>> send_together(HttpClient& client, int count) {
    std::vector<std::optional<Result<HttpResponse>>> results(static_cast<std::size_t>(count));
    run(together(client, results));
    std::vector<Result<HttpResponse>> out;
    for (auto& result : results) out.push_back(std::move(*result));
    return out;
  }

 private:
  static Awaitable<void> together(HttpClient& client,
                                  std::vector<std::optional<Result<HttpResponse>>>& results) {
    TaskGroup group(co_await boost::asio::this_coro::executor);
    for (std::size_t i = 0; i < results.size(); ++i) {
      HttpRequest request;
      request.target = "/" + std::to_string(i);
      group.spawn(send_into(client, std::move(request), results[i]));
    }
    co_await group.join();
  }
};

std::string target_of(const std::string& request) {
  return request.substr(4, request.find(' ', 4) - 4);
}

// Answers every request with its own target.
void echo(Peer& peer) {
  while (const auto request = peer.read_request()) {
    if (!peer.send(ok(target_of(*request)))) return;
  }
}

TEST_F(HttpPool, RequestsInARowShareOneConnection) {
  LoopbackServer server(echo);
  const auto client = make_client(server.endpoint());
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(send(*client));
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(HttpPool, TwoHundredRequestsShareEightConnections) {
  LoopbackServer server(echo);
  const auto client = make_client(server.endpoint());
  for (int round = 0; round < 2; ++round) {
    const auto results = send_together(*client, 200);
    for (std::size_t i = 0; i < results.size(); ++i) {
      ASSERT_TRUE(results[i]) << i << ": " << why(results[i]);
      EXPECT_EQ(results[i]->body, "/" + std::to_string(i)) << "an answer went to another request";
    }
  }
  EXPECT_EQ(server.accepted(), 8);
  EXPECT_EQ(server.most_open(), 8);
}

HttpLimits keeping_one(std::chrono::milliseconds patience) {
  HttpLimits limits;
  limits.max_kept = 1;
  limits.patience = patience;
  return limits;
}

TEST_F(HttpPool, APatientRequestWaitsForTheConnectionThatIsKept) {
  LoopbackServer server(echo);
  const auto client = make_client(server.endpoint(), keeping_one(std::chrono::minutes(1)));
  for (const auto& result : send_together(*client, 5)) ASSERT_TRUE(result) << why(result);
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(HttpPool, APatientRequestDoesNotWaitForOneThatHangs) {
  std::promise<void> others_done;
  auto done = others_done.get_future().share();
  std::atomic<int> answered{0};
  LoopbackServer server([&, done](Peer& peer) {
    while (const auto request = peer.read_request()) {
      if (target_of(*request) == "/0") done.wait();
      if (!peer.send(ok(target_of(*request)))) return;
      if (++answered == 2) others_done.set_value();
    }
  });
  const auto client = make_client(server.endpoint(), keeping_one(Milliseconds(1)));
  const auto results = send_together(*client, 3);
  for (const auto& result : results) ASSERT_TRUE(result) << why(result);
  EXPECT_GE(server.accepted(), 2);
}

TEST_F(HttpPool, WaitingRequestsAreServedFirstComeFirstServed) {
  std::vector<std::string> order;
  LoopbackServer server([&](Peer& peer) {
    while (const auto request = peer.read_request()) {
      order.push_back(target_of(*request));
      if (!peer.send(ok(""))) return;
    }
  });
  HttpLimits limits;
  limits.max_connections = 1;
  const auto client = make_client(server.endpoint(), limits);
  for (const auto& result : send_together(*client, 20)) ASSERT_TRUE(result) << why(result);
  ASSERT_EQ(order.size(), 20u);
  for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], "/" + std::to_string(i));
}

TEST_F(HttpPool, ConnectionsThatCannotGoOnAreNotReused) {
  const std::pair<const char*, std::string> rows[] = {
      {"Connection: close", ok("x", "Connection: close\r\n")},
      {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx"},
      {"bytes behind the answer", ok("x") + "more"},
      {"switching protocols", "HTTP/1.1 101 Switching Protocols\r\n\r\n"},
  };
  for (const auto& [what, answer] : rows) {
    LoopbackServer server([first = answer](Peer& peer) {
      while (peer.read_request() && peer.send(first)) {
      }
    });
    const auto client = make_client(server.endpoint());
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(send(*client)) << what;
    EXPECT_EQ(server.accepted(), 3) << what;
  }
}

TEST_F(HttpPool, AFailedExchangeIsNotReused) {
  HttpRequest request;
  request.max_body_bytes = 3;
  LoopbackServer server(always_answers("hello"));
  const auto client = make_client(server.endpoint());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(says(send(*client, request), "larger"));
  EXPECT_EQ(server.accepted(), 3);
}

TEST_F(HttpPool, AnIdleConnectionIsDroppedAfterItsTime) {
  LoopbackServer server(echo);
  HttpLimits limits;
  limits.idle_timeout = Milliseconds(0);
  const auto client = make_client(server.endpoint(), limits);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(send(*client));
  EXPECT_EQ(server.accepted(), 3);
}

TEST_F(HttpPool, CloseIdleClosesWhatIsIdle) {
  std::promise<void> closed;
  LoopbackServer server([&](Peer& peer) {
    echo(peer);
    closed.set_value();
  });
  const auto client = make_client(server.endpoint());
  ASSERT_TRUE(send(*client));
  client->close_idle();
  closed.get_future().wait();  // hangs, and fails by the test's time limit, if it stays open
}

TEST_F(HttpPool, AConnectionClosedWhileIdleIsReplacedUnnoticed) {
  std::promise<void> closed;
  LoopbackServer server({[&](Peer& peer) {
                           if (peer.read_request()) peer.send(ok("first"));
                           peer.close();
                           closed.set_value();
                         },
                         always_answers("second")});
  const auto client = make_client(server.endpoint());
  EXPECT_EQ(send(*client)->body, "first");
  closed.get_future().wait();
  EXPECT_EQ(send(*client)->body, "second");
  EXPECT_EQ(server.accepted(), 2);
}

TEST_F(HttpPool, SomethingUnaskedOnAnIdleConnectionIsNeverTakenForAnAnswer) {
  std::promise<void> idle;
  std::promise<void> sent;
  LoopbackServer server({[&](Peer& peer) {
                           if (peer.read_request()) peer.send(ok("first"));
                           idle.get_future().wait();
                           peer.send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
                           sent.set_value();
                           peer.wait_for_close();
                         },
                         always_answers("second")});
  const auto client = make_client(server.endpoint());
  EXPECT_EQ(send(*client)->body, "first");
  idle.set_value();
  sent.get_future().wait();
  EXPECT_EQ(send(*client)->body, "second");
  EXPECT_EQ(server.accepted(), 2);
}

// The server closes, or resets, when it sees the second request: the client cannot know before.
class HttpPoolRetry : public HttpPool, public ::testing::WithParamInterface<bool> {
 protected:
  static Script dies_at_second_request(bool rudely) {
    return [rudely](Peer& peer) {
      if (!peer.read_request() || !peer.send(ok("first")) || !peer.read_request()) return;
      if (rudely) peer.reset();
    };
  }
};

TEST_P(HttpPoolRetry, AReusedConnectionThatDiesIsReplacedOnce) {
  LoopbackServer server({dies_at_second_request(GetParam()), always_answers("second")});
  const auto client = make_client(server.endpoint());
  HttpRequest request;
  request.method = "POST";
  request.body = "<x/>";
  EXPECT_EQ(send(*client, request)->body, "first");
  const auto result = send(*client, request);
  ASSERT_TRUE(result) << why(result);
  EXPECT_EQ(result->body, "second");
  EXPECT_EQ(server.accepted(), 2);
}

TEST_P(HttpPoolRetry, TheReplacementGetsNoSecondChance) {
  LoopbackServer server(
      {dies_at_second_request(GetParam()), [](Peer& peer) { peer.read_request(); }});
  const auto client = make_client(server.endpoint());
  EXPECT_EQ(send(*client)->body, "first");
  const auto result = send(*client);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnreachable) << why(result);
  EXPECT_EQ(server.accepted(), 2);
}

INSTANTIATE_TEST_SUITE_P(CloseOrReset, HttpPoolRetry, ::testing::Bool(),
                         [](const auto& tested) { return tested.param ? "Reset" : "Close"; });

TEST_F(HttpPool, NoRetryOnceAByteOfTheAnswerCame) {
  LoopbackServer server({[](Peer& peer) {
                           if (!peer.read_request() || !peer.send(ok("first"))) return;
                           if (peer.read_request()) peer.send("H");
                         },
                         always_answers("second")});
  const auto client = make_client(server.endpoint());
  EXPECT_EQ(send(*client)->body, "first");
  EXPECT_TRUE(says(send(*client), "ended early"));
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(HttpPool, AFreshConnectionThatDiesIsNotTriedAgain) {
  LoopbackServer server([](Peer& peer) { peer.read_request(); });
  const auto client = make_client(server.endpoint());
  EXPECT_FALSE(send(*client));
  EXPECT_EQ(server.accepted(), 1);
}

}  // namespace
}  // namespace ballast::vsphere
