// Other processes: one that holds the lock, one that is killed in mid-write.
#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <sched.h>

#include "storage/database_file.h"
#include "tests/fixtures/store_fixtures.h"

namespace ballast::storage {
namespace {

using model::ScanStatus;
using ::testing::HasSubstr;

// Lets a child tell its parent that it got somewhere.
class Signal {
 public:
  Signal() {
    if (::pipe(ends_) != 0) std::abort();
  }
  ~Signal() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  void send() const { (void)!::write(ends_[1], "x", 1); }
  void wait() const {
    char byte = 0;
    (void)!::read(ends_[0], &byte, 1);
  }

 private:
  int ends_[2] = {-1, -1};
};

void kill_child(pid_t child) {
  ::kill(child, SIGKILL);
  EXPECT_EQ(wait_for(child), -SIGKILL);
}

// A child that runs `sql` on the database and then holds what it locked until it is killed.
pid_t start_holder(const std::string& path, const std::string& sql) {
  const Signal holds;
  const pid_t child = start_child([&] {
    SQLite::Database db(path, SQLite::OPEN_READWRITE);
    db.exec(sql);
    holds.send();
    ::pause();
    return 0;
  });
  holds.wait();
  return child;
}

TEST(Processes, ALockThatIsNotGivenUpIsAnErrorThatSaysSo) {
  const TempDir dir;
  auto store = must(Store::open(dir.path(), kImpatient));
  const ScanId scan = begin(*store);
  const pid_t holder = start_holder(dir.path(), "BEGIN IMMEDIATE");
  const auto written = store->write_results(scan, make_fleet(3));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kStorage);
  EXPECT_THAT(written.error().message, HasSubstr("another process holds the database"));
  EXPECT_THAT(written.error().message, HasSubstr("storing 3 results"));
  EXPECT_THAT(written.error().message, HasSubstr(dir.path()));
  EXPECT_THAT(written.error().hint, HasSubstr("end the program that has the file open"));
  EXPECT_FALSE(store->begin_scan({"other", "https://other/sdk", kStart}));
  EXPECT_FALSE(store->write_login_setback(scan, {"", "ballast", 1, kStart, kStart}));
  // A write lock does not keep readers out.
  EXPECT_TRUE(must(must(Queries::open(dir.path(), kImpatient))->latest_scans()).empty());
  kill_child(holder);
  must(store->write_results(scan, make_fleet(3)));
  must(store->begin_scan({"other", "https://other/sdk", kStart}));
}

TEST(Processes, AReaderThatIsLockedOutSaysSo) {
  const TempDir dir;
  must(Store::open(dir.path()));
  const pid_t holder = start_holder(
      dir.path(), "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; DELETE FROM scan");
  const auto queries = Queries::open(dir.path(), kImpatient);
  ASSERT_FALSE(queries);
  EXPECT_EQ(queries.error().code, ErrorCode::kStorage);
  EXPECT_THAT(queries.error().message, HasSubstr("another process holds the database"));
  EXPECT_FALSE(must(check_database(dir.path(), kImpatient)).ok);
  kill_child(holder);
}

TEST(Processes, AWriterWaitsForAnotherOneToEnd) {
  const TempDir dir;
  auto store = must(Store::open(dir.path()));
  const ScanId scan = begin(*store);
  const pid_t holder = start_holder(dir.path(), "BEGIN IMMEDIATE");
  const pid_t killer = start_child([&] {
    // The parent is in its write by now, or soon.
    return ::kill(holder, SIGKILL);
  });
  must(store->write_results(scan, make_fleet(3)));
  EXPECT_EQ(wait_for(killer), 0);
  EXPECT_EQ(wait_for(holder), -SIGKILL);
}

// Writes results for ever; says when it starts.
int write_without_end(const std::string& path, const Signal& started) {
  const auto fleet = make_fleet(2000);
  auto store = must(Store::open(path));
  const ScanId scan = begin(*store);
  must(store->write_hosts(scan, {make_host(1), make_host(2)}));
  started.send();
  for (;;) must(store->write_results(scan, fleet));
}

// Until the write-ahead log has grown to `bytes`, or the child could not have needed so long.
void await_log(const std::string& path, std::uintmax_t bytes) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::error_code ignored;
  while (std::filesystem::file_size(path + "-wal", ignored) < bytes &&
         std::chrono::steady_clock::now() < deadline) {
    ::sched_yield();
  }
}

class KilledWriter : public ::testing::TestWithParam<int> {};

TEST_P(KilledWriter, LeavesEarlierScansIntactAndItsOwnInvisible) {
  const TempDir dir;
  const ScanId good = write_scan(*must(Store::open(dir.path())), make_fleet(50));
  const Signal started;
  const pid_t child = start_child([&] { return write_without_end(dir.path(), started); });
  started.wait();
  await_log(dir.path(), static_cast<std::uintmax_t>(GetParam()));
  kill_child(child);

  // A report right after the crash, before any writer comes.
  EXPECT_EQ(names_in(dir.path(), good).size(), 50U);
  auto queries = must(Queries::open(dir.path()));
  EXPECT_EQ(must(queries->latest_scans()).at(0).id, good);
  EXPECT_EQ(must(queries->find_vm("web-00060")).size(), 0U);

  auto store = must(Store::open(dir.path()));
  const HealthReport health = must(check_database(dir.path()));
  EXPECT_TRUE(health.ok) << ::testing::PrintToString(health.problems);
  const auto scans = must(queries->latest_scans());
  ASSERT_EQ(scans.size(), 2U);
  EXPECT_EQ(scans[0].status, ScanStatus::kFailed);
  EXPECT_THAT(scans[0].error, HasSubstr("interrupted"));
  EXPECT_EQ(scans[1].id, good);
  EXPECT_EQ(names_in(dir.path(), good).size(), 50U);
  EXPECT_EQ(ask_sql(dir.path(),
                    "SELECT count(*) FROM sample WHERE scan_id <> (SELECT min(id) FROM scan)"),
            0);
  EXPECT_EQ(ask_sql(dir.path(),
                    "SELECT count(*) FROM host_sample WHERE scan_id <> (SELECT min(id) FROM scan)"),
            0);

  const ScanId next = write_scan(*store, make_fleet(60));
  EXPECT_EQ(names_in(dir.path(), next).size(), 60U);
}

INSTANTIATE_TEST_SUITE_P(AtSeveralPoints, KilledWriter,
                         ::testing::Values(0, 40'000, 150'000, 400'000, 900'000, 1'600'000,
                                           2'500'000));

TEST(Processes, AScanOfALivingProcessIsLeftRunning) {
  const TempDir dir;
  const Signal begun;
  const pid_t child = start_child([&] {
    auto store = must(Store::open(dir.path()));
    must(store->write_results(begin(*store), make_fleet(3)));
    begun.send();
    ::pause();
    return 0;
  });
  begun.wait();
  must(Store::open(dir.path()));
  EXPECT_EQ(ask_sql(dir.path(), "SELECT count(*) FROM scan WHERE status = 'running'"), 1);
  EXPECT_EQ(ask_sql(dir.path(), "SELECT count(*) FROM sample"), 3);
  kill_child(child);
  must(Store::open(dir.path()));
  EXPECT_EQ(ask_sql(dir.path(), "SELECT count(*) FROM scan WHERE status = 'running'"), 0);
  EXPECT_EQ(ask_sql(dir.path(), "SELECT count(*) FROM sample"), 0);
}

TEST(Processes, TwoWritersTakeTurns) {
  const TempDir dir;
  must(Store::open(dir.path()));
  std::vector<pid_t> children;
  for (const std::string name : {"a", "b", "c"}) {
    children.push_back(start_child([&] {
      auto store = must(Store::open(dir.path()));
      for (int i = 0; i < 5; ++i) {
        write_scan(*store, make_fleet(40), ScanStatus::kComplete, name, make_about(name));
      }
      return 0;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(wait_for(child), 0);
  auto queries = must(Queries::open(dir.path()));
  const auto scans = must(queries->latest_scans());
  ASSERT_EQ(scans.size(), 3U);
  for (const ScanRow& scan : scans) EXPECT_EQ(rows_of(*queries, scan.id).size(), 40U);
  EXPECT_EQ(ask_sql(dir.path(), "SELECT count(*) FROM usable_scan"), 15);
  EXPECT_TRUE(must(check_database(dir.path())).ok);
}

}  // namespace
}  // namespace ballast::storage
