// A database that cannot be written, or not be read: the scan says so and what to do, and what was
// stored before is as it was.
#include <filesystem>
#include <fstream>

#include <SQLiteCpp/Database.h>

#include "tests/e2e/harness/fault_fixture.h"
#include "tests/e2e/harness/small_disk.h"

namespace ballast::e2e {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;

constexpr int kStoredGuests = 40;

json store_fault_fleet() {
  return {{"guests",
           {{{"name", "vm-%02d"},
             {"count", kStoredGuests},
             {"capture", "w_vmw_balloon_shim_2m/512"}}}}};
}

class StoreFault : public FaultFixture {
 protected:
  StoreFault() : FaultFixture(store_fault_fleet()) {
    std::filesystem::create_directory(workspace.path("disk"));
    write_config(workspace, lab, options);
  }

  [[nodiscard]] std::string database() const { return workspace.path("disk/ballast.db"); }

  std::vector<std::string> on_disk(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--db", database()});
    return arguments;
  }

  void scan_well_on_disk() {
    run_json(workspace, on_disk({"scan"}), 0);
    before = guests();
    ASSERT_EQ(before.size(), kStoredGuests) << before;
  }

  // The newest usable scan. The exit code tells of one that failed after it, where that could be
  // stored.
  json guests() {
    const auto report = run_ballast(
        workspace, with_config(workspace, on_disk({"report", "--all", "--format", "json"})));
    EXPECT_TRUE(report.exit_code == 0 || report.exit_code == 3) << report.err;
    return json::parse(report.out).at("guests");
  }

  RunResult scan_on_disk(const RunOptions& run = {}) {
    return run_ballast(workspace, with_config(workspace, on_disk({"scan"})), run);
  }

  void expect_clear(const RunResult& result, const std::string& words) {
    EXPECT_EQ(result.exit_code, 1) << result.err;
    EXPECT_THAT(result.err, AllOf(HasSubstr(database()), HasSubstr(words), HasSubstr("try:")));
    expect_nothing_left_on_the_server(words);
  }
};

TEST_F(StoreFault, AFullDisk) {
  const SmallDisk disk(workspace.path("disk"));
  if (!disk.is_mounted()) GTEST_SKIP() << "mounting is not allowed here";
  scan_well_on_disk();
  disk.fill();
  expect_clear(scan_on_disk(), "no space is left on the disk");
  disk.free();
  EXPECT_EQ(guests(), before) << "the earlier scan must be as it was";
  EXPECT_EQ(scan_on_disk().exit_code, 0) << "with space again all is well";
}

// Where nothing can be mounted: a file that may not grow.
TEST_F(StoreFault, AFileThatMayNotGrow) {
  scan_well_on_disk();
  const std::string limited = "trap '' XFSZ; ulimit -f 40; exec \"$0\" \"$@\"";  // 20 KiB
  expect_clear(scan_on_disk({.wrapper = {"/bin/sh", "-c", limited}}), "disk I/O error");
  EXPECT_EQ(guests(), before) << "the earlier scan must be as it was";
  EXPECT_EQ(scan_on_disk().exit_code, 0) << "with space again all is well";
}

TEST_F(StoreFault, AReadOnlyDatabase) {
  const SmallDisk disk(workspace.path("disk"));
  if (!disk.is_mounted()) GTEST_SKIP() << "mounting is not allowed here";
  scan_well_on_disk();
  disk.set_read_only(true);
  expect_clear(scan_on_disk(), "Read-only file system");
  disk.set_read_only(false);
  EXPECT_EQ(guests(), before) << "the failed scan has written nothing";
}

TEST_F(StoreFault, ADatabaseThatAnotherProcessHasLocked) {
  scan_well_on_disk();
  {
    SQLite::Database other(database(), SQLite::OPEN_READWRITE);
    other.exec("BEGIN IMMEDIATE");
    expect_clear(scan_on_disk(), "another process");
    EXPECT_EQ(guests(), before) << "it can be read meanwhile";
  }
  EXPECT_EQ(scan_on_disk().exit_code, 0) << "when it is free again all is well";
}

// Each piece of the file in turn is overwritten, from its first page to its last.
TEST_F(StoreFault, ADamagedDatabase) {
  scan_well_on_disk();
  const std::string good = workspace.read("disk/ballast.db");
  constexpr int kPieces = 8;
  for (int piece = 0; piece < kPieces; ++piece) {
    std::string bad = good;
    const auto start = good.size() * static_cast<std::size_t>(piece) / kPieces;
    bad.replace(start, good.size() / kPieces, std::string(good.size() / kPieces, '\x5a'));
    std::filesystem::remove(database() + "-wal");
    std::filesystem::remove(database() + "-shm");
    workspace.write("disk/ballast.db", bad);
    const auto scanned = scan_on_disk();
    const auto reported = run_ballast(workspace, with_config(workspace, on_disk({"report"})));
    const auto checked = run_ballast(workspace, with_config(workspace, on_disk({"db", "check"})));
    for (const auto& result : {scanned, reported}) {
      EXPECT_GE(result.exit_code, 0) << "it crashed at piece " << piece << ": " << result.err;
      if (result.exit_code != 1) continue;  // that piece is not needed for it
      EXPECT_THAT(result.err, AllOf(HasSubstr(database()), HasSubstr("try:"))) << piece;
    }
    EXPECT_EQ(checked.exit_code, 1) << "piece " << piece << " is damaged: " << checked.out;
    EXPECT_THAT(checked.out, AnyOf(HasSubstr("damaged"), HasSubstr("not an SQLite database")));
    expect_nothing_left_on_the_server("a damaged database");
  }
  std::filesystem::remove(database() + "-wal");
  std::filesystem::remove(database() + "-shm");
  workspace.write("disk/ballast.db", good);
  EXPECT_EQ(guests(), before) << "with the backup put back all is well";
}

}  // namespace
}  // namespace ballast::e2e
