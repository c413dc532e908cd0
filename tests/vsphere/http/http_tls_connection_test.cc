// What goes over a connection with TLS once its certificate is trusted.
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/vsphere/http/http_tls_fixture.h"

namespace ballast::vsphere {
namespace {

TEST_F(HttpTls, ASecondConnectionResumesTheSession) {
  const auto identity = make_identity({"vc", {"IP:127.0.0.1"}}, &authority());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    std::mutex mutex;
    std::vector<bool> resumed;
    {
      LoopbackServer server(
          [&](Peer& peer) {
            {
              const std::scoped_lock lock(mutex);
              resumed.push_back(peer.resumed());
            }
            if (peer.read_request()) peer.send(ok("hello", "Connection: close\r\n"));
          },
          &identity,
          [version](SSL_CTX* context) { SSL_CTX_set_max_proto_version(context, version); });
      const auto client = make_client(server.endpoint(), {}, trust_authority());
      for (int i = 0; i < 3; ++i) ASSERT_TRUE(send(*client));
    }
    EXPECT_EQ(resumed, (std::vector<bool>{false, true, true})) << version;
  }
}

TEST_F(HttpTls, ALargeAnswerComesWholeAndTheConnectionIsReused) {
  const auto identity = make_identity({"vc", {"IP:127.0.0.1"}}, &authority());
  LoopbackServer server(always_answers(std::string(3'000'000, 'x')), &identity);
  const auto client = make_client(server.endpoint(), {}, trust_authority());
  HttpRequest request;
  request.method = "POST";
  request.body = std::string(1'000'000, 'y');
  for (int i = 0; i < 3; ++i) {
    const auto result = send(*client, request);
    ASSERT_TRUE(result) << why(result);
    EXPECT_EQ(result->body.size(), 3'000'000u);
  }
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(HttpTls, ABodyToTheEndNeedsAnHonestEnd) {
  const auto identity = make_identity({"vc", {"IP:127.0.0.1"}}, &authority());
  LoopbackServer server({answers_once("HTTP/1.1 200 OK\r\n\r\nhello"),
                         [](Peer& peer) {
                           if (peer.read_request()) peer.send("HTTP/1.1 200 OK\r\n\r\nhello");
                           peer.break_off();
                         }},
                        &identity);
  const auto client = make_client(server.endpoint(), {}, trust_authority());
  const auto honest = send(*client);
  ASSERT_TRUE(honest) << why(honest);
  EXPECT_EQ(honest->body, "hello");
  const auto cut = send(*client);
  ASSERT_FALSE(cut) << "whoever cuts the connection could shorten the answer";
  EXPECT_EQ(cut.error().code, ErrorCode::kProtocol);
  EXPECT_TRUE(says(cut, "ended early (after 5 bytes)"));
}

TEST_F(HttpTls, AnIdleConnectionClosedByTheServerIsReplaced) {
  const auto identity = make_identity({"vc", {"IP:127.0.0.1"}}, &authority());
  for (const bool politely : {true, false}) {
    LoopbackServer server({[politely](Peer& peer) {
                             if (!peer.read_request() || !peer.send(ok("first"))) return;
                             peer.read_request();
                             if (!politely) peer.break_off();
                           },
                           always_answers("second")},
                          &identity);
    const auto client = make_client(server.endpoint(), {}, trust_authority());
    EXPECT_EQ(send(*client)->body, "first");
    const auto result = send(*client);
    ASSERT_TRUE(result) << why(result);
    EXPECT_EQ(result->body, "second");
  }
}

}  // namespace
}  // namespace ballast::vsphere
