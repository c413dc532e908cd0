#include "vsphere/login/sts.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "vsphere/login/xml.h"
#include "vsphere/soap/http.h"

namespace ballast::vsphere {

namespace {

constexpr std::string_view kSoapNamespace = "http://schemas.xmlsoap.org/soap/envelope/";
constexpr std::string_view kSecurityNamespace =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
constexpr std::string_view kUtilityNamespace =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
constexpr std::string_view kTrustNamespace = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";
constexpr std::string_view kPasswordText =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0"
    "#PasswordText";

// vCenter gives bearer tokens no longer than that, and one is used at once.
constexpr std::chrono::minutes kTokenLife{5};
constexpr std::chrono::minutes kClocksFarApart{1};
constexpr std::size_t kShownFaultBytes = 300;

// A message that is written once and never grows: that would leave copies of its secrets behind.
class Message {
 public:
  explicit Message(std::size_t secret_bytes) {
    constexpr std::size_t kLongestEscape = 6;  // &quot;
    constexpr std::size_t kFrame = 4096;
    text_.reserve(kFrame + kLongestEscape * secret_bytes);
  }
  ~Message() { wipe(text_); }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  Message& raw(std::string_view xml) {
    text_ += xml;
    return *this;
  }
  Message& text(std::string_view value) {
    for (const char c : value) append(c);
    return *this;
  }
  Message& element(std::string_view name, std::string_view value) {
    return raw("<").raw(name).raw(">").text(value).raw("</").raw(name).raw(">");
  }
  // Without spare room, as a request is kept until its answer is there.
  [[nodiscard]] Secret take() const { return Secret(std::string(text_)); }

 private:
  void append(char c) {
    switch (c) {
      case '&':
        text_ += "&amp;";
        return;
      case '<':
        text_ += "&lt;";
        return;
      case '>':
        text_ += "&gt;";
        return;
      case '"':
        text_ += "&quot;";
        return;
      case '\r':
        text_ += "&#13;";
        return;
      default:
        text_ += c;
    }
  }

  std::string text_;
};

// Begins an envelope; what is added next belongs to the security header.
void begin_envelope(Message& message, UtcTime now) {
  message.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?><S:Envelope xmlns:S=\"")
      .raw(kSoapNamespace)
      .raw("\"><S:Header><wsse:Security xmlns:wsse=\"")
      .raw(kSecurityNamespace)
      .raw("\" xmlns:wsu=\"")
      .raw(kUtilityNamespace)
      .raw("\"><wsu:Timestamp wsu:Id=\"_0\">")
      .element("wsu:Created", format_iso8601(now))
      .element("wsu:Expires", format_iso8601(now + kTokenLife))
      .raw("</wsu:Timestamp>");
}

void begin_body(Message& message) { message.raw("</wsse:Security></S:Header><S:Body>"); }
void end_envelope(Message& message) { message.raw("</S:Body></S:Envelope>"); }

struct FaultWords {
  std::string_view code;
  ErrorCode kind;
  std::string_view sentence;
  std::string_view hint;
};

constexpr std::string_view kSameClock =
    "let vCenter, its single sign-on and this machine follow the same NTP servers";
constexpr std::string_view kSeeStsLog =
    "see vCenter's /var/log/vmware/sso; login = \"password\" does without its single sign-on";

// The faults of WS-Security and WS-Trust that the service knows.
constexpr auto kStsFaults = std::to_array<FaultWords>({
    {"FailedAuthentication", ErrorCode::kLogin,
     "vCenter's single sign-on refused the user name or the password",
     "check both; the user name needs its domain, as in monitor@vsphere.local. Users of an "
     "external "
     "identity provider (AD FS, Okta, Entra ID) have no password there: use an account of "
     "vCenter's "
     "own domain or of an LDAP source, or token_command"},
    {"InvalidTimeRange", ErrorCode::kFault,
     "vCenter's single sign-on does not accept the times of the request", kSameClock},
    {"MessageExpired", ErrorCode::kFault,
     "for vCenter's single sign-on the request has expired, or is of the future", kSameClock},
    {"RequestFailed", ErrorCode::kFault, "vCenter's single sign-on could not make a token",
     kSeeStsLog},
});

bool says(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

// The same code stands for several things; the text, which is not translated, tells them apart.
FaultWords words_of(std::string_view code, std::string_view text) {
  if (code == "FailedAuthentication" && says(text, "is locked")) {
    return {code, ErrorCode::kLogin, "the vCenter user's account is locked",
            "unlock it in vCenter, and see who logs in with a wrong password"};
  }
  if (code == "FailedAuthentication" && says(text, "is expired")) {
    return {code, ErrorCode::kLogin, "the password of the vCenter user has expired",
            "set a new one"};
  }
  if (code == "InvalidTimeRange" && says(text, "igning certificate is not valid")) {
    return {code, ErrorCode::kFault,
            "the signing certificate of vCenter's single sign-on is not valid now",
            "vCenter's administrator has to renew the STS signing certificate"};
  }
  const auto* row = std::find_if(kStsFaults.begin(), kStsFaults.end(),
                                 [code](const auto& one) { return one.code == code; });
  if (row != kStsFaults.end()) return *row;
  return {code, ErrorCode::kFault, "vCenter's single sign-on refused the request", kSeeStsLog};
}

std::string clocks_in_words(std::chrono::milliseconds ahead) {
  if (std::chrono::abs(ahead) < kClocksFarApart) return {};
  return fmt::format("; vCenter's clock is {} {} this machine's",
                     format_duration(std::chrono::abs(ahead)),
                     ahead.count() < 0 ? "behind" : "ahead of");
}

Error explain_fault(const pugi::xml_node& fault, std::chrono::milliseconds ahead) {
  std::string_view code = trim(fault.child_value("faultcode"));
  code.remove_prefix(code.rfind(':') + 1);
  const std::string_view text = trim(fault.child_value("faultstring"));
  const auto words = words_of(code, text);
  const bool is_about_time = code == "InvalidTimeRange" || code == "MessageExpired";
  std::string message = fmt::format("{} ({}: {})", words.sentence, printable(code, 80),
                                    printable(text, kShownFaultBytes));
  if (is_about_time) message += clocks_in_words(ahead);
  return {words.kind, std::move(message), std::string(words.hint), printable(code, 80)};
}

Error no_service(const HttpResponse& response) {
  Error error = http_failure(response);
  if (error.code == ErrorCode::kUnavailable) return error;
  error.message = "there is no single sign-on at this place: " + error.message;
  error.hint =
      "a standalone ESXi host has none: login = \"password\"; where vCenter's is elsewhere, set "
      "sts_url";
  return error;
}

}  // namespace

SoapRequest encode_issue(const std::string& username, const Secret& password, UtcTime now) {
  constexpr std::string_view kRequest = "wst:RequestSecurityToken";
  Message message(username.size() + password.reveal().size());
  begin_envelope(message, now);
  message.raw("<wsse:UsernameToken>").element("wsse:Username", username);
  message.raw("<wsse:Password Type=\"").raw(kPasswordText).raw("\">");
  message.text(password.reveal()).raw("</wsse:Password></wsse:UsernameToken>");
  begin_body(message);
  message.raw("<").raw(kRequest).raw(" xmlns:wst=\"").raw(kTrustNamespace).raw("\" xmlns:wsu=\"");
  message.raw(kUtilityNamespace).raw("\">");
  message.element("wst:TokenType", "urn:oasis:names:tc:SAML:2.0:assertion")
      .element("wst:RequestType", std::string(kTrustNamespace) + "/Issue")
      .raw("<wst:Lifetime>")
      .element("wsu:Created", format_iso8601(now))
      .element("wsu:Expires", format_iso8601(now + kTokenLife))
      .raw("</wst:Lifetime><wst:Renewing Allow=\"false\" OK=\"false\"/>")
      .element("wst:Delegatable", "false")
      .element("wst:KeyType", std::string(kTrustNamespace) + "/Bearer")
      .element("wst:SignatureAlgorithm", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256");
  message.raw("</").raw(kRequest).raw(">");
  end_envelope(message);
  return {"Issue", message.take()};
}

SoapRequest encode_login_by_token(const ManagedObject& session_manager, const Assertion& token,
                                  UtcTime now) {
  Message message(token.xml.reveal().size());
  begin_envelope(message, now);
  message.raw(token.xml.reveal());
  begin_body(message);
  message.raw("<LoginByToken xmlns=\"urn:vim25\"><_this type=\"")
      .text(session_manager.type)
      .raw("\">")
      .text(session_manager.id)
      .raw("</_this></LoginByToken>");
  end_envelope(message);
  return {"LoginByToken", message.take()};
}

Result<Assertion> decode_issue(const HttpResponse& response, std::chrono::milliseconds ahead) {
  constexpr int kOk = 200;
  const SecretDocument document(response.body);
  const auto body = document.is_sound() ? find_element(document.root(), "Body") : pugi::xml_node();
  if (const auto fault = find_element(body, "Fault")) return fail(explain_fault(fault, ahead));
  if (response.status != kOk) return fail(no_service(response));
  const auto element = find_element(find_element(body, "RequestedSecurityToken"), "Assertion");
  if (!element) {
    return fail(ErrorCode::kProtocol, "the answer of vCenter's single sign-on holds no token",
                std::string(kSeeStsLog));
  }
  auto token = read_assertion(cut_out_assertion(response.body, document.place_of(element)));
  if (!token) {
    token.error().code = ErrorCode::kProtocol;
    return fail(during(std::move(token.error()), "the answer of vCenter's single sign-on"));
  }
  return token;
}

}  // namespace ballast::vsphere
