// Passwords appear nowhere: not in the most verbose log, not in errors, not in the database, not in
// the arguments of the running process.
#include <signal.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/harness.h"
#include "tests/e2e/harness/process_memory.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kVcenterPassword = "Vc-S3cret & <\"quoted\">";
constexpr const char* kGuestPassword = "gu3st's-S3cret";

json fleet_with_secrets() {
  return {{"clusters", 1},
          {"hosts_per_cluster", 1},
          {"vcenter", {{"username", "ballast@lab"}, {"password", kVcenterPassword}}},
          {"guest_login", {{"username", "probe"}, {"password", kGuestPassword}}},
          {"guests",
           {{{"name", "ok-%d"}, {"count", 20}, {"capture", "a_idle_2048/0"}},
            {{"name", "wrongpw-%d"},
             {"count", 2},
             {"capture", "a_idle_2048/0"},
             {"behaviour", "wrong_password"}}}}};
}

std::string bytes_of(const std::string& path) {
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

void expect_no_secret_anywhere(const std::string& log_format) {
  const lab::Lab lab(fleet_with_secrets());
  const Workspace workspace;
  write_config(workspace, lab, {.more = fmt::format("[log]\nformat = \"{}\"", log_format)});
  RunOptions options;
  std::string seen_arguments;
  options.while_running = [&](int pid) {
    seen_arguments += bytes_of("/proc/" + std::to_string(pid) + "/cmdline");
  };
  const auto result = run_ballast(workspace, with_config(workspace, {"scan", "-v", "-v"}), options);
  EXPECT_EQ(result.exit_code, 3) << "two guests refuse the login\n" << result.err;
  EXPECT_FALSE(seen_arguments.empty());
  EXPECT_GT(result.err.size(), 500u) << "the most verbose log must say something";
  EXPECT_EQ(result.err.starts_with('{'), log_format == "json") << result.err;
  expect_no_secret(result.out, "the summary");
  expect_no_secret(result.err, "the log");
  expect_no_secret(seen_arguments, "the process arguments");
  for (const char* file : {"ballast.db", "ballast.db-wal", "ballast.db-shm"}) {
    expect_no_secret(workspace.read(file), file);
  }
  for (const char* command : {"report", "doctor"}) {
    const auto said =
        run_ballast(workspace, with_config(workspace, {command, "-v", "-v", "--format", "json"}));
    EXPECT_FALSE(said.out.empty());
    expect_no_secret(said.out + said.err, command);
  }
}

TEST(Secrets, AppearNowhere) { expect_no_secret_anywhere("text"); }

TEST(Secrets, AppearNowhereWithALogInJson) { expect_no_secret_anywhere("json"); }

TEST(Secrets, AreNotInTheEnvironmentOfPasswordCommands) {
  const lab::Lab lab(fleet_with_secrets());
  const Workspace workspace;
  write_config(workspace, lab);
  workspace.write("ballast.toml",
                  fmt::format("[[vcenter]]\nname = \"lab\"\nurl = \"{}\"\nusername = \"{}\"\n"
                              "password_command = \"env >{}; cat {}\"\nca_file = \"{}\"\n"
                              "[guest]\nusername = \"{}\"\npassword_env = \"BALLAST_GUEST\"\n"
                              "[storage]\npath = \"{}\"\n",
                              lab.ready().url, lab.ready().username, workspace.path("environment"),
                              workspace.path("vcenter.password"), lab.ready().ca_file,
                              lab.ready().guest_username, workspace.path("ballast.db")));
  BackgroundBallast ballast(workspace, with_config(workspace, {"scan"}),
                            {"BALLAST_GUEST=" + std::string(kGuestPassword)});
  EXPECT_EQ(ballast.wait().exit_code, 3) << "two guests refuse the login";
  const auto environment = workspace.read("environment");
  EXPECT_THAT(environment, HasSubstr("PATH=")) << "the command did run";
  expect_no_secret(environment, "the environment of a password command");
}

// Places in the memory of a scan that was stopped at a call which the lab never answers.
class SecretsInMemory : public ::testing::Test {
 protected:
  // False: this user may not look there.
  [[nodiscard]] bool stop_at(const std::string& method) {
    write_config(workspace, lab);
    lab.post("/faults", json::array({{{"method", method}, {"kind", "stall"}}}));
    ballast.emplace(workspace, with_config(workspace, {"scan"}));
    const auto called = [&] { return lab.get("/stats")["methods"].value(method, 0) > 0; };
    EXPECT_TRUE(eventually(called)) << ballast->err();
    // Its deadlines would pass while its memory is looked through.
    ballast->signal(SIGSTOP);
    return memory_can_be_read(ballast->pid());
  }

  std::vector<MemoryPlace> places_of(const std::string& text) const {
    return find_in_memory(ballast->pid(), text);
  }

  void TearDown() override {
    if (ballast) ballast->signal(SIGKILL);
  }

  lab::Lab lab{fleet_with_secrets()};
  Workspace workspace;
  std::optional<BackgroundBallast> ballast;
};

constexpr const char* kNotAllowed =
    "this user may not read the memory of a process that is not dumpable";

std::string contexts_of(const std::vector<MemoryPlace>& places) {
  std::string text;
  for (const auto& place : places) text += place.region + ": " + place.context + "\n";
  return text;
}

// Shows that the search finds what is there, and that a request keeps its password only as long as
// it needs it.
TEST_F(SecretsInMemory, ARequestUnderWayHoldsItsPassword) {
  if (!stop_at("Login")) GTEST_SKIP() << kNotAllowed;
  EXPECT_THAT(contexts_of(places_of("Vc-S3cret")), HasSubstr("<password>"));
}

TEST_F(SecretsInMemory, AfterTheLoginThereIsOnePlace) {
  if (!stop_at("RetrievePropertiesEx")) GTEST_SKIP() << kNotAllowed;
  const auto places = places_of("Vc-S3cret");
  EXPECT_EQ(places.size(), 1u) << "the client keeps the password for the next login; the request, "
                                  "its envelope and the buffers on the way should have been wiped\n"
                               << contexts_of(places);
}

TEST_F(SecretsInMemory, AfterTheProbesOnlyTheConfiguredLoginsAreThere) {
  if (!stop_at("Logout")) GTEST_SKIP() << kNotAllowed;
  const auto places = places_of("gu3st");
  EXPECT_GE(places.size(), 1u) << "of the configuration";
  EXPECT_LE(places.size(), 3u) << "nothing may be left of 22 probes and their requests\n"
                               << contexts_of(places);
  EXPECT_THAT(contexts_of(places), Not(HasSubstr("password>")));
  EXPECT_EQ(places_of("Vc-S3cret").size(), 1u);
}

}  // namespace
}  // namespace ballast::e2e
