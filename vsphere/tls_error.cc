#include "vsphere/tls_error.h"

#include <boost/asio/ssl/error.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/sslerr.h>

#include "vsphere/http_error.h"

namespace ballast::vsphere {

namespace {

constexpr const char* kCheckPort =
    "check the port of the url; for a server without TLS it begins with http://";

Error tls_error(const Endpoint& endpoint, const std::string& what, std::string hint) {
  return {ErrorCode::kTls,
          fmt::format("no TLS connection to {}: {}", place(endpoint), what),
          std::move(hint),
          {}};
}

std::string reason_text(const boost::system::error_code& why) {
  const char* reason = ERR_reason_error_string(static_cast<unsigned long>(why.value()));
  return reason != nullptr ? reason : why.message();
}

Error refused_by_protocol(const Endpoint& endpoint, const boost::system::error_code& why) {
  switch (ERR_GET_REASON(static_cast<unsigned long>(why.value()))) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_ENCRYPTED_LENGTH_TOO_LONG:
      return tls_error(endpoint, "the server does not speak TLS on this port", kCheckPort);
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return tls_error(endpoint, "the server offers only versions older than TLS 1.2",
                       "enable TLS 1.2 on the server");
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY:
      return tls_error(endpoint, "the server refused every cipher this machine allows",
                       "enable a TLS 1.2 cipher with forward secrecy on the server");
    default:
      return tls_error(endpoint, reason_text(why),
                       "check the TLS settings of the server, and the system's OpenSSL settings");
  }
}

}  // namespace

Error handshake_failed(const Endpoint& endpoint, const boost::system::error_code& why,
                       const PeerCheck& check) {
  if (!check.problems.empty()) {
    return {ErrorCode::kTls,
            fmt::format("the certificate of {} is not trusted: {}", place(endpoint),
                        fmt::join(check.problems, "; ")),
            check.hint,
            {}};
  }
  if (why.category() == boost::asio::error::get_ssl_category()) {
    return refused_by_protocol(endpoint, why);
  }
  return tls_error(endpoint, "the server broke off the handshake", kCheckPort);
}

Error tls_broke(const Endpoint& endpoint, const boost::system::error_code& why) {
  return {ErrorCode::kTls,
          fmt::format("the TLS connection to {} failed: {}", place(endpoint), reason_text(why)),
          "check the TLS settings of the server",
          {}};
}

}  // namespace ballast::vsphere
