// What a program that runs for months lives through: its file goes away, the clock jumps.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>

#include "storage/database_file.h"
#include "tests/fixtures/store_fixtures.h"

namespace ballast::storage {
namespace {

using model::ScanStatus;
using std::chrono::hours;
using ::testing::HasSubstr;

class Recovery : public ::testing::Test {
 protected:
  void remove_database() {
    for (const std::string name : {"ballast.db", "ballast.db-wal", "ballast.db-shm"}) {
      std::filesystem::remove(dir_.path(name));
    }
  }
  std::int64_t ask(const std::string& sql) { return ask_sql(dir_.path(), sql); }

  TempDir dir_;
  std::unique_ptr<Store> store_ = must(Store::open(dir_.path()));
};

TEST_F(Recovery, AFileThatWasRemovedIsMadeAnew) {
  write_scan(*store_, make_fleet(20));
  remove_database();
  const mode_t before = ::umask(0);
  const ScanId scan = write_scan(*store_, make_fleet(5));
  ::umask(before);
  EXPECT_EQ(names_in(dir_.path(), scan).size(), 5U);
  EXPECT_EQ(ask("SELECT count(*) FROM scan"), 1);
  for (const std::string name : {"ballast.db", "ballast.db-wal", "ballast.db-shm"}) {
    struct stat info {};
    ASSERT_EQ(::stat(dir_.path(name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777, 0640U) << name;
  }
}

TEST_F(Recovery, OneThatWasRemovedWithoutItsLogAsWell) {
  write_scan(*store_, make_fleet(20));
  std::filesystem::remove(dir_.path());
  const ScanId scan = write_scan(*store_, make_fleet(5));
  EXPECT_EQ(names_in(dir_.path(), scan).size(), 5U);
  EXPECT_TRUE(must(check_database(dir_.path())).ok);
}

TEST_F(Recovery, OneThatWasReplacedIsFollowed) {
  write_scan(*store_, make_fleet(20));
  {
    auto other = must(Store::open(dir_.path("other.db")));
    const ScanId failed = begin(*other);
    must(other->write_login_setback(failed, {"", "ballast", 1, kStart, kStart}));
    must(other->finish_scan(failed, {ScanStatus::kFailed, kStart, "no"}));
    write_scan(*other, make_fleet(7), ScanStatus::kComplete, "lab", make_about(),
               kStart + hours(5));
    write_scan(*other, {}, ScanStatus::kComplete, "lab", make_about(), kStart + hours(6));
  }
  std::filesystem::rename(dir_.path("other.db"), dir_.path());
  EXPECT_EQ(must(store_->last_start("lab")), kStart + hours(6));
  EXPECT_EQ(must(must(Queries::open(dir_.path()))->login_setbacks()).size(), 1U);
  const ScanId scan = write_scan(*store_, make_fleet(9));
  EXPECT_EQ(scan, nth_scan(dir_.path(), 4));
  EXPECT_EQ(names_in(dir_.path(), nth_scan(dir_.path(), 2)).size(), 7U);
  EXPECT_EQ(names_in(dir_.path(), scan).size(), 9U);
  EXPECT_TRUE(must(check_database(dir_.path())).ok);
}

TEST_F(Recovery, AScanThatWritesToALostFileIsNotReportedDone) {
  const ScanId scan = begin(*store_);
  must(store_->write_results(scan, make_fleet(3)));
  remove_database();
  const auto begun = store_->begin_scan({"other", "https://other/sdk", kStart});
  ASSERT_FALSE(begun) << "the first scan still writes to the old file";
  EXPECT_EQ(begun.error().code, ErrorCode::kStorage);
  EXPECT_THAT(begun.error().message, HasSubstr("removed or replaced"));
  EXPECT_FALSE(store_->write_login_setback(scan, {"", "ballast", 1, kStart, kStart}))
      << "it would be lost, too";

  const auto finished = store_->finish_scan(scan, {ScanStatus::kComplete, kStart, ""});
  ASSERT_FALSE(finished) << "nobody will ever see it";
  EXPECT_EQ(finished.error().code, ErrorCode::kStorage);
  EXPECT_THAT(finished.error().message, HasSubstr(dir_.path()));
  EXPECT_THAT(finished.error().message, HasSubstr("removed or replaced"));
  EXPECT_NE(finished.error().hint, "");
  EXPECT_EQ(names_in(dir_.path(), write_scan(*store_, make_fleet(4))).size(), 4U);
}

TEST_F(Recovery, UntilTheFileAtThePathIsADatabaseEveryCallSaysSo) {
  write_scan(*store_, make_fleet(3));
  remove_database();
  write_file(dir_.path(), std::string(5000, '#'));
  for (int i = 0; i < 2; ++i) {
    const auto begun = store_->begin_scan({"lab", "https://lab.example.org/sdk", kStart});
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().code, ErrorCode::kStorage);
    EXPECT_THAT(begun.error().message, HasSubstr("not an SQLite database"));
    EXPECT_FALSE(store_->last_start("lab"));
    EXPECT_FALSE(store_->maintain({}, kStart));
    EXPECT_FALSE(store_->rebuild_rollups());
    EXPECT_FALSE(store_->rejudge(kStart, false));
  }
  remove_database();
  EXPECT_EQ(names_in(dir_.path(), write_scan(*store_, make_fleet(4))).size(), 4U);
}

TEST_F(Recovery, AFileThatMayNotBeWrittenAnyMoreIsSaidUntilItMay) {
  ::chmod(dir_.path(".").c_str(), 0777);
  const std::string said = said_by_nobody([&]() -> std::string {
    const std::string path = dir_.path("own.db");
    auto store = must(Store::open(path));
    write_scan(*store, make_fleet(3));
    const std::string bytes = read_file(path);
    std::filesystem::remove(path);
    write_file(path, bytes);
    ::chmod(path.c_str(), 0444);
    const auto begun = store->begin_scan({"lab", "https://lab.example.org/sdk", kStart});
    if (begun) return "begun";
    ::chmod(path.c_str(), 0640);
    write_scan(*store, make_fleet(3));
    return begun.error().sentence();
  });
  EXPECT_THAT(said, HasSubstr("own.db"));
  EXPECT_THAT(said, HasSubstr("Permission denied"));
  EXPECT_THAT(said, HasSubstr("check the permissions"));
}

// A clock that was wrong by years, for a while, in either direction.
TEST_F(Recovery, AClockThatJumpsConfusesNeitherOrderNorTheNextStart) {
  const auto years = hours(24 * 365 * 20);
  write_scan(*store_, make_fleet(4));
  const ScanId future = write_scan(*store_, make_fleet(5), ScanStatus::kComplete, "lab",
                                   make_about(), kStart + years);
  EXPECT_EQ(must(store_->last_start("lab")), kStart + years);
  for (const UtcTime start : {kStart - years, UtcTime{}, kStart + hours(1)}) {
    const ScanId scan =
        write_scan(*store_, make_fleet(6), ScanStatus::kComplete, "lab", make_about(), start);
    EXPECT_EQ(must(must(Queries::open(dir_.path()))->latest_scans()).at(0).id, scan)
        << "the newest scan is the one that was begun last";
    EXPECT_EQ(must(store_->last_start("lab")), start);
    must(store_->roll_up());
  }
  const ScanId backwards = begin(*store_, "lab", make_about(), kStart + hours(2));
  EXPECT_EQ(must(store_->guest_records(backwards, kStart + hours(3))).size(), 4U)
      << "a scan of the future counts as one that started since";
  must(store_->write_results(backwards, make_fleet(6)));
  must(store_->finish_scan(backwards, {ScanStatus::kComplete, kStart - years, ""}));
  EXPECT_EQ(rows_of(*must(Queries::open(dir_.path())), backwards).size(), 6U);
  must(store_->maintain({}, kStart + hours(3)));
  EXPECT_EQ(names_in(dir_.path(), future).size(), 5U) << "what is of the future is not old";
  must(store_->maintain({}, kStart - years));
  must(store_->maintain({}, kStart + 3 * years));
  EXPECT_EQ(names_in(dir_.path(), backwards).size(), 6U) << "the newest usable scan stays";
  EXPECT_TRUE(must(check_database(dir_.path())).ok);
}

}  // namespace
}  // namespace ballast::storage
