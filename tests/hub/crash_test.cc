// The hub's server dies, or its answer gets lost, at the worst moments.
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "hub/schema.h"
#include "tests/hub/sending.h"

namespace ballast::hub {
namespace {

constexpr bool kDurable = true;

class CrashTest : public ::testing::TestWithParam<int> {
 protected:
  CrashTest() : cluster_(kDurable) {
    auto boss = connect(cluster_);
    sure(init(boss));
    tell(boss, "CREATE USER writer; GRANT ballast_writer TO writer");
    store_ = sure(storage::Store::open(path_));
    scan_ = write_fleet(*store_, {1, hours_ago(4), 400});
    auto writer = connect(cluster_, "writer");
    tell(writer, fmt::format("SELECT ballast.make_scan_partitions({})", scan_));
  }
  // Makes each row of a table take a while.
  void slow_down(const std::string& table) {
    auto boss = connect(cluster_);
    tell(boss, fmt::format("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                           "PERFORM pg_sleep(0.01); RETURN NEW; END $$;"
                           "CREATE TRIGGER slow BEFORE INSERT ON ballast.{} FOR EACH ROW "
                           "EXECUTE FUNCTION slow()",
                           table));
  }
  void speed_up(const std::string& table) {
    auto boss = connect(cluster_);
    tell(boss, fmt::format("DROP TRIGGER slow ON ballast.{}", table));
  }
  void wait_until(const std::string& condition) {
    auto boss = connect(cluster_);
    bool is_so = false;
    for (int i = 0; i < 1000 && !is_so; ++i) {
      is_so = ask(boss, "SELECT " + condition) == 1;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_TRUE(is_so) << condition;
  }
  void expect_all_of_it() {
    auto boss = connect(cluster_);
    for (const std::string& table : compared_tables()) {
      EXPECT_EQ(rows_in_hub(boss, table), rows_in_file(path_, table)) << table;
    }
  }

  Cluster cluster_;
  storage::TempDir folder_;
  std::string path_ = folder_.path();
  std::unique_ptr<storage::Store> store_;
  std::int64_t scan_ = 0;
};

TEST_P(CrashTest, AServerThatDiesInTheMiddleOfACopyHasNothingAndTakesAllOfItLater) {
  slow_down("sample");
  std::thread killer([&] {
    wait_until(
        "count(*) = 1 FROM pg_stat_progress_copy WHERE tuples_processed > 20 "
        "AND relid = 'ballast.sample'::regclass");
    cluster_.crash(GetParam());
  });
  auto writer = connect(cluster_, "writer");
  const auto broken = sure(Sender::open(writer, path_, "one")).send_scan(scan_);
  killer.join();
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::kUnreachable) << broken.error().message;
  EXPECT_TRUE(is_worth_retrying(broken.error()));
  EXPECT_FALSE(Connection::open(cluster_.settings("writer")));
  cluster_.start();
  auto boss = connect(cluster_);
  for (const std::string& table : compared_tables()) {
    EXPECT_EQ(ask(boss, "SELECT count(*) FROM ballast." + table), 0) << table;
  }
  speed_up("sample");
  auto again = connect(cluster_, "writer");
  EXPECT_EQ(sure(sure(Sender::open(again, path_, "one")).send_scan(scan_)).sent, Sent::kNow);
  expect_all_of_it();
}

TEST_P(CrashTest, AScanThatWasReportedSentIsThereAfterACrash) {
  auto writer = connect(cluster_, "writer");
  sure(sure(Sender::open(writer, path_, "one")).send_scan(scan_));
  cluster_.crash(GetParam());
  cluster_.start();
  expect_all_of_it();
  auto again = connect(cluster_, "writer");
  EXPECT_EQ(sure(sure(Sender::open(again, path_, "one")).send_scan(scan_)).sent, Sent::kBefore);
}

INSTANTIATE_TEST_SUITE_P(ByImmediateStopAndByKill, CrashTest, ::testing::Values(SIGQUIT, SIGKILL));

using LostAnswerTest = CrashTest;

TEST_F(LostAnswerTest, ACommitWhoseAnswerWasLostIsFoundDone) {
  auto boss = connect(cluster_);
  // The commit takes longer than the sender waits.
  tell(boss,
       "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(3); "
       "RETURN NEW; END $$;"
       "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON ballast.scan DEFERRABLE INITIALLY DEFERRED "
       "FOR EACH ROW EXECUTE FUNCTION slow()");
  Settings impatient = cluster_.settings("writer");
  impatient.answer_timeout = std::chrono::milliseconds(1500);
  auto writer = sure(Connection::open(impatient));
  auto sending = sure(Sender::open(writer, path_, "one"));
  const auto lost = sending.send_scan(scan_);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::kTimeout) << lost.error().message;
  EXPECT_EQ(sending.send_scan(scan_).error().code, ErrorCode::kUnreachable);
  // While the first may still be at work, a second waits for it.
  auto again = connect(cluster_, "writer");
  EXPECT_EQ(sure(sure(Sender::open(again, path_, "one")).send_scan(scan_)).sent, Sent::kBefore);
  expect_all_of_it();
}

TEST_F(LostAnswerTest, AHubThatHaltsInTheMiddleIsGivenUp) {
  slow_down("sample");
  Settings impatient = cluster_.settings("writer");
  impatient.answer_timeout = std::chrono::milliseconds(1000);
  auto writer = sure(Connection::open(impatient));
  const auto late = sure(Sender::open(writer, path_, "one")).send_scan(scan_);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kTimeout) << late.error().message;
}

// Sends every scan of a file, and tries again whatever happens, as a collector does. Returns how
// often it was broken off.
int send_all(const Cluster& cluster, const std::string& path, const std::string& collector,
             const std::vector<std::int64_t>& scans) {
  int broken = 0;
  for (std::size_t next = 0; next < scans.size();) {
    auto hub = Connection::open(cluster.settings("writer"));
    auto sender = hub ? Sender::open(*hub, path, collector) : Result<Sender>(fail(hub.error()));
    while (sender && next < scans.size()) {
      const auto sent = sender->send_scan(scans[next]);
      if (!sent) {
        EXPECT_TRUE(is_worth_retrying(sent.error())) << sent.error().sentence();
        ++broken;
        break;
      }
      ++next;
    }
    if (!sender) {
      EXPECT_TRUE(is_worth_retrying(sender.error())) << sender.error().sentence();
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  return broken;
}

using RandomCrashTest = SendingTest;

TEST_F(RandomCrashTest, TwoCollectorsLoseNothingAndSendNothingTwice) {
  const std::string other_path = folder_.path("other.db");
  auto other = sure(storage::Store::open(other_path));
  std::vector<std::int64_t> mine;
  std::vector<std::int64_t> theirs;
  for (int scan = 0; scan < 12; ++scan) {
    mine.push_back(write_fleet(*store_, {scan, hours_ago(40 - scan), 300}));
    theirs.push_back(write_fleet(*other, {scan, hours_ago(40 - scan), 300, 100}));
  }
  // Each scan takes so long that a crash meets it.
  tell(boss_,
       "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF random() < 0.1 THEN "
       "PERFORM pg_sleep(0.002); END IF; RETURN NEW; END $$;"
       "CREATE TRIGGER slow BEFORE INSERT ON ballast.sample FOR EACH ROW EXECUTE FUNCTION slow()");
  std::atomic<int> broken = 0;
  std::thread one([&] { broken += send_all(cluster_, path_, "one", mine); });
  std::thread two([&] { broken += send_all(cluster_, other_path, "two", theirs); });
  std::mt19937 random(19);
  for (int crash = 0; crash < 6; ++crash) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100 + random() % 500));
    cluster_.crash(crash % 2 == 0 ? SIGQUIT : SIGKILL);
    cluster_.start();
  }
  one.join();
  two.join();
  EXPECT_GT(broken, 0) << "no crash met a scan";
  auto boss = connect(cluster_);
  EXPECT_EQ(ask(boss, "SELECT count(*) FROM ballast.scan"), 24);
  EXPECT_EQ(ask(boss, "SELECT count(*) FROM ballast.vm"), 400);
  auto expected = rows_in_file(path_, "guest_sample");
  for (auto& row : rows_in_file(other_path, "guest_sample")) expected.push_back(std::move(row));
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(rows_in_hub(boss, "guest_sample"), expected);
}

}  // namespace
}  // namespace ballast::hub
