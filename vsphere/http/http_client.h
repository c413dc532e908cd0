// Speaks HTTP/1.1 with one server, over TLS or plain TCP: a pool of kept connections, deadlines,
// size limits. Used for SOAP calls to vCenter and for guest files on ESXi hosts; knows nothing of
// SOAP.
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
#include "base/secret.h"

namespace ballast::vsphere {

class TlsContext;

struct Endpoint {
  bool tls = true;
  std::string host;  // name or address; an IPv6 address without brackets
  std::uint16_t port = 443;
  std::string proxy_host = {};  // the HTTP proxy on the way; "" where there is none
  std::uint16_t proxy_port = 0;
  // An address of the same server, tried where `host` does not resolve or cannot be reached; "" if
  // none is known. The certificate is judged as that of `host` all the same.
  std::string spare_address = {};
};

struct Url {
  Endpoint endpoint;
  std::string target;  // path and query, percent-encoded as it was written; "/" if there is no path
};
// Reads "https://vc.example.com", "http://127.0.0.1:8989", "https://[::1]:8443/path?x=y". A
// fragment is dropped; the host may be "*", as vCenter writes it. Errors: kInvalidArgument (scheme,
// host, port, user info); they never show what may be a password.
[[nodiscard]] Result<Url> parse_url(const std::string& text);

// How the server's certificate is judged, by exactly one of these rules:
//  - the system's authorities, if nothing is set, or those of `ca_file`: the chain, the dates and
//    the name (or IP address) are verified. Every certificate in `ca_file` is trusted as it stands,
//    also an intermediate one or the server's own;
//  - `thumbprint`: only the digest of the server's own certificate counts;
//  - `insecure`: not at all.
// The protocol is TLS 1.2 or later in every case.
struct TlsTrust {
  std::string ca_file;     // PEM
  std::string thumbprint;  // SHA-256 or SHA-1 of the DER leaf, hex, with or without colons
  bool insecure = false;
  // Further thumbprints that are accepted beside `thumbprint`, in the form of normal_thumbprint().
  std::shared_ptr<const std::vector<std::string>> or_one_of = {};
};

// What is shown to a server that asks for a client's certificate; nothing if `cert_file` is "".
struct TlsIdentity {
  std::string cert_file;  // PEM: the certificate, then the authorities between it and the root
  Secret key;             // PEM, without a password
};

struct HttpLimits {
  std::size_t max_connections = 8;                    // at once; further requests wait their turn
  std::chrono::milliseconds connect_timeout{10'000};  // resolve + connect + handshake
  std::chrono::milliseconds idle_timeout{60'000};  // an idle connection older than this is closed
  std::size_t max_kept = 4096;  // connections kept for reuse; others are closed after their request
  // How long a request waits for a kept connection before it opens one that is closed afterwards.
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

struct HttpResponse {
  int status = 0;
  // Names in lower case. Headers of the same name stand together, in the order of the answer.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  // Returns the value of the first header of that (lower-case) name, or "".
  [[nodiscard]] std::string header(std::string_view name) const;
};

class HttpClient {
 public:
  // `executor` must be single-threaded (one io_context thread or a strand); all methods run there.
  // Errors: kConfig if the CA file cannot be read, the thumbprint is not one, or `identity` cannot
  // be used.
  static Result<std::unique_ptr<HttpClient>> create(boost::asio::any_io_executor executor,
                                                    Endpoint endpoint, const TlsTrust& trust,
                                                    HttpLimits limits,
                                                    const TlsIdentity& identity = {});
  // Shares `tls` with other clients whose servers are judged by the same rule. It may be null for a
  // plain endpoint.
  static std::unique_ptr<HttpClient> create(boost::asio::any_io_executor executor,
                                            Endpoint endpoint, std::shared_ptr<TlsContext> tls,
                                            HttpLimits limits);
  ~HttpClient();  // no request may be in flight
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Sends a request and returns the answer. Any HTTP status is a success here; redirects are not
  // followed. The body may be sized, chunked, or end with the connection (over TLS only with a
  // proper close).
  //
  // A reused connection may have been closed by the server while it was idle. A request that fails
  // on one before a byte of the answer has arrived is sent once more on a new connection. The
  // server may then carry it out twice: callers send nothing that would hurt.
  //
  // Errors name host and port: kInvalidArgument (a target or header that cannot be sent),
  // kUnreachable, kTls (what is wrong with the certificate, and its SHA-256 thumbprint), kTimeout
  // (`timeout` or `connect_timeout`, and in which phase), kTooLarge, kProtocol (not HTTP,
  // malformed, ended early). Throws when the task is cancelled, as Asio does. After either the
  // connection is closed.
  //
  // Body and header values of the request are overwritten in memory when the exchange ends. A name
  // lookup that is cancelled goes on in a thread of its own and delays nobody.
  Awaitable<Result<HttpResponse>> send(HttpRequest request);

  // Makes every exchange end (kTimeout) by `deadline`. One that begins later, or less than a second
  // before it, ends after a second. A further call can only bring the deadline forward.
  void hurry(std::chrono::steady_clock::time_point deadline);

  // Closes idle connections.
  void close_idle();

  [[nodiscard]] const Endpoint& endpoint() const;

  // Returns how many answers came so far.
  [[nodiscard]] std::uint64_t answers() const;

  // Tells whether any connection to the server has come about, its handshake included.
  [[nodiscard]] bool was_reached() const;

 private:
  class Impl;
  explicit HttpClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ballast::vsphere
