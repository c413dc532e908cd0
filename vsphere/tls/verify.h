// Private to vsphere/tls: judges a server's certificate during the handshake.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "vsphere/tls/context.h"

struct x509_store_ctx_st;

namespace ballast::vsphere {

// TlsTrust, checked and in one form.
struct TrustRule {
  enum class Kind { kSystem, kCaFile, kThumbprint, kInsecure };
  Kind kind = Kind::kSystem;
  std::string detail;  // kCaFile: its path; kThumbprint: the expected one, in normal form
  std::shared_ptr<const std::vector<std::string>> or_one_of = {};  // kThumbprint: as in TlsTrust
};

// Makes verify_peer() report to `check` for this connection.
void report_to(ssl_st& ssl, PeerCheck& check);

// Returns 1 if the certificate is trusted, else 0 with the reasons in the connection's PeerCheck.
// Goes on after the first problem, so that the user reads of all of them at once. Meant for
// SSL_CTX_set_cert_verify_callback; `rule` is a TrustRule.
int verify_peer(x509_store_ctx_st* store, void* rule);

}  // namespace ballast::vsphere
