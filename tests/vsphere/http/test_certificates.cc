#include "tests/vsphere/http/test_certificates.h"

#include <unistd.h>

#include <cstdio>
#include <stdexcept>

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace ballast::vsphere {

namespace {

void check(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

void set_name(X509_NAME* name, const std::string& common_name) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(common_name.c_str());
  check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, bytes, -1, -1, 0) == 1, "name");
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  check(extension != nullptr, "extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ",") + name;
  return all;
}

}  // namespace

Identity make_identity(const CertificateSpec& spec, const Identity* issuer) {
  Identity made{{X509_new(), X509_free}, {EVP_EC_gen("P-256"), EVP_PKEY_free}};
  X509* certificate = made.certificate.get();
  X509* signer = issuer != nullptr ? issuer->certificate.get() : certificate;
  constexpr long kDay = 24 * 60 * 60;
  X509_set_version(certificate, X509_VERSION_3);
  std::uint32_t serial = 0;
  check(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "random");
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), spec.from_days * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), spec.until_days * kDay);
  X509_set_pubkey(certificate, made.key.get());
  set_name(X509_get_subject_name(certificate), spec.common_name);
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  if (spec.authority) {
    add_extension(certificate, signer, NID_basic_constraints, "critical,CA:TRUE");
  }
  if (!spec.names.empty()) {
    add_extension(certificate, signer, NID_subject_alt_name, joined(spec.names));
  }
  EVP_PKEY* key = issuer != nullptr ? issuer->key.get() : made.key.get();
  check(X509_sign(certificate, key, EVP_sha256()) > 0, "signature");
  return made;
}

std::string save_pem(const Identity& identity, const std::string& file_name) {
  // Tests run at the same time, each in a process of its own.
  const std::string path =
      ::testing::TempDir() + "ballast-" + std::to_string(getpid()) + "-" + file_name;
  std::FILE* file = std::fopen(path.c_str(), "w");
  check(file != nullptr, "temporary file");
  PEM_write_X509(file, identity.certificate.get());
  std::fclose(file);
  return path;
}

TlsServerContext server_context(const Identity* identity) {
  if (identity == nullptr) return {nullptr, SSL_CTX_free};
  TlsServerContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  check(SSL_CTX_use_certificate(context.get(), identity->certificate.get()) == 1, "certificate");
  check(SSL_CTX_use_PrivateKey(context.get(), identity->key.get()) == 1, "key");
  return context;
}

}  // namespace ballast::vsphere
