// Hours and days are what their samples say, whole or not there at all.
#include <signal.h>

#include <filesystem>
#include <map>
#include <numeric>

#include <gmock/gmock.h>
#include <sched.h>

#include "storage/database_file.h"
#include "storage/rollup/period_builder.h"
#include "tests/fixtures/rollup_fixtures.h"

namespace ballast::storage {
namespace {

using model::ScanStatus;
using std::chrono::minutes;
using ::testing::HasSubstr;

class RollupTest : public ::testing::Test {
 protected:
  TempDir dir_;
  std::unique_ptr<Store> store_ = must(Store::open(dir_.path()));

  [[nodiscard]] std::int64_t ask(const std::string& sql) const { return ask_sql(dir_.path(), sql); }
};

// What one VM told in the scans `moments`, worked out from the results themselves.
VmSpreads expected_figures(int number, const std::vector<int>& moments) {
  std::array<std::vector<std::int64_t>, 5> told;
  for (const int moment : moments) {
    const model::JudgedGuest result = varying_result(number, moment);
    const auto& stats = result.vm.stats;
    if (stats.balloon_kib) told[0].push_back(*stats.balloon_kib);
    if (result.guest) told[1].push_back(result.guest->account.unaccounted_kib);
    if (stats.consumed_kib) told[2].push_back(*stats.consumed_kib);
    if (stats.active_kib) told[3].push_back(*stats.active_kib);
    if (stats.swapped_kib) told[4].push_back(*stats.swapped_kib);
  }
  return {spread_of(told[0]), spread_of(told[1]), spread_of(told[2]), spread_of(told[3]),
          spread_of(told[4])};
}

// 600 VMs make three ranges.
TEST_F(RollupTest, AnHourSaysWhatItsSamplesSaid) {
  constexpr int kVms = 600;
  scan_series(*store_, kMidnight + minutes(5), minutes(12), 6, kVms);  // the last in the next hour
  must(store_->roll_up());
  const auto hour_rows = hours_in(dir_.path());
  ASSERT_EQ(hour_rows.size(), static_cast<std::size_t>(kVms));
  for (int number = 1; number <= kVms; ++number) {
    const VmPeriodRow& row = hour_rows[static_cast<std::size_t>(number - 1)];
    EXPECT_EQ(row.start, kMidnight);
    EXPECT_EQ(row.period.samples, 5);
    EXPECT_EQ(row.period.figures, expected_figures(number, {0, 1, 2, 3, 4})) << "VM " << number;
  }
  EXPECT_TRUE(days_in(dir_.path()).empty()) << "the day is not over";
}

TEST_F(RollupTest, ADaySaysWhatItsSamplesSaid) {
  constexpr int kVms = 12;
  scan_series(*store_, kMidnight, minutes(20), 73, kVms);  // the last one at the next midnight
  must(store_->roll_up());
  std::vector<int> moments(72);
  std::iota(moments.begin(), moments.end(), 0);
  const auto day_rows = days_in(dir_.path());
  ASSERT_EQ(day_rows.size(), static_cast<std::size_t>(kVms));
  for (int number = 1; number <= kVms; ++number) {
    const VmPeriodRow& row = day_rows[static_cast<std::size_t>(number - 1)];
    EXPECT_EQ(row.period.samples, 72);
    EXPECT_EQ(row.period.figures, expected_figures(number, moments)) << "VM " << number;
  }
  EXPECT_EQ(hours_in(dir_.path()).size(), 24U * kVms);
}

TEST_F(RollupTest, ALimitedScanTellsNoSumsOfHosts) {
  scan_series(*store_, kMidnight + minutes(5), minutes(12), 6, 12);
  amend_sql(dir_.path(), "scan", "UPDATE scan SET limited_to = 'clusters \"a\"'");
  must(store_->roll_up());
  EXPECT_EQ(hours_in(dir_.path()).size(), 12U);
  EXPECT_TRUE(host_hours_in(dir_.path()).empty());
  const auto queries = must(Queries::open(dir_.path()));
  const auto loads = must(queries->host_loads(must(queries->latest_scans())[0].id));
  ASSERT_FALSE(loads.empty());
  for (const auto& [moref, load] : loads) EXPECT_TRUE(load.is_partial) << moref;
}

TEST_F(RollupTest, APeriodIsCompleteWhenAUsableScanStartedAfterItsEnd) {
  const auto end = kMidnight + kOneHour;
  scan_at(*store_, kMidnight, varying_fleet(3, 0));
  scan_at(*store_, end - std::chrono::milliseconds(1), varying_fleet(3, 1));
  must(store_->roll_up());
  EXPECT_EQ(ask("SELECT count(*) FROM rollup"), 0) << "no scan after its end";
  const ScanId failing = begin(*store_, "lab", make_about("lab"), end);
  must(store_->roll_up());
  EXPECT_EQ(ask("SELECT count(*) FROM rollup"), 0) << "a scan that still runs";
  must(store_->finish_scan(failing, {ScanStatus::kFailed, end, "no"}));
  must(store_->roll_up());
  EXPECT_EQ(ask("SELECT count(*) FROM rollup"), 0) << "a scan that failed";
  scan_at(*store_, end, {}, "branch");
  must(store_->roll_up());
  EXPECT_EQ(ask("SELECT count(*) FROM rollup"), 0) << "a scan of another vCenter";
  scan_at(*store_, end, varying_fleet(3, 2));
  must(store_->roll_up());
  const auto hour_rows = hours_in(dir_.path());
  ASSERT_EQ(hour_rows.size(), 3U);
  EXPECT_EQ(hour_rows[0].period.samples, 2) << "the scan at the end belongs to the next hour";
}

TEST_F(RollupTest, AbsentStaysAbsentAndZeroZero) {
  auto silent = make_unread(1, model::UnknownReason::kPoweredOff);
  silent.vm.stats = {};
  auto zero = make_unread(2, model::UnknownReason::kNotSelected);
  zero.vm.stats = {};
  zero.vm.stats.balloon_kib = 0;
  scan_at(*store_, kMidnight, {silent, zero});
  scan_at(*store_, kMidnight + minutes(5), {silent});
  scan_at(*store_, kMidnight + kOneHour, {});
  must(store_->roll_up());
  const auto hour_rows = hours_in(dir_.path());
  ASSERT_EQ(hour_rows.size(), 2U);
  EXPECT_EQ(hour_rows[0].period.samples, 2);
  EXPECT_EQ(hour_rows[0].period.figures, VmSpreads{});
  EXPECT_EQ(hour_rows[1].period.samples, 1) << "a VM may be in some scans only";
  EXPECT_EQ(hour_rows[1].period.figures.balloon, (Spread{0, 0, 0, 0}));
  EXPECT_EQ(hour_rows[1].period.figures.consumed, std::nullopt);
}

TEST_F(RollupTest, TheLastStateOfThePeriodIsKept) {
  auto before = varying_result(1, 0);
  auto after = before;
  after.vm.allocation = {0, model::kUnlimited};
  after.vm.configured_kib = 4 * 1'048'576;
  after.vm.host_moref = "host-2";
  scan_at(*store_, kMidnight, {before});
  scan_at(*store_, kMidnight + minutes(10), {after});
  scan_at(*store_, kMidnight + kOneHour, {before});
  must(store_->roll_up());
  int rows = 0;
  must(must(ExportQueries::open(dir_.path()))->hourly({}, [&](const VmPeriodRow& row) {
    ++rows;
    EXPECT_EQ(row.configured_kib, 4 * 1'048'576);
    EXPECT_EQ(row.limit_kib, model::kUnlimited);
    EXPECT_EQ(row.reservation_kib, 0);
    EXPECT_EQ(row.host->name, "esx02.example.org");
    EXPECT_EQ(row.vm->name, before.vm.name);
    return true;
  }));
  EXPECT_EQ(rows, 1);
}

TEST_F(RollupTest, VcentersAreBuiltEachOnItsOwn) {
  scan_series(*store_, kMidnight, minutes(30), 3, 4, "a");
  scan_series(*store_, kMidnight, minutes(30), 2, 4, "b");
  must(store_->roll_up());
  ASSERT_EQ(hours_in(dir_.path()).size(), 4U) << "b's hour is not complete";
  scan_at(*store_, kMidnight + kOneHour, {}, "b");
  must(store_->roll_up());
  EXPECT_EQ(hours_in(dir_.path()).size(), 8U);
  ExportQuery only_b;
  only_b.vcenter = "B";
  EXPECT_EQ(hours_in(dir_.path(), only_b).size(), 4U);
}

TEST_F(RollupTest, AScanThatEndsLateIsBuiltIn) {
  scan_at(*store_, kMidnight, varying_fleet(3, 0));
  // By another program, that knows it by another name: of one name there is one scan at a time.
  const auto other = must(Store::open(dir_.path()));
  const ScanId late = begin(*other, "lab by address", make_about("lab"), kMidnight + minutes(50));
  must(other->write_results(late, varying_fleet(4, 1)));
  scan_at(*store_, kMidnight + kOneHour, varying_fleet(3, 2));
  must(store_->roll_up());
  ASSERT_EQ(hours_in(dir_.path()).size(), 3U);
  must(other->finish_scan(late, {ScanStatus::kPartial, kMidnight + 2 * kOneHour, ""}));
  EXPECT_TRUE(hours_in(dir_.path()).empty()) << "readers must not see an hour that lacks a scan";
  must(store_->roll_up());
  const auto hour_rows = hours_in(dir_.path());
  ASSERT_EQ(hour_rows.size(), 4U);
  EXPECT_EQ(hour_rows[0].period.figures, expected_figures(1, {0, 1}));
  EXPECT_EQ(hour_rows[3].period.figures, expected_figures(4, {1}));
}

TEST_F(RollupTest, OneVcenterUnderTwoNamesIsNotScannedTwiceAtOnce) {
  begin(*store_, "lab", make_about("lab"), kMidnight);
  const ScanId second =
      must(store_->begin_scan({"lab by address", "https://192.0.2.7", kMidnight}));
  const auto refused = store_->write_vcenter(second, make_about("lab"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kBusy);
  EXPECT_THAT(refused.error().message, HasSubstr("lab by address is the same vCenter as lab"));
}

// Else its guests and suspended logins would be taken for those of the other.
TEST_F(RollupTest, AServerThatPassesForAnotherOfTheConfigurationIsRefused) {
  const collector::VcenterName lab{"lab", "https://lab"};
  const collector::VcenterName other{"other", "https://other"};
  // The vCenter `of` the configuration says that it has this UUID.
  const auto tells = [this](const collector::VcenterName& of, const char* uuid,
                            const std::vector<collector::VcenterName>& others) {
    const ScanId scan = must(store_->begin_scan({of.name, of.url, kMidnight, {}, others}));
    const auto written = store_->write_vcenter(scan, make_about(uuid));
    must(store_->finish_scan(scan, {ScanStatus::kFailed, kMidnight, "no"}));
    return written ? std::string() : written.error().message;
  };
  EXPECT_EQ(tells(lab, "uuid", {other}), "");
  EXPECT_THAT(tells(other, "uuid", {lab}), HasSubstr("other says by its instance UUID that it is "
                                                     "lab at https://lab"));
  EXPECT_EQ(tells({"lab", "https://192.0.2.7"}, "uuid", {{"new", "https://lab"}}), "")
      << "it has moved, and a new one has its place";
  EXPECT_NE(tells(other, "uuid", {lab}), "") << "by its name";
  EXPECT_NE(tells(other, "uuid", {{"renamed", "https://192.0.2.7"}}), "") << "by its URL";
  EXPECT_EQ(tells({"renamed", "https://192.0.2.7"}, "uuid", {other}), "") << "it was renamed";
  // A new vCenter has the old one's place, name and all, and the old one is elsewhere now.
  const collector::VcenterName old{"192.0.2.8", "https://192.0.2.8"};
  const collector::VcenterName place{"renamed", "https://192.0.2.7"};
  EXPECT_NE(tells(old, "uuid", {place}), "") << "as long as nobody knows better";
  EXPECT_EQ(tells(place, "new uuid", {old}), "");
  EXPECT_EQ(tells(old, "uuid", {place}), "");
}

// Two processes build the same hour, and a scan of it ends after the slower one began.
TEST_F(RollupTest, ABuilderThatLacksAScanDoesNotWriteOverOneThatHasIt) {
  scan_at(*store_, kMidnight, varying_fleet(600, 0));
  scan_at(*store_, kMidnight + kOneHour, {});
  auto slow_connection = must(Connection::open_for_writing(dir_.path(), {}));
  auto quick_connection = must(Connection::open_for_writing(dir_.path(), {}));
  const Period hour{&kHour, 1, kMidnight.time_since_epoch().count()};
  PeriodBuilder slow(slow_connection, hour);
  EXPECT_TRUE(must(slow.step()));
  scan_at(*store_, kMidnight + minutes(30), varying_fleet(600, 1));
  PeriodBuilder quick(quick_connection, hour);
  for (int range = 0; range < 3; ++range) EXPECT_TRUE(must(quick.step()));
  must(slow.step());
  EXPECT_FALSE(must(quick.step())) << "built and marked";

  const auto hour_rows = hours_in(dir_.path());
  ASSERT_EQ(hour_rows.size(), 600U);
  for (const auto& row : hour_rows)
    EXPECT_EQ(row.period.samples, 2) << "of what is marked no scan may lack";
}

TEST_F(RollupTest, AScanOfAClockThatWasYearsAheadEndsNoPeriod) {
  scan_at(*store_, kMidnight, varying_fleet(3, 0));
  scan_at(*store_, kMidnight + std::chrono::days(3650), varying_fleet(3, 1));
  scan_at(*store_, kMidnight + minutes(20), varying_fleet(3, 2));
  must(store_->roll_up());
  EXPECT_TRUE(hours_in(dir_.path()).empty()) << "by the clock of the newest scan it is not over";
  scan_at(*store_, kMidnight + kOneHour, {});
  must(store_->roll_up());
  ASSERT_EQ(hours_in(dir_.path()).size(), 3U);
  EXPECT_EQ(hours_in(dir_.path())[0].period.samples, 2);
}

TEST_F(RollupTest, HostsAreMeansOverTheScansThatSawThem) {
  auto on = varying_result(1, 0);
  on.vm.stats = {};
  on.vm.configured_kib = 1000;
  on.vm.stats.consumed_kib = 300;
  on.vm.stats.balloon_kib = 7;
  auto also_on = on;
  also_on.vm.instance_uuid = "other";
  also_on.vm.stats.consumed_kib.reset();
  auto off = on;
  off.vm.instance_uuid = "off";
  off.vm.power = model::PowerState::kPoweredOff;
  scan_at(*store_, kMidnight, {on, also_on, off});
  on.vm.stats.consumed_kib = 401;
  scan_at(*store_, kMidnight + minutes(10), {on});
  scan_at(*store_, kMidnight + kOneHour, {});
  must(store_->roll_up());
  const auto hour_rows = host_hours_in(dir_.path());
  ASSERT_EQ(hour_rows.size(), 8U) << "hosts without VMs as well";
  const HostMeans idle{536'870'912, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(hour_rows[0].figures, idle) << "no VM is on: zero, not unknown";
  EXPECT_EQ(hour_rows[1].samples, 2);
  const HostMeans expected{536'870'912, 1500, 351, std::nullopt, 11, std::nullopt, 2, 2};
  EXPECT_EQ(hour_rows[1].figures, expected);
}

TEST_F(RollupTest, RebuildingGivesTheSameBytes) {
  scan_series(*store_, kMidnight, minutes(60), 26, 270);
  must(store_->roll_up());
  const std::string built = rollups_as_text(dir_.path());
  EXPECT_THAT(built, HasSubstr("vm_day "));
  must(store_->roll_up());
  EXPECT_EQ(rollups_as_text(dir_.path()), built) << "nothing is built twice";
  must(store_->rebuild_rollups());
  EXPECT_EQ(rollups_as_text(dir_.path()), built);

  run_sql(dir_.path(),
          "DELETE FROM vm_hour WHERE vm_id % 3 = 0; UPDATE vm_day SET samples = 1;"
          "UPDATE vm_hour SET balloon_max_kib = 4; DELETE FROM host_hour");
  ASSERT_NE(rollups_as_text(dir_.path()), built);
  must(store_->rebuild_rollups());
  EXPECT_EQ(rollups_as_text(dir_.path()), built) << "a rebuild repairs";
}

TEST_F(RollupTest, AFailureBetweenRangesLeavesNothingVisibleAndIsMadeUpFor) {
  scan_series(*store_, kMidnight, minutes(20), 4, 600);
  run_sql(dir_.path(),
          "CREATE TRIGGER boom BEFORE INSERT ON vm_hour WHEN NEW.vm_id = 300 "
          "BEGIN SELECT RAISE(ABORT, 'boom'); END");
  const auto failed = store_->roll_up();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kStorage);
  EXPECT_THAT(failed.error().message, HasSubstr("rolling up the hour 2026-09-24T00:00:00Z"));
  run_sql(dir_.path(), "DROP TRIGGER boom");
  EXPECT_EQ(ask("SELECT max(vm_id) FROM vm_hour"), 256) << "the first range was written";
  EXPECT_TRUE(hours_in(dir_.path()).empty());
  EXPECT_TRUE(host_hours_in(dir_.path()).empty());

  must(store_->roll_up());
  EXPECT_EQ(hours_in(dir_.path()).size(), 600U);
  const std::string built = rollups_as_text(dir_.path());
  must(store_->rebuild_rollups());
  EXPECT_EQ(rollups_as_text(dir_.path()), built);
}

TEST_F(RollupTest, ADamagedSampleIsAnErrorThatNamesIt) {
  scan_series(*store_, kMidnight, minutes(30), 3, 5);
  const std::string second = std::to_string(nth_scan(dir_.path(), 2));
  run_sql(dir_.path(), "UPDATE sample SET active_kib = 7 WHERE vm_id = 4 AND scan_id = " + second);
  const auto failed = store_->roll_up();
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("sample of VM 4 in scan " + second));
  EXPECT_TRUE(hours_in(dir_.path()).empty());
}

TEST_F(RollupTest, ACheckFindsRowsThatReferToNothing) {
  scan_series(*store_, kMidnight, minutes(60), 26, 5);
  must(store_->roll_up());
  EXPECT_TRUE(must(check_database(dir_.path())).ok);
  run_sql(dir_.path(),
          "UPDATE vm_hour SET vm_state_id = 999 WHERE vm_id = 2 AND start_ms % 86400000 = 0;"
          "UPDATE vm_day SET vm_id = 999 WHERE vm_id = 3;"
          "UPDATE host_hour SET host_id = 999 WHERE host_id = 1 AND start_ms % 86400000 = 0");
  const auto health = must(check_database(dir_.path()));
  ASSERT_EQ(health.problems.size(), 4U) << "and three tables are not as they were written";
  EXPECT_EQ(health.problems[0], "5 rows refer to rows that are not there");
}

// What is not rolled up is not pruned either: one bad sample must not keep everything for ever.
TEST_F(RollupTest, ADamagedSampleHoldsUpItsOwnPeriodsOnly) {
  scan_series(*store_, kMidnight, std::chrono::hours(1), 50, 3);
  const std::string second = std::to_string(nth_scan(dir_.path(), 2));
  run_sql(dir_.path(), "UPDATE sample SET active_kib = 7 WHERE vm_id = 2 AND scan_id = " + second);
  EXPECT_FALSE(store_->roll_up());
  EXPECT_EQ(ask("SELECT count(*) FROM rollup WHERE period = 'hour'"), 48);
  EXPECT_EQ(ask("SELECT count(*) FROM rollup WHERE period = 'day'"), 1);
}

class KilledRollup : public ::testing::TestWithParam<int> {};

// The child is killed when its write-ahead log has grown so far: before, between and after ranges.
TEST_P(KilledRollup, IsCompletedByTheNextOne) {
  const TempDir dir;
  scan_series(*must(Store::open(dir.path())), kMidnight, minutes(20), 9, 800);
  std::filesystem::copy_file(dir.path(), dir.path("reference.db"));
  must(must(Store::open(dir.path("reference.db")))->roll_up());
  const std::string expected = rollups_as_text(dir.path("reference.db"));

  const pid_t child = start_child([&] {
    auto store = must(Store::open(dir.path()));
    for (;;) must(store->rebuild_rollups());
    return 0;
  });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::error_code ignored;
  while (std::filesystem::file_size(dir.path() + "-wal", ignored) <
             static_cast<std::uintmax_t>(GetParam()) &&
         std::chrono::steady_clock::now() < deadline) {
    ::sched_yield();
  }
  ::kill(child, SIGKILL);
  EXPECT_EQ(wait_for(child), -SIGKILL);

  std::map<UtcTime, int> seen;
  for (const auto& row : hours_in(dir.path())) ++seen[row.start];
  for (const auto& [start, rows] : seen) EXPECT_EQ(rows, 800) << format_iso8601(start);
  auto store = must(Store::open(dir.path()));
  must(store->roll_up());
  EXPECT_EQ(rollups_as_text(dir.path()), expected);
  EXPECT_TRUE(must(check_database(dir.path())).ok);
}

INSTANTIATE_TEST_SUITE_P(AtSeveralPoints, KilledRollup,
                         ::testing::Values(1, 20'000, 40'000, 70'000, 110'000, 160'000, 400'000));

}  // namespace
}  // namespace ballast::storage
