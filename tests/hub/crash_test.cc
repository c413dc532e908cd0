// The hub's server dies, or its answer gets lost, at the worst moments.
#include <signal.h>

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

}  // namespace
}  // namespace ballast::hub
