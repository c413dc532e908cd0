// A scan with nothing written first: one command, and the fleet's balloons are on the screen.
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/harness.h"
#include "tests/e2e/harness/terminal.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// Three balloons of 512 MiB, one of them by a limit; two guests without, one that
// cannot be asked and one that is off.
json one_off_fleet() {
  return {{"clusters", 1},
          {"hosts_per_cluster", 1},
          {"guests",
           {{{"name", "held-%d"}, {"count", 2}, {"capture", "v_vmmemctl_4k_idle/512"}},
            {{"name", "limited-1"}, {"capture", "v_vmmemctl_4k_idle/512"}, {"limit_mib", 1024}},
            {{"name", "free-%d"}, {"count", 2}, {"capture", "v_vmmemctl_4k_idle/0"}},
            {{"name", "toolless-1"}, {"capture", "a_idle_2048/0"}, {"tools", "not_running"}},
            {{"name", "agent-1"},
             {"capture", "a_idle_2048/0"},
             {"managed_by", "com.vmware.vim.eam"},
             {"behaviour", "wrong_password"}},
            {{"name", "off-1"}, {"capture", "a_idle_2048/0"}, {"power", "off"}}}}};
}

class OneOff : public ::testing::Test {
 protected:
  OneOff() {
    workspace_.write("vcenter.password", lab_.ready().password + "\n");
    workspace_.write("guest.password", lab_.ready().guest_password + "\n");
    std::filesystem::create_directory(workspace_.path("tmp"));
  }

  // Nothing of whoever runs the test: no configuration, an empty folder for temporary files.
  [[nodiscard]] RunResult run(const std::vector<std::string>& arguments,
                              std::vector<std::string> variables = {}) const {
    for (const char* setting : {"HOME", "XDG_CONFIG_HOME"}) {
      variables.push_back(fmt::format("{}={}", setting, workspace_.path("home")));
    }
    variables.push_back("TMPDIR=" + workspace_.path("tmp"));
    return run_ballast(workspace_, arguments, {.environment = std::move(variables)});
  }
  [[nodiscard]] std::vector<std::string> by_flags(std::vector<std::string> more = {}) const {
    std::vector<std::string> all = {"scan",
                                    "-q",
                                    "--url",
                                    lab_.ready().url,
                                    "--username",
                                    lab_.ready().username,
                                    "--ca-file",
                                    lab_.ready().ca_file,
                                    "--password-file",
                                    workspace_.path("vcenter.password")};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  [[nodiscard]] std::vector<std::string> guest_login() const {
    return {"--guest-username", lab_.ready().guest_username, "--guest-password-file",
            workspace_.path("guest.password")};
  }
  [[nodiscard]] std::string authority() const {
    const std::string url = lab_.ready().url.substr(std::string("https://").size());
    return url.substr(0, url.find('/'));
  }
  void expect_nothing_is_left() const {
    EXPECT_TRUE(std::filesystem::is_empty(workspace_.path("tmp")));
    EXPECT_FALSE(std::filesystem::exists(workspace_.path("home")));
    EXPECT_EQ(lab_.get("/stats").at("sessions"), 0);
  }

  const lab::Lab lab_{one_off_fleet()};
  const Workspace workspace_;
};

TEST_F(OneOff, TellsWhatVcenterKnowsWithoutAGuestLogin) {
  const auto result = run(by_flags());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, IsEmpty());
  EXPECT_THAT(result.out,
              StartsWith("3 VMs have balloons, 1.50 GiB; no guest was read: give a guest login to "
                         "see what is behind it."));
  EXPECT_THAT(result.out, AllOf(HasSubstr("held-1"), HasSubstr("held-2"), HasSubstr("limited-1")));
  EXPECT_THAT(result.out, Not(HasSubstr("free-1")));
  EXPECT_THAT(result.out, AllOf(HasSubstr("LIMIT"), HasSubstr("1,024"), HasSubstr("VM limit"),
                                HasSubstr("1    512 MiB  Remove the memory limit of these VMs.")));
  EXPECT_THAT(result.out, Not(AnyOf(HasSubstr("UNACC"), HasSubstr("VERDICT"))));
  EXPECT_THAT(result.out, AllOf(HasSubstr("--guest-username USER"), HasSubstr("--db FILE"),
                                Not(HasSubstr("ballast vm NAME"))));
  expect_nothing_is_left();
}

TEST_F(OneOff, ReadsTheGuestsWithALogin) {
  const auto result = run(by_flags(guest_login()));
  EXPECT_EQ(result.exit_code, 3) << "one guest has no VMware Tools: " << result.err;
  EXPECT_THAT(result.out,
              StartsWith("3 of 5 guests read: 1.50 GiB held by balloons, matched in the guest."));
  EXPECT_THAT(result.out, Not(HasSubstr("--guest-username")));
  EXPECT_TRUE(lab_.get("/stats").at("guest_logins_refused").empty())
      << "agents are asked by nobody";
  expect_nothing_is_left();
}

TEST_F(OneOff, TellsProgramsAsAReport) {
  const auto result = run(by_flags({"--format", "json"}));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const auto answer = json::parse(result.out, nullptr, false);
  ASSERT_FALSE(answer.is_discarded()) << result.out;
  EXPECT_EQ(answer.at("schema"), "ballast.report/1");
  EXPECT_EQ(answer.at("guests").size(), 3U);
}

TEST_F(OneOff, KeepsItsScanWhereTheUserSays) {
  const auto database = workspace_.path("kept.db");
  const auto scan = run(by_flags({"--db", database}));
  EXPECT_EQ(scan.exit_code, 0) << scan.err;
  const auto report = run({"report", "--db", database, "--all", "--format", "json"});
  EXPECT_EQ(report.exit_code, 0) << report.err;
  EXPECT_EQ(json::parse(report.out).at("summary").at("vms"), 8);
  expect_nothing_is_left();
}

TEST_F(OneOff, GovcsVariablesAreEnough) {
  const std::string url =
      fmt::format("GOVC_URL={}:{}@{}", lab_.ready().username, lab_.ready().password, authority());
  workspace_.write("known", fmt::format("{} {}\n", authority(), lab_.ready().thumbprint_sha256));
  for (const auto& trust :
       {"GOVC_TLS_CA_CERTS=" + lab_.ready().ca_file,
        "GOVC_TLS_KNOWN_HOSTS=" + workspace_.path("known"), std::string("GOVC_INSECURE=1")}) {
    const auto result = run({"scan", "-q"}, {url, trust});
    EXPECT_EQ(result.exit_code, 0) << trust << result.err;
    EXPECT_THAT(result.out, StartsWith("3 VMs have balloons")) << trust;
  }
  const auto trusted_by_nobody = run({"scan", "-q"}, {url});
  EXPECT_EQ(trusted_by_nobody.exit_code, 1);
  EXPECT_THAT(trusted_by_nobody.err, HasSubstr("certificate"));
  EXPECT_THAT(trusted_by_nobody.out, IsEmpty());
  expect_nothing_is_left();
}

TEST_F(OneOff, UserAndPasswordMayBeVariablesOfTheirOwn) {
  const auto result =
      run({"scan", "-q", "--url", lab_.ready().url, "--thumbprint", lab_.ready().thumbprint_sha256},
          {"GOVC_USERNAME=" + lab_.ready().username, "GOVC_PASSWORD=" + lab_.ready().password});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("3 VMs have balloons"));
}

TEST_F(OneOff, AsksForPasswordsAndDoesNotShowThem) {
  const std::string wrong = "not-the-password";
  const auto url = lab_.ready().url;
  const std::vector<std::string> arguments = {"scan",
                                              "-q",
                                              "--url",
                                              url,
                                              "--username",
                                              lab_.ready().username,
                                              "--ca-file",
                                              lab_.ready().ca_file,
                                              "--guest-username",
                                              lab_.ready().guest_username};
  const std::string of_vcenter =
      fmt::format("Password of {} at {}: ", lab_.ready().username, authority());
  const std::string of_guests =
      fmt::format("Password of {} in the guests: ", lab_.ready().guest_username);
  const auto right = run_on_terminal(arguments, {{of_vcenter, lab_.ready().password + "\n"},
                                                 {of_guests, lab_.ready().guest_password + "\n"}});
  EXPECT_THAT(right, HasSubstr("3 of 5 guests read"));
  EXPECT_THAT(right, Not(HasSubstr(lab_.ready().password)));
  EXPECT_THAT(right, Not(HasSubstr(lab_.ready().guest_password)));
  const auto refused = run_on_terminal(arguments, {{of_vcenter, wrong + "\n"}, {of_guests, "x\n"}});
  EXPECT_THAT(refused, AllOf(HasSubstr("error:"), Not(HasSubstr(wrong))));
  const auto interrupted = run_on_terminal(arguments, {{of_vcenter, "\x03"}});
  EXPECT_THAT(interrupted, HasSubstr("stopped while asking"));
}

TEST_F(OneOff, WithoutATerminalItSaysHowToGiveThePassword) {
  const auto result = run_ballast(workspace_, {"scan", "--url", "u@vc.example.com"},
                                  {.wrapper = {"/usr/bin/setsid", "--wait"}});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, AllOf(HasSubstr("no password for u at vc.example.com"),
                                HasSubstr("--password-file FILE, or GOVC_PASSWORD")));
}

// A stranger's file where an administrator happens to stand must not run commands as them.
TEST_F(OneOff, AConfigurationIsFoundInItsPlaceAndNotInTheCurrentFolder) {
  write_config(workspace_, lab_);
  const std::vector<std::string> from_here = {"/usr/bin/env", "-C", workspace_.path("")};
  const auto here = run_ballast(workspace_, {"scan"},
                                {.wrapper = from_here,
                                 .environment = {"HOME=" + workspace_.path("home"),
                                                 "XDG_CONFIG_HOME=" + workspace_.path("home")}});
  EXPECT_EQ(here.exit_code, 2);
  EXPECT_THAT(here.err,
              AllOf(HasSubstr("there is no configuration"), HasSubstr("home/ballast/ballast.toml"),
                    HasSubstr("/etc/ballast/"), HasSubstr("--config ballast.toml")));
  std::filesystem::create_directories(workspace_.path("home/ballast"));
  std::filesystem::rename(workspace_.path("ballast.toml"),
                          workspace_.path("home/ballast/ballast.toml"));
  const auto found = run({"scan", "-q"});
  EXPECT_EQ(found.exit_code, 3) << "one guest has no VMware Tools: " << found.err;
  EXPECT_THAT(found.out, HasSubstr("next: ballast report"));
}

// What a scan says where vCenter has balloons and no guest was asked.
TEST_F(OneOff, AConfiguredScanDoesNotDenyBalloonsEither) {
  workspace_.write("ballast.toml",
                   fmt::format("[[vcenter]]\nurl = \"{}\"\nusername = \"{}\"\n"
                               "password_file = \"vcenter.password\"\nca_file = \"{}\"\n"
                               "[storage]\npath = \"ballast.db\"\n",
                               lab_.ready().url, lab_.ready().username, lab_.ready().ca_file));
  const auto result = run(with_config(workspace_, {"scan"}));
  EXPECT_EQ(result.exit_code, 3) << "one guest has no VMware Tools: " << result.err;
  EXPECT_THAT(result.out, HasSubstr("3 VMs have 1.50 GiB in balloons, no guest was read"));
  EXPECT_THAT(result.out, Not(HasSubstr("no balloon")));
}

TEST(OneOffPlain, HttpWarns) {
  const lab::Lab lab(one_off_fleet(), {.plain = true});
  const Workspace workspace;
  workspace.write("p", lab.ready().password);
  const auto result =
      run_ballast(workspace, {"scan", "--url", lab.ready().url, "--username", lab.ready().username,
                              "--password-file", workspace.path("p")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("http://: passwords travel unprotected"));
}

}  // namespace
}  // namespace ballast::e2e
