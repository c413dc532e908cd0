// running → complete | partial | failed: who sees what, and when.
#include <gmock/gmock.h>

#include "storage/database_file.h"
#include "tests/fixtures/store_fixtures.h"

namespace ballast::storage {
namespace {

using model::ScanStatus;
using ::testing::Test;

class LifeCycle : public Test {
 protected:
  TempDir dir_;
  std::unique_ptr<Store> store_ = must(Store::open(dir_.path()));

  std::unique_ptr<Queries> queries() { return must(Queries::open(dir_.path())); }
};

TEST_F(LifeCycle, AFreshDatabaseIsValidAndHasNoScans) {
  EXPECT_TRUE(must(queries()->latest_scans()).empty());
  EXPECT_TRUE(must(queries()->find_vm("web-00001")).empty());
  const HealthReport health = must(check_database(dir_.path()));
  EXPECT_TRUE(health.ok);
  EXPECT_EQ(health.scans, 0);
  EXPECT_GT(health.schema_version, 0);
  EXPECT_GT(health.file_bytes, 0);
}

TEST_F(LifeCycle, ARunningScanIsInvisibleUntilItEnds) {
  const ScanId scan = begin(*store_);
  must(store_->write_hosts(scan, {make_host(1)}));
  must(store_->write_results(scan, make_fleet(5)));
  auto reader = queries();
  EXPECT_TRUE(must(reader->latest_scans()).empty());
  EXPECT_TRUE(must(reader->find_vm("web-00001")).empty());
  EXPECT_TRUE(must(reader->history(1, {})).empty());
  const auto early =
      reader->for_each_vm(scan, [](const model::JudgedGuest&) { FAIL() << "visited"; });
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, ErrorCode::kNotFound);

  must(store_->finish_scan(scan, {ScanStatus::kComplete, kStart + std::chrono::seconds(7), ""}));
  const auto scans = must(reader->latest_scans());
  ASSERT_EQ(scans.size(), 1U);
  EXPECT_EQ(scans[0].id, scan);
  EXPECT_EQ(scans[0].status, ScanStatus::kComplete);
  EXPECT_EQ(scans[0].started_at, kStart);
  EXPECT_EQ(scans[0].finished_at, kStart + std::chrono::seconds(7));
  EXPECT_EQ(rows_of(*reader, scan).size(), 5U);
}

TEST_F(LifeCycle, AFinishedScanCountsItsGuests) {
  auto results = make_fleet(9);
  results[0] = make_unread(1, model::UnknownReason::kTimedOut, "no answer in 30 s");
  results[1] = make_unread(2, model::UnknownReason::kPoweredOff);
  results[3].judgement = model::Judgement{};
  results[3].judgement.reason = model::UnknownReason::kBelowTolerance;
  write_scan(*store_, results, ScanStatus::kPartial);
  const auto scans = must(queries()->latest_scans());
  ASSERT_EQ(scans.size(), 1U);
  EXPECT_EQ(scans[0].status, ScanStatus::kPartial);
  EXPECT_EQ(scans[0].vms, 9);
  EXPECT_EQ(scans[0].guests_read, 4);
  EXPECT_EQ(scans[0].guests_failed, 1);
}

TEST_F(LifeCycle, AFailedScanLosesItsResultsAndLeavesEarlierOnesIntact) {
  const ScanId good = write_scan(*store_, make_fleet(5));
  const ScanId bad = begin(*store_);
  must(store_->write_hosts(bad, {make_host(1)}));
  must(store_->write_results(bad, make_fleet(9)));
  must(store_->finish_scan(bad, {ScanStatus::kFailed, kStart, "vCenter stopped answering"}));

  auto reader = queries();
  const auto scans = must(reader->latest_scans());
  ASSERT_EQ(scans.size(), 2U);
  EXPECT_EQ(scans[0].id, bad);
  EXPECT_EQ(scans[0].status, ScanStatus::kFailed);
  EXPECT_EQ(scans[0].error, "vCenter stopped answering");
  EXPECT_EQ(scans[0].vms, 0);
  EXPECT_EQ(scans[1].id, good);
  EXPECT_EQ(rows_of(*reader, good).size(), 5U);
  EXPECT_TRUE(rows_of(*reader, bad).empty());
  const std::string of_bad = " WHERE scan_id = " + std::to_string(bad);
  EXPECT_EQ(ask_sql(dir_.path(), "SELECT count(*) FROM sample" + of_bad), 0);
  EXPECT_EQ(ask_sql(dir_.path(), "SELECT count(*) FROM host_sample" + of_bad), 0);
  EXPECT_TRUE(must(check_database(dir_.path())).ok);
}

TEST_F(LifeCycle, AScanKnowsWhatItWasLimitedToHoweverItEnds) {
  for (const auto status : {ScanStatus::kComplete, ScanStatus::kPartial}) {
    const collector::ScanStart start{"lab", "https://lab.example.org/sdk", kStart, "tags \"a/b\""};
    const ScanId scan = must(store_->begin_scan(start));
    must(store_->write_vcenter(scan, make_about()));
    must(store_->finish_scan(scan, {status, kStart, "stopped"}));
    const auto scans = must(queries()->latest_scans());
    ASSERT_FALSE(scans.empty());
    EXPECT_EQ(scans[0].limited_to, "tags \"a/b\"");
    EXPECT_EQ(scans[0].error, "stopped");
  }
}

TEST_F(LifeCycle, AnEarlierScanShowsThePlaceItsVmHadThen) {
  const ScanId first = write_scan(*store_, {make_result(1)});
  model::JudgedGuest moved = make_result(1);
  moved.vm.host_moref = "host-2";
  moved.vm.name = "renamed";
  moved.vm.power = model::PowerState::kSuspended;
  moved.vm.allocation.limit_kib = model::kUnlimited;
  moved.guest->boot_id = "another boot";
  const ScanId second = write_scan(*store_, {moved});
  // Back again: the states of the first scan must not be mistaken for the current ones.
  const ScanId third = write_scan(*store_, {make_result(1)});

  auto reader = queries();
  const model::JudgedGuest then = rows_of(*reader, first).at(0);
  EXPECT_EQ(then.host, "esx01.example.org");
  EXPECT_EQ(then.vm.power, model::PowerState::kPoweredOn);
  EXPECT_EQ(then.vm.allocation.limit_kib, 6'291'456);
  EXPECT_EQ(then.guest->boot_id, make_result(1).guest->boot_id);
  const model::JudgedGuest meanwhile = rows_of(*reader, second).at(0);
  EXPECT_EQ(meanwhile.host, "esx02.example.org");
  EXPECT_EQ(meanwhile.vm.allocation.limit_kib, model::kUnlimited);
  EXPECT_EQ(meanwhile.guest->boot_id, "another boot");
  EXPECT_EQ(rows_of(*reader, third).at(0).host, "esx01.example.org");
  // A name is the latest known, whichever scan is looked at.
  EXPECT_EQ(meanwhile.vm.name, "web-00001");
}

// A sample says how its judgement differs from the first one of its guest state.
TEST_F(LifeCycle, AJudgementMayChangeWhileItsGuestStaysTheSame) {
  model::JudgedGuest result = make_result(1);
  const ScanId first = write_scan(*store_, {result});
  result.judgement.baseline = {9'000, 512, 20};
  result.judgement.tolerance[0].kib = 0;
  result.judgement.tolerance[2].kib = 4'096;
  result.judgement.tolerance_kib = 8'192 + 4'096;
  const ScanId second = write_scan(*store_, {result});

  EXPECT_EQ(ask_sql(dir_.path(), "SELECT count(*) FROM guest_state"), 1);
  const model::Judgement then = rows_of(*queries(), first).at(0).judgement;
  EXPECT_EQ(then.baseline.kib, 14'336);
  EXPECT_EQ(then.tolerance.at(0).kib, 2'000);
  const model::Judgement now = rows_of(*queries(), second).at(0).judgement;
  EXPECT_EQ(now.baseline.kib, 9'000);
  EXPECT_EQ(now.baseline.spread_kib, 512);
  EXPECT_EQ(now.baseline.samples, 20);
  ASSERT_EQ(now.tolerance.size(), 3U);
  EXPECT_EQ(now.tolerance[0].kib, 0);
  EXPECT_EQ(now.tolerance[1].kib, 8'192);
  EXPECT_EQ(now.tolerance[2].kib, 4'096);
  EXPECT_EQ(now.tolerance_kib, 8'192 + 4'096);
}

// The model leaves out parts and terms that are 0, so the lists of names change from scan to scan.
TEST_F(LifeCycle, PartsAndTermsMayComeAndGoWhileTheGuestStaysTheSame) {
  model::JudgedGuest result = make_result(1);
  const ScanId first = write_scan(*store_, {result});
  model::JudgedGuest busy = result;
  auto& parts = busy.guest->account.parts;
  parts.insert(parts.begin() + 5, {"isolated", 4'096});
  parts.pop_back();
  busy.judgement.tolerance = {{"counters", 2'000}, {"unread", 300}, {"host_rounding", 1'000}};
  const ScanId second = write_scan(*store_, {busy});

  EXPECT_EQ(ask_sql(dir_.path(), "SELECT count(*) FROM guest_state"), 1);
  EXPECT_EQ(rows_of(*queries(), first).at(0).guest->account.parts.size(), 10U);
  const model::JudgedGuest row = rows_of(*queries(), second).at(0);
  ASSERT_EQ(row.guest->account.parts.size(), 10U);
  EXPECT_EQ(row.guest->account.parts[5].name, "isolated");
  EXPECT_EQ(row.guest->account.parts[5].kib, 4'096);
  EXPECT_EQ(row.guest->account.parts[0].kib, parts[0].kib);
  ASSERT_EQ(row.judgement.tolerance.size(), 3U);
  EXPECT_EQ(row.judgement.tolerance[0].name, "counters");
  EXPECT_EQ(row.judgement.tolerance[0].kib, 2'000);
  EXPECT_EQ(row.judgement.tolerance[1].kib, 300);
  EXPECT_EQ(row.judgement.tolerance[2].kib, 1'000);
  EXPECT_EQ(row.judgement.tolerance_kib, 3'300) << "the sum of what is stored";
}

TEST_F(LifeCycle, WhatDoesNotChangeIsNotStoredAgain) {
  for (int i = 0; i < 3; ++i) write_scan(*store_, make_fleet(6));
  EXPECT_EQ(ask_sql(dir_.path(), "SELECT count(*) FROM vm"), 6);
  EXPECT_EQ(ask_sql(dir_.path(), "SELECT count(*) FROM vm_state"), 6);
  EXPECT_EQ(ask_sql(dir_.path(), "SELECT count(*) FROM guest_state"), 4);
  EXPECT_EQ(ask_sql(dir_.path(), "SELECT count(*) FROM sample"), 18);
  EXPECT_EQ(ask_sql(dir_.path(), "SELECT count(*) FROM outcome"), 2);
}

TEST_F(LifeCycle, AScanThatTheStoreGivesUpIsFailed) {
  const ScanId scan = begin(*store_);
  must(store_->write_results(scan, make_fleet(3)));
  store_.reset();
  const auto scans = must(queries()->latest_scans());
  ASSERT_EQ(scans.size(), 1U);
  EXPECT_EQ(scans[0].status, ScanStatus::kFailed);
  EXPECT_THAT(scans[0].error, ::testing::HasSubstr("abandoned"));
  EXPECT_EQ(ask_sql(dir_.path(), "SELECT count(*) FROM sample"), 0);
}

TEST_F(LifeCycle, TwoScansRunSideBySideThroughOneStore) {
  const ScanId a = begin(*store_, "a", make_about("uuid-a"));
  const ScanId b = begin(*store_, "b", make_about("uuid-b"));
  must(store_->write_results(a, {make_result(1)}));
  must(store_->write_results(b, {make_result(1), make_result(2)}));
  must(store_->finish_scan(a, {ScanStatus::kComplete, kStart, ""}));
  EXPECT_EQ(must(queries()->latest_scans()).size(), 1U);
  must(store_->finish_scan(b, {ScanStatus::kComplete, kStart, ""}));
  EXPECT_EQ(rows_of(*queries(), a).size(), 1U);
  EXPECT_EQ(rows_of(*queries(), b).size(), 2U);
}

TEST_F(LifeCycle, CallsOutOfOrderAreRefusedAndChangeNothing) {
  const auto refused = [](const Status& result) {
    return !result && result.error().code != ErrorCode::kNotFound;
  };
  EXPECT_TRUE(refused(store_->write_results(7, {make_result(1)})));
  const ScanId scan = must(store_->begin_scan({"lab", "https://lab/sdk", kStart}));
  EXPECT_TRUE(refused(store_->write_hosts(scan, {make_host(1)})));
  EXPECT_TRUE(refused(store_->write_results(scan, {make_result(1)})));
  must(store_->write_vcenter(scan, make_about()));
  EXPECT_TRUE(refused(store_->finish_scan(scan, {ScanStatus::kRunning, kStart, ""})));
  must(store_->finish_scan(scan, {ScanStatus::kComplete, kStart, ""}));
  EXPECT_TRUE(refused(store_->finish_scan(scan, {ScanStatus::kFailed, kStart, ""})));
  EXPECT_TRUE(refused(store_->write_results(scan, {make_result(1)})));
  EXPECT_EQ(must(queries()->latest_scans()).at(0).status, ScanStatus::kComplete);
}

TEST_F(LifeCycle, AScanThatAnotherProcessEndedTakesNoMoreResults) {
  const ScanId scan = begin(*store_);
  amend_sql(dir_.path(), "scan", "UPDATE scan SET status = 'failed', finished_ms = 0");
  const auto written = store_->write_results(scan, make_fleet(3));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kStorage);
  EXPECT_FALSE(store_->finish_scan(scan, {ScanStatus::kComplete, kStart, ""}));
  EXPECT_EQ(ask_sql(dir_.path(), "SELECT count(*) FROM sample"), 0);
}

TEST_F(LifeCycle, AfterAFailedWriteTheSameResultsCanBeWrittenAgain) {
  const ScanId scan = begin(*store_);
  run_sql(dir_.path(),
          "CREATE TRIGGER stop BEFORE INSERT ON sample BEGIN SELECT raise(ABORT, 'no'); END");
  EXPECT_FALSE(store_->write_results(scan, make_fleet(3)));
  run_sql(dir_.path(), "DROP TRIGGER stop");
  must(store_->write_results(scan, make_fleet(3)));
  must(store_->finish_scan(scan, {ScanStatus::kComplete, kStart, ""}));
  EXPECT_EQ(rows_of(*queries(), scan).size(), 3U);
  EXPECT_EQ(must(queries()->latest_scans()).at(0).vms, 3) << "what was rolled back was counted";
  EXPECT_TRUE(must(check_database(dir_.path())).ok);
}

TEST_F(LifeCycle, AReaderSeesOneStateWhileAWriterGoesOn) {
  const ScanId scan = write_scan(*store_, make_fleet(50));
  auto reader = queries();
  int visited = 0;
  must(reader->for_each_vm(scan, [&](const model::JudgedGuest&) {
    if (visited++ == 10) write_scan(*store_, make_fleet(60));
  }));
  EXPECT_EQ(visited, 50);
  EXPECT_EQ(must(reader->latest_scans()).at(0).vms, 60);
}

TEST_F(LifeCycle, WhatAVisitorThrowsPassesThrough) {
  const ScanId scan = write_scan(*store_, make_fleet(3));
  auto reader = queries();
  EXPECT_THROW((void)reader->for_each_vm(scan, [](const model::JudgedGuest&) { throw 7; }), int);
  EXPECT_EQ(rows_of(*reader, scan).size(), 3U);
}

}  // namespace
}  // namespace ballast::storage
