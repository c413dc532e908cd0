// What a report is made of: which scans, and which days it is compared with.
#include "fleet/report_reader.h"

#include <gmock/gmock.h>

#include "fleet/sentences.h"
#include "fleet/vm_history.h"
#include "tests/fixtures/rollup_fixtures.h"

namespace ballast::fleet {
namespace {

using model::ScanStatus;
using std::chrono::days;
using std::chrono::hours;
using storage::kMidnight;
using storage::kOneHour;
using storage::must;
using storage::Queries;
using storage::Store;

class ReportReader : public ::testing::Test {
 protected:
  ReportReader() { query_.verdicts = {model::Verdict::kBalloon, model::Verdict::kUnknown}; }

  // A scan of VMs with balloons of so many MiB, by number of the VM.
  void scan(UtcTime at, const std::map<int, std::int64_t>& balloons,
            ScanStatus status = ScanStatus::kComplete, const std::string& error = "",
            const std::string& limited_to = "") {
    const auto scan = must(store_->begin_scan({"lab", "https://lab/sdk", at, limited_to}));
    must(store_->write_vcenter(scan, storage::make_about()));
    must(store_->write_hosts(scan, {storage::make_host(0)}));
    std::vector<model::JudgedGuest> results;
    for (const auto& [number, mib] : balloons) {
      auto result = storage::make_result(number);
      result.vm.polled_at = at;
      result.vm.stats.balloon_kib = mib * 1024;
      result.judgement.reference_kib = mib * 1024;
      result.guest->account.driver_kib = mib * 1024;
      result.guest->account.vmstat_kib.reset();
      result.guest->account.unaccounted_kib =
          result.judgement.baseline.kib + result.judgement.difference_kib + mib * 1024;
      result.judgement.leak.reset();
      results.push_back(std::move(result));
    }
    must(store_->write_results(scan, results));
    must(store_->finish_scan(scan, {status, at + std::chrono::minutes(1), error}));
  }
  Report report(const ComparedWith& with = {}, UtcTime now = kMidnight + days(30)) {
    return must(read_report(*must(Queries::open(dir_.path())), query_, with, now));
  }
  static std::vector<std::string> names(const Report& report) {
    std::vector<std::string> names;
    for (const auto& row : report.rows) names.push_back(row.vm.name);
    std::sort(names.begin(), names.end());
    return names;
  }

  storage::TempDir dir_;
  std::unique_ptr<Store> store_ = must(Store::open(dir_.path()));
  ReportQuery query_;
};

using Names = std::vector<std::string>;

TEST_F(ReportReader, AScanThatWasCutShortDoesNotHideTheOneBefore) {
  scan(kMidnight, {{1, 100}, {2, 200}, {3, 300}});
  scan(kMidnight + kOneHour, {{2, 250}}, ScanStatus::kPartial, "stopped by a signal");
  const auto told = report();
  EXPECT_EQ(names(told), (Names{"web-00001", "web-00002", "web-00003"}));
  ASSERT_EQ(told.earlier.size(), 1U);
  EXPECT_EQ(told.earlier[0].vms, 2);
  EXPECT_EQ(told.earlier[0].started_at, kMidnight);
  for (const auto& row : told.rows) {
    const bool is_new = row.vm.name == "web-00002";
    EXPECT_EQ(row.vm.polled_at, is_new ? kMidnight + kOneHour : kMidnight) << row.vm.name;
  }
  EXPECT_EQ(told.vms, 3);
}

TEST_F(ReportReader, NorDoesOneThatIsLimited) {
  scan(kMidnight, {{1, 100}, {2, 200}});
  scan(kMidnight + hours(1), {{3, 300}}, ScanStatus::kComplete, "", "name web-00003");
  scan(kMidnight + hours(2), {{3, 310}}, ScanStatus::kComplete, "", "name web-00003");
  EXPECT_EQ(names(report()), (Names{"web-00001", "web-00002", "web-00003"}));
  scan(kMidnight + hours(3), {{2, 200}});
  EXPECT_EQ(names(report()), Names{"web-00002"}) << "a whole scan without them: they are gone";
  EXPECT_TRUE(report().earlier.empty());
}

TEST_F(ReportReader, WhatIsOlderThanAWeekDoesNotCount) {
  scan(kMidnight, {{1, 100}});
  scan(kMidnight + days(8), {{2, 200}}, ScanStatus::kPartial, "stopped by a signal");
  EXPECT_EQ(names(report()), Names{"web-00002"});
}

// The balloon fills every day from eight to eight: at no time of the day is that a change.
TEST_F(ReportReader, ADailyCycleIsNoChange) {
  for (int hour = 0; hour <= 10 * 24 + 3; ++hour) {
    const bool by_day = hour % 24 >= 8 && hour % 24 < 20;
    scan(kMidnight + hours(hour), {{1, by_day ? 2048 : 0}, {2, 500}});
  }
  must(store_->roll_up());
  const UtcTime noon = kMidnight + days(3) + hours(12);
  EXPECT_TRUE(report({noon}).changes->rows.empty());
  const auto instants = report({noon, true});
  ASSERT_EQ(instants.changes->rows.size(), 1U) << "between two moments it is one";
  EXPECT_EQ(instants.changes->rows[0].kind, ChangeKind::kReleasedBalloon);
}

TEST_F(ReportReader, WhatCameOrWentForGoodIsAChangeEvenIfScansArePruned) {
  for (int hour = 0; hour <= 20 * 24; ++hour) {
    const bool late = hour >= 15 * 24;
    std::map<int, std::int64_t> balloons = {{1, late ? 0 : 1024}, {2, late ? 700 : 0}, {3, 500}};
    if (late) balloons.erase(3);
    scan(kMidnight + hours(hour), balloons);
  }
  const UtcTime now = kMidnight + days(20);
  must(store_->maintain({days(3), days(3), days(400)}, now));
  const auto told = report({kMidnight + days(5) + hours(9)}, now);
  ASSERT_TRUE(told.changes->scans.at(0).day_before);
  EXPECT_TRUE(told.changes->scans[0].day_before->is_of_calendar);
  EXPECT_FALSE(told.changes->scans[0].before) << "no scan is left that is so old";
  EXPECT_THAT(comparison_note(told.changes->scans[0], told.changes->since),
              ::testing::HasSubstr("single scans of it are pruned"));
  std::map<std::string, std::string_view> found;
  for (const auto& change : told.changes->rows) found[change.name] = to_string(change.kind);
  EXPECT_EQ(found, (std::map<std::string, std::string_view>{{"web-00001", "released_balloon"},
                                                            {"web-00002", "new_balloon"},
                                                            {"web-00003", "gone_vm"}}));
}

// After a year of scans there are three days of samples; the plot goes on with hours and days.
TEST_F(ReportReader, AVmsHistoryGoesOnWithHoursAndDays) {
  for (int hour = 0; hour <= 20 * 24; hour += 2) scan(kMidnight + hours(hour), {{1, 100 + hour}});
  const UtcTime now = kMidnight + days(20);
  must(store_->maintain({days(3), days(8), days(400)}, now));
  auto queries = must(Queries::open(dir_.path()));
  const auto scans = group_scans(must(queries->latest_scans()));
  const auto vm = must(queries->find_vm("web-00001")).at(0);
  const auto told = must(read_vm_report(*queries, scans, vm, {kMidnight, {}}, now));
  ASSERT_FALSE(told.history.empty());
  ASSERT_FALSE(told.hours.empty());
  ASSERT_FALSE(told.days.empty());
  EXPECT_EQ(told.days.front().start, kMidnight);
  EXPECT_LT(told.days.back().start + days(1), told.hours.front().start + hours(1));
  EXPECT_LT(told.hours.back().start + hours(1), told.history.front().vm.polled_at + hours(1));
  EXPECT_EQ(told.days.front().period.figures.balloon->min_kib, 100 * 1024);
  EXPECT_EQ(told.days.front().period.figures.balloon->max_kib, 122 * 1024);
  const auto newest = must(read_vm_report(*queries, scans, vm, {now - days(1), {}}, now));
  EXPECT_TRUE(newest.days.empty() && newest.hours.empty()) << "samples are finer";
}

}  // namespace
}  // namespace ballast::fleet
