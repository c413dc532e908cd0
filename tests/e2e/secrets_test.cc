// Passwords appear nowhere: not in the most verbose log, not in errors, not in the database, not in
// the arguments of the running process.
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/e2e/harness.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;

constexpr const char* kVcenterPassword = "Vc-S3cret & <\"quoted\">";
constexpr const char* kGuestPassword = "gu3st's-S3cret";

json fleet_with_secrets() {
  return {{"clusters", 1},
          {"hosts_per_cluster", 1},
          {"vcenter", {{"username", "ballast@lab"}, {"password", kVcenterPassword}}},
          {"guest_login", {{"username", "probe"}, {"password", kGuestPassword}}},
          {"guests",
           {{{"name", "ok-%d"}, {"count", 3}, {"capture", "a_idle_2048/0"}},
            {{"name", "wrongpw-%d"},
             {"count", 2},
             {"capture", "a_idle_2048/0"},
             {"behaviour", "wrong_password"}}}}};
}

std::string slurp(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// Any piece that would give a password away, whatever quoting stands around it.
void expect_no_secret(const std::string& text, const std::string& where) {
  for (const char* piece : {"S3cret", "gu3st", "Vc-S3"}) {
    EXPECT_EQ(text.find(piece), std::string::npos) << piece << " appears in " << where;
  }
}

TEST(Secrets, AppearNowhere) {
  const lab::Lab lab(fleet_with_secrets());
  const Workspace workspace;
  write_config(workspace, lab);
  RunOptions options;
  std::string seen_arguments;
  options.while_running = [&](int pid) {
    seen_arguments += slurp("/proc/" + std::to_string(pid) + "/cmdline");
  };
  const auto result = run_ballast(workspace, with_config(workspace, {"scan", "-v", "-v"}), options);
  EXPECT_EQ(result.exit_code, 3) << "two guests refuse the login\n" << result.err;
  EXPECT_FALSE(seen_arguments.empty());
  EXPECT_GT(result.err.size(), 500u) << "the most verbose log must say something";
  expect_no_secret(result.out, "the summary");
  expect_no_secret(result.err, "the log");
  expect_no_secret(seen_arguments, "the process arguments");
  for (const char* file : {"ballast.db", "ballast.db-wal"}) {
    expect_no_secret(workspace.read(file), file);
  }
  const auto report =
      run_ballast(workspace, with_config(workspace, {"report", "--all", "--format", "json"}));
  expect_no_secret(report.out + report.err, "the report");
}

}  // namespace
}  // namespace ballast::e2e
