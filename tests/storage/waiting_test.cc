// Another program's lock: a scan keeps trying, and says who holds it.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>

#include "storage/sqlite/lock_holder.h"
#include "tests/fixtures/store_fixtures.h"

namespace ballast::storage {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

OpenOptions patient(std::vector<std::string>& said) {
  OpenOptions options{milliseconds(100), std::chrono::seconds(20)};
  options.on_wait = [&said](const std::string& sentence) { said.push_back(sentence); };
  return options;
}

// A process that takes the write lock when it is told to by `take`, and holds it for so long.
pid_t hold_lock(const std::string& path, milliseconds held) {
  int ready[2];
  EXPECT_EQ(::pipe(ready), 0);
  const pid_t child = start_child([&] {
    SQLite::Database other(path, SQLite::OPEN_READWRITE);
    other.exec("BEGIN IMMEDIATE");
    (void)!::write(ready[1], "x", 1);
    std::this_thread::sleep_for(held);
    other.exec("ROLLBACK");
    return 0;
  });
  char byte = 0;
  EXPECT_EQ(::read(ready[0], &byte, 1), 1);
  ::close(ready[0]);
  ::close(ready[1]);
  return child;
}

TEST(Waiting, AScanOutlastsALockAndNamesItsHolder) {
  const TempDir dir;
  std::vector<std::string> said;
  auto store = must(Store::open(dir.path(), patient(said)));
  const ScanId scan = begin(*store);
  const pid_t holder = hold_lock(dir.path(), milliseconds(1'500));
  must(store->write_results(scan, make_fleet(20)));
  must(store->finish_scan(scan, {model::ScanStatus::kComplete, kStart, ""}));
  EXPECT_EQ(wait_for(holder), 0);
  EXPECT_EQ(names_in(dir.path(), scan).size(), 20U);
  ASSERT_EQ(said.size(), 1U) << "once, not every ten milliseconds";
  EXPECT_THAT(said[0], HasSubstr("process " + std::to_string(holder)));
  EXPECT_THAT(said[0], HasSubstr(dir.path()));
}

// As Ctrl-C asks for it, while the thread of the store waits.
TEST(Waiting, AScanInAHurryGivesUp) {
  const TempDir dir;
  auto store = must(Store::open(dir.path(), {milliseconds(50), std::chrono::seconds(60)}));
  const ScanId scan = begin(*store);
  const pid_t holder = hold_lock(dir.path(), std::chrono::seconds(30));
  std::thread signal([&] {
    std::this_thread::sleep_for(milliseconds(300));
    store->hurry();
  });
  EXPECT_FALSE(store->write_results(scan, make_fleet(20)));
  signal.join();
  ::kill(holder, SIGKILL);
  EXPECT_EQ(wait_for(holder), -SIGKILL);
}

TEST(Waiting, WhatIsNoScansWaitsShortlyAndNamesItToo) {
  const TempDir dir;
  auto store = must(Store::open(dir.path(), {milliseconds(100), std::chrono::seconds(20)}));
  const pid_t holder = hold_lock(dir.path(), milliseconds(1'500));
  const auto begun = store->begin_scan({"lab", "https://lab/sdk", kStart});
  ASSERT_FALSE(begun);
  EXPECT_THAT(begun.error().message, HasSubstr("process " + std::to_string(holder)));
  EXPECT_EQ(wait_for(holder), 0);
}

TEST(LockHolder, IsReadFromTheKernelsList) {
  constexpr const char* kLocks =
      "1: POSIX  ADVISORY  READ 77 08:01:4711 123 123\n"
      "1: -> POSIX  ADVISORY  WRITE 78 08:01:4711 120 120\n"
      "2: FLOCK  ADVISORY  WRITE 79 08:02:4711 0 EOF\n"
      "3: OFDLCK ADVISORY  WRITE -1 08:01:4711 120 120\n"
      "4: POSIX  ADVISORY  WRITE 80 08:01:4711 120 120\n"
      "what is this\n";
  EXPECT_EQ(lock_holder_in(kLocks, "08:01", 4711), 80);
  EXPECT_EQ(lock_holder_in(kLocks, "08:01", 4712), 0);
  EXPECT_EQ(lock_holder_in("", "08:01", 4711), 0);
}

}  // namespace
}  // namespace ballast::storage
