// Every way to log in to vCenter, and what is said when it does not work: by a token of vCenter's
// single sign-on, by a token from elsewhere, with a client certificate.
#include <signal.h>

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/harness.h"
#include "tests/e2e/harness/process_memory.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// What XML and TOML might stumble over.
constexpr const char* kUser = "moni&tor@vsphere.local";
constexpr const char* kPassword = "S3cret <&\"'> \xC3\xA4]]>";

json login_fleet(json vcenter = json::object()) {
  vcenter["username"] = kUser;
  vcenter["password"] = kPassword;
  return {{"clusters", 1},
          {"hosts_per_cluster", 1},
          {"vcenter", std::move(vcenter)},
          {"guests", {{{"name", "ok-%d"}, {"count", 3}, {"capture", "a_idle_2048/0"}}}}};
}

class LoginTest : public ::testing::Test {
 protected:
  void start(const json& scenario = login_fleet()) { lab_.emplace(scenario); }

  [[nodiscard]] std::string by_sso() const {
    return fmt::format("login = \"sso\"\nusername = \"{}\"\npassword_file = \"{}\"", kUser,
                       workspace_.path("vcenter.password"));
  }
  // A command that counts how often it runs, and prints the token in this form.
  [[nodiscard]] std::string by_command(const std::string& pack = "cat") const {
    return fmt::format("token_command = \"echo x >>{}; <{} {}\"", workspace_.path("runs"),
                       workspace_.path("token"), pack);
  }
  void write_token(const std::string& query = "life_s=120") const {
    workspace_.write("token", lab_->get("/token?user=somebody&" + query).get<std::string>());
  }

  RunResult scan(const std::string& login, const RunOptions& run = {},
                 const std::string& more_keys = {}) {
    write_config(workspace_, *lab_, {.login = login, .vcenter_keys = more_keys});
    return run_ballast(workspace_, with_config(workspace_, {"scan", "-v", "-v"}), run);
  }
  // Scans in vain, and returns what it says.
  std::string refused(const std::string& login, const std::string& more_keys = {},
                      int exit_code = 1) {
    const auto result = scan(login, {}, more_keys);
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    return result.err;
  }
  // What doctor says of this step.
  json doctor(const std::string& what, int exit_code) {
    const auto found = run_json(workspace_, {"doctor"}, exit_code);
    for (const auto& check : found["checks"]) {
      if (check["check"] == what) return check;
    }
    return nullptr;
  }

  [[nodiscard]] int calls(const std::string& method) const {
    return lab_->get("/stats")["methods"].value(method, 0);
  }
  [[nodiscard]] std::ptrdiff_t runs_of_the_command() const {
    const auto runs = workspace_.read("runs");
    return std::count(runs.begin(), runs.end(), 'x');
  }

  std::optional<lab::Lab> lab_;
  const Workspace workspace_;
};

TEST_F(LoginTest, SsoGivesATokenForUserAndPassword) {
  start();
  const auto result = scan(by_sso());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(calls("Issue"), 1);
  EXPECT_EQ(calls("LoginByToken"), 1);
  EXPECT_EQ(calls("Login"), 0);
  EXPECT_EQ(lab_->get("/stats")["unused_sessions"], 0);
  EXPECT_EQ(lab_->get("/stats")["sessions"], 0);
  EXPECT_THAT(doctor("login", 0)["detail"].get<std::string>(),
              AllOf(HasSubstr(std::string("as ") + kUser),
                    HasSubstr("with a token of vCenter's single sign-on, good until 20")));
}

TEST_F(LoginTest, ASessionThatIsLostGetsANewToken) {
  start();
  lab_->post(
      "/faults",
      json::array(
          {{{"method", "CreateTemporaryFileInGuest"}, {"kind", "drop_session"}, {"count", 1}}}));
  const auto result = scan(by_sso());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(calls("Issue"), 2);
  EXPECT_EQ(calls("LoginByToken"), 2);
}

// What is asked of single sign-on goes by vCenter's clock.
TEST_F(LoginTest, AClockThatIsWrongHereDoesNoHarm) {
  start();
  RunOptions in_two_days;
  in_two_days.now = now_utc() + std::chrono::hours(48);
  const auto result = scan(by_sso(), in_two_days);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  write_token();
  const auto by_token = scan(by_command(), in_two_days);
  EXPECT_EQ(by_token.exit_code, 0) << by_token.err;
}

TEST_F(LoginTest, FaultsOfSsoAreToldRightly) {
  start();
  struct Row {
    const char* code;
    const char* text;
    const char* words;
    const char* hint;
  };
  const Row rows[] = {
      {"FailedAuthentication", "Invalid credentials", "refused the user name or the password",
       "token_command"},
      {"FailedAuthentication", "The account of the user trying to authenticate is locked. :: …",
       "account is locked", "unlock it"},
      {"FailedAuthentication", "Password of the user logging on is expired. :: …",
       "password of the vCenter user has expired", "set a new one"},
      {"InvalidTimeRange", "The token authority rejected an issue request for TimePeriod […]",
       "does not accept the times", "NTP"},
      {"InvalidTimeRange", "… :: Signing certificate is not valid at Thu Jan 02 09:22:13 EST 2020",
       "signing certificate of vCenter's single sign-on is not valid", "renew"},
      {"MessageExpired", "The time now … does not fall in the request lifetime", "has expired",
       "NTP"},
      {"RequestFailed", "boom", "RequestFailed: boom", "/var/log/vmware/sso"},
  };
  for (const auto& row : rows) {
    lab_->post("/faults", json::array({{{"method", "Issue"},
                                        {"kind", "soap_fault"},
                                        {"fault", row.code},
                                        {"text", row.text}}}));
    const int before = calls("Issue");
    EXPECT_THAT(refused(by_sso()), AllOf(HasSubstr("lab: logging in: asking for a token: "),
                                         HasSubstr(row.words), HasSubstr(row.hint)));
    EXPECT_EQ(calls("Issue"), before + 1) << row.text << ": once, so that no account is locked";
  }
}

TEST_F(LoginTest, SsoThatIsNotThereOrAnswersOtherwise) {
  start();
  lab_->post("/faults", json::array({{{"method", "Issue"}, {"kind", "garbage"}}}));
  EXPECT_THAT(refused(by_sso()), HasSubstr("holds no token"));
  lab_->post("/faults", json::array({{{"method", "Issue"}, {"kind", "status"}, {"status", 503}}}));
  EXPECT_THAT(refused(by_sso()), HasSubstr("busy or still starting (HTTP 503)"));
  const auto elsewhere = fmt::format("sts_url = \"{}/sts\"",
                                     lab_->ready().url.substr(0, lab_->ready().url.find("/sdk")));
  EXPECT_THAT(refused(by_sso(), elsewhere),
              AllOf(HasSubstr("there is no single sign-on at this place"), HasSubstr("sts_url")));
  lab_->post("/faults", json::array());
  const auto there = fmt::format("sts_url = \"{}/sts/STSService\"",
                                 lab_->ready().url.substr(0, lab_->ready().url.find("/sdk")));
  EXPECT_EQ(scan(by_sso(), {}, there).exit_code, 0);
}

TEST_F(LoginTest, ATokenOfACommandInEachForm) {
  start();
  write_token();
  int logins = 0;
  for (const char* pack : {"cat", "base64 -w0", "base64", "base64 -w0 | tr -d = | tr +/ -_",
                           "gzip -c | base64 -w0", "sed '1s/^/<?xml version=\\\"1.0\\\"?>/'"}) {
    const auto result = scan(by_command(pack));
    EXPECT_EQ(result.exit_code, 0) << pack << ": " << result.err;
    EXPECT_EQ(calls("LoginByToken"), ++logins) << pack;
  }
  EXPECT_EQ(runs_of_the_command(), logins) << "once a login";
  EXPECT_THAT(doctor("login", 0)["detail"].get<std::string>(),
              AllOf(HasSubstr("as somebody"), HasSubstr("with the token of token_command")));
  EXPECT_EQ(doctor("password", 0)["state"], "skipped");
}

TEST_F(LoginTest, ATokenOfAFile) {
  start();
  write_token();
  const auto login = fmt::format("token_file = \"{}\"", workspace_.path("token"));
  EXPECT_EQ(scan(login).exit_code, 0);
  EXPECT_THAT(doctor("login", 0)["detail"].get<std::string>(), HasSubstr("token_file"));
  workspace_.write("token", "", 0644);
  EXPECT_THAT(refused(login), AllOf(HasSubstr("token file"), HasSubstr("chmod 0600")));
}

TEST_F(LoginTest, TheCommandRunsAgainForASessionThatIsLost) {
  start();
  write_token();
  lab_->post(
      "/faults",
      json::array(
          {{{"method", "CreateTemporaryFileInGuest"}, {"kind", "drop_session"}, {"count", 1}}}));
  const auto result = scan(by_command());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(runs_of_the_command(), 2);
}

// A command that fails once the scan is under way is not started for each call that waits.
TEST_F(LoginTest, ACommandThatFailsLaterIsNotRunAgainAndAgain) {
  auto scenario = login_fleet();
  scenario["guests"][0]["count"] = 40;
  start(scenario);
  write_token();
  lab_->post(
      "/faults",
      json::array(
          {{{"method", "CreateTemporaryFileInGuest"}, {"kind", "drop_session"}, {"count", 1}}}));
  const auto once =
      fmt::format("token_command = \"echo x >>{0}; test $(wc -l <{0}) = 1 && cat {1}\"",
                  workspace_.path("runs"), workspace_.path("token"));
  EXPECT_NE(scan(once).exit_code, 0);
  EXPECT_EQ(runs_of_the_command(), 2);
}

TEST_F(LoginTest, TokensThatCannotWorkAreToldHere) {
  start();
  write_token("from_s=-600&life_s=300");
  EXPECT_THAT(refused(by_command()),
              AllOf(HasSubstr("the token expired at 20"), HasSubstr(" ago")));
  write_token("from_s=1800&life_s=300");
  EXPECT_THAT(refused(by_command()),
              AllOf(HasSubstr("the token is good from 20"), HasSubstr("NTP")));
  workspace_.write("token", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln");
  EXPECT_THAT(refused(by_command()), HasSubstr("JSON Web Token"));
  workspace_.write("token", "not a token at all");
  EXPECT_THAT(refused(by_command()), HasSubstr("neither XML nor base64"));
  workspace_.write("token", "");
  EXPECT_THAT(refused(by_command()), HasSubstr("gives an empty token"));
  EXPECT_THAT(refused(by_command("false")), HasSubstr("exited with status 1"));
  EXPECT_EQ(calls("LoginByToken"), 0) << "nothing of this is sent";
}

TEST_F(LoginTest, ATokenThatVcenterDoesNotKnow) {
  start();
  write_token();
  auto token = workspace_.read("token");
  token.replace(token.find("somebody"), 4, "SOME");
  workspace_.write("token", token);
  EXPECT_THAT(refused(by_command()),
              AllOf(HasSubstr("vCenter does not accept the token"), HasSubstr("identity provider"),
                    Not(HasSubstr("password"))));
  EXPECT_EQ(calls("LoginByToken"), 1);
}

TEST_F(LoginTest, UsersOfAnExternalIdentityProviderHearWhatTheyNeed) {
  start(login_fleet({{"password_login", false}}));
  EXPECT_THAT(refused(""),
              AllOf(HasSubstr("refused the user name or the password"),
                    HasSubstr("external identity provider"), HasSubstr("token_command")));
  write_token();
  EXPECT_EQ(scan(by_command()).exit_code, 0);
}

TEST_F(LoginTest, NeitherTokenNorPasswordIsShownOrStored) {
  start();
  write_token();
  const auto id = workspace_.read("token").substr(workspace_.read("token").find("ID=") + 4, 20);
  for (const auto& login : {by_sso(), by_command()}) {
    const auto result = scan(login);
    const auto said = run_ballast(
        workspace_, with_config(workspace_, {"doctor", "-v", "-v", "--format", "json"}));
    EXPECT_EQ(said.exit_code, 0) << said.err;
    const auto stored = workspace_.read("ballast.db") + workspace_.read("ballast.db-wal");
    for (const auto& text : {result.out, result.err, said.out, said.err, stored}) {
      EXPECT_THAT(text,
                  AllOf(Not(HasSubstr("S3cret")), Not(HasSubstr(id)), Not(HasSubstr("saml2"))));
    }
    EXPECT_THAT(result.err, HasSubstr("LoginByToken")) << "the log does say what was done";
  }
}

// A token that single sign-on gave may be left in the buffers of its answer: docs/THREAT_MODEL.md.
TEST_F(LoginTest, NothingOfACommandsTokenIsInMemoryAfterTheLogin) {
  start();
  write_token();
  write_config(workspace_, *lab_, {.login = by_command("gzip -c | base64")});
  lab_->post("/faults", json::array({{{"method", "RetrievePropertiesEx"}, {"kind", "stall"}}}));
  BackgroundBallast ballast(workspace_, with_config(workspace_, {"scan"}));
  EXPECT_TRUE(eventually([&] { return calls("RetrievePropertiesEx") > 0; })) << ballast.err();
  ballast.signal(SIGSTOP);
  if (!memory_can_be_read(ballast.pid())) GTEST_SKIP() << "not allowed to this user";
  EXPECT_EQ(find_in_memory(ballast.pid(), "cm:bearer").size(), 0U);
  EXPECT_EQ(find_in_memory(ballast.pid(), "claims/UPN").size(), 0U);
  ballast.signal(SIGKILL);
}

TEST_F(LoginTest, AClientCertificate) {
  start(login_fleet({{"client_certificate", true}}));
  EXPECT_THAT(refused(""), AllOf(HasSubstr("client certificate"), HasSubstr("client_cert_file")));
  workspace_.write("client.pem", workspace_.read(lab_->ready().client_cert_file));
  workspace_.write("client.key", workspace_.read(lab_->ready().client_key_file));
  const std::string keys = "client_cert_file = \"client.pem\"\nclient_key_file = \"client.key\"";
  const auto result = scan("", {}, keys);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(scan(by_sso(), {}, keys).exit_code, 0) << "single sign-on is behind the same door";
  EXPECT_EQ(doctor("TLS", 0)["state"], "ok");

  workspace_.write("client.key", workspace_.read(lab_->ready().client_key_file), 0644);
  EXPECT_THAT(refused("", keys, 2), AllOf(HasSubstr("key file"), HasSubstr("chmod 0600")));
  EXPECT_EQ(doctor("TLS", 1)["state"], "failed");
}

}  // namespace
}  // namespace ballast::e2e
