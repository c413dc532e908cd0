// A real `sos report` of this machine, as a tarball and unpacked, through the real program.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "tests/e2e/harness/harness.h"

namespace ballast::e2e {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Its exit status; output goes to `log` in the workspace.
int run_command(const Workspace& workspace, const std::string& command) {
  return std::system((command + " >'" + workspace.path("log") + "' 2>&1 </dev/null").c_str());
}

std::string only_entry(const std::string& folder, const std::string& ending) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().string();
    if (name.ends_with(ending)) return name;
  }
  return {};
}

json inspect(const Workspace& workspace, const std::string& path) {
  const auto result = run_ballast(workspace, {"inspect", "--format", "json", path});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return json::parse(result.out, nullptr, false);
}

TEST(Sosreport, TarballAndFolderGoThroughInspect) {
  if (geteuid() != 0) GTEST_SKIP() << "sos wants root";
  const Workspace workspace;
  const auto folder = workspace.path("sos");
  fs::create_directory(folder);
  // The plugins that have what inspect reads; the others look at the whole machine for minutes.
  ASSERT_EQ(run_command(workspace, "timeout 120 sos report --batch --tmp-dir '" + folder +
                                       "' -o memory,kernel,process,date,processor,host,pci"),
            0)
      << workspace.read("log");
  const auto tarball = only_entry(folder, ".tar.xz");
  ASSERT_FALSE(tarball.empty()) << workspace.read("log");
  const auto packed = inspect(workspace, tarball);
  EXPECT_EQ(packed["schema"], "ballast.inspect/1");
  EXPECT_GT(packed["mem_total_kib"], 0);
  EXPECT_FALSE(packed["kernel"].is_null());
  EXPECT_FALSE(packed["taken_at"].is_null()) << "the date plugin tells it";
  std::int64_t sum = packed["unaccounted_kib"];
  for (const auto& part : packed["accounted_kib"]) sum += part.get<std::int64_t>();
  EXPECT_EQ(sum, packed["mem_total_kib"]);
  EXPECT_GT(packed["accounted_kib"].value("pcp", -1), -1) << "zoneinfo was read";

  ASSERT_EQ(run_command(workspace, "tar xJf '" + tarball + "' -C '" + folder + "'"), 0);
  fs::remove(tarball);
  auto unpacked = inspect(workspace, folder);
  for (const auto* key : {"mem_total_kib", "accounted_kib", "unaccounted_kib", "kernel", "boot_id",
                          "taken_at", "baseline_kib", "tolerance_kib", "verdict"}) {
    EXPECT_EQ(unpacked[key], packed[key]) << key;
  }
}

TEST(Sosreport, TheLiveMachineCanBeInspected) {
  const Workspace workspace;
  const auto live = inspect(workspace, "/");
  EXPECT_GT(live["mem_total_kib"], 0);
  EXPECT_FALSE(live["kernel"].is_null());
}

}  // namespace
}  // namespace ballast::e2e
