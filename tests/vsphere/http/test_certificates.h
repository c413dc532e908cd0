// Certificates made on the spot, good and bad ones.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <openssl/ssl.h>

namespace ballast::vsphere {

struct Identity {
  std::shared_ptr<X509> certificate;
  std::shared_ptr<EVP_PKEY> key;
};

struct CertificateSpec {
  std::string common_name;
  std::vector<std::string> names;  // as OpenSSL writes them: "DNS:vc.example.com", "IP:127.0.0.1"
  int from_days = -1;              // validity, from now
  int until_days = 30;
  bool authority = false;
};

// Signed by `issuer`, or by itself if that is null.
Identity make_identity(const CertificateSpec& spec, const Identity* issuer = nullptr);

// The path of a PEM file in the tests' temporary directory.
std::string save_pem(const Identity& identity, const std::string& file_name);

using TlsServerContext = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)>;
// Null if `identity` is.
TlsServerContext server_context(const Identity* identity);

}  // namespace ballast::vsphere
