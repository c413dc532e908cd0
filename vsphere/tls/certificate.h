// Reads a server's certificate: every text it returns is safe to show. Pure; any thread.
#pragma once

#include <string>

#include "base/result.h"

struct x509_st;  // OpenSSL's X509

namespace ballast::vsphere {

// Returns a thumbprint in the form in which thumbprints are compared: "4A:5B:…". 32 bytes are a
// SHA-256 thumbprint, 20 a SHA-1 one. Takes hex digits of either case, with or without colons.
// Errors: kConfig.
[[nodiscard]] Result<std::string> normal_thumbprint(const std::string& text);
// Returns whether a thumbprint in that form is a SHA-1 one; any other is SHA-256.
[[nodiscard]] bool is_sha1(const std::string& thumbprint);

[[nodiscard]] std::string sha256_thumbprint(const x509_st& certificate);
[[nodiscard]] std::string sha1_thumbprint(const x509_st& certificate);

// Returns the common name, or the whole name if it has none.
[[nodiscard]] std::string subject_of(const x509_st& certificate);
[[nodiscard]] std::string issuer_of(const x509_st& certificate);

// Returns "2026-11-23 13:09 UTC".
[[nodiscard]] std::string valid_from(const x509_st& certificate);
[[nodiscard]] std::string valid_until(const x509_st& certificate);

// Returns the names a client may call the server by: "a.example.com, *.b.example.com, 192.0.2.1".
// Of a certificate without such names it returns the common name. A long list is cut and says so.
[[nodiscard]] std::string names_of(const x509_st& certificate);

}  // namespace ballast::vsphere
