// What a scan asks for around the readings: hosts, pools, counters, history.
#include <gmock/gmock.h>

#include "tests/collector/scan_fixture.h"

namespace ballast::collector {
namespace {

using model::ScanStatus;
using testing::clean_output;
using testing::ScanTest;
using namespace std::chrono_literals;

TEST_F(ScanTest, KeepsWhatSurroundsTheVms) {
  add_page(1, 1);
  run();
  ASSERT_EQ(store.hosts.size(), 1U);
  EXPECT_EQ(store.hosts[0].memory_state, 2);
  ASSERT_EQ(store.pools.size(), 1U);
  EXPECT_EQ(store.pools[0].moref, "resgroup-1");
}

TEST_F(ScanTest, DoesWithoutResourcePools) {
  add_page(1, 1);
  vcenter.hides_pools = true;
  EXPECT_EQ(run().status, ScanStatus::kComplete) << "pools serve causes only";
  EXPECT_TRUE(store.pools.empty());
}

TEST_F(ScanTest, AsksForTheCountersOfBalloonedGuestsTogether) {
  add_page(1, 150);
  vcenter.inside.output = clean_output();
  for (auto& vm : vcenter.pages[0]) vm.polled_at = now_utc();
  for (std::size_t i = 0; i < 100; ++i) vcenter.pages[0][i].stats.balloon_kib = 102'400;
  for (std::size_t i = 100; i < 150; ++i) vcenter.pages[0][i].stats.balloon_kib = 0;
  const auto summary = run();
  EXPECT_EQ(summary.guests_read, 150U);
  EXPECT_EQ(store.results.size(), 150U) << "no guest may be lost on the way to its counters";
  EXPECT_EQ(vcenter.counter_calls, (std::vector<std::size_t>{64, 36}))
      << "guests without a balloon need none";
  const auto& judgement = store.results.at("vm-1").judgement;
  ASSERT_TRUE(judgement.bracket);
  EXPECT_EQ(judgement.bracket->high_kib, 106'496);
  EXPECT_FALSE(store.results.at("vm-150").judgement.bracket);
}

TEST_F(ScanTest, CountersAreLookedUpByVcentersClock) {
  add_page(1, 1);
  vcenter.inside.output = clean_output();
  vcenter.pages[0][0].stats.balloon_kib = 102'400;
  vcenter.pages[0][0].polled_at = now_utc();
  vcenter.clock_ahead = -48h;
  run();
  EXPECT_TRUE(store.results.at("vm-1").judgement.bracket)
      << "a clock that is two days late must not put the counters out of reach";
}

TEST_F(ScanTest, CountersTellOfAGuestThatWasReadHoursAfterThePoll) {
  add_page(1, 1);
  vcenter.inside.output = clean_output();
  vcenter.pages[0][0].stats.balloon_kib = 512'000;
  vcenter.pages[0][0].polled_at = now_utc() - 3h;
  run();
  const auto& judgement = store.results.at("vm-1").judgement;
  ASSERT_TRUE(judgement.bracket) << "they are kept for an hour, and the last hour is what matters";
  ASSERT_FALSE(judgement.tolerance.empty());
  EXPECT_EQ(judgement.tolerance.back().name, "skew");
  EXPECT_EQ(judgement.tolerance.back().kib, 512'000 - 102'400);
}

TEST_F(ScanTest, TheFigureOfToolsInTheGuestIsTheReference) {
  add_page(1, 1);
  auto output = clean_output();
  output.insert(output.find("@@ballast meminfo"), "@@ballast toolbox\nballoon 500 MB\n");
  vcenter.inside.output = output;
  vcenter.pages[0][0].stats.balloon_kib = 0;
  run();
  const auto& result = store.results.at("vm-1");
  EXPECT_EQ(result.judgement.verdict, model::Verdict::kHidden) << "nothing is missing in the guest";
  EXPECT_EQ(result.judgement.reference_kib, 500 * 1024);
  EXPECT_EQ(result.vm.stats.balloon_kib, 0) << "vCenter's figure is kept beside it";
  EXPECT_TRUE(vcenter.counter_calls.empty()) << "nothing can have moved since";
}

TEST_F(ScanTest, AsksForCountersBeforeTheyAreForgotten) {
  add_page(1, 20);
  vcenter.inside.output = clean_output();
  for (auto& vm : vcenter.pages[0]) vm.stats.balloon_kib = 102'400;
  options.longest_gathering = 0ms;
  EXPECT_EQ(run().guests_read, 20U);
  EXPECT_EQ(vcenter.counter_calls.size(), 20U) << "few guests do not wait for many";
}

TEST_F(ScanTest, JudgesWithoutCountersWhereThereAreNone) {
  add_page(1, 70);
  vcenter.inside.output = clean_output();
  for (auto& vm : vcenter.pages[0]) vm.stats.balloon_kib = 102'400;
  vcenter.hides_counters = true;
  const auto summary = run();
  EXPECT_EQ(summary.status, ScanStatus::kComplete);
  EXPECT_EQ(summary.guests_read, 70U);
  EXPECT_EQ(store.results.at("vm-70").judgement.verdict, model::Verdict::kHidden);
}

TEST_F(ScanTest, LearnsTheBaselineFromTheGuestsHistory) {
  add_page(1, 1);
  vcenter.inside.output = clean_output();
  vcenter.pages[0][0].stats.balloon_kib = 0;
  run();
  const auto first = store.results.at("vm-1");
  ASSERT_EQ(first.judgement.baseline.samples, 0);
  const auto& reading = *first.guest;
  const auto& account = first.guest->account;
  for (int i = 5; i > 0; --i) {
    model::HistoryPoint point;
    point.read_at = first.guest->read_at - i * 1h;
    point.epoch = model::guest_epoch(reading.boot_id, reading.kernel_release, account.mem_total_kib,
                                     account.missing);
    point.balloon_kib = 0;
    point.unaccounted_kib = account.unaccounted_kib + i;
    store.history["vm-1"].push_back(point);
  }
  io.restart();
  vcenter.pages_given = 0;
  run();
  const auto& learned = store.results.at("vm-1").judgement.baseline;
  EXPECT_EQ(learned.samples, 5);
  EXPECT_EQ(learned.kib, account.unaccounted_kib + 3);
}

TEST_F(ScanTest, JudgesByThePriorWhereTheHistoryCannotBeRead) {
  add_page(1, 1);
  vcenter.inside.output = clean_output();
  vcenter.pages[0][0].stats.balloon_kib = 0;
  store.forgets = true;
  EXPECT_EQ(run().guests_read, 1U);
  EXPECT_EQ(store.results.at("vm-1").judgement.verdict, model::Verdict::kClean);
}

TEST_F(ScanTest, StopWaitsForCountersUntilTheirDeadlineOnly) {
  options.concurrency = 1;
  add_page(1, 3);
  vcenter.inside.output = clean_output();
  for (auto& vm : vcenter.pages[0]) vm.stats.balloon_kib = 102'400;
  vcenter.hangs_at_counters = true;
  options.counters_deadline = 50ms;
  Scan scan(io.get_executor(), vcenter, store, observer, options);
  std::optional<ScanSummary> summary;
  boost::asio::co_spawn(io, scan.run(), [&](std::exception_ptr, ScanSummary s) { summary = s; });
  while (vcenter.counter_calls.empty()) ASSERT_TRUE(io.run_one_for(5s));
  scan.stop();
  while (!summary) ASSERT_TRUE(io.run_one_for(5s)) << "who stops a scan does not wait an hour";
  EXPECT_EQ(store.results.size(), 3U) << "what was read is kept";
  EXPECT_EQ(summary->guests_read, 3U);
  expect_nothing_left();
}

}  // namespace
}  // namespace ballast::collector
