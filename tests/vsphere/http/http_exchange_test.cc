// What goes over the wire and what is made of it, for good and for broken servers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/vsphere/http/http_fixture.h"

namespace ballast::vsphere {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

class HttpExchange : public HttpTest {};

TEST_F(HttpExchange, SendsWhatWasAskedForAndNoMore) {
  std::string seen;
  HttpRequest request;
  request.method = "POST";
  request.target = "/sdk?x=%20";
  request.headers = {{"SOAPAction", "urn:vim25/7.0"}, {"Cookie", "vmware_soap_session=\"1\""}};
  request.body = "<x/>";
  LoopbackServer server([&](Peer& peer) {
    seen = peer.read_request().value_or("");
    peer.send(ok(""));
  });
  const auto client = make_client(server.endpoint());
  ASSERT_TRUE(send(*client, request));
  EXPECT_EQ(seen, "POST /sdk?x=%20 HTTP/1.1\r\nHost: 127.0.0.1:" +
                      std::to_string(server.endpoint().port) +
                      "\r\nSOAPAction: urn:vim25/7.0\r\nCookie: vmware_soap_session=\"1\"\r\n"
                      "Content-Length: 4\r\n\r\n<x/>");
}

TEST_F(HttpExchange, RefusesRequestsThatWouldSmuggle) {
  // Nothing is sent: the port is one nobody listens on.
  const auto client = make_client({false, "127.0.0.1", 1});
  std::vector<HttpRequest> bad(8);
  bad[0].target = "/a b";
  bad[1].target = "/a\r\nX: y";
  bad[2].target = "no-slash";
  bad[3].method = "GET /other";
  bad[4].headers = {{"Cookie", "a\r\nX: y"}};
  bad[5].headers = {{"X: y\r\nCookie", "a"}};
  bad[6].headers = {{"content-length", "7"}};
  bad[7].headers = {{"Transfer-Encoding", "chunked"}};
  for (std::size_t i = 0; i < bad.size(); ++i) {
    const auto result = send(*client, bad[i]);
    ASSERT_FALSE(result) << i;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument) << i << why(result);
  }
}

struct Body {
  const char* what;
  std::string answer;
  std::string body;
};

TEST_F(HttpExchange, ReadsEveryKindOfBody) {
  const Body rows[] = {
      {"sized", ok("hello"), "hello"},
      {"empty", ok(""), ""},
      {"chunked",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n",
       "hello"},
      {"chunked with trailer",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
       "hello"},
      {"to the end, 1.1", "HTTP/1.1 200 OK\r\n\r\nhello", "hello"},
      {"to the end, 1.0", "HTTP/1.0 200 OK\r\n\r\nhello", "hello"},
      {"sized, 1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello"},
      {"after 100 Continue", "HTTP/1.1 100 Continue\r\n\r\n" + ok("hello"), "hello"},
      {"after 102 and 103",
       "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok("hello"),
       "hello"},
      {"204", "HTTP/1.1 204 No Content\r\n\r\n", ""},
      {"304 with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", ""},
  };
  for (const auto& row : rows) {
    const auto result = ask(answers_once(row.answer));
    ASSERT_TRUE(result) << row.what << ": " << why(result);
    EXPECT_EQ(result->body, row.body) << row.what;
  }
}

TEST_F(HttpExchange, HeadHasNoBodyWhateverItsLength) {
  HttpRequest head;
  head.method = "HEAD";
  const auto result = ask(answers_once("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"), head);
  ASSERT_TRUE(result) << why(result);
  EXPECT_EQ(result->header("content-length"), "999");
  EXPECT_EQ(result->body, "");
}

TEST_F(HttpExchange, EveryStatusIsASuccess) {
  for (const int status : {200, 302, 401, 500, 503, 599}) {
    const auto result = ask(answers_once("HTTP/1.1 " + std::to_string(status) +
                                         " Whatever\r\nContent-Length: 1\r\n\r\nx"));
    ASSERT_TRUE(result) << why(result);
    EXPECT_EQ(result->status, status);
  }
}

TEST_F(HttpExchange, KeepsRepeatedHeadersInOrder) {
  const auto result = ask(answers_once(ok(
      "", "Set-Cookie: vmware_soap_session=\"a b\"; Path=/\r\nX-Other: 1\r\nSET-COOKIE: b=2\r\n")));
  ASSERT_TRUE(result) << why(result);
  EXPECT_THAT(result->headers,
              ElementsAre(Pair("content-length", "0"),
                          Pair("set-cookie", "vmware_soap_session=\"a b\"; Path=/"),
                          Pair("set-cookie", "b=2"), Pair("x-other", "1")));
  EXPECT_EQ(result->header("set-cookie"), "vmware_soap_session=\"a b\"; Path=/");
  EXPECT_EQ(result->header("none"), "");
}

TEST_F(HttpExchange, ReadsALargeBodyWhole) {
  std::string large(5'000'000, 'x');
  for (std::size_t i = 0; i < large.size(); i += 1000) large[i] = static_cast<char>('a' + i % 26);
  const auto result = ask(answers_once(ok(large)));
  ASSERT_TRUE(result) << why(result);
  EXPECT_TRUE(result->body == large) << "body of " << result->body.size() << " bytes differs";
}

TEST_F(HttpExchange, EnforcesTheBodyLimitHoweverTheLengthIsTold) {
  const std::string kilobyte(1024, 'x');
  const std::pair<const char*, std::string> rows[] = {
      {"sized", "HTTP/1.1 200 OK\r\nContent-Length: 1024\r\n\r\n"},
      {"absurd size", "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n"},
      {"one chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n" + kilobyte},
      {"absurd chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"},
      {"to the end", "HTTP/1.1 200 OK\r\n\r\n" + kilobyte},
  };
  HttpRequest request;
  request.max_body_bytes = 1000;
  for (const auto& [what, answer] : rows) {
    // The server goes on for ever: only the limit ends it.
    const auto result = ask(
        [first = answer, &kilobyte](Peer& peer) {
          if (!peer.read_request() || !peer.send(first)) return;
          while (peer.send(kilobyte)) {
          }
        },
        request);
    ASSERT_FALSE(result) << what;
    EXPECT_EQ(result.error().code, ErrorCode::kTooLarge) << what << ": " << why(result);
    EXPECT_TRUE(says(result, "1000 bytes")) << what;
  }
}

TEST_F(HttpExchange, ABodyOfExactlyTheLimitPasses) {
  HttpRequest request;
  request.max_body_bytes = 5;
  EXPECT_TRUE(ask(answers_once(ok("hello")), request));
  EXPECT_TRUE(ask(answers_once("HTTP/1.1 200 OK\r\n\r\nhello"), request));
  EXPECT_TRUE(ask(answers_once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "5\r\nhello\r\n0\r\n\r\n"),
                  request));
  EXPECT_FALSE(ask(answers_once(ok("hello!")), request));
}

TEST_F(HttpExchange, EndlessHeadersAndChunkLinesAreTooLarge) {
  const std::pair<const char*, std::string> rows[] = {
      {"one long header", "HTTP/1.1 200 OK\r\nX: "},
      {"status line", "HTTP/1.1 200 "},
      {"chunk extension", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x="},
      {"trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: "},
  };
  HttpLimits limits;
  limits.max_header_bytes = 2000;
  for (const auto& [what, start] : rows) {
    const auto result = ask(
        [first = start](Peer& peer) {
          if (!peer.read_request() || !peer.send(first)) return;
          while (peer.send(std::string(1000, 'x'))) {
          }
        },
        {}, limits);
    ASSERT_FALSE(result) << what;
    EXPECT_EQ(result.error().code, ErrorCode::kTooLarge) << what << ": " << why(result);
  }
}

TEST_F(HttpExchange, ATruncatedAnswerIsAnError) {
  const std::pair<const char*, const char*> rows[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhello", "5 of 500 bytes"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "after 5 bytes"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", "after 5 bytes"},
      {"HTTP/1.1 200 OK\r\nContent-", "in its header"},
      {"HTTP/1.1 100 Continue\r\n\r\n", "in its header"},
  };
  for (const auto& [answer, where] : rows) {
    const auto result = ask(answers_once(answer));
    ASSERT_FALSE(result) << answer;
    EXPECT_EQ(result.error().code, ErrorCode::kProtocol) << answer << ": " << why(result);
    EXPECT_TRUE(says(result, "ended early")) << answer;
    EXPECT_TRUE(says(result, where)) << answer;
  }
}

TEST_F(HttpExchange, WhatIsNotHttpIsQuotedSafely) {
  const auto result =
      ask(answers_once("SSH-2.0-\x1b[31mOpenSSH_9.2p1 " + std::string(500, 'x') + "\r\n"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kProtocol) << why(result);
  EXPECT_TRUE(says(result, "did not answer with HTTP but with \"SSH-2.0-\\x1b[31mOpenSSH"));
  EXPECT_THAT(result.error().message, Not(HasSubstr("\x1b")));
  EXPECT_LT(result.error().message.size(), 200u);
}

TEST_F(HttpExchange, BrokenHttpIsAProtocolError) {
  for (const char* answer : {
           "HTTP/1.1 2x0 OK\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
           "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nhello\r\n0\r\n\r\n",
           "HTTP/2.0 200 OK\r\n\r\n",
           "220 mail.example.com ESMTP\r\n",
           "\r\n\r\n",
           "x",
       }) {
    const auto result = ask(answers_once(answer));
    ASSERT_FALSE(result) << answer;
    EXPECT_EQ(result.error().code, ErrorCode::kProtocol) << answer << ": " << why(result);
  }
}

TEST_F(HttpExchange, EndlessInterimAnswersEnd) {
  const auto result = ask([](Peer& peer) {
    if (!peer.read_request()) return;
    while (peer.send("HTTP/1.1 100 Continue\r\n\r\n")) {
    }
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kProtocol) << why(result);
}

TEST_F(HttpExchange, AnAnswerBeforeTheWholeRequestWasReadCounts) {
  HttpRequest request;
  request.method = "POST";
  request.body = std::string(16'000'000, 'x');
  const auto result = ask(
      [](Peer& peer) {
        if (!peer.read_head()) return;
        peer.send("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy");
      },
      request);
  ASSERT_TRUE(result) << why(result);
  EXPECT_EQ(result->status, 503);
  EXPECT_EQ(result->body, "busy");
}

TEST_F(HttpExchange, PlainHttpToATlsPortIsUnderstood) {
  const std::string alert("\x15\x03\x01\x00\x02\x02\x46", 7);
  for (const std::string& answer :
       {alert,
        std::string(
            "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"),
        std::string("HTTP/1.1 400 Bad Request\r\nContent-Length: 51\r\n\r\n"
                    "The plain HTTP request was sent to HTTPS port......")}) {
    const auto result = ask(answers_once(answer));
    ASSERT_FALSE(result) << answer;
    EXPECT_EQ(result.error().code, ErrorCode::kProtocol) << why(result);
    EXPECT_TRUE(says(result, "wants TLS")) << answer;
    EXPECT_TRUE(says(result, "begin the url with https://")) << answer;
  }
}

}  // namespace
}  // namespace ballast::vsphere
