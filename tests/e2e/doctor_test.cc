// `ballast doctor` against the lab: what is wrong is found at the step where it is wrong, what
// comes after it is skipped, and every failure says what to do.
#include <algorithm>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/harness.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<std::string> kSteps = {"password",
                                         "name lookup",
                                         "TCP connection",
                                         "TLS",
                                         "login",
                                         "API version",
                                         "clock",
                                         "hosts",
                                         "virtual machines",
                                         "guest login",
                                         "privileges",
                                         "guest: create file",
                                         "guest: start program",
                                         "guest: wait",
                                         "guest: fetch file",
                                         "guest: delete file",
                                         "guest probe"};

json one_guest(const std::string& behaviour) {
  return {{"clusters", 1},
          {"hosts_per_cluster", 2},
          {"guests",
           {{{"name", "guest-%d"},
             {"count", 3},
             {"capture", "v_vmmemctl_4k_idle/512"},
             {"behaviour", behaviour}},
            {{"name", "windows"}, {"guest_family", "windowsGuest"}}}}};
}

class DoctorTest : public ::testing::Test {
 protected:
  void start(const json& fleet, const ConfigOptions& options = {}) {
    lab.emplace(fleet);
    write_config(workspace, *lab, options);
  }

  // The checks of the lab, by name; in their order in `order`.
  std::map<std::string, json> examine(int expected_exit_code) {
    const json found = run_json(workspace, {"doctor"}, expected_exit_code);
    std::map<std::string, json> checks;
    order.clear();
    for (const auto& check : found["checks"]) {
      if (check["state"] == "failed") {
        EXPECT_NE(check["hint"], "") << "a failure has to say what to do: " << check;
      }
      if (check["subject"] != "lab") continue;
      order.push_back(check["check"]);
      checks[check["check"]] = check;
    }
    return checks;
  }

  // `failed` failed, the steps before it went well, and those after it were not tried.
  void expect_stop_at(const std::map<std::string, json>& checks, const std::string& failed) {
    EXPECT_EQ(order, kSteps) << "every step has its line, whatever happens";
    bool after = false;
    for (const auto& step : order) {
      const auto& check = checks.at(step);
      EXPECT_EQ(check["state"], step == failed ? "failed" : after ? "skipped" : "ok") << check;
      if (after) {
        EXPECT_EQ(check["detail"], "not tried: " + failed + " failed");
      }
      after = after || step == failed;
    }
  }

  // … of the probe's, but for the clean-up, which always is.
  void expect_probe_stops_at(const std::map<std::string, json>& checks, const std::string& failed) {
    EXPECT_EQ(order, kSteps);
    bool after = false;
    for (const auto& step : order) {
      const auto& check = checks.at(step);
      if (step == "guest: delete file") break;
      EXPECT_EQ(check["state"], step == failed ? "failed" : after ? "skipped" : "ok") << check;
      after = after || step == failed;
    }
    EXPECT_EQ(checks.at("guest probe")["state"], "failed");
    EXPECT_THAT(checks.at("guest probe")["detail"].get<std::string>(), HasSubstr("guest-1"));
    EXPECT_TRUE(lab->get("/stats")["leftover_files"].empty());
  }

  std::optional<lab::Lab> lab;
  Workspace workspace;
  std::vector<std::string> order;
};

std::string text_of(const std::map<std::string, json>& checks, const std::string& step,
                    const std::string& key = "detail") {
  return checks.at(step)[key];
}

TEST_F(DoctorTest, GoodSetupIsFineInEveryStep) {
  start(one_guest("ok"));
  const auto checks = examine(0);
  EXPECT_EQ(order, kSteps);
  for (const auto& [step, check] : checks) EXPECT_EQ(check["state"], "ok") << check;
  EXPECT_EQ(text_of(checks, "name lookup"), "127.0.0.1");
  EXPECT_THAT(text_of(checks, "TLS"), AllOf(HasSubstr("TLSv1."), HasSubstr("ballast lab")));
  EXPECT_THAT(text_of(checks, "API version"), HasSubstr("API 7.0.3.0"));
  EXPECT_EQ(text_of(checks, "hosts"), "2 visible");
  EXPECT_EQ(text_of(checks, "virtual machines"), "4 visible, 3 would be probed");
  EXPECT_EQ(text_of(checks, "guest login"),
            lab->ready().guest_username + " ([guest], all others): 3 guests");
  EXPECT_THAT(text_of(checks, "guest: create file"), HasSubstr("/tmp/ballast-"));
  EXPECT_THAT(text_of(checks, "guest probe"), AllOf(HasSubstr("guest-1"), HasSubstr("Linux")));
  EXPECT_GT(checks.at("guest: wait")["duration_ms"], 0) << "the steps have timings";
  const json stats = lab->get("/stats");
  EXPECT_TRUE(stats["leftover_files"].empty());
  EXPECT_EQ(stats["sessions"], 0);
}

TEST_F(DoctorTest, TableSaysTheSame) {
  start(one_guest("ok"));
  const auto result = run_ballast(workspace, with_config(workspace, {"doctor"}));
  EXPECT_EQ(result.exit_code, 0) << result.out;
  for (const auto& step : kSteps) EXPECT_THAT(result.out, HasSubstr(step));
  EXPECT_THAT(result.out, AllOf(HasSubstr("disk space"), HasSubstr("Ready")));
}

TEST_F(DoctorTest, NameThatDoesNotResolve) {
  start(one_guest("ok"), {.url = "https://no-such-host.invalid"});
  const auto checks = examine(1);
  expect_stop_at(checks, "name lookup");
  EXPECT_THAT(text_of(checks, "name lookup"), HasSubstr("no-such-host.invalid"));
}

TEST_F(DoctorTest, PortThatIsClosed) {
  start(one_guest("ok"), {.url = "https://127.0.0.1:1"});
  const auto checks = examine(1);
  expect_stop_at(checks, "TCP connection");
  EXPECT_THAT(text_of(checks, "TCP connection"), HasSubstr("127.0.0.1:1"));
}

TEST_F(DoctorTest, CertificateOfAnUnknownAuthority) {
  start(one_guest("ok"), {.trust = "# the system's CAs"});
  const auto checks = examine(1);
  expect_stop_at(checks, "TLS");
  EXPECT_THAT(text_of(checks, "TLS"), HasSubstr("certificate"));
  std::string bare = lab->ready().thumbprint_sha256;
  std::erase(bare, ':');
  const auto line = text_of(checks, "TLS", "to_paste");
  EXPECT_EQ(line, "thumbprint = \"" + bare + "\"");

  write_config(workspace, *lab, {.trust = line});
  EXPECT_EQ(text_of(examine(0), "TLS", "state"), "ok") << "the line works when it is pasted";
}

TEST_F(DoctorTest, InsecureIsAWarning) {
  start(one_guest("ok"), {.trust = "insecure = true"});
  const auto checks = examine(0);
  EXPECT_EQ(text_of(checks, "TLS", "state"), "warning");
  EXPECT_THAT(text_of(checks, "TLS", "to_paste"), HasSubstr("thumbprint = \""));
  EXPECT_EQ(text_of(checks, "guest probe", "state"), "ok");
}

TEST_F(DoctorTest, WrongPassword) {
  start(one_guest("ok"), {.password = "not-the-password"});
  const auto checks = examine(1);
  expect_stop_at(checks, "login");
  EXPECT_THAT(text_of(checks, "login"),
              AllOf(HasSubstr("refused"), Not(HasSubstr("not-the-password"))));
  EXPECT_EQ(lab->get("/stats")["methods"]["Login"], 1) << "tried once: no account gets locked";
}

TEST_F(DoctorTest, PasswordFileThatOthersMayRead) {
  start(one_guest("ok"));
  workspace.write("vcenter.password", lab->ready().password, 0644);
  const auto checks = examine(1);
  EXPECT_EQ(text_of(checks, "password", "state"), "failed");
  EXPECT_THAT(text_of(checks, "password", "hint"), HasSubstr("chmod 0600"));
  EXPECT_EQ(text_of(checks, "TLS", "state"), "ok") << "the way to the server needs no password";
  EXPECT_EQ(text_of(checks, "login"), "not tried: password failed");
  EXPECT_EQ(lab->get("/stats")["methods"].value("Login", 0), 0);
}

TEST_F(DoctorTest, GuestPasswordThatCannotBeFetched) {
  start(one_guest("ok"));
  workspace.write("guest.password", "", 0600);
  const auto checks = examine(1);
  EXPECT_EQ(text_of(checks, "virtual machines", "state"), "ok");
  EXPECT_EQ(text_of(checks, "guest probe", "state"), "skipped");
}

TEST_F(DoctorTest, MissingPrivilege) {
  auto fleet = one_guest("ok");
  fleet["privileges"] = {"System.View", "System.Read", "VirtualMachine.GuestOperations.Query",
                         "VirtualMachine.GuestOperations.Modify"};
  start(fleet);
  const auto checks = examine(1);
  EXPECT_EQ(text_of(checks, "privileges", "state"), "failed");
  EXPECT_THAT(text_of(checks, "privileges"),
              AllOf(HasSubstr("missing 1 of 5"), HasSubstr("GuestOperations.Execute")));
  EXPECT_EQ(text_of(checks, "guest: create file", "state"), "ok");
  EXPECT_EQ(text_of(checks, "guest: start program", "state"), "failed") << "the one it is for";
  EXPECT_EQ(text_of(checks, "guest: delete file", "state"), "ok") << "cleaned up all the same";
}

struct BadGuest {
  const char* behaviour;
  const char* step;
  const char* words;
};

TEST_F(DoctorTest, GuestsThatFailShowTheStep) {
  const BadGuest cases[] = {
      {"wrong_password", "guest: create file", "refused the user name or the password"},
      {"program_fails", "guest: wait", "status 1"},
      {"transfer_fails", "guest: fetch file", "500"},
      {"endless", "guest: wait", "did not finish"},
  };
  for (const auto& c : cases) {
    start(one_guest(c.behaviour), {.guest_keys = "deadline = \"3s\""});
    SCOPED_TRACE(c.behaviour);
    auto checks = examine(1);
    if (checks.contains("guest: end program")) {
      EXPECT_STREQ(c.behaviour, "endless") << "nothing else has to be ended";
      EXPECT_EQ(text_of(checks, "guest: end program", "state"), "ok");
      std::erase(order, "guest: end program");
    }
    expect_probe_stops_at(checks, c.step);
    EXPECT_THAT(text_of(checks, c.step), HasSubstr(c.words));
    const bool has_file = std::string(c.step) != "guest: create file";
    EXPECT_EQ(text_of(checks, "guest: delete file", "state"), has_file ? "ok" : "skipped");
    EXPECT_EQ(lab->get("/stats")["running_programs"], 0);
  }
}

TEST_F(DoctorTest, LoginByFolder) {
  json fleet = one_guest("ok");
  fleet["guests"].push_back({{"name", "left-alone-%d"},
                             {"count", 2},
                             {"capture", "v_vmmemctl_4k_idle/512"},
                             {"folder", "Appliances"}});
  start(fleet, {.guest_keys = "[[guest.override]]\nfolder = \"lab-dc/Appliances\"\nskip = true"});
  const auto checks = examine(0);
  EXPECT_EQ(text_of(checks, "folders", "state"), "ok");
  EXPECT_EQ(text_of(checks, "virtual machines"), "6 visible, 3 would be probed")
      << "where no folder is known, no guest has a login; where none is looked at, five have";
  EXPECT_EQ(text_of(checks, "guest probe", "state"), "ok");
}

TEST_F(DoctorTest, OneGuestByItsName) {
  start(one_guest("ok"));
  const auto named = [&](const std::string& name, int exit_code) {
    const json found = run_json(workspace, {"doctor", "--guest", name}, exit_code);
    return found["checks"].back();
  };
  EXPECT_THAT(named("guest-3", 0)["detail"].get<std::string>(), HasSubstr("guest-3: Linux"));
  EXPECT_THAT(named("windows", 1)["detail"].get<std::string>(), HasSubstr("not Linux"));
  EXPECT_THAT(named("nobody", 1)["detail"].get<std::string>(), HasSubstr("nobody"));
}

}  // namespace
}  // namespace ballast::e2e
