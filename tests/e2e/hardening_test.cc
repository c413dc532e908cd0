// The process is closed up before it holds a password, and so is every file that it makes.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/harness.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;

json hardening_fleet() {
  return {{"clusters", 1},
          {"hosts_per_cluster", 1},
          {"guests", {{{"name", "ok-%d"}, {"count", 4}, {"capture", "v_vmmemctl_4k_idle/512"}}}}};
}

std::string slurp_proc(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// While it lives files are created with all the bits they ask for.
class OpenUmask {
 public:
  OpenUmask() : before_(::umask(0)) {}
  ~OpenUmask() { ::umask(before_); }
  OpenUmask(const OpenUmask&) = delete;
  OpenUmask& operator=(const OpenUmask&) = delete;

 private:
  mode_t before_;
};

TEST(Hardening, NoCoreDumpWhileAScanRuns) {
  const lab::Lab lab(hardening_fleet());
  const Workspace workspace;
  write_config(workspace, lab);
  std::string limits;
  RunOptions options;
  options.while_running = [&](int pid) {
    const bool logged_in = lab.get("/stats")["methods"].contains("Login");
    if (limits.empty() && logged_in) limits = slurp_proc(fmt::format("/proc/{}/limits", pid));
  };
  EXPECT_EQ(run_ballast(workspace, with_config(workspace, {"scan"}), options).exit_code, 0);
  EXPECT_TRUE(std::regex_search(limits, std::regex("Max core file size +0 +0 ")))
      << "a process that has logged in must not be able to leave a core file:\n"
      << limits;
}

TEST(Hardening, FilesOfAScanAreClosedToOtherUsers) {
  const OpenUmask open;
  const lab::Lab lab(hardening_fleet());
  const Workspace workspace;
  write_config(workspace, lab);
  std::set<std::filesystem::path> before;
  const auto folder = std::filesystem::path(workspace.path("."));
  for (const auto& entry : std::filesystem::directory_iterator(folder)) before.insert(entry.path());
  ASSERT_EQ(run_ballast(workspace, with_config(workspace, {"scan"})).exit_code, 0);
  const auto csv = workspace.path("samples.csv");
  const auto copy = workspace.path("copy.db");
  ASSERT_EQ(run_ballast(workspace, with_config(workspace, {"export", "samples", "--output", csv}))
                .exit_code,
            0);
  ASSERT_EQ(run_ballast(workspace, with_config(workspace, {"db", "backup", copy})).exit_code, 0);

  std::set<std::string> made;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (before.contains(entry.path()) || name == "stdout" || name == "stderr") continue;
    struct stat info {};
    ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0137U, 0u)
        << name << " has mode " << fmt::format("{:04o}", info.st_mode & 07777U)
        << ": inventory and guests' figures are nobody else's";
    made.insert(name);
  }
  for (const char* name : {"ballast.db", "ballast.db-wal", "samples.csv", "copy.db"}) {
    EXPECT_TRUE(made.contains(name)) << name << " should have been there to look at";
  }
}

TEST(Hardening, ReaderThatHasLeftIsNoFailure) {
  const lab::Lab lab(hardening_fleet());
  const Workspace workspace;
  write_config(workspace, lab);
  ASSERT_EQ(run_ballast(workspace, with_config(workspace, {"scan"})).exit_code, 0);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  const auto run = [&](const std::string& arguments) {
    const auto command =
        fmt::format("{} --config {} {} 1>&{} 2>{}", BALLAST_PROGRAM, workspace.path("ballast.toml"),
                    arguments, ends[1], workspace.path("said"));
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  EXPECT_EQ(run("report --all"), 0);
  EXPECT_EQ(workspace.read("said"), "") << "as in `ballast report | head`";
  EXPECT_EQ(run("scan"), 0) << "a scan goes on to its end";
  EXPECT_EQ(lab.get("/stats")["sessions"], 0);
  ::close(ends[1]);
}

}  // namespace
}  // namespace ballast::e2e
