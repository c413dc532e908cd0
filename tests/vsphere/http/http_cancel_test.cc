// A cancelled request ends at once, closes its connection, and leaves the client usable.
#include <future>

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "tests/vsphere/http/full_listener.h"
#include "tests/vsphere/http/http_fixture.h"

namespace ballast::vsphere {
namespace {

namespace asio = boost::asio;

struct Phase {
  const char* name;
  std::vector<const char*> before;  // answers given before, on the same connection
  std::string request_body;
  const char* answer;  // what the server sends of its last answer
};

std::ostream& operator<<(std::ostream& out, const Phase& phase) { return out << phase.name; }

class HttpCancel : public HttpTest {
 protected:
  // Returns nothing where the cancellation was thrown, as it has to be: a value would be taken for
  // what the server did.
  std::optional<Result<HttpResponse>> send_until_cancelled(HttpClient& client,
                                                           HttpRequest request = {}) {
    std::optional<Result<HttpResponse>> result;
    group_.spawn(send_into(client, std::move(request), result));
    run(group_.join());
    return result;
  }

  // Lets everything else run `steps` times, then cancels the group.
  static Awaitable<void> cancel_after(TaskGroup& group, int steps) {
    for (int i = 0; i < steps; ++i) co_await asio::post(asio::use_awaitable);
    group.cancel();
    co_await group.join();
  }

  TaskGroup group_{io_.get_executor()};
};

class HttpCancelPhase : public HttpCancel, public ::testing::WithParamInterface<Phase> {};

TEST_P(HttpCancelPhase, ClosesTheConnectionWhichIsThenReplaced) {
  const Phase& phase = GetParam();
  std::promise<void> closed;
  LoopbackServer server({[&](Peer& peer) {
                           for (const char* body : phase.before) {
                             peer.read_request();
                             peer.send(ok(body));
                           }
                           // A request with a body is left unread: the client is stuck in it.
                           if (phase.request_body.empty()) peer.read_request();
                           if (!phase.request_body.empty()) peer.read_head();
                           peer.send(phase.answer);
                           asio::post(io_, [this] { group_.cancel(); });
                           peer.wait_for_close();
                           closed.set_value();
                         },
                         always_answers("after")});
  const auto client = make_client(server.endpoint());
  for (std::size_t i = 0; i < phase.before.size(); ++i) ASSERT_TRUE(send(*client));
  HttpRequest request;
  request.body = phase.request_body;
  const auto result = send_until_cancelled(*client, request);
  EXPECT_FALSE(result.has_value()) << why(*result);
  closed.get_future().wait();  // hangs if the connection stays open
  const auto after = send(*client);
  ASSERT_TRUE(after) << why(after);
  EXPECT_EQ(after->body, "after");
  EXPECT_EQ(server.accepted(), 2);
}

INSTANTIATE_TEST_SUITE_P(
    All, HttpCancelPhase,
    ::testing::Values(
        Phase{"Sending", {}, std::string(64'000'000, 'x'), ""}, Phase{"Waiting", {}, "", ""},
        Phase{"InHeader", {}, "", "HTTP/1.1 200 OK\r\nX: "},
        Phase{"InBody", {}, "", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"},
        Phase{"InChunk", {}, "", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello"},
        Phase{"OnReusedConnection", {"a", "b"}, "", ""}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(HttpCancel, WhileShakingHands) {
  std::promise<void> closed;
  LoopbackServer server([&](Peer& peer) {
    asio::post(io_, [this] { group_.cancel(); });
    peer.wait_for_close();
    closed.set_value();
  });
  auto endpoint = server.endpoint();
  endpoint.tls = true;
  const auto client = make_client(endpoint);
  const auto result = send_until_cancelled(*client);
  EXPECT_FALSE(result.has_value()) << why(*result);
  closed.get_future().wait();
}

TEST_F(HttpCancel, WhileConnecting) {
  FullListener full;
  const auto client = make_client(full.endpoint());
  std::optional<Result<HttpResponse>> result;
  group_.spawn(send_into(*client, HttpRequest(), result));
  run(cancel_after(group_, 20));
  EXPECT_FALSE(result.has_value()) << why(*result);
}

TEST_F(HttpCancel, WhileQueueingLosesNoPlace) {
  std::promise<void> cancelled;
  auto cancelled_future = cancelled.get_future();
  LoopbackServer server([&](Peer& peer) {
    if (!peer.read_request()) return;
    cancelled_future.wait();
    peer.send(ok("first"));
    while (peer.read_request() && peer.send(ok("later"))) {
    }
  });
  HttpLimits limits;
  limits.max_connections = 1;
  const auto client = make_client(server.endpoint(), limits);
  std::optional<Result<HttpResponse>> first;
  std::optional<Result<HttpResponse>> queued;
  auto story = [](HttpClient& to, auto& a, auto& b, auto& said) -> Awaitable<void> {
    TaskGroup patient(co_await asio::this_coro::executor);
    TaskGroup hasty(co_await asio::this_coro::executor);
    patient.spawn(send_into(to, HttpRequest(), a));
    hasty.spawn(send_into(to, HttpRequest(), b));
    co_await cancel_after(hasty, 20);
    said.set_value();
    co_await patient.join();
  };
  run(story(*client, first, queued, cancelled));
  EXPECT_FALSE(queued.has_value()) << why(*queued);
  ASSERT_TRUE(*first) << why(*first);
  EXPECT_EQ((*first)->body, "first");
  EXPECT_EQ(send(*client)->body, "later");
  EXPECT_EQ(server.accepted(), 1);
}

class HttpCancelAnywhere : public HttpCancel, public ::testing::WithParamInterface<bool> {};

TEST_P(HttpCancelAnywhere, LeavesTheClientUsable) {
  const Identity identity = make_identity({"lab", {"IP:127.0.0.1"}});
  LoopbackServer server(always_answers(std::string(200'000, 'x')),
                        GetParam() ? &identity : nullptr);
  HttpLimits limits;
  limits.max_connections = 2;
  TlsTrust trust;
  trust.insecure = true;
  const auto client = make_client(server.endpoint(), limits, trust);
  int ended = 0;
  for (int steps = 0; steps < 80; ++steps) {
    TaskGroup group(io_.get_executor());
    std::vector<std::optional<Result<HttpResponse>>> results(4);
    for (auto& result : results) group.spawn(send_into(*client, HttpRequest(), result));
    run(cancel_after(group, steps));
    for (const auto& result : results) {
      if (!result.has_value()) {
        ++ended;
        continue;
      }
      EXPECT_TRUE(*result) << steps << ": " << why(*result);
    }
    const auto after = send(*client);
    ASSERT_TRUE(after) << steps << ": " << why(after);
    EXPECT_EQ(after->body.size(), 200'000u) << steps;
  }
  EXPECT_GT(ended, 0) << "nothing was cancelled: the test tests nothing";
}

INSTANTIATE_TEST_SUITE_P(PlainOrTls, HttpCancelAnywhere, ::testing::Bool(),
                         [](const auto& tested) { return tested.param ? "Tls" : "Plain"; });

TEST_P(HttpCancelAnywhere, EndsARequestWhoseAnswerStalls) {
  // A cancellation that comes between two reads must not be lost: the second would never end.
  const Identity identity = make_identity({"lab", {"IP:127.0.0.1"}});
  TlsTrust trust;
  trust.insecure = true;
  for (const char* part :
       {"HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello"}) {
    LoopbackServer server(
        [part](Peer& peer) {
          if (peer.read_request() && peer.send(part)) peer.wait_for_close();
        },
        GetParam() ? &identity : nullptr);
    const auto client = make_client(server.endpoint(), {}, trust);
    for (int steps = 0; steps < 100; ++steps) {
      TaskGroup group(io_.get_executor());
      std::optional<Result<HttpResponse>> result;
      group.spawn(send_into(*client, HttpRequest(), result));
      run(cancel_after(group, steps));  // hangs if the cancellation is lost
      EXPECT_FALSE(result.has_value()) << why(*result);
    }
  }
}

TEST_F(HttpCancel, CleanUpBehindAShieldStillReachesTheServer) {
  LoopbackServer server(always_answers("cleaned"));
  const auto client = make_client(server.endpoint());
  std::optional<Result<HttpResponse>> result;
  auto clean_up = [](HttpClient& to, auto& into) -> Awaitable<void> {
    co_await shield_from_cancellation();
    HttpRequest request;
    co_await send_into(to, std::move(request), into);
  };
  group_.spawn(clean_up(*client, result));
  group_.cancel();
  run(group_.join());
  ASSERT_TRUE(result.has_value());
  ASSERT_TRUE(*result) << why(*result);
  EXPECT_EQ((*result)->body, "cleaned");
}

}  // namespace
}  // namespace ballast::vsphere
