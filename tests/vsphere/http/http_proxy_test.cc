// The way through an HTTP proxy: who goes there, what is asked of it, and whom an error blames.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/vsphere/http/http_fixture.h"
#include "vsphere/http/proxy.h"

namespace ballast::vsphere {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class HttpProxy : public HttpTest {
 protected:
  // Sends a request to a server that only this proxy knows.
  Result<HttpResponse> ask_through(const Script& proxy, HttpRequest request = {}) {
    LoopbackServer server({proxy});
    Endpoint endpoint{false, "vc.invalid", 8080};
    endpoint.proxy_host = "127.0.0.1";
    endpoint.proxy_port = server.endpoint().port;
    return send(*make_client(endpoint), std::move(request));
  }
};

TEST_F(HttpProxy, AsksForATunnelAndSpeaksThroughIt) {
  std::string asked;
  std::string then;
  const auto answer = ask_through([&](Peer& peer) {
    asked = peer.read_head().value_or("");
    peer.send("HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n");
    then = peer.read_request().value_or("");
    peer.send(ok("through"));
  });
  ASSERT_TRUE(answer) << why(answer);
  EXPECT_EQ(answer->body, "through");
  EXPECT_THAT(asked, HasSubstr("CONNECT vc.invalid:8080 HTTP/1.1\r\nHost: vc.invalid:8080\r\n"));
  EXPECT_THAT(then, HasSubstr("GET / HTTP/1.1\r\nHost: vc.invalid:8080\r\n"))
      << "the server knows nothing of the proxy";
}

TEST_F(HttpProxy, WhatItRefusesIsBlamedOnIt) {
  const struct {
    std::string answer;
    const char* says;
    const char* hint;
  } rows[] = {
      {"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
       "gives no way to vc.invalid:8080: HTTP 403", "lets this machine reach that port"},
      {"HTTP/1.1 407 Login\r\nContent-Length: 0\r\n\r\n", "HTTP 407", "asks for a login"},
      {"SSH-2.0-OpenSSH_9.2\r\n", "broke off on the way to vc.invalid:8080", "HTTP proxy listens"},
      {"", "broke off on the way to vc.invalid:8080", "HTTP proxy listens"}};
  for (const auto& row : rows) {
    const auto answer = ask_through([&](Peer& peer) {
      peer.read_head();
      peer.send(row.answer);
    });
    ASSERT_FALSE(answer) << row.says;
    EXPECT_EQ(answer.error().code, ErrorCode::kUnreachable) << why(answer);
    EXPECT_THAT(answer.error().message, HasSubstr(row.says));
    EXPECT_THAT(answer.error().message, HasSubstr("the proxy 127.0.0.1:"));
    EXPECT_THAT(answer.error().hint, HasSubstr(row.hint));
  }
}

TEST_F(HttpProxy, ASilentProxyIsNamedByTheTimeout) {
  HttpRequest request;
  request.timeout = std::chrono::milliseconds(300);
  const auto answer = ask_through([](Peer& peer) { peer.wait_for_close(); }, std::move(request));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kTimeout) << why(answer);
  EXPECT_THAT(answer.error().message,
              AllOf(HasSubstr("the proxy 127.0.0.1:"), HasSubstr("it had not answered")));
}

TEST(ProxyRules, WhoGoesThroughTheProxy) {
  const ProxyRules rules{"proxy.example.com:3128",
                         "corp.example, .lab.example,10.1.2.3, 10.8.0.0/16,fd00::/8", true};
  const struct {
    const char* host;
    bool proxied;
  } rows[] = {{"vc.example.com", true},  {"corp.example", false},      {"VC.Corp.Example", false},
              {"notcorp.example", true}, {"esx-1.lab.example", false}, {"lab.example", false},
              {"10.1.2.3", false},       {"10.1.2.4", true},           {"10.8.255.1", false},
              {"10.9.0.1", true},        {"fd00::1", false},           {"fe80::1", true},
              {"localhost", false},      {"127.0.0.9", false},         {"::1", false}};
  for (const auto& row : rows) {
    const auto way = routed({true, row.host, 443}, rules);
    ASSERT_TRUE(way) << row.host;
    EXPECT_EQ(way->proxy_host, row.proxied ? "proxy.example.com" : "") << row.host;
    EXPECT_EQ(way->proxy_port, row.proxied ? 3128 : 0) << row.host;
  }
  EXPECT_EQ(routed({true, "vc", 443}, {"http://p", "*"})->proxy_host, "");
  EXPECT_EQ(routed({true, "127.0.0.1", 443}, {"http://p:8"})->proxy_host, "p")
      << "where it was asked for";
}

TEST(ProxyRules, WhatIsNoHttpProxyIsRefusedWithoutShowingIt) {
  for (const char* url :
       {"https://p:8", "socks5://p:1080", "http://user:secret@p:8", "http://", "p:99999999"}) {
    const auto way = routed({true, "vc", 443}, {url});
    ASSERT_FALSE(way) << url;
    EXPECT_EQ(way.error().code, ErrorCode::kConfig);
    EXPECT_EQ(way.error().sentence().find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace ballast::vsphere
