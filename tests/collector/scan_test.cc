#include "collector/scan.h"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>

#include "tests/collector/scan_fixture.h"

namespace ballast::collector {
namespace {

using model::ScanStatus;
using model::UnknownReason;
using testing::clean_output;
using testing::ScanTest;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST_F(ScanTest, StoresAResultForEveryVmListed) {
  for (int page = 0; page < 5; ++page) add_page(page * 10, 10);
  vcenter.pages[2][3].power = model::PowerState::kPoweredOff;
  const auto summary = run();
  EXPECT_EQ(summary.status, ScanStatus::kComplete);
  EXPECT_EQ(store.results.size(), 50u);
  EXPECT_EQ(summary.listed, 50u);
  EXPECT_EQ(observer.probes, 49u);
  EXPECT_EQ(observer.ended, 49u);
  EXPECT_EQ(observer.results, 50u);
  EXPECT_EQ(store.results.at("vm-23").judgement.reason, UnknownReason::kPoweredOff);
  EXPECT_EQ(store.results.at("vm-24").judgement.reason, UnknownReason::kOutputUnreadable)
      << "what the guest printed was no probe output";
  EXPECT_EQ(store.end->status, ScanStatus::kComplete);
  EXPECT_TRUE(std::all_of(store.batches.begin(), store.batches.end() - 1, [](std::size_t size) {
    return size >= 4;
  })) << "results must be written in batches";
  expect_nothing_left();
}

TEST_F(ScanTest, ReadsAndJudgesAGuest) {
  add_page(1, 1);
  vcenter.pages[0][0].stats.balloon_kib = 0;
  vcenter.inside.output = clean_output();
  const auto summary = run();
  EXPECT_EQ(summary.guests_read, 1u) << store.results.at("vm-1").detail;
  EXPECT_EQ(store.results.at("vm-1").judgement.verdict, model::Verdict::kClean);
  EXPECT_TRUE(store.results.at("vm-1").guest);
}

TEST_F(ScanTest, ProbesWhilePagesStillArriveWithinTheLimits) {
  options.concurrency = 3;
  add_page(0, 20);
  were_read(0, 20);
  vcenter.hangs_at_page = 1;
  boost::asio::io_context::work guard(io);
  Scan scan(io.get_executor(), vcenter, store, observer, options);
  std::optional<ScanSummary> summary;
  boost::asio::co_spawn(io, scan.run(), [&](std::exception_ptr, ScanSummary s) { summary = s; });
  while (observer.results < 20) {
    ASSERT_TRUE(io.run_one_for(5s)) << "probes must not wait for the end of the listing";
    ASSERT_LE(vcenter.inside.running.size(), 3u);
  }
  scan.stop();
  while (!summary) ASSERT_TRUE(io.run_one_for(5s));
  EXPECT_EQ(summary->status, ScanStatus::kPartial) << "stopped before the end of the listing";
  expect_nothing_left();
}

TEST_F(ScanTest, ListingCutShortKeepsWhatCameBefore) {
  add_page(0, 10);
  add_page(10, 10);
  vcenter.fails_at_page = 1;
  const auto summary = run();
  EXPECT_EQ(summary.status, ScanStatus::kPartial);
  EXPECT_THAT(summary.error->message, HasSubstr("ended early"));
  EXPECT_EQ(store.results.size(), 10u);
  EXPECT_THAT(store.end->error, HasSubstr("ended early"));
  expect_nothing_left();
}

TEST_F(ScanTest, WhatIsThrownOnTheWayIsTheScansErrorAndNothingIsLost) {
  add_page(0, 10);
  add_page(10, 10);
  vcenter.throws_at_page = 1;
  const auto summary = run();
  EXPECT_EQ(summary.status, ScanStatus::kPartial);
  ASSERT_TRUE(summary.error);
  EXPECT_THAT(summary.error->message, HasSubstr("something unexpected: out of paper"));
  EXPECT_THAT(store.end->error, HasSubstr("out of paper"));
  EXPECT_EQ(store.results.size(), 10U) << "the page that was listed";
  expect_nothing_left();
}

TEST_F(ScanTest, UnreachableVcenterIsAFailedScan) {
  vcenter.connect_error = Error{ErrorCode::kUnreachable, "vc: connection refused", "", ""};
  const auto summary = run();
  EXPECT_EQ(summary.status, ScanStatus::kFailed);
  EXPECT_EQ(store.end->status, ScanStatus::kFailed);
  EXPECT_THAT(store.end->error, HasSubstr("connection refused"));
  expect_nothing_left();
}

TEST_F(ScanTest, StoreThatBreaksEndsTheScan) {
  for (int page = 0; page < 5; ++page) add_page(page * 10, 10);
  store.fails_at_batch = 1;
  const auto summary = run();
  EXPECT_EQ(summary.status, ScanStatus::kFailed);
  EXPECT_EQ(summary.error->message, "disk full");
  expect_nothing_left();
}

TEST_F(ScanTest, StoreThatCannotBeginEndsItBeforeAnyLogin) {
  store.refuses_to_begin = true;
  add_page(0, 1);
  const auto summary = run();
  EXPECT_EQ(summary.status, ScanStatus::kFailed);
  EXPECT_FALSE(summary.scan);
  EXPECT_EQ(vcenter.pages_given, 0u);
}

TEST_F(ScanTest, EmptyVcenterIsComplete) { EXPECT_EQ(run().status, ScanStatus::kComplete); }

TEST_F(ScanTest, StopCleansUpAndTellsTheRestApart) {
  options.concurrency = 2;
  add_page(0, 10);
  vcenter.inside.polls_until_end = 1'000'000;
  Scan scan(io.get_executor(), vcenter, store, observer, options);
  std::optional<ScanSummary> summary;
  boost::asio::co_spawn(io, scan.run(), [&](std::exception_ptr, ScanSummary s) { summary = s; });
  while (vcenter.inside.running.size() < 2) ASSERT_TRUE(io.run_one_for(5s));
  scan.stop();
  while (!summary) ASSERT_TRUE(io.run_one_for(5s));
  EXPECT_EQ(summary->status, ScanStatus::kPartial);
  EXPECT_EQ(summary->reasons[UnknownReason::kCancelled], 10u);
  EXPECT_EQ(store.results.size(), 10u) << "the hypervisor's figures are kept all the same";
  expect_nothing_left();
}

}  // namespace
}  // namespace ballast::collector
