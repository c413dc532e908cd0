// A server whose certificate is not what it should be: the user learns what is wrong with it, and
// the password never reaches whoever that server is.
#include "tests/e2e/harness/fault_fixture.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

json one_guest() { return {{"guests", {{{"name", "web"}, {"capture", "a_idle_2048/0"}}}}}; }

class TlsFault : public FaultFixture {
 protected:
  TlsFault() : FaultFixture(one_guest()) {}
  void SetUp() override { scan_well(1); }

  // Gives the new certificate's thumbprint.
  std::string serve_certificate(const std::string& kind) {
    lab.post("/tls", {{"certificate", kind}});
    return lab.get("/tls").at("thumbprint_sha256");
  }

  json logins() { return lab.get("/stats")["methods"]["Login"]; }
};

struct BadCertificate {
  const char* kind;
  const char* words;
};

constexpr BadCertificate kBadCertificates[] = {
    {"expired", "expired"},
    {"not_yet_valid", "not valid before"},
    {"wrong_name", "other.lab.example"},
    {"unknown_ca", "somebody's CA"},
};

TEST_F(TlsFault, EachBadCertificateIsNamedAndGetsNoPassword) {
  const json before_faults = logins();
  for (const auto& bad : kBadCertificates) {
    const std::string thumbprint = serve_certificate(bad.kind);
    const auto result = scan();
    EXPECT_EQ(result.exit_code, 1) << bad.kind;
    EXPECT_THAT(result.err,
                AllOf(HasSubstr("lab: "), HasSubstr("127.0.0.1:"), HasSubstr("certificate"),
                      HasSubstr(bad.words), HasSubstr("try:")))
        << bad.kind;
    EXPECT_THAT(result.err, HasSubstr(thumbprint)) << bad.kind << ": which to pin, if it is right";
    expect_earlier_scan_intact(bad.kind);
  }
  EXPECT_EQ(logins(), before_faults) << "a login was sent to a server that is not trusted";
  serve_certificate("renewed");
  EXPECT_EQ(scan().exit_code, 0) << "a new certificate of the CA that is trusted is";
  expect_nothing_left_on_the_server("certificates");
}

TEST_F(TlsFault, AChangedThumbprintIsRefusedWithBothThumbprints) {
  const std::string pinned = lab.ready().thumbprint_sha256;
  options.trust = "thumbprint = \"" + pinned + "\"";
  write_config(workspace, lab, options);
  EXPECT_EQ(scan().exit_code, 0);
  before = report(0);
  const json before_change = logins();
  const std::string renewed = serve_certificate("renewed");
  ASSERT_NE(renewed, pinned);
  const auto result = scan();
  EXPECT_EQ(result.exit_code, 1) << "it is not the certificate that was pinned";
  EXPECT_THAT(result.err, AllOf(HasSubstr("lab: "), HasSubstr(pinned), HasSubstr(renewed),
                                HasSubstr("someone may be in between")));
  EXPECT_EQ(logins(), before_change) << "a login was sent to a server that is not trusted";
  expect_earlier_scan_intact("changed thumbprint");
  serve_certificate("ordinary");
  EXPECT_EQ(scan().exit_code, 0) << "and with the old certificate all is well again";
}

// Pinning is to one certificate, whatever else is wrong with it; `insecure` takes any.
TEST_F(TlsFault, WhoPinsOrIsInsecureNeedsNoCa) {
  for (const auto& bad : kBadCertificates) {
    const std::string thumbprint = serve_certificate(bad.kind);
    for (const std::string& trust :
         {"thumbprint = \"" + thumbprint + "\"", std::string("insecure = true")}) {
      options.trust = trust;
      write_config(workspace, lab, options);
      const auto result = scan();
      EXPECT_EQ(result.exit_code, 0) << bad.kind << " with " << trust << ": " << result.err;
      EXPECT_EQ(result.err.find("warning") != std::string::npos, trust == "insecure = true")
          << bad.kind << ": being insecure is said at every scan";
    }
  }
}

}  // namespace
}  // namespace ballast::e2e
