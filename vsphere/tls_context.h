// TLS settings of one HttpClient: how its server is judged, and the session to resume.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "vsphere/http_client.h"

struct ssl_st;      // OpenSSL's SSL
struct ssl_ctx_st;  // and SSL_CTX

namespace ballast::vsphere {

// What one handshake found out about the server. Written while OpenSSL verifies.
struct PeerCheck {
  std::string host;                   // as the user named it
  std::vector<std::string> problems;  // each a clause about the certificate; none: trusted
  std::string hint;
  std::string sha256;  // of the certificate; "" before the server has shown one
};

// Not thread-safe; outlives every connection made with it.
class TlsContext {
 public:
  // Errors: kConfig (CA file, thumbprint, contradicting settings).
  static Result<std::unique_ptr<TlsContext>> create(const TlsTrust& trust);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // For a stream of one connection.
  [[nodiscard]] ssl_ctx_st* native();

  // Readies a new connection: whom to ask for, what to verify, the session to resume. `check` must
  // live as long as `ssl`.
  void prepare(ssl_st& ssl, const std::string& host, PeerCheck& check);

 private:
  class Impl;
  explicit TlsContext(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ballast::vsphere
