// Private to vsphere/: TLS settings. TlsContext says how servers are judged, TlsPeer what is known
// of one server, PeerCheck what one handshake found out.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "vsphere/http/http_client.h"

struct ssl_st;          // OpenSSL's SSL,
struct ssl_ctx_st;      // SSL_CTX,
struct ssl_session_st;  // and SSL_SESSION

namespace ballast::vsphere {

// What one handshake found out about the server. Written while OpenSSL verifies its certificate.
struct PeerCheck {
  std::string host;                   // as the user named it
  std::vector<std::string> problems;  // each a clause about the certificate; none: trusted
  std::string hint;                   // what to try about the first of them
  std::string sha256;                 // of the certificate; "" before the server has shown one
};

// How servers are judged, and what they are shown. Made once for all servers that are judged by the
// same rule, because the certificates of a CA file take time and memory.
class TlsContext {
 public:
  // Errors: kConfig (CA file, thumbprint, contradicting settings, an identity that cannot be used).
  static Result<std::shared_ptr<TlsContext>> create(const TlsTrust& trust,
                                                    const TlsIdentity& identity = {});
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  [[nodiscard]] ssl_ctx_st* native();

 private:
  class Impl;
  explicit TlsContext(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// One server: the name that its certificate must bear, and the TLS session to resume. Not
// thread-safe. Must outlive every connection made with it.
class TlsPeer {
 public:
  TlsPeer(std::shared_ptr<TlsContext> context, std::string host);
  ~TlsPeer();
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;

  // Returns a new connection, which the caller frees with SSL_free. `check` must live as long as
  // the connection. Throws std::bad_alloc.
  [[nodiscard]] ssl_st* new_connection(PeerCheck& check);

 private:
  struct Freed {
    void operator()(ssl_session_st* session) const;
  };
  friend int keep_session(ssl_st* connection, ssl_session_st* session);

  std::shared_ptr<TlsContext> context_;
  std::string host_;
  std::unique_ptr<ssl_session_st, Freed> session_;
};

}  // namespace ballast::vsphere
