// A client in a hurry ends everything soon, whatever the servers do. Requests here would wait for
// an hour; that a test ends is half of what it shows.
#include <gtest/gtest.h>

#include "tests/vsphere/http/full_listener.h"
#include "tests/vsphere/http/http_fixture.h"

namespace ballast::vsphere {
namespace {

using namespace std::chrono_literals;
using Results = std::vector<std::optional<Result<HttpResponse>>>;

class HttpHurry : public HttpTest {
 protected:
  static HttpRequest patient() {
    HttpRequest request;
    request.timeout = 1h;
    return request;
  }
  static HttpLimits one_connection() {
    HttpLimits limits;
    limits.max_connections = 1;
    limits.connect_timeout = 1h;
    return limits;
  }

  // So many requests at once, and then the hurry.
  Results send_and_hurry(HttpClient& client, std::size_t count) {
    Results results(count);
    TaskGroup group(io_.get_executor());
    for (auto& result : results) group.spawn(send_into(client, patient(), result));
    group.spawn(hurry_after(client, 20ms));
    run(group.join());
    return results;
  }

  static Awaitable<void> hurry_after(HttpClient& client, Milliseconds pause) {
    co_await sleep_for(pause);
    client.hurry(std::chrono::steady_clock::now() + 20ms);
  }

  static void expect_all_timed_out(const Results& results) {
    for (const auto& result : results) {
      ASSERT_TRUE(result);
      ASSERT_FALSE(*result);
      EXPECT_EQ(result->error().code, ErrorCode::kTimeout) << why(*result);
    }
  }
};

TEST_F(HttpHurry, EndsWhatAStalledServerHoldsAndWhatIsQueuedBehindIt) {
  LoopbackServer server([](Peer& peer) {
    peer.read_request();
    peer.wait_for_close();
  });
  const auto client = make_client(server.endpoint(), one_connection());
  expect_all_timed_out(send_and_hurry(*client, 5));
}

TEST_F(HttpHurry, EndsConnectingAndHandshaking) {
  FullListener full;
  const auto connecting = make_client(full.endpoint(), one_connection());
  expect_all_timed_out(send_and_hurry(*connecting, 1));

  LoopbackServer silent([](Peer& peer) { peer.wait_for_close(); });
  auto endpoint = silent.endpoint();
  endpoint.tls = true;
  const auto shaking = make_client(endpoint, one_connection());
  expect_all_timed_out(send_and_hurry(*shaking, 1));
}

TEST_F(HttpHurry, GivesWhatBeginsLaterASecond) {
  LoopbackServer server({answers_once(ok("fine")), [](Peer& peer) {
                           peer.read_request();
                           peer.wait_for_close();
                         }});
  const auto client = make_client(server.endpoint());
  client->hurry(std::chrono::steady_clock::now() - 1h);
  const auto quick = send(*client, patient());
  EXPECT_TRUE(quick) << "there is time to log out of a server that answers: " << why(quick);
  const auto stalled = send(*client, patient());
  EXPECT_TRUE(says(stalled, "took longer than 1.0 s")) << why(stalled);
}

TEST_F(HttpHurry, LeavesShorterDeadlinesAlone) {
  LoopbackServer server([](Peer& peer) {
    peer.read_request();
    peer.wait_for_close();
  });
  const auto client = make_client(server.endpoint());
  client->hurry(std::chrono::steady_clock::now() + 1h);
  HttpRequest request;
  request.timeout = 50ms;
  EXPECT_TRUE(says(send(*client, std::move(request)), "took longer than 50 ms"));
}

}  // namespace
}  // namespace ballast::vsphere
