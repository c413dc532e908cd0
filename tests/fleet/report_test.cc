// What a report counts, lists and says first.
#include "fleet/report.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/units.h"
#include "fleet/causes.h"
#include "fleet/sentences.h"
#include "tests/fixtures/printed.h"
#include "tests/fixtures/samples.h"

namespace ballast::fleet {

using namespace fixtures;
namespace {

using model::Verdict;
using testing::ElementsAre;

std::vector<FleetScan> lab() { return group_scans({lab_scan()}); }

Report build(const ReportQuery& query, const std::vector<model::JudgedGuest>& rows) {
  ReportBuilder builder(query, lab(), sample_now());
  for (const auto& row : rows) builder.add(row);
  return builder.finish();
}

std::vector<std::string> names(const Report& report) {
  std::vector<std::string> all;
  for (const auto& row : report.rows) all.push_back(row.vm.name);
  return all;
}

ReportQuery everything() {
  ReportQuery query;
  query.verdicts = {Verdict::kBalloon, Verdict::kExcess, Verdict::kHidden, Verdict::kClean,
                    Verdict::kUnknown};
  return query;
}

std::vector<model::JudgedGuest> few() {
  auto small = judged_vm("small", Verdict::kBalloon, 64, 80, model::Proof::kPoint);
  small.host = "esx-01";
  small.vm.configured_kib = 8 * kKibPerGib;
  auto big = judged_vm("Big", Verdict::kBalloon, 512, 524, model::Proof::kDriver);
  big.host = "ESX-02";
  big.cluster = "prod-b";
  big.vm.stats.consumed_kib = 3 * kKibPerGib;
  small.judgement.leak = model::Leak{1024, 512, 2048, sample_now()};
  auto leaky = judged_vm("leaky", Verdict::kExcess, 0, 340);
  leaky.vm.stats.consumed_kib = 4 * kKibPerGib;
  return {small, big, leaky, unread_vm("off", model::UnknownReason::kPoweredOff)};
}

TEST(Report, CountsEveryGuestAndListsTheMatchedOnes) {
  const Report report = build({}, few());
  EXPECT_THAT(names(report), ElementsAre("Big", "small"));
  EXPECT_EQ(report.vms, 4);
  EXPECT_EQ(report.guests_read, 3);
  EXPECT_EQ(report.of(Verdict::kBalloon).balloon_kib, 576 * kKibPerMib);
  EXPECT_EQ(report.of(Verdict::kExcess).difference_kib, 326 * kKibPerMib);
  EXPECT_EQ(report.of(Verdict::kUnknown).guests, 1);
  EXPECT_EQ(report.reasons.at(model::UnknownReason::kPoweredOff), 1);
}

TEST(Report, Orders) {
  struct Case {
    ReportSort sort;
    std::vector<std::string> names;
  };
  const Case cases[] = {
      {ReportSort::kBalloon, {"Big", "small", "leaky", "off"}},
      {ReportSort::kUnaccounted, {"Big", "leaky", "small", "off"}},
      {ReportSort::kDifference, {"leaky", "small", "Big", "off"}},
      {ReportSort::kName, {"Big", "leaky", "off", "small"}},
      {ReportSort::kMemory, {"small", "Big", "leaky", "off"}},
      {ReportSort::kHost, {"small", "Big", "leaky", "off"}},
      {ReportSort::kConsumed, {"leaky", "Big", "off", "small"}},
      {ReportSort::kCluster, {"leaky", "off", "small", "Big"}},
      {ReportSort::kLeak, {"small", "Big", "leaky", "off"}},
  };
  for (const auto& c : cases) {
    ReportQuery query = everything();
    query.sort = c.sort;
    EXPECT_EQ(names(build(query, few())), c.names) << "sort " << static_cast<int>(c.sort);
  }
}

TEST(Report, PlacePatternsSayWhatIsCounted) {
  ReportQuery query = everything();
  query.host = "esx-0[12]";
  EXPECT_THAT(names(build(query, few())), ElementsAre("Big", "small"));
  EXPECT_EQ(build(query, few()).vms, 2) << "others are not counted either";
  query.cluster = "PROD-B";
  EXPECT_THAT(names(build(query, few())), ElementsAre("Big")) << "names ignore case";
  query = everything();
  query.name = "*l*";
  EXPECT_THAT(names(build(query, few())), ElementsAre("small", "leaky"));
  query = everything();
  query.vcenter = "other";
  EXPECT_EQ(build(query, few()).vms, 0);
  EXPECT_TRUE(build(query, few()).scans.empty());
}

TEST(Report, SizeAndVerdictOnlyChooseWhatIsListed) {
  ReportQuery query = everything();
  query.min_size_kib = 100 * kKibPerMib;
  const Report report = build(query, few());
  EXPECT_THAT(names(report), ElementsAre("Big", "leaky"));
  EXPECT_EQ(report.vms, 4);
  EXPECT_EQ(report.of(Verdict::kBalloon).guests, 2);
  EXPECT_EQ(report.of(Verdict::kBalloon).listed, 1);
}

TEST(Report, LimitKeepsTheFirstOfTheWholeOrder) {
  ReportQuery query;
  query.limit = 3;
  ReportBuilder builder(query, lab(), sample_now());
  for (int i = 0; i < 500; ++i) {
    const int balloon = (i * 37) % 500 + 1;  // every size from 1 to 500 once
    builder.add(judged_vm("vm-" + std::to_string(balloon), Verdict::kBalloon, balloon, balloon));
  }
  const Report report = builder.finish();
  EXPECT_THAT(names(report), ElementsAre("vm-500", "vm-499", "vm-498"));
  EXPECT_EQ(report.listed, 500);
}

TEST(Report, ClustersAreTotalsOfAllVmsTheReportIsAbout) {
  ReportQuery query;
  query.verdicts = {Verdict::kHidden};
  const Report report = build(query, few());
  ASSERT_EQ(report.clusters.size(), 2u) << "though nothing is listed";
  EXPECT_EQ(report.clusters[0].cluster, "prod-b") << "the largest balloons first";
  EXPECT_EQ(report.clusters[0].balloon_kib, 512 * kKibPerMib);
  const auto& prod_a = report.clusters[1];
  EXPECT_EQ(prod_a.vms, 3);
  EXPECT_EQ(prod_a.guests_read, 2);
  EXPECT_EQ(prod_a.ballooned, 1);
  EXPECT_EQ(prod_a.unaccounted_kib, 420 * kKibPerMib);
  EXPECT_EQ(prod_a.excess_kib, 326 * kKibPerMib);
  query.cluster = "prod-a";
  EXPECT_EQ(build(query, few()).clusters.size(), 1u);
}

TEST(Report, ALeakIsNoMissingMemory) {
  auto leaking = judged_vm("leaking", Verdict::kExcess, 512, 519);
  leaking.judgement.leak = model::Leak{40 * kKibPerMib, 1, 2, sample_now()};
  auto rows = few();
  rows.push_back(leaking);
  const Report report = build(everything(), rows);
  const auto& excess = report.of(Verdict::kExcess);
  EXPECT_EQ(excess.missing_kib, 326 * kKibPerMib) << "of leaky; not 7 MiB less";
  EXPECT_EQ(excess.leaking, 1);
  EXPECT_EQ(excess.leak_kib_per_day, 40 * kKibPerMib);
  const auto of_prod_a = [](const ClusterTotals& one) { return one.cluster == "prod-a"; };
  const auto prod_a = std::find_if(report.clusters.begin(), report.clusters.end(), of_prod_a);
  ASSERT_NE(prod_a, report.clusters.end());
  EXPECT_EQ(prod_a->excess_kib, 326 * kKibPerMib);
  EXPECT_EQ(prod_a->leaking, 2) << "and the one beside small's balloon";
}

TEST(Report, ClustersOfTwoVcentersAreTwo) {
  auto rows = few();
  rows[0].vcenter = "branch";
  EXPECT_EQ(build({}, rows).clusters.size(), 3u) << "prod-a of each, and prod-b";
}

TEST(Report, CausesComeFromWhatSurroundsTheVm) {
  ReportBuilder builder(everything(), lab(), sample_now());
  model::VmSurroundings around;
  around.host = model::HostLoad{};
  around.host->host.memory_state = 2;
  for (const auto& row : few()) builder.add(row, around);
  for (const auto& row : builder.finish().rows) {
    const bool ballooned = row.vm.name == "Big" || row.vm.name == "small";
    EXPECT_EQ(cause_keys(row.causes), ballooned ? "host_memory" : "") << row.vm.name;
  }
}

TEST(Report, DifferenceNeedsBothSides) {
  EXPECT_EQ(unread_vm("x", model::UnknownReason::kTimedOut).difference_kib(), std::nullopt);
  auto row = judged_vm("x", Verdict::kUnknown, 10, 30);
  EXPECT_EQ(row.difference_kib(), 6 * kKibPerMib);
  EXPECT_EQ(row.judged_balloon_kib(), 10 * kKibPerMib);
  row.vm.stats.balloon_kib = 8 * kKibPerMib;
  EXPECT_EQ(row.shown_balloon_kib(), 10 * kKibPerMib) << "the driver's figure, which was judged";
  row.judgement.reason = model::UnknownReason::kBalloonFigureUnset;
  EXPECT_EQ(row.difference_kib(), std::nullopt) << "nobody gave a figure";
}

TEST(Headline, SaysTheAnswerFirst) {
  const auto balloon = judged_vm("b", Verdict::kBalloon, 512, 526);
  const auto clean = judged_vm("c", Verdict::kClean, 0, 14);
  const auto hidden = judged_vm("h", Verdict::kHidden, 512, 14);
  auto ballooned_off = unread_vm("o", model::UnknownReason::kToolsNotRunning);
  ballooned_off.vm.stats.balloon_kib = 300 * kKibPerMib;
  const auto off = unread_vm("o", model::UnknownReason::kPoweredOff);
  ReportQuery place;
  place.cluster = "nowhere";
  struct Case {
    std::vector<model::JudgedGuest> rows;
    ReportQuery query;
    std::string headline;
  };
  const Case cases[] = {
      {{balloon, balloon, clean},
       {},
       "2 of 3 guests read: 1.00 GiB held by balloons, matched in the guest."},
      {{clean, clean}, {}, "2 guests read: none of them has a balloon."},
      {{clean, hidden},
       {},
       "2 guests read: 1 has a balloon, none is matched by what the guest misses."},
      {{clean, ballooned_off}, {}, "1 guest read: none of them has a balloon."},
      {{off, off}, {}, "vCenter reports no balloon in any of 2 VMs; no guest could be read."},
      {{off, ballooned_off}, {}, "1 VM has a balloon, 300 MiB; no guest could be read."},
      {{}, {}, "There is no VM in the last scan."},
      {{clean}, place, "No VM matches."},
  };
  for (const auto& c : cases) EXPECT_EQ(headline(build(c.query, c.rows)), c.headline);
}

storage::ScanRow with(model::ScanStatus status, const std::string& error, int hours_ago) {
  storage::ScanRow scan = lab_scan();
  scan.status = status;
  scan.error = error;
  scan.finished_at = sample_now() - std::chrono::hours(hours_ago);
  return scan;
}

TEST(FleetScans, WarnAboutWhatTheReaderMustKnow) {
  using model::ScanStatus;
  struct Case {
    std::vector<storage::ScanRow> scans;
    std::string warning;
    bool incomplete;
  };
  const Case cases[] = {
      {{with(ScanStatus::kComplete, "", 1)}, "", false},
      {{with(ScanStatus::kPartial, "", 1)}, "", false},
      {{with(ScanStatus::kPartial, "connection lost", 1)},
       "vCenter lab: the scan was cut short: connection lost",
       true},
      {{with(ScanStatus::kComplete, "", 72)},
       "vCenter lab: the last scan is old, 2026-11-20 13:17 UTC (3 days ago)",
       false},
      {{with(ScanStatus::kFailed, "login\x1b refused", 0), with(ScanStatus::kComplete, "", 5)},
       "vCenter lab: the last scan, 2026-11-23 13:17 UTC (just now), failed: login\\x1b refused; "
       "what is shown is from 2026-11-23 08:17 UTC (5 h ago)",
       true},
      {{with(ScanStatus::kFailed, "", 0)},
       "vCenter lab: the last scan, 2026-11-23 13:17 UTC (just now), failed; there is no earlier "
       "one to show",
       true},
  };
  for (const auto& c : cases) {
    const auto fleet = group_scans(c.scans);
    ASSERT_EQ(fleet.size(), 1u);
    EXPECT_EQ(warning_about(fleet[0], sample_now()), c.warning);
    EXPECT_EQ(is_incomplete(fleet[0]), c.incomplete) << c.warning;
  }
}

}  // namespace
}  // namespace ballast::fleet
