#include "vsphere/http/error.h"

#include <optional>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/sslerr.h>

#include "base/text.h"
#include "base/time.h"
#include "vsphere/tls/context.h"

namespace ballast::vsphere {

namespace {

namespace errc = boost::asio::error;

constexpr std::size_t kMaxQuote = 60;
constexpr const char* kCheckAddress =
    "check the host and port of the url, and that the server is running";
constexpr const char* kCheckNetwork =
    "check the url, and the network and firewalls between this machine and the server";
constexpr const char* kCheckServer =
    "check the server's health and what stands in between (proxy, load balancer, firewall)";
constexpr const char* kCheckPort =
    "check the port of the url; for a server without TLS it begins with http://";

constexpr const char* kGiveCertificate =
    "set client_cert_file and client_key_file to a certificate of an authority that the server "
    "trusts for its clients";

bool is_close(const boost::system::error_code& why) {
  return why != errc::connection_reset && why != errc::broken_pipe && why != errc::timed_out;
}

struct PhaseWords {
  const char* state;
  const char* hint;
};

PhaseWords words(Progress::Phase phase) {
  switch (phase) {
    case Progress::Phase::kQueue:
      return {"all connections to it stayed busy", "ask less of it at a time, or allow more time"};
    case Progress::Phase::kLookup:
      return {"the lookup of its name had not ended", "check the DNS settings of this machine"};
    case Progress::Phase::kConnect:
      return {"no connection came about", kCheckNetwork};
    case Progress::Phase::kTunnel:
      return {"it had not answered", ""};
    case Progress::Phase::kHandshake:
      return {"the TLS handshake had not ended", kCheckAddress};
    case Progress::Phase::kSend:
      return {"it had not taken the whole request", kCheckServer};
    case Progress::Phase::kWait:
      return {"it had not answered the request",
              "check the load of the server, or allow it more time"};
    case Progress::Phase::kReceive:
      return {"its answer had not ended", "check the load of the server, or allow it more time"};
  }
  return {"", ""};
}

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

// Returns the error for a server that wants a certificate of its client, or another one; nullopt if
// that is not what is wrong. With TLS 1.3 it says so only after the handshake.
std::optional<Error> certificate_refused(const Endpoint& endpoint,
                                         const boost::system::error_code& why) {
  switch (ERR_GET_REASON(static_cast<unsigned long>(why.value()))) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_NO_CERTIFICATE:
      return tls_error(endpoint, "the server asks for a client certificate", kGiveCertificate);
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
      return tls_error(endpoint,
                       "the server does not accept the client certificate, or misses one (" +
                           reason_text(why) + ")",
                       kGiveCertificate);
    default:
      return std::nullopt;
  }
}

Error refused_by_protocol(const Endpoint& endpoint, const boost::system::error_code& why) {
  if (auto refused = certificate_refused(endpoint, why)) return std::move(*refused);
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
                       "enable a TLS 1.2 cipher with forward secrecy on the server; if it asks for "
                       "a client certificate, set client_cert_file and client_key_file");
    default:
      return tls_error(endpoint, reason_text(why),
                       "check the TLS settings of the server, and the system's OpenSSL settings");
  }
}

}  // namespace

std::string place(const Endpoint& endpoint) {
  const std::string host = printable(endpoint.host, 260);
  const bool v6 = host.find(':') != std::string::npos;
  return fmt::format("{}:{}", v6 ? "[" + host + "]" : host, endpoint.port);
}

Endpoint proxy_of(const Endpoint& endpoint) {
  Endpoint proxy;
  proxy.tls = false;
  proxy.host = endpoint.proxy_host;
  proxy.port = endpoint.proxy_port;
  return proxy;
}

Error lookup_failed(const Endpoint& endpoint, const boost::system::error_code& why) {
  if (why == errc::host_not_found_try_again) {
    return {
        ErrorCode::kUnreachable,
        fmt::format("cannot look up the address of {}: no name server answered", place(endpoint)),
        "check the DNS settings of this machine",
        {}};
  }
  if (why == errc::host_not_found || why == errc::no_data || why == errc::no_recovery) {
    return {ErrorCode::kUnreachable,
            fmt::format("cannot look up the address of {}: no host of that name", place(endpoint)),
            "check the spelling in the url, and the DNS settings of this machine",
            {}};
  }
  return {ErrorCode::kUnreachable,
          fmt::format("cannot look up the address of {}: {}", place(endpoint), why.message()),
          "check the spelling in the url, and the DNS settings of this machine",
          {}};
}

std::string connect_problem(const boost::system::error_code& why) {
  if (why == errc::connection_refused) return "connection refused";
  if (why == errc::host_unreachable) return "no route to this host";
  if (why == errc::network_unreachable) return "this network is unreachable";
  if (why == errc::timed_out) return "no answer";
  return why.message();
}

Error connect_failed(const Endpoint& endpoint, const std::vector<std::string>& problem_by_address) {
  std::string all = fmt::format("{}", fmt::join(problem_by_address, "; "));
  const bool refused = all.find("refused") != std::string::npos;
  return {ErrorCode::kUnreachable,
          fmt::format("cannot connect to {}: {}", place(endpoint), all),
          refused ? kCheckAddress : kCheckNetwork,
          {}};
}

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
  if (auto refused = certificate_refused(endpoint, why)) return std::move(*refused);
  return {ErrorCode::kTls,
          fmt::format("the TLS connection to {} failed: {}", place(endpoint), reason_text(why)),
          "check the TLS settings of the server",
          {}};
}

Error broken_before_answer(const Endpoint& endpoint, const boost::system::error_code& why) {
  std::string hint = kCheckServer;
  if (!endpoint.tls) hint += "; if this port wants TLS, begin the url with https://";
  return {ErrorCode::kUnreachable,
          place(endpoint) + (is_close(why) ? " closed the connection without an answer"
                                           : " broke the connection off before it answered"),
          std::move(hint),
          {}};
}

Error broken_in_answer(const Endpoint& endpoint, const boost::system::error_code& why) {
  return {ErrorCode::kUnreachable,
          fmt::format("the connection to {} broke in the middle of its answer: {}", place(endpoint),
                      why.message()),
          kCheckServer,
          {}};
}

Error ended_early(const Endpoint& endpoint, std::string_view received) {
  return {ErrorCode::kProtocol,
          fmt::format("the answer of {} ended early ({})", place(endpoint), received),
          kCheckServer,
          {}};
}

Error not_http(const Endpoint& endpoint, std::string_view first_bytes) {
  return {ErrorCode::kProtocol,
          fmt::format("{} did not answer with HTTP but with \"{}\"", place(endpoint),
                      printable(first_bytes, kMaxQuote)),
          "check the port of the url: another service listens there",
          {}};
}

Error wants_tls(const Endpoint& endpoint) {
  return {ErrorCode::kProtocol,
          fmt::format("{} wants TLS, but was asked in plain HTTP", place(endpoint)),
          "begin the url with https://",
          {}};
}

Error malformed(const Endpoint& endpoint, const boost::system::error_code& why) {
  return {ErrorCode::kProtocol,
          fmt::format("the answer of {} is not valid HTTP: {}", place(endpoint), why.message()),
          kCheckServer,
          {}};
}

Error too_large(const Endpoint& endpoint, std::string_view what, std::size_t limit) {
  return {ErrorCode::kTooLarge,
          fmt::format("the {} of the answer of {} is larger than the limit of {} bytes", what,
                      place(endpoint), limit),
          {},
          {}};
}

Error timed_out(const Endpoint& endpoint, const Progress& progress,
                std::chrono::milliseconds limit) {
  const auto [state, hint] = words(progress.phase);
  std::string tried;
  if (progress.phase == Progress::Phase::kConnect) tried = " (tried " + progress.address + ")";
  const bool by_proxy = !endpoint.proxy_host.empty() && progress.phase <= Progress::Phase::kTunnel;
  const auto whose =
      by_proxy ? "the proxy " + place(proxy_of(endpoint)) + " on the way to " + place(endpoint)
               : place(endpoint);
  return {ErrorCode::kTimeout,
          fmt::format("{} took longer than {}: {}{}", whose, format_duration(limit), state, tried),
          by_proxy ? "check the proxy's URL, and that it answers" : hint,
          {}};
}

}  // namespace ballast::vsphere
