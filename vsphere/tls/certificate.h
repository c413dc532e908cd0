// What a server's certificate says, as text that is safe to show.
#pragma once

#include <string>

#include "base/result.h"

struct x509_st;  // OpenSSL's X509

namespace ballast::vsphere {

// "4A:5B:…": 32 bytes are a SHA-256 thumbprint, 20 a SHA-1 one. Accepts hex with or without
// colons, in either case. Errors: kConfig.
[[nodiscard]] Result<std::string> normal_thumbprint(const std::string& text);
[[nodiscard]] bool is_sha1(const std::string& thumbprint);

[[nodiscard]] std::string sha256_thumbprint(const x509_st& certificate);
[[nodiscard]] std::string sha1_thumbprint(const x509_st& certificate);

// The common name, or the whole name if it has none.
[[nodiscard]] std::string subject_of(const x509_st& certificate);
[[nodiscard]] std::string issuer_of(const x509_st& certificate);

// "2026-11-23 13:09 UTC"
[[nodiscard]] std::string valid_from(const x509_st& certificate);
[[nodiscard]] std::string valid_until(const x509_st& certificate);

// The names a client may call the server by: "a.example.com, *.b.example.com, 192.0.2.1"; a
// certificate without any has its common name here. A long list is cut and says so.
[[nodiscard]] std::string names_of(const x509_st& certificate);

}  // namespace ballast::vsphere
