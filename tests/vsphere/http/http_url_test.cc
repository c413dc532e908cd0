#include <gtest/gtest.h>

#include "vsphere/http/http_client.h"

namespace ballast::vsphere {
namespace {

struct GoodUrl {
  const char* text;
  bool tls;
  const char* host;
  std::uint16_t port;
  const char* target;
};

TEST(ParseUrl, SplitsWhatIsAllowed) {
  const GoodUrl rows[] = {
      {"https://vc.example.com", true, "vc.example.com", 443, "/"},
      {"https://vc.example.com/", true, "vc.example.com", 443, "/"},
      {"HTTPS://vc.example.com/sdk", true, "vc.example.com", 443, "/sdk"},
      {"http://127.0.0.1:8989", false, "127.0.0.1", 8989, "/"},
      {"http://vc", false, "vc", 80, "/"},
      {"https://[::1]:8443/path?x=y", true, "::1", 8443, "/path?x=y"},
      {"https://vc?x=y", true, "vc", 443, "/?x=y"},
      {"https://vc:/sdk", true, "vc", 443, "/sdk"},
      {"https://vc:65535/sdk#part", true, "vc", 65535, "/sdk"},
      {"https://*/guestFile?id=19&token=52%2Fa", true, "*", 443, "/guestFile?id=19&token=52%2Fa"},
  };
  for (const auto& row : rows) {
    const auto url = parse_url(row.text);
    ASSERT_TRUE(url) << row.text << ": " << url.error().sentence();
    EXPECT_EQ(url->endpoint.tls, row.tls) << row.text;
    EXPECT_EQ(url->endpoint.host, row.host) << row.text;
    EXPECT_EQ(url->endpoint.port, row.port) << row.text;
    EXPECT_EQ(url->target, row.target) << row.text;
  }
}

TEST(ParseUrl, RefusesTheRestAndSaysWhy) {
  const std::pair<std::string, const char*> rows[] = {
      {"", "is not a URL"},
      {"vc.example.com", "is not a URL"},
      {"vc.example.com:443", "neither https:// nor http://"},
      {"ftp://vc.example.com", "neither https:// nor http://"},
      {"https:///sdk", "names no host"},
      {"https://vc:0", "port"},
      {"https://vc:65536", "port"},
      {"https://vc:99999", "port"},
      {"https://vc:99999999999999", "port"},
      {"https://vc:x", "is not a URL"},
      {"https://vc:12x/sdk", "is not a URL"},
      {"https://[::1]x/", "is not a URL"},
      {"https://vc example.com", "is not a URL"},
      {"https://vc/a b", "is not a URL"},
      {"https://vc/a\r\nX: y", "is not a URL"},
      {"https://v%0d%0ac/", "'%'"},
      {"https://[::1", "is not a URL"},
      {"https://" + std::string(9000, 'a'), "longer than"},
  };
  for (const auto& [text, why] : rows) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, ErrorCode::kInvalidArgument) << text;
    EXPECT_NE(url.error().message.find(why), std::string::npos)
        << text << " -> " << url.error().message;
  }
}

TEST(ParseUrl, NeverShowsAPassword) {
  for (const char* text : {"https://root:hunter2@vc/sdk", "https://root:hunter2@vc:x/sdk"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().sentence().find("hunter2"), std::string::npos) << url.error().sentence();
  }
}

}  // namespace
}  // namespace ballast::vsphere
