// A login that guests refuse is left alone, says so, and goes on once its password was changed.
#include <string>

#include <boost/algorithm/string/replace.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/harness.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kGuests = 12;

json many_guests() {
  return {{"clusters", 1},
          {"hosts_per_cluster", 1},
          {"guests",
           {{{"name", "guest-%d"}, {"count", kGuests}, {"capture", "v_vmmemctl_4k_idle/512"}}}}};
}

TEST(SuspendedLogin, SaysSoAndIsFreedByAnotherPassword) {
  const lab::Lab lab(many_guests());
  const Workspace workspace;
  write_config(workspace, lab);
  workspace.write("guest.password", "out-of-date");
  const auto first = run_ballast(workspace, with_config(workspace, {"scan"}));
  EXPECT_EQ(first.exit_code, 3) << first.err;
  EXPECT_THAT(first.err, AllOf(HasSubstr(fmt::format("Login {} is suspended in lab until ",
                                                     lab.ready().guest_username)),
                               HasSubstr("9 guests not tried"), HasSubstr("ballast scan --retry")));

  const json tried = lab.get("/stats").at("methods");
  const auto again = run_ballast(workspace, with_config(workspace, {"scan"}));
  EXPECT_EQ(again.exit_code, 3) << again.err;
  EXPECT_THAT(again.err, HasSubstr("is suspended in lab until "));
  EXPECT_EQ(lab.get("/stats").at("methods").at("CreateTemporaryFileInGuest"),
            tried.at("CreateTemporaryFileInGuest"))
      << "the password is still the one that was refused";

  workspace.write("guest.password", lab.ready().guest_password);
  const auto mended = run_ballast(workspace, with_config(workspace, {"scan"}));
  EXPECT_EQ(mended.exit_code, 0) << mended.err;
  EXPECT_THAT(mended.err, Not(HasSubstr("suspended")));
  const json report = run_json(workspace, {"report"}, 0);
  EXPECT_EQ(report.at("guests").size(), kGuests) << "those that refused the old one, too";
}

// Else whoever runs one vCenter decides what is read in all others.
TEST(SuspendedLogin, WhatOneVcentersGuestsRefuseIsTriedInAnother) {
  const lab::Lab hostile(many_guests());
  json other = many_guests();
  other["seed"] = 2;  // else it has the instance UUID of the first
  const lab::Lab good(other);
  const Workspace workspace;
  write_config(workspace, hostile);
  hostile.post("/faults", json::array({{{"method", "CreateTemporaryFileInGuest"},
                                        {"kind", "fault"},
                                        {"fault", "InvalidGuestLogin"}}}));
  const auto refused = run_ballast(workspace, with_config(workspace, {"scan"}));
  EXPECT_THAT(refused.err, HasSubstr("is suspended in lab until ")) << "else the rest says nothing";

  // The file with the password stays as it is: a changed one would free the login.
  auto config = workspace.read("ballast.toml");
  boost::replace_all(config, hostile.ready().url, good.ready().url);
  boost::replace_all(config, hostile.ready().ca_file, good.ready().ca_file);
  boost::replace_all(config, "name = \"lab\"", "name = \"good\"");
  workspace.write("ballast.toml", config);
  const auto read = run_ballast(workspace, with_config(workspace, {"scan"}));
  EXPECT_EQ(read.exit_code, 0) << read.err;
  EXPECT_THAT(read.out, HasSubstr(fmt::format("{} guests read", kGuests)));
  const json report = run_json(workspace, {"report"}, 0)["summary"];
  ASSERT_EQ(report.at("suspended_logins").size(), 1U) << report;
  EXPECT_EQ(report["suspended_logins"][0].at("vcenter"), "lab");
}

}  // namespace
}  // namespace ballast::e2e
