// A scan without a configuration: what flags and govc's variables come to.
#include "cli/one_off.h"

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/govc.h"
#include "tests/fixtures/store_fixtures.h"

namespace ballast::cli {
namespace {

using collector::SecretSource;
using ::testing::HasSubstr;
using ::testing::Not;
using Variables = std::vector<std::pair<std::string, std::string>>;

TEST(VcenterAddress, IsWrittenAsGovcTakesIt) {
  struct Row {
    const char* text;
    const char* url;
    const char* known_as;
    const char* username;
    const char* password;  // nullptr: none
  };
  const Row rows[] = {
      {"vc.example.com", "https://vc.example.com", "vc.example.com:443", "", nullptr},
      {"VC.Example.com/sdk", "https://VC.Example.com/sdk", "vc.example.com:443", "", nullptr},
      {"vc:8443", "https://vc:8443", "vc:8443", "", nullptr},
      {"http://127.0.0.1:8989/sdk", "http://127.0.0.1:8989/sdk", "127.0.0.1:8989", "", nullptr},
      {"[::1]:8443", "https://[::1]:8443", "[::1]:8443", "", nullptr},
      {"root@esx", "https://esx", "esx:443", "root", nullptr},
      {"root:@esx", "https://esx", "esx:443", "root", ""},
      {"https://u%40vsphere.local:p%3a%2F%25x@vc/sdk", "https://vc/sdk", "vc:443",
       "u@vsphere.local", "p:/%x"},
      {"a@vsphere.local:p@ss@vc", "https://vc", "vc:443", "a@vsphere.local", "p@ss"},
  };
  for (const auto& row : rows) {
    const auto address = parse_vcenter_address(row.text);
    ASSERT_TRUE(address) << row.text << ": " << address.error().sentence();
    EXPECT_EQ(address->url, row.url) << row.text;
    EXPECT_EQ(address->known_as, row.known_as) << row.text;
    EXPECT_EQ(address->username, row.username) << row.text;
    ASSERT_EQ(address->password.has_value(), row.password != nullptr) << row.text;
    if (row.password == nullptr) continue;
    EXPECT_EQ(address->password->reveal(), row.password) << row.text;
  }
}

TEST(VcenterAddress, ErrorsNeverShowAPassword) {
  for (const char* text :
       {"u:hunter2/x@vc", "u:hunter%2x@vc", "u:hunter2#@vc", "https://u:12/hunter2@vc",
        "u:hunter2://b@vc", "ftp://u:hunter2@vc", "https://u:hunter2@", "u:hunter2@vc:99999"}) {
    const auto address = parse_vcenter_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, ErrorCode::kInvalidArgument) << text;
    EXPECT_THAT(address.error().sentence(), Not(HasSubstr("hunter"))) << text;
  }
}

TEST(KnownHosts, AreReadAsGovcWritesThem) {
  constexpr const char* kLines =
      "other:443 11:11\n"
      "\n"
      "nonsense\n"
      "vc.example.com:443 22:22\r\n"
      "VC 33:33\n"
      "[::1]:8443 44:44\n"
      "[::1] 55:55\n";
  EXPECT_EQ(known_thumbprint(kLines, "vc.example.com:443"), "22:22");
  EXPECT_EQ(known_thumbprint(kLines, "vc:443"), "33:33") << "443 where no port is written";
  EXPECT_EQ(known_thumbprint(kLines, "[::1]:8443"), "44:44");
  EXPECT_EQ(known_thumbprint(kLines, "[::1]:443"), "55:55");
  EXPECT_EQ(known_thumbprint(kLines, "vc.example.com:8443"), "");
}

// Variables that are there for one test, in place of those of whoever runs it.
class Environment {
 public:
  explicit Environment(const Variables& variables) {
    forget();
    for (const auto& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 1);
  }
  ~Environment() { forget(); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  static void forget() {
    ::setenv("HOME", "/nobody", 1);
    for (const char* name :
         {"GOVC_URL", "GOVC_USERNAME", "GOVC_PASSWORD", "GOVC_INSECURE", "GOVC_TLS_CA_CERTS",
          "GOVC_TLS_KNOWN_HOSTS", "BALLAST_CONFIG", "XDG_CONFIG_HOME"}) {
      ::unsetenv(name);
    }
  }
};

Result<Secret> nobody_there(const std::string& /*prompt*/) {
  return fail(ErrorCode::kNotFound, "there is no terminal to ask at");
}

// Returns the vCenter of a scan without a configuration.
collector::VcenterConfig vcenter_of(const OneOffFlags& flags, const Variables& variables,
                                    const AskPassword& ask = nobody_there) {
  const Environment environment(variables);
  CommonOptions common;
  const auto config = one_off_config(flags, common, ask);
  if (!config || !*config) {
    ADD_FAILURE() << (config ? "no scan without a configuration" : config.error().sentence());
    return {};
  }
  return (*config)->vcenters.at(0);
}

TEST(OneOff, GovcsVariablesAreEnough) {
  const auto vcenter = vcenter_of({}, {{"GOVC_URL", "vc.example.com/sdk"},
                                       {"GOVC_USERNAME", "administrator@vsphere.local"},
                                       {"GOVC_PASSWORD", "secret"},
                                       {"GOVC_INSECURE", "1"}});
  EXPECT_EQ(vcenter.name, "vc.example.com");
  EXPECT_EQ(vcenter.url, "https://vc.example.com/sdk");
  EXPECT_EQ(vcenter.username, "administrator@vsphere.local");
  EXPECT_EQ(vcenter.password.kind, SecretSource::Kind::kEnvironment);
  EXPECT_TRUE(vcenter.insecure);
}

TEST(OneOff, UserAndPasswordMayBeInGovcUrl) {
  const auto vcenter = vcenter_of({}, {{"GOVC_URL", "https://u:p%40ss@vc:8443"}});
  EXPECT_EQ(vcenter.url, "https://vc:8443");
  EXPECT_EQ(vcenter.username, "u");
  EXPECT_EQ(vcenter.password.kind, SecretSource::Kind::kGiven);
  EXPECT_EQ(vcenter.password.given.reveal(), "p@ss");
}

TEST(OneOff, FlagsWinOverVariables) {
  OneOffFlags flags;
  flags.url = "me@vc.example.com";
  flags.password_file = "vc.password";
  flags.thumbprint = "aa:bb";
  const auto vcenter = vcenter_of(flags, {{"GOVC_URL", "u:p@other"},
                                          {"GOVC_USERNAME", "else"},
                                          {"GOVC_PASSWORD", "secret"},
                                          {"GOVC_INSECURE", "true"},
                                          {"GOVC_TLS_CA_CERTS", "ca.pem"}});
  EXPECT_EQ(vcenter.url, "https://vc.example.com");
  EXPECT_EQ(vcenter.username, "me");
  EXPECT_EQ(vcenter.password.kind, SecretSource::Kind::kFile);
  EXPECT_EQ(vcenter.thumbprint, "aa:bb");
  EXPECT_FALSE(vcenter.insecure);
  EXPECT_EQ(vcenter.ca_file, "");
}

TEST(OneOff, ThePasswordIsAskedFor) {
  OneOffFlags flags;
  flags.url = "vc";
  flags.username = "u";
  std::string asked;
  const auto vcenter = vcenter_of(flags, {}, [&](const std::string& prompt) -> Result<Secret> {
    asked = prompt;
    return Secret("typed");
  });
  EXPECT_EQ(asked, "Password of u at vc: ");
  EXPECT_EQ(vcenter.password.given.reveal(), "typed");
}

TEST(OneOff, AKnownHostIsTrustedByItsThumbprint) {
  const storage::TempDir dir;
  storage::write_file(dir.path("known"), "vc:443 aa:bb\n");
  const Variables variables = {
      {"GOVC_URL", "u:p@VC"},
      {"GOVC_TLS_KNOWN_HOSTS", dir.path("missing") + ":" + dir.path("known")},
      {"GOVC_TLS_CA_CERTS", "ca.pem"}};
  EXPECT_EQ(vcenter_of({}, variables).thumbprint, "aa:bb");
  OneOffFlags other;
  other.url = "u@other";
  other.password_file = "p";
  EXPECT_EQ(vcenter_of(other, variables).thumbprint, "");
  EXPECT_EQ(vcenter_of(other, variables).ca_file, "ca.pem");
}

TEST(OneOff, AGuestLoginIsForEveryGuest) {
  const Environment environment({});
  OneOffFlags flags;
  flags.url = "u@vc";
  flags.password_file = "vc.password";
  flags.guest_username = "probe";
  flags.guest_password_file = "guest.password";
  const auto config = one_off_config(flags, {}, nobody_there);
  ASSERT_TRUE(config && *config);
  ASSERT_EQ((*config)->guest.rules.size(), 1U);
  EXPECT_TRUE((*config)->guest.rules[0].who.matches_all())
      << "as in [guest]: it names no appliance";
  EXPECT_EQ((*config)->guest.rules[0].username, "probe");
  EXPECT_EQ((*config)->guest.rules[0].password.value, "guest.password");
}

// Whoever has a configuration gets that, however govc is set up.
TEST(OneOff, AConfigurationComesBeforeGovcsVariables) {
  const storage::TempDir dir;
  std::filesystem::create_directory(dir.path("ballast"));
  storage::write_file(dir.path("ballast/ballast.toml"), "");
  for (const auto& variable :
       Variables{{"BALLAST_CONFIG", "some.toml"}, {"XDG_CONFIG_HOME", dir.path("")}}) {
    const Environment environment({{"GOVC_URL", "u:p@vc"}, variable});
    const auto config = one_off_config({}, {}, nobody_there);
    ASSERT_TRUE(config) << variable.first;
    EXPECT_FALSE(config->has_value()) << variable.first;
    OneOffFlags by_flag;
    by_flag.url = "u@vc";
    by_flag.password_file = "p";
    const auto asked_for = one_off_config(by_flag, {}, nobody_there);
    ASSERT_TRUE(asked_for) << variable.first;
    EXPECT_TRUE(asked_for->has_value()) << variable.first;
  }
}

}  // namespace
}  // namespace ballast::cli
