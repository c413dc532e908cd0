#include "vsphere/tls/verify.h"

#include <algorithm>

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "base/time.h"
#include "vsphere/tls/certificate.h"

namespace ballast::vsphere {

namespace {

int check_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

PeerCheck& check_of(X509_STORE_CTX* store) {
  const auto* ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  return *static_cast<PeerCheck*>(SSL_get_ex_data(ssl, check_index()));
}

bool is_about_authority(int error) {
  switch (error) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
      return true;
    default:
      return false;
  }
}

std::string about_dates(int error, int depth, const X509& certificate) {
  const std::string which = depth == 0 ? "it" : "its authority \"" + subject_of(certificate) + "\"";
  if (error == X509_V_ERR_CERT_HAS_EXPIRED) {
    return which + " expired on " + valid_until(certificate);
  }
  return fmt::format("{} is not valid before {} (this machine's clock says {})", which,
                     valid_from(certificate), format_iso8601(now_utc()));
}

std::string describe(int error, int depth, const X509& certificate, const PeerCheck& check) {
  if (error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT) {
    return "it is self-signed by \"" + subject_of(certificate) + "\"";
  }
  if (is_about_authority(error)) {
    return fmt::format("it comes from the authority \"{}\", which is not trusted here",
                       issuer_of(certificate));
  }
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return about_dates(error, depth, certificate);
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return fmt::format("it is for {}, not for {}", names_of(certificate), check.host);
    default:
      return X509_verify_cert_error_string(error);
  }
}

// Of several problems the first one is the one to mend first.
std::string advice(int error, const PeerCheck& check) {
  std::string pin = fmt::format(
      "if you are sure that this is the right server, set thumbprint = \"{}\" for it in the "
      "configuration",
      check.sha256);
  if (is_about_authority(error)) {
    return "set ca_file to the PEM file of the server's certificate authority, or, " + pin;
  }
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "renew the server's certificate, or, " + pin;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "compare the clocks of this machine and of the server, or, " + pin;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "put one of those names into the url, or, " + pin;
    default:
      return pin;
  }
}

// Called by OpenSSL for every fault it finds; 1 makes it look for the next.
int note_problem(int ok, X509_STORE_CTX* store) {
  if (ok == 1) return 1;
  PeerCheck& check = check_of(store);
  const int error = X509_STORE_CTX_get_error(store);
  const int depth = X509_STORE_CTX_get_error_depth(store);
  const X509* certificate = X509_STORE_CTX_get_current_cert(store);
  if (certificate == nullptr) certificate = X509_STORE_CTX_get0_cert(store);
  std::string problem = describe(error, depth, *certificate, check);
  if (check.problems.empty()) check.hint = advice(error, check);
  if (std::find(check.problems.begin(), check.problems.end(), problem) == check.problems.end()) {
    check.problems.push_back(std::move(problem));
  }
  return 1;
}

bool is_of(const X509& leaf, const std::string& thumbprint) {
  return thumbprint == (is_sha1(thumbprint) ? sha1_thumbprint(leaf) : sha256_thumbprint(leaf));
}

void compare_thumbprint(const X509& leaf, const TrustRule& rule, PeerCheck& check) {
  const std::string& expected = rule.detail;
  if (is_of(leaf, expected)) return;
  const auto fits = [&](const std::string& other) { return is_of(leaf, other); };
  if (rule.or_one_of && std::any_of(rule.or_one_of->begin(), rule.or_one_of->end(), fits)) return;
  const bool sha1 = is_sha1(expected);
  const std::string got = sha1 ? sha1_thumbprint(leaf) : check.sha256;
  check.problems.push_back(fmt::format("its {} thumbprint is {}, expected was {}",
                                       sha1 ? "SHA-1" : "SHA-256", got, expected));
  check.hint = fmt::format(
      "if the server was given a new certificate, set thumbprint = \"{}\" for it in the "
      "configuration; if not, someone may be in between",
      check.sha256);
}

}  // namespace

void report_to(ssl_st& ssl, PeerCheck& check) { SSL_set_ex_data(&ssl, check_index(), &check); }

int verify_peer(x509_store_ctx_st* store, void* rule) {
  const auto& trust = *static_cast<const TrustRule*>(rule);
  PeerCheck& check = check_of(store);
  const X509& leaf = *X509_STORE_CTX_get0_cert(store);
  check.sha256 = sha256_thumbprint(leaf);
  if (trust.kind == TrustRule::Kind::kThumbprint) {
    compare_thumbprint(leaf, trust, check);
  } else if (trust.kind != TrustRule::Kind::kInsecure) {
    X509_STORE_CTX_set_verify_cb(store, note_problem);
    if (X509_verify_cert(store) != 1 && check.problems.empty()) {
      note_problem(0, store);
    }
  }
  // OpenSSL takes the reason from here: for its alert to the server, and for resumed sessions.
  const bool trusted = check.problems.empty();
  if (trusted) X509_STORE_CTX_set_error(store, X509_V_OK);
  if (!trusted && X509_STORE_CTX_get_error(store) == X509_V_OK) {
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
  }
  return trusted ? 1 : 0;
}

}  // namespace ballast::vsphere
