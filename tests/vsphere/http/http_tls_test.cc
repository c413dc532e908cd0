// Which servers are trusted, and what the user reads about those that are not.
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "tests/vsphere/http/http_tls_fixture.h"
#include "vsphere/tls/certificate.h"

namespace ballast::vsphere {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(HttpTls, TrustsWhatTheAuthoritySigned) {
  const auto good = make_identity({"vc", {"DNS:localhost", "IP:127.0.0.1"}}, &authority());
  for (const char* host : {"127.0.0.1", "localhost"}) {
    const auto result = ask_as(good, trust_authority(), host);
    ASSERT_TRUE(result) << host << ": " << why(result);
    EXPECT_EQ(result->body, "hello");
  }
}

TEST_F(HttpTls, TrustsANamedIntermediateOrTheCertificateItself) {
  const auto intermediate = make_identity({"Lab Issuing CA", {}, -1, 30, true}, &authority());
  const auto leaf = make_identity({"vc", {"IP:127.0.0.1"}}, &intermediate);
  TlsTrust trust;
  trust.ca_file = save_pem(intermediate, "http_tls_intermediate.pem");
  EXPECT_TRUE(ask_as(leaf, trust)) << "an intermediate authority";
  trust.ca_file = save_pem(leaf, "http_tls_leaf.pem");
  EXPECT_TRUE(ask_as(leaf, trust)) << "the server's own certificate";
  EXPECT_TRUE(says(ask_as(leaf, trust_authority()), "the authority \"Lab Issuing CA\""));
}

struct Distrusted {
  const char* what;
  CertificateSpec spec;
  bool self_signed;
  std::vector<const char*> says;
};

TEST_F(HttpTls, SaysExactlyWhatIsWrongWithACertificate) {
  const Distrusted rows[] = {
      {"expired", {"vc", {"IP:127.0.0.1"}, -10, -2}, false, {"it expired on 20", "renew"}},
      {"not yet valid",
       {"vc", {"IP:127.0.0.1"}, 2, 10},
       false,
       {"it is not valid before 20", "this machine's clock says 20", "compare the clocks"}},
      {"other address",
       {"vc", {"DNS:vc.example.com", "DNS:*.lab.example.com", "IP:192.0.2.7", "IP:2001:db8::7"}},
       false,
       {"it is for vc.example.com, *.lab.example.com, 192.0.2.7, 2001:db8::7, not for 127.0.0.1",
        "put one of those names into the url"}},
      {"no names", {"old-vc", {}}, false, {"it is for old-vc, not for 127.0.0.1"}},
      {"self-signed",
       {"lonely", {"IP:127.0.0.1"}},
       true,
       {"it is self-signed by \"lonely\"", "set ca_file to the PEM file"}},
      {"all of it",
       {"lonely", {"DNS:a.example.com"}, -10, -2},
       true,
       {"it is self-signed", "it expired on 20", "it is for a.example.com, not for 127.0.0.1"}},
  };
  for (const auto& row : rows) {
    const auto identity = make_identity(row.spec, row.self_signed ? nullptr : &authority());
    const auto result = ask_as(identity, trust_authority());
    ASSERT_FALSE(result) << row.what;
    EXPECT_EQ(result.error().code, ErrorCode::kTls) << row.what;
    for (const char* part : row.says) EXPECT_TRUE(says(result, part)) << row.what;
    const auto sha256 = sha256_thumbprint(*identity.certificate);
    EXPECT_TRUE(says(result, "set thumbprint = \"" + sha256 + "\"")) << row.what;
    EXPECT_THAT(result.error().message, HasSubstr("the certificate of 127.0.0.1:")) << row.what;
  }
}

TEST_F(HttpTls, WrongHostNameIsTold) {
  const auto identity = make_identity({"vc", {"DNS:vc.example.com"}}, &authority());
  EXPECT_TRUE(says(ask_as(identity, trust_authority(), "localhost"),
                   "it is for vc.example.com, not for localhost"));
}

TEST_F(HttpTls, ManyNamesAreCut) {
  CertificateSpec spec{"vc", {}};
  for (int i = 0; i < 50; ++i) spec.names.push_back("DNS:n" + std::to_string(i) + ".example.com");
  const auto result = ask_as(make_identity(spec, &authority()), trust_authority());
  EXPECT_TRUE(says(result, "n7.example.com and 42 more, not for"));
}

TEST_F(HttpTls, NamesInCertificatesCannotReachTheTerminal) {
  const auto result = ask_as(make_identity({"evil\x1b[2J", {}}), trust_authority());
  ASSERT_FALSE(result);
  EXPECT_TRUE(says(result, "evil\\x1b[2J"));
  EXPECT_THAT(result.error().sentence(), Not(HasSubstr("\x1b")));
}

TEST_F(HttpTls, TheSystemsAuthoritiesDoNotKnowTheLab) {
  const auto good = make_identity({"vc", {"IP:127.0.0.1"}}, &authority());
  const auto result = ask_as(good, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTls);
  EXPECT_TRUE(says(result, "the authority \"Lab CA\", which is not trusted here"));
}

TEST_F(HttpTls, AThumbprintIsAllThatCountsWhereOneIsGiven) {
  // Expired, for another name, signed by itself.
  const auto identity = make_identity({"x", {"DNS:a.example.com"}, -10, -2});
  const auto sha256 = sha256_thumbprint(*identity.certificate);
  std::string bare;
  for (const char c : sha256) {
    if (c != ':') bare += static_cast<char>(std::tolower(c));
  }
  for (const auto& thumbprint : {sha256, bare, sha1_thumbprint(*identity.certificate)}) {
    EXPECT_TRUE(ask_as(identity, trust_thumbprint(thumbprint))) << thumbprint;
  }
}

TEST_F(HttpTls, AnotherThumbprintServesOnlyWhereItIsNamed) {
  const auto identity = make_identity({"vc", {"IP:127.0.0.1"}}, &authority());
  const auto stranger = make_identity({"vc", {"IP:127.0.0.1"}}, &authority());
  auto trust = trust_thumbprint(std::string(40, 'a'));
  trust.or_one_of = std::make_shared<const std::vector<std::string>>(
      std::vector<std::string>{std::string(59, 'B'), sha1_thumbprint(*identity.certificate)});
  EXPECT_TRUE(ask_as(identity, trust));
  const auto refused = ask_as(stranger, trust);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTls);
}

TEST_F(HttpTls, AChangedThumbprintShowsBoth) {
  const auto known = make_identity({"vc", {"IP:127.0.0.1"}}, &authority());
  const auto other = make_identity({"vc", {"IP:127.0.0.1"}}, &authority());
  const auto expected = sha256_thumbprint(*known.certificate);
  const auto got = sha256_thumbprint(*other.certificate);
  const auto result = ask_as(other, trust_thumbprint(expected));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTls);
  EXPECT_TRUE(says(result, "its SHA-256 thumbprint is " + got + ", expected was " + expected));
  EXPECT_TRUE(says(result, "set thumbprint = \"" + got + "\""));
  const auto old_style = ask_as(other, trust_thumbprint(sha1_thumbprint(*known.certificate)));
  EXPECT_TRUE(says(old_style, "its SHA-1 thumbprint is " + sha1_thumbprint(*other.certificate)));
  EXPECT_TRUE(says(old_style, "set thumbprint = \"" + got + "\""));
}

TEST_F(HttpTls, InsecureTrustsAnything) {
  TlsTrust trust;
  trust.insecure = true;
  EXPECT_TRUE(ask_as(make_identity({"x", {"DNS:a.example.com"}, -10, -2}), trust));
}

TEST_F(HttpTls, BadSettingsAreConfigurationErrors) {
  const std::string text_file = ::testing::TempDir() + "ballast-no-certificate.pem";
  std::ofstream(text_file) << "not a certificate\n";
  std::string hex64(64, 'a');
  const std::string half_file = save_pem(authority(), "http_tls_half.pem");
  std::ofstream(half_file, std::ios::app)
      << "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  std::vector<TlsTrust> bad(10);
  bad[0].ca_file = "/nowhere/ca.pem";
  bad[1].ca_file = text_file;
  bad[2].thumbprint = "12:34";
  bad[3].thumbprint = std::string(63, 'a') + "g";
  bad[4].thumbprint = hex64 + ":";
  bad[5].thumbprint = "aa:" + hex64.substr(2);
  bad[6].thumbprint = ":" + hex64;
  bad[7] = {text_file, hex64, false};
  bad[8] = {"", hex64, true};
  bad[9].ca_file = half_file;
  for (std::size_t i = 0; i < bad.size(); ++i) {
    const auto client =
        HttpClient::create(io_.get_executor(), {true, "127.0.0.1", 443}, bad[i], {});
    ASSERT_FALSE(client) << i;
    EXPECT_EQ(client.error().code, ErrorCode::kConfig) << i;
    EXPECT_FALSE(client.error().hint.empty()) << i;
  }
}

std::string key_pem(const Identity& identity, const EVP_CIPHER* cipher) {
  const std::unique_ptr<BIO, void (*)(BIO*)> text(BIO_new(BIO_s_mem()), BIO_free_all);
  unsigned char password[] = "x";
  PEM_write_bio_PrivateKey(text.get(), identity.key.get(), cipher, password,
                           cipher == nullptr ? 0 : 1, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

TEST_F(HttpTls, AClientsCertificateThatCannotBeUsedIsAConfigurationError) {
  const auto own = make_identity({"client", {}});
  const auto other = make_identity({"other", {}});
  const auto file = save_pem(own, "client.pem");
  const std::string key = key_pem(own, nullptr);
  const std::string text_file = ::testing::TempDir() + "ballast-no-client-certificate.pem";
  std::ofstream(text_file) << "not a certificate\n";
  struct Row {
    std::string cert_file;
    std::string key;
    const char* words;
  };
  const Row rows[] = {
      {"/nowhere/client.pem", key, "cannot read client_cert_file /nowhere/client.pem"},
      {text_file, key, "holds no usable certificate"},
      {file, "not a key", "client_key_file holds no usable key"},
      {file, key_pem(own, EVP_aes_256_cbc()), "client_key_file holds a key with a password"},
      {file, key_pem(other, nullptr), "client_key_file is not the key of client_cert_file"},
      {file, key, ""},
  };
  for (const auto& row : rows) {
    TlsTrust trust;
    trust.insecure = true;
    const TlsIdentity identity{row.cert_file, Secret(row.key)};
    const auto client = HttpClient::create(io_.get_executor(), {}, trust, {}, identity);
    EXPECT_EQ(client.has_value(), *row.words == '\0') << row.words;
    if (client) continue;
    EXPECT_EQ(client.error().code, ErrorCode::kConfig);
    EXPECT_THAT(client.error().message, HasSubstr(row.words));
  }
}

// One that the server does not know, and none at all, with each version of TLS.
TEST_F(HttpTls, AServerThatWantsAnotherClientCertificateSaysSo) {
  const auto server_identity = make_identity({"server", {"IP:127.0.0.1"}});
  const auto known = make_identity({"known", {}});
  const auto stranger = make_identity({"stranger", {}});
  const auto known_file = save_pem(known, "known.pem");
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    LoopbackServer server(
        [](Peer& peer) {
          if (peer.read_request()) peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        },
        &server_identity,
        [&](SSL_CTX* context) {
          SSL_CTX_set_max_proto_version(context, version);
          SSL_CTX_load_verify_file(context, known_file.c_str());
          SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
        });
    TlsTrust trust;
    trust.insecure = true;
    const auto ask_as = [&](const TlsIdentity& identity) {
      auto client = HttpClient::create(io_.get_executor(), server.endpoint(), trust, {}, identity);
      return send(**client);
    };
    EXPECT_TRUE(ask_as({known_file, Secret(key_pem(known, nullptr))})) << version;
    const auto unknown =
        ask_as({save_pem(stranger, "stranger.pem"), Secret(key_pem(stranger, nullptr))});
    ASSERT_FALSE(unknown) << version;
    EXPECT_THAT(unknown.error().sentence(), HasSubstr("client_cert_file")) << version;
    const auto none = ask_as({});
    ASSERT_FALSE(none) << version;
    EXPECT_THAT(none.error().sentence(), HasSubstr("client_cert_file")) << version;
  }
}

TEST_F(HttpTls, TlsToAPlainPortIsUnderstood) {
  LoopbackServer server([](Peer& peer) {
    peer.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    peer.wait_for_close();
  });
  auto endpoint = server.endpoint();
  endpoint.tls = true;
  const auto client = make_client(endpoint);
  const auto result = send(*client);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTls) << why(result);
  EXPECT_TRUE(says(result, "does not speak TLS on this port"));
  EXPECT_TRUE(says(result, "http://"));
}

TEST_F(HttpTls, PlainHttpToATlsServerPointsToHttps) {
  const auto identity = make_identity({"vc", {"IP:127.0.0.1"}});
  LoopbackServer server(always_answers("hello"), &identity);
  auto endpoint = server.endpoint();
  endpoint.tls = false;
  const auto client = make_client(endpoint);
  EXPECT_TRUE(says(send(*client), "begin the url with https://"));
}

TEST_F(HttpTls, AHandshakeBrokenOffIsATlsError) {
  for (const bool rudely : {false, true}) {
    LoopbackServer server([rudely](Peer& peer) {
      peer.read_some();  // so that the connection stands before it breaks
      if (rudely) peer.reset();
    });
    auto endpoint = server.endpoint();
    endpoint.tls = true;
    const auto client = make_client(endpoint);
    const auto result = send(*client);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kTls) << why(result);
    EXPECT_TRUE(says(result, "broke off the handshake"));
  }
}

TEST_F(HttpTls, NothingOlderThanTls12) {
  const auto identity = make_identity({"vc", {"IP:127.0.0.1"}}, &authority());
  LoopbackServer server(always_answers("hello"), &identity, [](SSL_CTX* context) {
    SSL_CTX_set_cipher_list(context, "DEFAULT@SECLEVEL=0");
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
  });
  const auto client = make_client(server.endpoint(), {}, trust_authority());
  const auto result = send(*client);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTls);
  EXPECT_TRUE(says(result, "only versions older than TLS 1.2"));
}

}  // namespace
}  // namespace ballast::vsphere
