// What doctor says about the way to a server.
#include "vsphere/http/reachability.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/vsphere/http/full_listener.h"
#include "tests/vsphere/http/http_fixture.h"
#include "vsphere/tls/certificate.h"

namespace ballast::vsphere {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::chrono::milliseconds kLong = std::chrono::hours(1);
constexpr std::chrono::milliseconds kShort{50};

class Reachability : public HttpTest {
 protected:
  template <class T>
  Result<T> get(Awaitable<Result<T>> task) {
    std::optional<Result<T>> result;
    run(keep(std::move(task), result));
    return std::move(*result);
  }

  static const Identity& authority() {
    static const Identity made = make_identity({"Lab CA", {}, -1, 30, true});
    return made;
  }

  static TlsTrust trust_authority() {
    TlsTrust trust;
    trust.ca_file = save_pem(authority(), "reachability_ca.pem");
    return trust;
  }

  Result<TlsReport> shake_hands(const Identity& identity, TlsTrust trust) {
    LoopbackServer server(always_answers("hello"), &identity);
    return get(try_handshake(server.endpoint(), std::move(trust), kLong, {}));
  }

 private:
  template <class T>
  static Awaitable<void> keep(Awaitable<Result<T>> task, std::optional<Result<T>>& into) {
    into.emplace(co_await std::move(task));
  }
};

TEST_F(Reachability, NamesAndAddressesAreResolved) {
  const auto local = get(resolve_host("localhost", kLong));
  ASSERT_TRUE(local) << local.error().sentence();
  EXPECT_THAT(*local, Not(IsEmpty()));
  const auto address = get(resolve_host("192.0.2.7", kLong));
  ASSERT_TRUE(address);
  EXPECT_EQ(*address, std::vector<std::string>{"192.0.2.7"});
}

TEST_F(Reachability, ANameThatNobodyKnows) {
  const auto addresses = get(resolve_host("no such name.invalid", kLong));
  ASSERT_FALSE(addresses);
  EXPECT_EQ(addresses.error().code, ErrorCode::kUnreachable);
  EXPECT_THAT(addresses.error().message, HasSubstr("cannot look up the address of no such name"));
  EXPECT_THAT(addresses.error().hint, HasSubstr("DNS"));
}

TEST_F(Reachability, APortThatAnswers) {
  LoopbackServer server([](Peer& peer) { peer.wait_for_close(); });
  const auto address = get(try_connect(server.endpoint(), kLong));
  ASSERT_TRUE(address) << address.error().sentence();
  EXPECT_EQ(*address, "127.0.0.1");
}

TEST_F(Reachability, APortThatRefusesOrIsSilent) {
  Endpoint gone;
  {
    LoopbackServer server([](Peer&) {});
    gone = server.endpoint();
  }
  const auto refused = get(try_connect(gone, kLong));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnreachable);
  EXPECT_THAT(refused.error().message, HasSubstr("connection refused"));
  FullListener full;
  const auto silent = get(try_connect(full.endpoint(), kShort));
  ASSERT_FALSE(silent);
  EXPECT_EQ(silent.error().code, ErrorCode::kTimeout);
  EXPECT_THAT(silent.error().sentence(), HasSubstr("no connection came about"));
}

TEST_F(Reachability, ATrustedServerIsReported) {
  const auto identity = make_identity({"vc", {"IP:127.0.0.1"}, -1, 30}, &authority());
  const auto report = shake_hands(identity, trust_authority());
  ASSERT_TRUE(report) << report.error().sentence();
  EXPECT_THAT(report->version, HasSubstr("TLSv1."));
  EXPECT_EQ(report->subject, "vc");
  EXPECT_EQ(report->issuer, "Lab CA");
  EXPECT_EQ(report->thumbprint_sha256, sha256_thumbprint(*identity.certificate));
  EXPECT_GT(report->valid_until, now_utc() + std::chrono::hours(24 * 29));
  EXPECT_LT(report->valid_until, now_utc() + std::chrono::hours(24 * 31));
}

TEST_F(Reachability, AnUntrustedServerIsReportedWhenTrustIsOff) {
  TlsTrust anything;
  anything.insecure = true;
  const auto report = shake_hands(make_identity({"expired", {}, -10, -2}), anything);
  ASSERT_TRUE(report) << report.error().sentence();
  EXPECT_EQ(report->subject, "expired");
  EXPECT_LT(report->valid_until, now_utc());
}

TEST_F(Reachability, EachProblemOfACertificateIsNamedWithTheThumbprintToPin) {
  const struct {
    const char* what;
    CertificateSpec spec;
    bool unknown_authority;
    std::vector<const char*> says;
  } rows[] = {
      {"expired", {"vc", {"IP:127.0.0.1"}, -10, -2}, false, {"it expired on 20", "renew"}},
      {"not yet valid",
       {"vc", {"IP:127.0.0.1"}, 2, 10},
       false,
       {"it is not valid before 20", "compare the clocks"}},
      {"wrong name",
       {"vc", {"DNS:vc.example.com"}},
       false,
       {"it is for vc.example.com, not for 127.0.0.1", "put one of those names into the url"}},
      {"unknown authority",
       {"vc", {"IP:127.0.0.1"}},
       true,
       {"the authority \"Other CA\", which is not trusted here", "set ca_file"}},
  };
  const auto other = make_identity({"Other CA", {}, -1, 30, true});
  for (const auto& row : rows) {
    const auto identity = make_identity(row.spec, row.unknown_authority ? &other : &authority());
    const auto report = shake_hands(identity, trust_authority());
    ASSERT_FALSE(report) << row.what;
    EXPECT_EQ(report.error().code, ErrorCode::kTls) << row.what;
    const auto sentence = report.error().sentence();
    for (const char* part : row.says) EXPECT_THAT(sentence, HasSubstr(part)) << row.what;
    EXPECT_THAT(sentence,
                HasSubstr("thumbprint = \"" + sha256_thumbprint(*identity.certificate) + "\""))
        << row.what;
  }
}

TEST_F(Reachability, AChangedThumbprintIsShownBesideTheExpectedOne) {
  const auto before = make_identity({"vc", {"IP:127.0.0.1"}});
  const auto after = make_identity({"vc", {"IP:127.0.0.1"}});
  TlsTrust pinned;
  pinned.thumbprint = sha256_thumbprint(*before.certificate);
  EXPECT_TRUE(shake_hands(before, pinned));
  const auto report = shake_hands(after, pinned);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kTls);
  EXPECT_THAT(report.error().message,
              HasSubstr("thumbprint is " + sha256_thumbprint(*after.certificate) +
                        ", expected was " + pinned.thumbprint));
  EXPECT_THAT(report.error().hint, HasSubstr("someone may be in between"));
}

TEST_F(Reachability, ServersThatDoNotShakeHands) {
  LoopbackServer plain([](Peer& peer) {
    if (peer.read_some()) peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  const auto refused = get(try_handshake(plain.endpoint(), {}, kLong, {}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTls) << refused.error().sentence();
  LoopbackServer silent([](Peer& peer) { peer.wait_for_close(); });
  const auto stalled = get(try_handshake(silent.endpoint(), {}, kShort, {}));
  ASSERT_FALSE(stalled);
  EXPECT_EQ(stalled.error().code, ErrorCode::kTimeout) << stalled.error().sentence();
}

TEST_F(Reachability, ACaFileThatCannotBeReadIsAMatterOfTheConfiguration) {
  TlsTrust trust;
  trust.ca_file = "/nonexistent/ca.pem";
  const auto report = get(try_handshake({true, "127.0.0.1", 1}, trust, kLong, {}));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kConfig);
}

}  // namespace
}  // namespace ballast::vsphere
