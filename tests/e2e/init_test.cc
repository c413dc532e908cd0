// `ballast init`, as somebody at a terminal goes through it: at the end there is a configuration
// with which a scan works.
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/harness.h"
#include "tests/e2e/harness/terminal.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

json two_guests() {
  return {
      {"clusters", 1},
      {"hosts_per_cluster", 1},
      {"guests", {{{"name", "guest-%d"}, {"count", 2}, {"capture", "v_vmmemctl_4k_idle/512"}}}}};
}

unsigned mode_of(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777U : 0;
}

class Init : public ::testing::Test {
 protected:
  [[nodiscard]] std::string config() const { return workspace_.path("etc/ballast.toml"); }
  [[nodiscard]] std::string authority() const {
    const std::string url = lab_.ready().url.substr(std::string("https://").size());
    return url.substr(0, url.find('/'));
  }
  [[nodiscard]] std::string answer(const std::string& password, const std::string& pin) const {
    const auto& ready = lab_.ready();
    return run_on_terminal({"init", "--config", config()},
                           {{"host: ", authority() + "\n"},
                            {"User: ", ready.username + "\n"},
                            {".password]: ", "\n"},
                            {"Password of " + ready.username, password + "\n"},
                            {"(empty: none): ", ready.guest_username + "\n"},
                            {"guest.password]: ", "\n"},
                            {"in the guests: ", ready.guest_password + "\n"},
                            {"[y/N]: ", pin + "\n"}});
  }

  const lab::Lab lab_{two_guests()};
  const Workspace workspace_;
};

TEST_F(Init, LeadsToAConfigurationThatWorks) {
  const auto& ready = lab_.ready();
  const auto shown = answer(ready.password, "y");
  std::string thumbprint = ready.thumbprint_sha256;
  std::erase(thumbprint, ':');
  EXPECT_THAT(shown, HasSubstr("SHA-256 " + thumbprint));
  EXPECT_THAT(shown, AllOf(HasSubstr("Ready"), HasSubstr("Written: " + config()),
                           HasSubstr("govc role.create"), HasSubstr("New-VIRole"),
                           HasSubstr("Next: ballast scan --config " + config())));
  EXPECT_THAT(shown, AllOf(Not(HasSubstr(ready.password)), Not(HasSubstr(ready.guest_password))));
  const std::string text = workspace_.read("etc/ballast.toml");
  EXPECT_THAT(text, AllOf(HasSubstr("thumbprint = \"" + thumbprint), Not(HasSubstr("insecure")),
                          Not(HasSubstr(ready.password)), Not(HasSubstr(ready.guest_password))));
  EXPECT_THAT(text, HasSubstr("[guest]\nvcenter = \"127.0.0.1:"))
      << "a vCenter that is added later does not get the login of this one's guests";
  for (const auto& file : std::filesystem::directory_iterator(workspace_.path("etc"))) {
    EXPECT_EQ(mode_of(file.path()), 0600U) << file.path();
  }

  const auto scan = run_ballast(workspace_, {"scan", "-q", "--config", config()});
  EXPECT_EQ(scan.exit_code, 0) << scan.err;
  EXPECT_THAT(scan.out, HasSubstr("2 guests read"));

  const auto again = run_ballast(workspace_, {"init", "--config", config()});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.err, HasSubstr("is there already; nothing was changed"));
  EXPECT_EQ(workspace_.read("etc/ballast.toml"), text);
}

TEST_F(Init, WritesNothingForACertificateThatIsNotTrusted) {
  EXPECT_THAT(answer(lab_.ready().password, ""), HasSubstr("Nothing was written."));
  EXPECT_FALSE(std::filesystem::exists(workspace_.path("etc")));
}

TEST_F(Init, WritesNothingForALoginThatIsRefused) {
  EXPECT_THAT(answer("not-the-password", "y"),
              AllOf(HasSubstr("login"), HasSubstr("Nothing was written.")));
  EXPECT_FALSE(std::filesystem::exists(workspace_.path("etc")));
}

TEST_F(Init, AsksNothingThatFlagsSay) {
  const auto& ready = lab_.ready();
  workspace_.write("vc", ready.password);
  workspace_.write("guest", ready.guest_password);
  const auto result = run_ballast(
      workspace_,
      {"init", "--config", config(), "--url", ready.url, "--username", ready.username,
       "--password-file", workspace_.path("vc"), "--ca-file", ready.ca_file, "--guest-username",
       ready.guest_username, "--guest-password-file", workspace_.path("guest")},
      {.wrapper = {"/usr/bin/setsid", "--wait"}});
  EXPECT_EQ(result.exit_code, 0) << result.err << result.out;
  const auto scan = run_ballast(workspace_, {"scan", "-q", "--config", config()});
  EXPECT_EQ(scan.exit_code, 0) << scan.err;
}

}  // namespace
}  // namespace ballast::e2e
