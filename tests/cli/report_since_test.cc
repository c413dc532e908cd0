// What `ballast report --since` prints.
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/units.h"
#include "tests/fixtures/printed.h"
#include "tests/fixtures/golden.h"
#include "tests/fixtures/samples.h"

namespace ballast::cli {

using namespace fixtures;
using namespace output;
using namespace fleet;
namespace {

using model::Verdict;
using testing::HasSubstr;

UtcTime week_ago() { return sample_now() - std::chrono::hours(7 * 24); }

storage::ScanRow earlier_scan() {
  auto scan = lab_scan();
  scan.id = 2;
  scan.started_at -= std::chrono::hours(7 * 24);
  scan.finished_at -= std::chrono::hours(7 * 24);
  return scan;
}

std::vector<model::JudgedGuest> fleet_now() {
  auto rows = sample_fleet();
  rows.push_back(judged_vm("slow-leak", Verdict::kExcess, 512, 519));
  rows.back().judgement.leak = model::Leak{4 * 1024, 3 * 1024, 5 * 1024, week_ago()};
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].vm_id = static_cast<std::int64_t>(i);
  return rows;
}

// The fleet a week ago: smaller and larger balloons, one excess less, one more, no leak, VMs that
// are gone.
std::vector<model::JudgedGuest> fleet_before() {
  auto rows = fleet_now();
  const auto become = [&rows](std::size_t i, const model::JudgedGuest& row) {
    const auto id = rows[i].vm_id;
    rows[i] = row;
    rows[i].vm_id = id;
  };
  become(0, judged_vm("web-042", Verdict::kClean, 0, 14));
  become(1, judged_vm("db-prod-07", Verdict::kBalloon, 640, 655));
  become(2, judged_vm("before", Verdict::kBalloon, 1536, 1550));
  become(8, judged_vm("leaky", Verdict::kClean, 0, 15));
  become(11, judged_vm("app-01", Verdict::kExcess, 0, 140));
  become(12, judged_vm("app-02", Verdict::kBalloon, 256, 270));
  become(rows.size() - 1, judged_vm("slow-leak", Verdict::kBalloon, 512, 515));
  rows.erase(rows.begin() + 4);
  rows.push_back(judged_vm("old-\x1b[31m1", Verdict::kBalloon, 96, 110));
  rows.back().vm_id = 900;
  return rows;
}

Report since_report(const ReportQuery& query = {}) {
  ReportBuilder builder(query, group_scans({lab_scan()}), sample_now());
  ChangeFinder finder(query, week_ago());
  finder.begin({"lab", earlier_scan(), std::nullopt, false}, true, true);
  for (const auto& row : fleet_before()) finder.remember(row);
  for (const auto& row : fleet_now()) {
    builder.add(row);
    finder.compare(row);
  }
  for (const auto& row : fleet_before()) finder.add_gone(row);
  auto report = builder.finish();
  report.changes = finder.finish();
  return report;
}

std::string since_table(const Report& report, const StreamTraits& traits) {
  std::ostringstream out;
  print_report_table(report, traits, out);
  return out.str();
}

TEST(ReportSinceGolden, Table) {
  EXPECT_TRUE(
      matches_golden("report_since_tty80.txt", since_table(since_report(), colour_tty(80))));
  EXPECT_TRUE(
      matches_golden("report_since_tty120.txt", since_table(since_report(), colour_tty(120))));
  EXPECT_TRUE(
      matches_golden("report_since_ascii80.txt", since_table(since_report(), ascii_tty(80))));
  EXPECT_TRUE(matches_golden("report_since_piped.txt", since_table(since_report(), piped())));
}

TEST(ReportSinceGolden, Csv) {
  std::ostringstream out;
  print_report_csv(since_report(), out);
  EXPECT_TRUE(matches_golden("report_since.csv", out.str()));
}

TEST(ReportSinceGolden, Json) {
  std::ostringstream out;
  print_report_json(since_report(), out);
  EXPECT_TRUE(matches_golden("report_since.json", out.str()));
  const auto parsed = nlohmann::json::parse(out.str());
  EXPECT_EQ(parsed["comparison"]["counts"]["new_balloon"], 2);
  EXPECT_EQ(parsed["comparison"]["scans"][0]["before"]["scan_id"], 2);
  EXPECT_EQ(parsed["changes"][0]["now"]["balloon_kib"], 512 * 1024);
  EXPECT_EQ(parsed["guests"].size(), 8u) << "how it is now is there as well";
}

TEST(ReportSince, SaysWhereThereIsNothingToCompare) {
  auto report = since_report();
  report.changes->scans = {{"branch", std::nullopt, sample_now() - std::chrono::hours(3), false},
                           {"lab", lab_scan(), std::nullopt, true}};
  const auto text = since_table(report, piped());
  EXPECT_THAT(text, HasSubstr("vCenter branch: no scan so early, its data begin at "
                              "2026-11-23 10:17 UTC; nothing to compare.\n"));
  EXPECT_THAT(text, HasSubstr("vCenter lab: no scan since 2026-11-16 13:17 UTC"));
  EXPECT_THAT(text, HasSubstr("Since 2026-11-16 13:17 UTC: nothing to compare.\n"));
}

TEST(ReportSince, NothingChanged) {
  auto report = since_report();
  report.changes->counts = {};
  report.changes->new_leaks = 0;
  report.changes->rows.clear();
  EXPECT_THAT(since_table(report, piped()), HasSubstr("no change worth a line.\n"));
}

TEST(ReportSince, LimitSaysWhatItCutOff) {
  ReportQuery query;
  query.limit = 3;
  EXPECT_THAT(since_table(since_report(query), piped()),
              HasSubstr("7 more are cut off by --limit 3."));
}

TEST(ReportSince, NothingWrapsAtAnyWidth) {
  for (std::size_t width = 50; width <= 160; width += 3) {
    StreamTraits traits = colour_tty(width);
    traits.colour = false;
    const std::string text = since_table(since_report(), traits);
    for (const auto line : split_lines(text)) {
      EXPECT_LE(display_width(line), width) << "at " << width << ": " << line;
    }
  }
}

}  // namespace
}  // namespace ballast::cli
