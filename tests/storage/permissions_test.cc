// Files and folders that may only be read. What is tried runs in a child without root's rights.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sched.h>

#include "tests/fixtures/store_fixtures.h"

namespace ballast::storage {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Permissions : public ::testing::Test {
 protected:
  void SetUp() override {
    auto store = must(Store::open(dir_.path()));
    write_scan(*store, make_fleet(30));
  }
  void set_mode(mode_t file, mode_t folder) {
    for (const std::string name : {"ballast.db", "ballast.db-wal", "ballast.db-shm"}) {
      ::chmod(dir_.path(name).c_str(), file);
    }
    ::chmod(dir_.path(".").c_str(), folder);
  }
  // "30 VMs", or the error's sentence.
  static std::string read_all(const std::string& path) {
    auto queries = Queries::open(path, kImpatient);
    if (!queries) return queries.error().sentence();
    int count = 0;
    auto read = (*queries)->for_each_vm(kFirstScan, [&](const model::JudgedGuest&) { ++count; });
    return read ? fmt::format("{} VMs", count) : read.error().sentence();
  }
  std::string read_by_nobody() {
    return said_by_nobody([&] { return read_all(dir_.path()); });
  }
  std::string opened_by_nobody() {
    return said_by_nobody([&] {
      auto store = Store::open(dir_.path(), kImpatient);
      return store ? "opened" : store.error().sentence();
    });
  }

  TempDir dir_;
};

TEST_F(Permissions, AReadOnlyFileInAReadOnlyFolderCanBeRead) {
  set_mode(0444, 0555);
  EXPECT_EQ(read_by_nobody(), "30 VMs");
}

TEST_F(Permissions, SoCanACopyOfTheFileAlone) {
  std::filesystem::remove(dir_.path("ballast.db-wal"));
  std::filesystem::remove(dir_.path("ballast.db-shm"));
  set_mode(0444, 0555);
  EXPECT_EQ(read_by_nobody(), "30 VMs");
  EXPECT_FALSE(std::filesystem::exists(dir_.path("ballast.db-wal")));
}

TEST_F(Permissions, AReaderFollowsAWriterWhoseFilesItCannotWrite) {
  auto store = must(Store::open(dir_.path()));
  const ScanId scan = begin(*store);
  must(store->write_results(scan, make_fleet(10)));
  set_mode(0644, 0755);
  EXPECT_EQ(read_by_nobody(), "30 VMs");
  must(store->finish_scan(scan, {model::ScanStatus::kComplete, kStart, ""}));
  EXPECT_EQ(said_by_nobody([&] {
              auto scans = must(Queries::open(dir_.path()))->latest_scans();
              return fmt::format("{} VMs", scans->at(0).vms);
            }),
            "10 VMs");
}

TEST_F(Permissions, ALogThatCannotBeReadWithoutWritingIsAnErrorNotOldData) {
  EXPECT_EQ(in_child([&] {
              // Never closed, so that the log stays full.
              Store* store = must(Store::open(dir_.path())).release();
              must(store->write_results(begin(*store), make_fleet(10)));
              return 0;
            }),
            0);
  ASSERT_GT(std::filesystem::file_size(dir_.path("ballast.db-wal")), 0U);
  std::filesystem::remove(dir_.path("ballast.db-shm"));
  set_mode(0444, 0555);
  const std::string said = read_by_nobody();
  EXPECT_THAT(said, HasSubstr(dir_.path()));
  EXPECT_THAT(said, HasSubstr("copy the file and its -wal file"));
}

TEST_F(Permissions, AFileThatMayNotBeReadSaysSo) {
  set_mode(0600, 0755);
  const std::string said = read_by_nobody();
  EXPECT_THAT(said, HasSubstr(dir_.path()));
  EXPECT_THAT(said, HasSubstr("Permission denied"));
  EXPECT_THAT(said, HasSubstr("check the permissions"));
}

TEST_F(Permissions, WritingToAReadOnlyFileSaysSo) {
  set_mode(0444, 0777);
  const std::string said = opened_by_nobody();
  EXPECT_THAT(said, HasSubstr(dir_.path()));
  EXPECT_THAT(said, HasSubstr("Permission denied"));
}

TEST_F(Permissions, WritingInAReadOnlyFolderSaysSo) {
  std::filesystem::remove(dir_.path("ballast.db-wal"));
  std::filesystem::remove(dir_.path("ballast.db-shm"));
  set_mode(0666, 0555);
  const std::string said = opened_by_nobody();
  EXPECT_THAT(said, HasSubstr(dir_.path()));
  EXPECT_THAT(said, HasSubstr("folder"));
  EXPECT_NE(said, "opened");
}

TEST_F(Permissions, CreatingInAReadOnlyFolderSaysSo) {
  std::filesystem::remove(dir_.path());
  ::chmod(dir_.path(".").c_str(), 0555);
  const std::string said = opened_by_nobody();
  EXPECT_THAT(said, StartsWith("creating the database (" + dir_.path()));
  EXPECT_THAT(said, HasSubstr("Permission denied"));
}

TEST_F(Permissions, AReadOnlyFileSystemCanBeRead) {
  const int code = in_child([&] {
    const std::string folder = dir_.path(".");
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount(folder.c_str(), folder.c_str(), nullptr, MS_BIND, nullptr) != 0 ||
        ::mount("none", folder.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) != 0) {
      return 77;
    }
    const auto store = Store::open(dir_.path(), kImpatient);
    if (store) return 1;
    EXPECT_EQ(store.error().code, ErrorCode::kStorage);
    EXPECT_THAT(store.error().sentence(), HasSubstr(dir_.path()));
    EXPECT_THAT(store.error().message, HasSubstr("Read-only file system"));
    EXPECT_THAT(store.error().hint, HasSubstr("mount"));
    if (::testing::Test::HasFailure()) return 3;
    return read_all(dir_.path()) == "30 VMs" ? 0 : 2;
  });
  if (code == 77) GTEST_SKIP() << "mounting is not allowed here";
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace ballast::storage
