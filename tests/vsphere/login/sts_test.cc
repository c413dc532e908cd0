#include "vsphere/login/sts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pugixml.hpp>

namespace ballast::vsphere {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const UtcTime kStsNow = *parse_iso8601("2026-11-28T05:00:00.900Z");
constexpr const char* kAssertion =
    "<saml2:Assertion xmlns:saml2='urn:oasis:names:tc:SAML:2.0:assertion' Version=\"2.0\" "
    "ID=\"_1\"><a b='\"'></a><saml2:Assertion/></saml2:Assertion >";

// Parsed, so that the escapes are undone.
pugi::xml_document parsed(const SoapRequest& request) {
  pugi::xml_document document;
  EXPECT_TRUE(document.load_string(request.envelope.reveal().c_str())) << request.envelope.reveal();
  return document;
}

std::string at(const pugi::xml_document& document, const char* path) {
  const auto node = document.first_element_by_path(path);
  EXPECT_TRUE(node) << path;
  return node.child_value();
}

TEST(EncodeIssue, SaysWhoAndForHowLong) {
  const std::string user = "DOM\\a<b>&\"c\"'@x";
  const std::string password = "]]>&amp; \xC3\xA4\r\n<!--";
  const auto request = encode_issue(user, Secret(password), kStsNow);
  const auto document = parsed(request);
  const char* const security = "S:Envelope/S:Header/wsse:Security/";
  const auto header = [&](const char* path) {
    return at(document, (security + std::string(path)).c_str());
  };
  EXPECT_EQ(header("wsu:Timestamp/wsu:Created"), "2026-11-28T05:00:00Z");
  EXPECT_EQ(header("wsu:Timestamp/wsu:Expires"), "2026-11-28T05:05:00Z");
  EXPECT_EQ(header("wsse:UsernameToken/wsse:Username"), user);
  const char* const body = "S:Envelope/S:Body/wst:RequestSecurityToken/";
  const auto asked = [&](const char* path) {
    return at(document, (body + std::string(path)).c_str());
  };
  EXPECT_EQ(asked("wst:TokenType"), "urn:oasis:names:tc:SAML:2.0:assertion");
  EXPECT_THAT(asked("wst:RequestType"), ::testing::EndsWith("ws-trust/200512/Issue"));
  EXPECT_THAT(asked("wst:KeyType"), ::testing::EndsWith("ws-trust/200512/Bearer"));
  EXPECT_EQ(asked("wst:Lifetime/wsu:Expires"), "2026-11-28T05:05:00Z");
  // pugixml makes one character of CR and LF, unless they are escaped.
  EXPECT_EQ(header("wsse:UsernameToken/wsse:Password"), password);
}

TEST(EncodeLoginByToken, CarriesTheTokenAsItIs) {
  Assertion token;
  token.xml = Secret(kAssertion);
  const auto request = encode_login_by_token({"SessionManager", "a<b"}, token, kStsNow);
  EXPECT_EQ(request.method, "LoginByToken");
  EXPECT_THAT(request.envelope.reveal(),
              HasSubstr(std::string("</wsu:Timestamp>") + kAssertion + "</wsse:Security>"));
  const auto document = parsed(request);
  EXPECT_EQ(at(document, "S:Envelope/S:Body/LoginByToken/_this"), "a<b");
}

HttpResponse answer(int status, const std::string& body) {
  HttpResponse response;
  response.status = status;
  response.body = body;
  return response;
}

HttpResponse issued(const std::string& token) {
  return answer(200,
                "<?xml version='1.0'?><S:Envelope xmlns:S=\"x\"><S:Body><ns2:Collection>"
                "<ns2:RequestSecurityTokenResponse><ns2:RequestedSecurityToken>" +
                    token +
                    "</ns2:RequestedSecurityToken></ns2:RequestSecurityTokenResponse>"
                    "</ns2:Collection></S:Body></S:Envelope>");
}

TEST(DecodeIssue, TakesTheTokenAsItIs) {
  const auto token = decode_issue(issued(kAssertion), {});
  ASSERT_TRUE(token) << token.error().sentence();
  EXPECT_EQ(token->xml.reveal(), kAssertion);
}

TEST(DecodeIssue, AnythingElseIsNoToken) {
  for (const auto& response :
       {answer(200, ""), answer(200, "<html/>"), answer(200, "\x80"), issued(""),
        issued("<saml2:Assertion"), issued("<x:Assertion xmlns:x='y' Version='1.1'/>")}) {
    const auto token = decode_issue(response, {});
    ASSERT_FALSE(token) << response.body;
    EXPECT_EQ(token.error().code, ErrorCode::kProtocol) << response.body;
  }
  const auto missing = decode_issue(answer(404, "<html>Not found</html>"), {});
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().sentence(),
              AllOf(HasSubstr("no single sign-on at this place"), HasSubstr("HTTP 404"),
                    HasSubstr("standalone ESXi")));
}

Error fault(const std::string& code, const std::string& text,
            std::chrono::milliseconds ahead = {}) {
  const auto token = decode_issue(
      answer(500, "<S:Envelope xmlns:S='s'><S:Body><S:Fault><faultcode xmlns:ns0='t'>ns0:" + code +
                      "</faultcode><faultstring>" + text +
                      "</faultstring></S:Fault></S:Body></S:Envelope>"),
      ahead);
  EXPECT_FALSE(token);
  return token ? Error{} : token.error();
}

// FaultsOfSsoAreToldRightly, in the end-to-end tests, has the words.
TEST(DecodeIssue, FaultsKeepTheirCode) {
  const auto refused = fault("FailedAuthentication", "Invalid credentials");
  EXPECT_EQ(refused.code, ErrorCode::kLogin);
  EXPECT_EQ(refused.fault, "FailedAuthentication");
  const auto unknown = fault("Odd\x1b", "what \x1b[31m?");
  EXPECT_EQ(unknown.code, ErrorCode::kFault);
  EXPECT_THAT(unknown.sentence(), AllOf(HasSubstr("Odd"), Not(HasSubstr("\x1b"))));
}

TEST(DecodeIssue, FaultsOfTimeNameTheClocks) {
  using std::chrono::minutes;
  EXPECT_THAT(fault("InvalidTimeRange", "x", minutes(90)).message,
              HasSubstr("vCenter's clock is 1 h 30 min ahead of this machine's"));
  EXPECT_THAT(fault("MessageExpired", "x", minutes(-5)).message,
              HasSubstr("vCenter's clock is 5 min 00 s behind this machine's"));
  EXPECT_THAT(fault("MessageExpired", "x").message, Not(HasSubstr("clock is")));
  EXPECT_THAT(fault("RequestFailed", "x", minutes(90)).message, Not(HasSubstr("clock is")));
}

}  // namespace
}  // namespace ballast::vsphere
