// The judgement of a server's certificate during the handshake. For tls_context.cc only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "vsphere/tls/context.h"

struct x509_store_ctx_st;

namespace ballast::vsphere {

struct TrustRule {
  enum class Kind { kSystem, kCaFile, kThumbprint, kInsecure };
  Kind kind = Kind::kSystem;
  std::string detail;  // kCaFile: its path; kThumbprint: the expected one, in normal form
  std::shared_ptr<const std::vector<std::string>> or_one_of = {};  // kThumbprint: as in TlsTrust
};

// Gives `ssl` the place where verify_peer reports to.
void report_to(ssl_st& ssl, PeerCheck& check);

// For SSL_CTX_set_cert_verify_callback, whose argument `rule` is a TrustRule. 1: trusted. Goes on
// after the first thing wrong, so that the user hears of all at once.
int verify_peer(x509_store_ctx_st* store, void* rule);

}  // namespace ballast::vsphere
