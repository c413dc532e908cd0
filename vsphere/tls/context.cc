#include "vsphere/tls/context.h"

#include <algorithm>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "base/time.h"
#include "base/trusted_file.h"
#include "vsphere/tls/certificate.h"

namespace ballast::vsphere {
namespace {

// TlsTrust, checked and in one form.
struct TrustRule {
  enum class Kind { kSystem, kCaFile, kThumbprint, kInsecure };
  Kind kind = Kind::kSystem;
  std::string detail;  // kCaFile: its path; kThumbprint: the expected one, in normal form
  std::shared_ptr<const std::vector<std::string>> or_one_of = {};  // kThumbprint: as in TlsTrust
};

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

// Makes verify_peer() report to `check` for this connection.
void report_to(ssl_st& ssl, PeerCheck& check) { SSL_set_ex_data(&ssl, check_index(), &check); }

// Returns 1 if the certificate is trusted, else 0 with the reasons in the connection's PeerCheck.
// Goes on after the first problem, so that the user reads of all of them at once. Meant for
// SSL_CTX_set_cert_verify_callback; `rule` is a TrustRule.
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

Result<TrustRule> rule_for(const TlsTrust& trust) {
  const int chosen = (trust.ca_file.empty() ? 0 : 1) + (trust.thumbprint.empty() ? 0 : 1) +
                     (trust.insecure ? 1 : 0);
  if (chosen > 1) {
    return fail(ErrorCode::kConfig, "more than one of ca_file, thumbprint and insecure is set",
                "keep one; a CA file or a thumbprint verifies the server, insecure does not");
  }
  if (trust.insecure) return TrustRule{TrustRule::Kind::kInsecure, {}};
  if (!trust.ca_file.empty()) return TrustRule{TrustRule::Kind::kCaFile, trust.ca_file};
  if (trust.thumbprint.empty()) return TrustRule{};
  auto thumbprint = normal_thumbprint(trust.thumbprint);
  if (!thumbprint) return fail(std::move(thumbprint.error()));
  return TrustRule{TrustRule::Kind::kThumbprint, std::move(*thumbprint), trust.or_one_of};
}

tl::unexpected<Error> unusable(const std::string& what, std::string hint) {
  ERR_clear_error();
  return fail(ErrorCode::kConfig, what, std::move(hint));
}

std::unique_ptr<BIO, void (*)(BIO*)> reader_of(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all};
}

using Certificate = std::unique_ptr<X509, void (*)(X509*)>;

// What has a password gets none, so that OpenSSL does not ask at the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*rwflag*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

// The certificates of a PEM file, whatever else is in it; none if one of them is damaged.
std::vector<Certificate> certificates_in(const std::string& text) {
  const auto pem = reader_of(text);
  std::vector<Certificate> all;
  bool is_locked = false;
  while (X509* next = PEM_read_bio_X509_AUX(pem.get(), nullptr, no_password, &is_locked)) {
    all.emplace_back(next, X509_free);
  }
  const bool is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!is_end) all.clear();
  return all;
}

Status load_ca_file(SSL_CTX* context, const std::string& path) {
  const auto text = read_trusted_file({"ca_file", path});
  if (!text) return fail(text.error());
  const auto certificates = certificates_in(*text);
  if (certificates.empty()) {
    return unusable("ca_file " + printable(path) + " holds no usable certificate",
                    "it has to be PEM: -----BEGIN CERTIFICATE----- and so on");
  }
  for (const auto& certificate : certificates) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get());
  }
  // A file that holds an intermediate authority, or the server's own certificate, means just that
  // one: no root above it is needed.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
  return {};
}

// The client's own certificate comes first, then those above it.
bool use_chain(SSL_CTX* context, const std::vector<Certificate>& chain) {
  if (chain.empty() || SSL_CTX_use_certificate(context, chain.front().get()) != 1) return false;
  return std::all_of(chain.begin() + 1, chain.end(), [context](const Certificate& above) {
    return SSL_CTX_add1_chain_cert(context, above.get()) == 1;
  });
}

Status load_identity(SSL_CTX* context, const TlsIdentity& identity) {
  const std::string file = "client_cert_file " + printable(identity.cert_file);
  const auto chain = read_trusted_file({"client_cert_file", identity.cert_file});
  if (!chain) return fail(chain.error());
  if (!use_chain(context, certificates_in(*chain))) {
    return unusable(file + " holds no usable certificate",
                    "it has to be PEM, and begin with the client's own certificate");
  }
  const std::string& pem = identity.key.reveal();
  const auto text = reader_of(pem);
  bool is_locked = false;
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      PEM_read_bio_PrivateKey(text.get(), nullptr, no_password, &is_locked), EVP_PKEY_free);
  if (is_locked) {
    return unusable("client_key_file holds a key with a password",
                    "store it without one, in a file that only this user may read: openssl pkey "
                    "-in KEY -out NEW");
  }
  if (key == nullptr) return unusable("client_key_file holds no usable key", "it has to be PEM");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return unusable("client_key_file is not the key of " + file,
                    "name the key that this certificate was made for");
  }
  return {};
}

int peer_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

// Called by OpenSSL with a session that may be resumed. 1 tells it that the session is ours to
// free.
int keep_session(ssl_st* connection, ssl_session_st* session) {
  auto* peer = static_cast<TlsPeer*>(SSL_get_ex_data(connection, peer_index()));
  peer->session_.reset(session);
  return 1;
}

class TlsContext::Impl {
 public:
  explicit Impl(TrustRule trust) : rule(std::move(trust)) {}

  Status configure(const TlsIdentity& identity) {
    SSL_CTX* handle = context.get();
    if (handle == nullptr) throw std::bad_alloc();
    // Many connections wait at the same time: none needs buffers for that.
    SSL_CTX_set_mode(handle, SSL_MODE_RELEASE_BUFFERS);
    // A record takes one system call in place of two.
    SSL_CTX_set_read_ahead(handle, 1);
    SSL_CTX_set_min_proto_version(handle, TLS1_2_VERSION);
    SSL_CTX_set_options(handle, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_verify(handle, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(handle, verify_peer, &rule);
    SSL_CTX_set_session_cache_mode(handle,
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    SSL_CTX_sess_set_new_cb(handle, keep_session);
    if (!identity.cert_file.empty()) {
      if (auto loaded = load_identity(handle, identity); !loaded) return loaded;
    }
    if (rule.kind == TrustRule::Kind::kCaFile) return load_ca_file(handle, rule.detail);
    if (rule.kind == TrustRule::Kind::kSystem) SSL_CTX_set_default_verify_paths(handle);
    return {};
  }

  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context{SSL_CTX_new(TLS_client_method()),
                                                       SSL_CTX_free};
  TrustRule rule;
};

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<TlsContext>> TlsContext::create(const TlsTrust& trust,
                                                       const TlsIdentity& identity) {
  auto rule = rule_for(trust);
  if (!rule) return fail(std::move(rule.error()));
  auto impl = std::make_unique<Impl>(std::move(*rule));
  if (auto done = impl->configure(identity); !done) return fail(std::move(done.error()));
  return std::shared_ptr<TlsContext>(new TlsContext(std::move(impl)));
}

ssl_ctx_st* TlsContext::native() { return impl_->context.get(); }

void TlsPeer::Freed::operator()(ssl_session_st* session) const { SSL_SESSION_free(session); }

TlsPeer::TlsPeer(std::shared_ptr<TlsContext> context, std::string host)
    : context_(std::move(context)), host_(std::move(host)) {}
TlsPeer::~TlsPeer() = default;

ssl_st* TlsPeer::new_connection(PeerCheck& check) {
  SSL* connection = SSL_new(context_->native());
  if (connection == nullptr) throw std::bad_alloc();
  SSL_set_connect_state(connection);
  check.host = host_;
  report_to(*connection, check);
  SSL_set_ex_data(connection, peer_index(), this);
  X509_VERIFY_PARAM* expected = SSL_get0_param(connection);
  boost::system::error_code not_an_address;
  boost::asio::ip::make_address(host_, not_an_address);
  if (!not_an_address) {
    X509_VERIFY_PARAM_set1_ip_asc(expected, host_.c_str());
  } else {
    // "vc.example.com." is absolute for the resolver, but no certificate has the dot.
    const std::string name = host_.ends_with('.') ? host_.substr(0, host_.size() - 1) : host_;
    X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    X509_VERIFY_PARAM_set1_host(expected, name.c_str(), name.size());
    SSL_set_tlsext_host_name(connection, name.c_str());
  }
  if (session_) SSL_set_session(connection, session_.get());
  return connection;
}

}  // namespace ballast::vsphere
