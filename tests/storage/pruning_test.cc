// Retention: what goes, what stays, and what a crash in between leaves.
#include <gmock/gmock.h>

#include "storage/database_file.h"
#include "tests/fixtures/rollup_fixtures.h"

namespace ballast::storage {
namespace {

using model::ScanStatus;
using std::chrono::days;
using std::chrono::minutes;

constexpr Retention kKeep{days(2), days(4), days(8)};

class PruningTest : public ::testing::Test {
 protected:
  TempDir dir_;
  std::unique_ptr<Store> store_ = must(Store::open(dir_.path()));

  [[nodiscard]] std::int64_t ask(const std::string& sql) const { return ask_sql(dir_.path(), sql); }
  // Four scans a day; the last one at midnight after `count` days.
  void scan_days(int count, int vms = 5, const std::string& vcenter = "lab") {
    scan_series(*store_, kMidnight, minutes(360), 4 * count + 1, vms, vcenter);
  }
};

TEST_F(PruningTest, EachKindIsKeptForItsTime) {
  scan_days(10);
  const UtcTime now = kMidnight + days(10);
  must(store_->maintain(kKeep, now));
  EXPECT_EQ(ask("SELECT min(started_ms) FROM scan"), (now - kKeep.raw).time_since_epoch().count());
  EXPECT_EQ(ask("SELECT count(*) FROM scan"), 9);
  for (const std::string table : {"sample", "host_sample"}) {
    EXPECT_EQ(ask("SELECT count(*) FROM " + table + " WHERE scan_id NOT IN (SELECT id FROM scan)"),
              0)
        << table;
    EXPECT_EQ(ask("SELECT count(DISTINCT scan_id) FROM " + table), 9) << table;
  }
  const auto hours = hours_in(dir_.path());
  ASSERT_EQ(hours.size(), 4U * 4 * 5);
  EXPECT_EQ(hours.front().start, now - kKeep.hourly);
  EXPECT_EQ(host_hours_in(dir_.path()).front().start, now - kKeep.hourly);
  const auto kept_days = days_in(dir_.path());
  ASSERT_EQ(kept_days.size(), 8U * 5);
  EXPECT_EQ(kept_days.front().start, now - kKeep.daily);
  for (const std::string table : {"vm_hour", "vm_day", "host_hour"}) {
    EXPECT_EQ(ask("SELECT count(*) FROM " + table +
                  " WHERE start_ms NOT IN "
                  "(SELECT start_ms FROM rollup)"),
              0)
        << table << " has rows nobody sees";
  }
  EXPECT_TRUE(must(check_database(dir_.path())).ok);
}

TEST_F(PruningTest, SamplesThatAreNotRolledUpStay) {
  scan_days(10);
  must(store_->prune(kKeep, kMidnight + days(10)));
  EXPECT_EQ(ask("SELECT count(*) FROM scan"), 41);
  must(store_->roll_up());
  run_sql(dir_.path(), "DELETE FROM rollup WHERE period = 'day' AND start_ms % 172800000 = 0");
  must(store_->prune(kKeep, kMidnight + days(10)));
  EXPECT_EQ(ask("SELECT count(*) FROM scan"), 9 + 16) << "the hours alone are not enough";
}

TEST_F(PruningTest, TheNewestUsableScanStaysHoweverOld) {
  scan_days(3);
  const ScanId newest = static_cast<ScanId>(ask("SELECT max(id) FROM scan"));
  must(store_->maintain(kKeep, kMidnight + days(1000)));
  EXPECT_EQ(ask("SELECT count(*) FROM scan"), 1);
  EXPECT_EQ(names_in(dir_.path(), newest).size(), 5U);
  EXPECT_TRUE(hours_in(dir_.path()).empty());
  EXPECT_TRUE(days_in(dir_.path()).empty());
}

// Its later scans come after a long pause: the old day is still built from all its samples.
TEST_F(PruningTest, AnOldPeriodIsBuiltBeforeItsSamplesGo) {
  scan_series(*store_, kMidnight, minutes(360), 3, 5);
  must(store_->maintain(kKeep, kMidnight + days(5)));
  EXPECT_EQ(ask("SELECT count(*) FROM scan"), 3) << "its day is not complete";
  scan_at(*store_, kMidnight + days(5), varying_fleet(5, 3));
  must(store_->maintain(kKeep, kMidnight + days(5)));
  EXPECT_EQ(ask("SELECT count(*) FROM scan"), 1);
  ASSERT_EQ(days_in(dir_.path()).size(), 5U);
  EXPECT_EQ(days_in(dir_.path())[0].period.samples, 3);
}

TEST_F(PruningTest, RunningScansStayAndOldFailedOnesGo) {
  const auto fail_at = [&](UtcTime time, const std::string& vcenter, bool reached) {
    const ScanId scan =
        must(store_->begin_scan({vcenter, "https://" + vcenter + ".example.org/sdk", time}));
    if (reached) must(store_->write_vcenter(scan, make_about(vcenter)));
    must(store_->finish_scan(scan, {ScanStatus::kFailed, time, "no"}));
    return scan;
  };
  fail_at(kMidnight, "lab", true);
  fail_at(kMidnight, "never", false);
  const ScanId last_word = fail_at(kMidnight + minutes(1), "never", false);
  const ScanId running = begin(*store_, "slow", make_about("slow"), kMidnight);
  must(store_->write_results(running, varying_fleet(2, 0)));
  scan_days(3);
  const ScanId recent = fail_at(kMidnight + days(3), "lab", true);
  must(store_->maintain(kKeep, kMidnight + days(4)));
  EXPECT_EQ(ask("SELECT count(*) FROM scan WHERE status = 'failed'"), 2);
  EXPECT_EQ(ask("SELECT count(*) FROM scan WHERE id IN (" + std::to_string(last_word) + ", " +
                std::to_string(recent) + ", " + std::to_string(running) + ")"),
            3);
  must(store_->finish_scan(running, {ScanStatus::kComplete, kMidnight + days(4), ""}));
  EXPECT_EQ(names_in(dir_.path(), running).size(), 2U);
}

TEST_F(PruningTest, WhatIsPrunedIsNeverBuiltAgain) {
  scan_days(4);
  const UtcTime noon = kMidnight + days(3) + kOneHour * 12;
  must(store_->maintain({days(2), days(400), days(400)}, noon));  // the middle of the second day
  const std::string kept = rollups_as_text(dir_.path());
  EXPECT_EQ(ask("SELECT count(*) FROM scan WHERE started_ms < " +
                std::to_string((kMidnight + days(2)).time_since_epoch().count())),
            2);
  must(store_->rebuild_rollups());
  EXPECT_EQ(rollups_as_text(dir_.path()), kept) << "the second day has half its samples left";
  // A scan that started then and ends now must not replace the day by what is left of it.
  const ScanId late = begin(*store_, "lab", make_about("lab"), kMidnight + days(1));
  must(store_->write_results(late, varying_fleet(5, 77)));
  must(store_->finish_scan(late, {ScanStatus::kComplete, noon, ""}));
  must(store_->roll_up());
  EXPECT_EQ(rollups_as_text(dir_.path()), kept);
}

TEST_F(PruningTest, AScanIsInvisibleFromTheFirstRowOnAndAFailureIsMadeUpFor) {
  scan_days(4, 30);
  must(store_->roll_up());
  const std::string built = rollups_as_text(dir_.path());
  const std::string third = std::to_string(nth_scan(dir_.path(), 3));
  const std::string ninth = std::to_string(nth_scan(dir_.path(), 9));
  auto queries = must(Queries::open(dir_.path()));
  run_sql(dir_.path(), "CREATE TRIGGER boom BEFORE DELETE ON host_sample WHEN OLD.scan_id = " +
                           third + " BEGIN SELECT RAISE(ABORT, 'boom'); END");
  const Retention keep{days(2), days(400), days(400)};
  const UtcTime now = kMidnight + days(4);
  ASSERT_FALSE(store_->prune(keep, now));
  EXPECT_EQ(ask("SELECT count(*) FROM sample WHERE scan_id = " + third), 0) << "it is half gone";
  EXPECT_EQ(ask("SELECT count(*) FROM host_sample WHERE scan_id = " + third), 8);
  int seen = 0;
  const auto gone =
      queries->for_each_vm(std::stoll(third), [&](const model::JudgedGuest&) { ++seen; });
  ASSERT_FALSE(gone) << "who was about to read it must not take it for an empty fleet";
  EXPECT_EQ(gone.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(seen, 0);
  EXPECT_EQ(must(queries->history(1, {})).size(), 9U);
  EXPECT_EQ(must(queries->latest_scans()).size(), 1U) << "not told as a failure";
  EXPECT_EQ(rollups_as_text(dir_.path()), built);

  run_sql(dir_.path(), "DROP TRIGGER boom");
  must(store_->prune(keep, now));
  EXPECT_EQ(ask("SELECT min(id) FROM scan"), std::stoll(ninth));
  EXPECT_EQ(ask("SELECT count(*) FROM host_sample WHERE scan_id < " + ninth), 0);
  EXPECT_EQ(rollups_as_text(dir_.path()), built);
}

TEST_F(PruningTest, RowsOfPeriodsGoEvenIfACrashTookTheMarkOnly) {
  scan_days(6);
  must(store_->roll_up());
  run_sql(dir_.path(),
          "CREATE TRIGGER boom BEFORE DELETE ON vm_day BEGIN SELECT RAISE(ABORT, 'boom'); END");
  const Retention keep{days(2), days(2), days(3)};
  const UtcTime now = kMidnight + days(6);
  ASSERT_FALSE(store_->prune(keep, now));
  run_sql(dir_.path(), "DROP TRIGGER boom");
  EXPECT_EQ(ask("SELECT count(DISTINCT start_ms) FROM vm_day"), 6);
  EXPECT_EQ(days_in(dir_.path()).size(), 3U * 5) << "readers see none of what is going";
  must(store_->prune(keep, now));
  EXPECT_EQ(ask("SELECT count(DISTINCT start_ms) FROM vm_day"), 3);
}

TEST_F(PruningTest, MoreRowsThanOneChunkGoToo) {
  scan_days(3, 2);
  must(store_->roll_up());
  const std::string second = std::to_string(nth_scan(dir_.path(), 2));
  run_sql(
      dir_.path(),
      "INSERT INTO sample SELECT vcenter_id, scan_id, vm_id + 10 * n, 1, 1, 0, NULL, NULL, NULL, "
      "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0 FROM sample, (WITH RECURSIVE c(n) AS "
      "(SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 6000) SELECT n FROM c) "
      "WHERE scan_id = " +
          second);
  ASSERT_GT(ask("SELECT count(*) FROM sample WHERE scan_id = " + second), 12'000);
  must(store_->prune(kKeep, kMidnight + days(3)));
  EXPECT_EQ(ask("SELECT count(*) FROM sample WHERE scan_id = " + second), 0);
  EXPECT_EQ(ask("SELECT count(*) FROM scan WHERE id = " + second), 0);
}

TEST_F(PruningTest, OtherVcentersAreNotTouched) {
  scan_days(6, 5, "old");
  scan_series(*store_, kMidnight, minutes(360), 2, 5, "quiet");
  must(store_->maintain({days(2), days(2), days(2)}, kMidnight + days(6)));
  ExportQuery quiet;
  quiet.vcenter = "quiet";
  EXPECT_EQ(ask("SELECT count(*) FROM scan WHERE vcenter_name = 'quiet'"), 2);
  EXPECT_EQ(hours_in(dir_.path(), quiet).size(), 5U) << "hours are not dropped before samples";
  EXPECT_EQ(ask("SELECT count(*) FROM vm_hour WHERE start_ms = " +
                std::to_string(kMidnight.time_since_epoch().count())),
            5)
      << "those of the other vCenter are gone";
}

TEST_F(PruningTest, MaintenanceGoesOnAfterAFailedRollup) {
  scan_days(4);
  must(store_->roll_up());
  scan_at(*store_, kMidnight + days(5), varying_fleet(5, 1));
  const std::string last = std::to_string(nth_scan(dir_.path(), 17));
  const ScanId thirteenth = nth_scan(dir_.path(), 13);
  run_sql(dir_.path(), "UPDATE sample SET swapped_kib = -1 WHERE scan_id = " + last);
  const auto maintained = store_->maintain(kKeep, kMidnight + days(5));
  ASSERT_FALSE(maintained);
  EXPECT_THAT(maintained.error().message, ::testing::HasSubstr("in scan " + last));
  EXPECT_EQ(ask("SELECT min(id) FROM scan"), thirteenth) << "what was built before is pruned";
}

}  // namespace
}  // namespace ballast::storage
