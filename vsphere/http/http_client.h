// HTTP/1.1 over TLS or plain TCP to one server: keep-alive connection pool, deadlines, size limits.
// Used for SOAP calls to vCenter and for guest files on ESXi hosts. Knows nothing about SOAP.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/async.h"
#include "base/result.h"

namespace ballast::vsphere {

class TlsContext;

struct Endpoint {
  bool tls = true;
  std::string host;  // name or address; an IPv6 address without brackets
  std::uint16_t port = 443;
};

// "https://vc.example.com", "http://127.0.0.1:8989", "https://[::1]:8443/path?x=y" -> endpoint and
// target ("/" if there is no path; percent-encoding as it was; a fragment is dropped). The host may
// be "*", as vCenter writes it. Errors: kInvalidArgument (scheme, host, port, user info); they
// never show what may be a password.
struct Url {
  Endpoint endpoint;
  std::string target;
};
[[nodiscard]] Result<Url> parse_url(const std::string& text);

// How the server's certificate is judged. Exactly one of: system trust (all empty), `ca_file`,
// `thumbprint`, `insecure`. With a thumbprint only the leaf certificate's digest counts; with a CA
// the chain, the dates and the name (or IP address) are verified, and any certificate of `ca_file`
// is an anchor, be it an intermediate one or the server's own. TLS 1.2 or later always.
struct TlsTrust {
  std::string ca_file;     // PEM
  std::string thumbprint;  // SHA-256 or SHA-1 of the DER leaf, hex, with or without colons
  bool insecure = false;
  // Beside `thumbprint`: others that are as good, as normal_thumbprint() gives them.
  std::shared_ptr<const std::vector<std::string>> or_one_of = {};
};

struct HttpLimits {
  std::size_t max_connections = 8;                    // at once; further requests wait their turn
  std::chrono::milliseconds connect_timeout{10'000};  // resolve + connect + handshake
  std::chrono::milliseconds idle_timeout{60'000};  // an idle connection older than this is closed
  std::size_t max_kept = 4096;                     // idle; others are closed after their request
  // So long a request waits for one of those that are kept, before it has one of the others made.
  std::chrono::milliseconds patience{0};
  std::size_t max_header_bytes = 64 * 1024;
};

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers;  // Host and Content-Length are added
  std::string body;
  std::chrono::milliseconds timeout{60'000};  // whole exchange, connecting and queueing included
  std::size_t max_body_bytes = 64 * 1024 * 1024;
};

// Headers of one name keep their order and stand together.
struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names lower-cased
  std::string body;

  // First header of that (lower-case) name, or "".
  [[nodiscard]] std::string header(std::string_view name) const;
};

class HttpClient {
 public:
  // Errors: kConfig when the CA file cannot be read or the thumbprint is not one. `executor` must
  // be single-threaded (one io_context thread or a strand); all methods run there.
  static Result<std::unique_ptr<HttpClient>> create(boost::asio::any_io_executor executor,
                                                    Endpoint endpoint, const TlsTrust& trust,
                                                    HttpLimits limits);
  // For one of many that are trusted alike, by `tls`, which a plain endpoint does not need.
  static std::unique_ptr<HttpClient> create(boost::asio::any_io_executor executor,
                                            Endpoint endpoint, std::shared_ptr<TlsContext> tls,
                                            HttpLimits limits);
  ~HttpClient();  // no request may be in flight
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // One exchange. Any HTTP status is a success here; redirects are not followed; a body may be
  // chunked, of unknown length (to EOF; over TLS to an honest end of it) or sized.
  //
  // A request that fails on a reused connection before a byte of the answer arrived (the server
  // closed it while idle) is sent once more on a new one. The server may then have carried it out
  // twice, if it died after that and before it answered: callers send nothing that would hurt.
  //
  // Errors name host and port: kInvalidArgument (a target or header that cannot be sent),
  // kUnreachable, kTls (says what is wrong with the certificate and shows its SHA-256 thumbprint),
  // kTimeout (`timeout` or `connect_timeout`; says in which phase), kTooLarge, kProtocol (not HTTP,
  // malformed, ended early), kCancelled. A task cancelled before it got here throws at co_await, as
  // Asio does. Whenever an exchange does not end well its connection is closed.
  //
  // Body and header values are overwritten in memory when the exchange ends. A name lookup that is
  // cancelled is left behind on a thread of its own and holds nobody up.
  Awaitable<Result<HttpResponse>> send(HttpRequest request);

  // From now on every exchange ends (kTimeout) by `deadline`; one that is begun later, or less than
  // a second before it, after a second. A second call can only bring it forward.
  void hurry(std::chrono::steady_clock::time_point deadline);

  // Closes idle connections.
  void close_idle();

  [[nodiscard]] const Endpoint& endpoint() const;

 private:
  class Impl;
  explicit HttpClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ballast::vsphere
