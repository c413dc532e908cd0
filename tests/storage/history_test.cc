// What later scans and causes read back: a guest's history, scans before a time, hosts with their
// load, pools; and judging again.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "model/verdict.h"
#include "tests/fixtures/store_fixtures.h"

namespace ballast::storage {
namespace {

using std::chrono::hours;
using ::testing::ElementsAre;
using ::testing::Pair;

const GuestKey kGuest{make_vm(1).instance_uuid, make_vm(1).moref};

class HistoryTest : public ::testing::Test {
 protected:
  // A scan `number` hours after the start in which VM 1 has so much unaccounted.
  ScanId scan(int number, std::int64_t balloon_kib, std::int64_t unaccounted_kib,
              const std::string& vcenter = "lab") {
    auto result = make_result(1);
    result.vm.stats.balloon_kib = balloon_kib;
    set_unaccounted(result, unaccounted_kib);
    result.guest->read_at = kStart + hours(number);
    return write_scan(*store_, {result}, model::ScanStatus::kComplete, vcenter, make_about(vcenter),
                      kStart + hours(number));
  }

  static void set_unaccounted(model::JudgedGuest& result, std::int64_t unaccounted_kib) {
    auto& account = result.guest->account;
    account.parts[0].kib += account.unaccounted_kib - unaccounted_kib;
    account.unaccounted_kib = unaccounted_kib;
    account.driver_kib.reset();
    account.vmstat_kib.reset();
  }

  std::vector<model::HistoryPoint> history(int hour, std::size_t most,
                                           const std::string& vcenter = "lab") {
    const ScanId now = begin(*store_, vcenter, make_about(vcenter), kStart + hours(hour));
    auto points = must(store_->guest_history(now, kGuest, most));
    must(store_->finish_scan(now, {model::ScanStatus::kFailed, kStart + hours(hour), "test"}));
    return points;
  }

  TempDir dir_;
  std::unique_ptr<Store> store_ = must(Store::open(dir_.path()));
};

TEST_F(HistoryTest, HoldsTheReadingsBeforeOldestFirst) {
  scan(1, 0, 20'000);
  scan(2, 102'400, 122'000);
  scan(2, 7, 7, "elsewhere");
  const auto points = history(3, 100);
  ASSERT_EQ(points.size(), 2U) << "another vCenter's VM of that number is another VM";
  EXPECT_EQ(points[0].read_at, kStart + hours(1));
  EXPECT_EQ(points[0].balloon_kib, 0);
  EXPECT_EQ(points[0].unaccounted_kib, 20'000);
  EXPECT_EQ(points[1].balloon_kib, 102'400);
  EXPECT_EQ(points[1].unaccounted_kib, 122'000);
  EXPECT_EQ(points[1].error_kib, 2'000) << "what the counters lag";
  EXPECT_EQ(points[0].epoch, points[1].epoch);
  const auto sample = *make_result(1).guest;
  EXPECT_EQ(points[0].epoch,
            model::guest_epoch(sample.boot_id, sample.kernel_release, sample.account.mem_total_kib,
                               sample.account.missing))
      << "the collector and the store have to mean the same by an epoch";
}

TEST_F(HistoryTest, LeavesOutFailedScansAndGuestsThatWereNotRead) {
  scan(1, 0, 20'000);
  write_scan(*store_, {make_unread(1, model::UnknownReason::kTimedOut)},
             model::ScanStatus::kComplete, "lab", make_about("lab"), kStart + hours(2));
  write_scan(*store_, {make_result(1)}, model::ScanStatus::kFailed, "lab", make_about("lab"),
             kStart + hours(3));
  EXPECT_EQ(history(4, 100).size(), 1U);
}

TEST_F(HistoryTest, IsSpreadOverTheWindowAndKeepsTheNewest) {
  for (int hour = 0; hour < 20; ++hour) scan(hour, 0, 1'000 * hour);
  const auto points = history(20, 5);
  ASSERT_EQ(points.size(), 5U);
  EXPECT_EQ(points.back().unaccounted_kib, 19'000);
  EXPECT_EQ(points[0].unaccounted_kib, 3'000);
  for (std::size_t i = 1; i < points.size(); ++i) {
    EXPECT_EQ(points[i].unaccounted_kib - points[i - 1].unaccounted_kib, 4'000);
  }
}

TEST_F(HistoryTest, ForgetsWhatIsOlderThanTheWindow) {
  scan(0, 0, 20'000);
  EXPECT_EQ(history(13 * 24, 100).size(), 1U);
  EXPECT_EQ(history(15 * 24, 100).size(), 0U);
}

TEST_F(HistoryTest, OfANewVmIsEmpty) { EXPECT_TRUE(history(1, 100).empty()); }

TEST_F(HistoryTest, ScanBeforeATime) {
  const ScanId first = scan(1, 0, 1);
  const ScanId second = scan(5, 0, 1);
  auto queries = must(Queries::open(dir_.path()));
  EXPECT_FALSE(must(queries->scan_before("lab", kStart)));
  EXPECT_EQ(must(queries->scan_before("lab", kStart + hours(1)))->id, first);
  EXPECT_EQ(must(queries->scan_before("lab", kStart + hours(4)))->id, first);
  EXPECT_EQ(must(queries->scan_before("lab", kStart + hours(9)))->id, second);
  EXPECT_FALSE(must(queries->scan_before("other", kStart + hours(9))));
}

TEST_F(HistoryTest, HostLoadsAreTheSumsOfTheirVms) {
  auto fleet = make_fleet(17);
  fleet[0].vm.power = model::PowerState::kPoweredOff;  // VM 1, on host-1 like 9 and 17
  const ScanId scan = write_scan(*store_, fleet);
  auto queries = must(Queries::open(dir_.path()));
  const auto loads = must(queries->host_loads(scan));
  ASSERT_EQ(loads.size(), 8U);
  const auto& load = loads.at("host-1");
  EXPECT_EQ(load.host.name, make_host(1).name);
  EXPECT_EQ(load.host.memory_state, make_host(1).memory_state);
  EXPECT_EQ(load.vms, 3);
  EXPECT_EQ(load.vms_on, 2);
  EXPECT_EQ(load.configured_kib, 2 * 8'388'608);
  EXPECT_EQ(load.balloon_kib, 2 * 524'288);
  EXPECT_EQ(load.consumed_kib, *fleet[8].vm.stats.consumed_kib + *fleet[16].vm.stats.consumed_kib);
  EXPECT_EQ(load.active_kib, *fleet[8].vm.stats.active_kib + *fleet[16].vm.stats.active_kib);
  EXPECT_EQ(load.swapped_kib, 2 * 2'048);
}

TEST_F(HistoryTest, PoolsKeepTheirPlaceAndLimits) {
  const ScanId scan = begin(*store_);
  must(store_->write_pools(
      scan, {{"resgroup-2", "gold", "resgroup-1", {1'024, 4'096}, 777},
             {"resgroup-1", "cluster-01", "", {std::nullopt, model::kUnlimited}, std::nullopt}}));
  must(store_->write_results(scan, {make_result(2)}));
  must(store_->finish_scan(scan, {model::ScanStatus::kComplete, kStart, ""}));
  auto queries = must(Queries::open(dir_.path()));
  const auto pools = must(queries->pools(scan));
  ASSERT_EQ(pools.size(), 2U);
  const auto& gold = pools.at("resgroup-2");
  EXPECT_EQ(gold.name, "gold");
  EXPECT_EQ(gold.parent, "resgroup-1");
  EXPECT_EQ(gold.allocation.reservation_kib, 1'024);
  EXPECT_EQ(gold.allocation.limit_kib, 4'096);
  EXPECT_EQ(gold.usage_kib, 777);
  EXPECT_EQ(pools.at("resgroup-1").parent, "");
  EXPECT_EQ(pools.at("resgroup-1").allocation.limit_kib, model::kUnlimited);
  EXPECT_FALSE(pools.at("resgroup-1").usage_kib);
  EXPECT_EQ(rows_of(*queries, scan).at(0).pool, "gold");
}

// make_result's verdicts are made up: the rules give others.
TEST_F(HistoryTest, JudgingAgainChangesWhatTheRulesSayOtherwise) {
  const ScanId first = scan(1, 0, 20'000);
  auto queries = must(Queries::open(dir_.path()));
  const auto dry = must(store_->rejudge({}, true));
  EXPECT_EQ(dry.judged, 1);
  EXPECT_EQ(dry.changed, 1);
  EXPECT_EQ(rows_of(*queries, first).at(0).judgement.verdict, model::Verdict::kBalloon)
      << "a dry run writes nothing";

  const auto report = must(store_->rejudge({}, false));
  EXPECT_EQ(report.scans, 1);
  EXPECT_EQ(report.changed, 1);
  EXPECT_THAT(report.verdicts, ElementsAre(Pair(VerdictChange{"balloon driver", "clean"}, 1)));
  const auto row = rows_of(*queries, first).at(0);
  EXPECT_EQ(row.judgement.verdict, model::Verdict::kClean);
  EXPECT_EQ(row.guest->account.unaccounted_kib, 20'000) << "figures of the guest stay";
  EXPECT_EQ(row.guest->account.parts.size(), 10U);
  EXPECT_TRUE(row.guest->pressure.known());
  EXPECT_EQ(must(store_->rejudge({}, false)).changed, 0)
      << "judging twice by the same rules must change nothing";
}

TEST_F(HistoryTest, JudgingAgainUsesTheHistoryBeforeEachSample) {
  for (int hour = 1; hour <= 5; ++hour) scan(hour, 0, 20'000);
  must(store_->rejudge({}, false));
  auto queries = must(Queries::open(dir_.path()));
  const auto rows = must(queries->history(1, {}));
  ASSERT_EQ(rows.size(), 5U);
  EXPECT_EQ(rows[0].judgement.baseline.samples, 0);
  EXPECT_EQ(rows[4].judgement.baseline.samples, 4);
  EXPECT_EQ(rows[4].judgement.baseline.kib, 20'000);
}

// UBSan tells of a sum that overflows.
TEST_F(HistoryTest, JudgingAgainLeavesAbsurdFiguresOfADamagedFileAlone) {
  constexpr const char* kAbsurd[] = {
      "UPDATE guest_sample SET unaccounted_kib = -9223372036854775808",
      "UPDATE sample SET balloon_kib = -9223372036854775808",
      "UPDATE guest_state SET counter_error_kib = 9223372036854775807",
      "UPDATE guest_state SET unread_fixed_kib = -9223372036854775808",
      "UPDATE guest_state SET mem_total_kib = 9223372036854775807",
  };
  for (const char* damage : kAbsurd) {
    const TempDir dir;
    auto store = must(Store::open(dir.path()));
    for (int hour = 1; hour <= 5; ++hour) {
      write_scan(*store, make_fleet(3), model::ScanStatus::kComplete, "lab", make_about(),
                 kStart + hours(hour));
    }
    const std::string words = damage;
    amend_sql(dir.path(), words.substr(7, words.find(" SET") - 7), words);
    EXPECT_EQ(must(store->rejudge({}, false)).judged, 0) << damage;
    const ScanId now = begin(*store, "lab", make_about(), kStart + hours(6));
    EXPECT_EQ(must(store->guest_history(now, kGuest, 100)).size(), 5U) << damage;
  }
}

TEST_F(HistoryTest, JudgingAgainLeavesTheUnreadAndTheEarlierAlone) {
  write_scan(*store_, make_fleet(3));
  const ScanId later = write_scan(*store_, make_fleet(3), model::ScanStatus::kComplete, "lab",
                                  make_about(), kStart + hours(5));
  const auto report = must(store_->rejudge(kStart + hours(1), false));
  EXPECT_EQ(report.scans, 1);
  EXPECT_EQ(report.judged, 2) << "every third guest was not read";
  auto queries = must(Queries::open(dir_.path()));
  EXPECT_EQ(rows_of(*queries, later).at(2).judgement.reason, model::UnknownReason::kNotSelected);
}

}  // namespace
}  // namespace ballast::storage
