// A login that guests refuse is left alone, says so, and goes on once its password was changed.
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness.h"

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
  EXPECT_THAT(
      first.err,
      AllOf(HasSubstr(fmt::format("Login {} is suspended in lab until ", lab.ready().guest_username)),
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

}  // namespace
}  // namespace ballast::e2e
