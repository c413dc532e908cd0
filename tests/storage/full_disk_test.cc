// No space left: the write fails in clear words, nothing that was stored is lost.
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <sched.h>

#include "storage/database_file.h"
#include "tests/fixtures/store_fixtures.h"

namespace ballast::storage {
namespace {

using ::testing::HasSubstr;

constexpr int kNotAllowed = 77;

// Writes results until that fails; whether it failed as it should.
bool fails_clearly(Store& store, ScanId scan, const std::string& path, const std::string& words) {
  for (int round = 0; round < 100; ++round) {
    std::vector<model::JudgedGuest> results;
    for (int i = 0; i < 500; ++i) results.push_back(make_result(round * 500 + i));
    const auto written = store.write_results(scan, results);
    if (written) continue;
    const Error& error = written.error();
    EXPECT_EQ(error.code, ErrorCode::kStorage);
    EXPECT_THAT(error.message, HasSubstr("storing 500 results"));
    EXPECT_THAT(error.message, HasSubstr(path));
    EXPECT_THAT(error.message, HasSubstr(words));
    EXPECT_NE(error.hint, "");
    return !::testing::Test::HasFailure();
  }
  return false;
}

bool limit_file_size(rlim_t bytes) {
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{bytes, RLIM_INFINITY};
  return ::setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

TEST(FullDisk, AFileThatMayNotGrowIsAnErrorAndLosesNothing) {
  const TempDir dir;
  write_scan(*must(Store::open(dir.path())), make_fleet(20));
  EXPECT_EQ(in_child([&] {
              auto store = must(Store::open(dir.path()));
              const ScanId scan = begin(*store);
              if (!limit_file_size(600'000)) return kNotAllowed;
              if (!fails_clearly(*store, scan, dir.path(), "disk I/O error")) {
                return 1;
              }
              // Nothing was left half done: with space again the scan goes on.
              if (!limit_file_size(RLIM_INFINITY)) return kNotAllowed;
              must(store->write_results(scan, make_fleet(30)));
              must(store->finish_scan(scan, {model::ScanStatus::kComplete, kStart, ""}));
              return ::testing::Test::HasFailure() ? 2 : 0;
            }),
            0);
  EXPECT_TRUE(must(check_database(dir.path())).ok);
  EXPECT_EQ(names_in(dir.path(), nth_scan(dir.path(), 1)).size(), 20U);
  EXPECT_GE(names_in(dir.path(), nth_scan(dir.path(), 2)).size(), 30U);
}

// As a service would go on: neither the results nor the scan's end could be stored.
TEST(FullDisk, TheSameStoreGoesOnOnceThereIsRoom) {
  const TempDir dir;
  EXPECT_EQ(in_child([&] {
              auto store = must(Store::open(dir.path()));
              write_scan(*store, make_fleet(20));
              const ScanId scan = begin(*store);
              if (!limit_file_size(600'000)) return kNotAllowed;
              if (!fails_clearly(*store, scan, dir.path(), "disk I/O error")) return 1;
              if (!limit_file_size(1)) return kNotAllowed;
              EXPECT_FALSE(store->finish_scan(scan, {model::ScanStatus::kFailed, kStart, "full"}));
              const auto early = store->begin_scan({"lab", "https://lab.example.org/sdk", kStart});
              EXPECT_FALSE(early);
              EXPECT_TRUE(early || early.error().code == ErrorCode::kStorage);
              if (!limit_file_size(RLIM_INFINITY)) return kNotAllowed;
              write_scan(*store, make_fleet(30));
              return ::testing::Test::HasFailure() ? 2 : 0;
            }),
            0);
  EXPECT_TRUE(must(check_database(dir.path())).ok);
  EXPECT_EQ(names_in(dir.path(), nth_scan(dir.path(), 1)).size(), 20U);
  EXPECT_EQ(names_in(dir.path(), nth_scan(dir.path(), 3)).size(), 30U);
  EXPECT_EQ(ask_sql(dir.path(),
                    "SELECT count(*) FROM scan WHERE id = (SELECT min(id) + 1 FROM scan) AND "
                    "status = 'failed'"),
            1)
      << "the scan whose end could not be stored must not block its vCenter";
}

int fill_small_disk(const std::string& folder) {
  if (::unshare(CLONE_NEWNS) != 0 ||
      ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("none", folder.c_str(), "tmpfs", 0, "size=1m") != 0) {
    return kNotAllowed;
  }
  const std::string path = folder + "/ballast.db";
  auto store = must(Store::open(path));
  write_scan(*store, make_fleet(20));
  const ScanId scan = begin(*store);
  if (!fails_clearly(*store, scan, path, "no space is left on the disk")) return 1;
  store.reset();
  if (names_in(path, nth_scan(path, 1)).size() != 20) return 2;
  if (!must(check_database(path)).ok) return 3;
  return ::testing::Test::HasFailure() ? 4 : 0;
}

TEST(FullDisk, AFullFileSystemIsAnErrorAndLosesNothing) {
  const TempDir dir;
  const int code = in_child([&] { return fill_small_disk(dir.path(".")); });
  if (code == kNotAllowed) GTEST_SKIP() << "mounting is not allowed here";
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace ballast::storage
