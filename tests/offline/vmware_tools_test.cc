#include "offline/vmware_tools.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace ballast::offline {
namespace {

namespace fs = std::filesystem;

// A command that is a script, gone afterwards.
class Command {
 public:
  explicit Command(const char* script) {
    std::string name = fs::temp_directory_path() / "ballast-toolbox-XXXXXX";
    folder_ = mkdtemp(name.data());
    std::ofstream(path()) << "#!/bin/sh\n" << script;
    fs::permissions(path(), fs::perms::owner_all);
  }
  ~Command() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  [[nodiscard]] std::string path() const { return folder_ / "vmware-toolbox-cmd"; }

 private:
  fs::path folder_;
};

TEST(AskVmwareTools, ReturnsTheHypervisorsFigure) {
  const Command tools("[ \"$*\" = 'stat balloon' ] && [ $LC_ALL = C ] && echo 17960 MB\n");
  EXPECT_EQ(ask_vmware_tools(tools.path()), 17960 * 1024);
  EXPECT_EQ(ask_vmware_tools(Command("echo 0 MB\n").path()), 0) << "no balloon is a figure, too";
}

TEST(AskVmwareTools, WhatIsNoAnswerIsNone) {
  for (const auto* script :
       {"echo OpenHandle failed >&2; exit 69\n", "echo 512 Mo\n", "echo -1 MB\n", "echo 5 MB MB\n",
        "echo 99999999999999999 MB\n", "yes 512 MB\n", "exec >&-; sleep 60 &\n"}) {
    EXPECT_FALSE(ask_vmware_tools(Command(script).path())) << script;
  }
  EXPECT_FALSE(ask_vmware_tools("/nonexistent/vmware-toolbox-cmd"));
}

TEST(AskVmwareTools, DoesNotWaitForOneThatHangs) {
  const auto begun = std::chrono::steady_clock::now();
  const Command tools("trap '' TERM; exec sleep 60\n");
  EXPECT_FALSE(ask_vmware_tools(tools.path(), std::chrono::milliseconds(200)));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

}  // namespace
}  // namespace ballast::offline
