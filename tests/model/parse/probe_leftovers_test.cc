// Files that probes which were cut short have left, and what the next probe makes of them.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "collector/probe_script.h"
#include "tests/accuracy/probe_runner.h"
#include "tests/model/parse/guest_tree.h"
#include "tests/model/synthetic.h"

namespace ballast::test {
namespace {

namespace fs = std::filesystem;

constexpr GuestShell kAllShells[] = {GuestShell::kDash, GuestShell::kBash, GuestShell::kBusybox};

void make_old(const fs::path& file) {
  const timespec old{time(nullptr) - 20 * 60, 0};
  const timespec both[] = {old, old};
  utimensat(AT_FDCWD, file.c_str(), both, AT_SYMLINK_NOFOLLOW);
}

// A folder for temporary files in which earlier probes have left theirs.
class Leftovers {
 public:
  Leftovers() {
    tree_.with("proc/meminfo", kKernel514Meminfo);
    for (const auto* name : {"ballast-probe-1.txt", "ballast-probe-$(touch evil).txt",
                             "ballast-probe- -rf\n*\n`touch evil`.txt", "ballast-probe-own.txt",
                             "ballast-1.txt", "other.txt", "sub/ballast-probe-2.txt",
                             "ballast-probe-folder/ballast-probe-3.txt", "precious.txt"}) {
      tree_.with("tmp/" + std::string(name), "x");
      make_old(folder() / name);
    }
    make_old(folder() / "ballast-probe-folder");
    tree_.with("tmp/ballast-probe-new.txt", "x");
    fs::create_symlink("precious.txt", folder() / "ballast-probe-link.txt");
    make_old(folder() / "ballast-probe-link.txt");
  }

  [[nodiscard]] fs::path folder() const { return fs::path(tree_.root()) / "tmp"; }
  [[nodiscard]] std::string own_file() const { return folder() / "ballast-probe-own.txt"; }
  [[nodiscard]] std::string root() const { return tree_.root(); }
  [[nodiscard]] std::set<std::string> names() const {
    std::set<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder())) {
      if (!entry.is_directory()) names.insert(entry.path().lexically_relative(folder()));
    }
    return names;
  }

 private:
  Tree tree_;
};

TEST(ProbeLeftovers, SweepsWhatEarlierProbesLeft) {
  const std::set<std::string> expected = {
      "ballast-1.txt",          "ballast-probe-folder/ballast-probe-3.txt",
      "ballast-probe-link.txt", "ballast-probe-new.txt",
      "ballast-probe-own.txt",  "other.txt",
      "precious.txt",           "sub/ballast-probe-2.txt"};
  for (const auto shell : kAllShells) {
    const Leftovers left;
    const auto run = run_probe(shell, left.root(), left.own_file());
    EXPECT_EQ(run.exit_status, 0);
    EXPECT_TRUE(run.output.ends_with("@@ballast end\n")) << "sweeping must not print anything";
    EXPECT_EQ(left.names(), expected) << "in shell " << static_cast<int>(shell);
  }
}

TEST(ProbeLeftovers, LeavesTheFilesOfOthersAlone) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file to another user";
  for (const auto shell : kAllShells) {
    const Leftovers left;
    const auto file = left.folder() / "ballast-probe-1.txt";
    ASSERT_EQ(chown(file.c_str(), 65534, 65534), 0);
    run_probe(shell, left.root(), left.own_file());
    EXPECT_TRUE(fs::exists(file)) << "another user's probe, or a trap";
  }
}

TEST(ProbeLeftovers, SweepsOnlyBesideAFileOfItsOwnName) {
  for (const char* file : {"", "ballast-probe-own.txt", "other.txt"}) {
    const Leftovers left;
    const auto before = left.names();
    const std::string path = *file == '\0' ? "" : left.folder() / file;
    run_probe(GuestShell::kDash, left.root(), std::string(file) == "other.txt" ? path : file);
    EXPECT_EQ(left.names(), before) << file;
  }
}

TEST(ProbeLeftovers, FindThatDoesNotKnowAgesIsNoFailure) {
  const Leftovers left;
  const auto before = left.names();
  Tree commands;
  commands.with("find", "#!/bin/sh\necho unknown predicate; exit 1\n");
  fs::permissions(fs::path(commands.root()) / "find", fs::perms::owner_all);
  const std::string script(collector::kProbeScript);
  const auto result = run({"/bin/dash", "-c", script}, left.root(),
                          commands.root() + ":/usr/bin:/bin", left.own_file());
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_TRUE(result.output.ends_with("@@ballast end\n"));
  EXPECT_EQ(left.names(), before);
}

}  // namespace
}  // namespace ballast::test
