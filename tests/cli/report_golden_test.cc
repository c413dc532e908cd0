#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "tests/fixtures/printed.h"
#include "tests/fixtures/golden.h"
#include "tests/fixtures/samples.h"

namespace ballast::cli {

using namespace fixtures;
using namespace output;
using namespace fleet;
namespace {

using model::Verdict;

ReportQuery everything() {
  ReportQuery query;
  query.verdicts = {Verdict::kBalloon, Verdict::kExcess, Verdict::kHidden, Verdict::kClean,
                    Verdict::kUnknown};
  return query;
}

model::Setback failed_until(model::UnknownReason reason, int failures, std::chrono::minutes wait) {
  return {reason, failures, sample_now() - std::chrono::minutes(14), sample_now() + wait, "probe"};
}

void add_setback(model::JudgedGuest& row) {
  using model::UnknownReason;
  using std::chrono::minutes;
  if (row.vm.name == "bad-login") {
    row.setback = failed_until(UnknownReason::kInvalidGuestLogin, 3, minutes(346));
  } else if (row.vm.name == "no-tools-1") {
    row.setback = failed_until(UnknownReason::kToolsNotRunning, 4, minutes(60));
  } else if (row.vm.name == "no-tools-2") {
    row.setback = failed_until(UnknownReason::kToolsNotRunning, 9, minutes(1400));
  } else if (row.vm.name == "slow") {
    row.setback = failed_until(UnknownReason::kTimedOut, 1, minutes(-14));
  }
}

// On hosts that are short of memory, some VMs with limits, some guests left alone.
Report fleet_report(const ReportQuery& query) {
  ReportBuilder builder(query, group_scans({lab_scan()}), sample_now());
  model::VmSurroundings around;
  around.host = model::HostLoad{};
  around.host->host.name = "esx-03.lab.example";
  around.host->host.memory_state = 1;
  for (auto row : sample_fleet()) {
    add_setback(row);
    if (row.vm.name.size() % 2 == 0) row.vm.allocation.limit_kib = 1024 * 1024;
    builder.add(row, row.vm.name.size() % 3 == 0 ? model::VmSurroundings{} : around);
  }
  return builder.finish();
}

// Two vCenters, one of them in trouble.
Report troubled_report() {
  storage::ScanRow failed = lab_scan();
  failed.vcenter = "branch";
  failed.status = model::ScanStatus::kFailed;
  failed.error = "cannot connect to vc.branch.example: connection refused";
  failed.finished_at = sample_now() - std::chrono::minutes(5);
  storage::ScanRow earlier = lab_scan();
  earlier.id = 3;
  earlier.vcenter = "branch";
  earlier.finished_at = sample_now() - std::chrono::hours(80);
  ReportQuery query = everything();
  query.name = "*web*";
  ReportBuilder builder(query, group_scans({failed, earlier, lab_scan()}), sample_now());
  auto row = judged_vm("branch-web", Verdict::kBalloon, 96, 110, model::Proof::kPoint);
  row.vcenter = "branch";
  builder.add(row);
  for (const auto& one : sample_fleet()) builder.add(one);
  return builder.finish();
}

std::string table(const Report& report, const StreamTraits& traits) {
  std::ostringstream out;
  print_report_table(report, traits, out);
  return out.str();
}

TEST(ReportGolden, Table) {
  EXPECT_TRUE(matches_golden("report_tty80.txt", table(fleet_report({}), colour_tty(80))));
  EXPECT_TRUE(matches_golden("report_tty120.txt", table(fleet_report({}), colour_tty(120))));
  EXPECT_TRUE(matches_golden("report_ascii80.txt", table(fleet_report({}), ascii_tty(80))));
  EXPECT_TRUE(matches_golden("report_piped.txt", table(fleet_report({}), piped())));
}

TEST(ReportGolden, AllVerdicts) {
  const Report report = fleet_report(everything());
  EXPECT_TRUE(matches_golden("report_all_tty80.txt", table(report, colour_tty(80))));
  EXPECT_TRUE(matches_golden("report_all_piped.txt", table(report, piped())));
}

TEST(ReportGolden, GuestsLeftAloneAndSuspendedLogins) {
  ReportQuery query;
  query.verdicts = {Verdict::kUnknown};
  Report report = fleet_report(query);
  report.logins = {{"probe\x1b[2J", 2, sample_now(), sample_now() + std::chrono::minutes(48)}};
  report.reasons[model::UnknownReason::kLoginSuspended] = 7;
  EXPECT_TRUE(matches_golden("report_unknown_tty80.txt", table(report, colour_tty(80))));
  EXPECT_TRUE(matches_golden("report_unknown_piped.txt", table(report, piped())));
  std::ostringstream out;
  print_report_json(report, out);
  const auto parsed = nlohmann::json::parse(out.str());
  const auto& login = parsed["summary"]["suspended_logins"].at(0);
  EXPECT_EQ(login["username"], "probe\x1b[2J");
  EXPECT_EQ(login["next_try"], "2026-11-23T14:05:00Z");
}

TEST(ReportGolden, ExcessNamesTheLargestSuspect) {
  ReportQuery query;
  query.verdicts = {Verdict::kExcess};
  EXPECT_TRUE(
      matches_golden("report_excess_tty80.txt", table(fleet_report(query), colour_tty(80))));
  EXPECT_TRUE(matches_golden("report_excess_piped.txt", table(fleet_report(query), piped())));
  query.verdicts = {Verdict::kBalloon, Verdict::kExcess};
  const auto both = table(fleet_report(query), piped());
  EXPECT_NE(both.find("PROOF OR SUSPECT"), std::string::npos) << both;
}

TEST(ReportGolden, SeveralVcentersOneFailed) {
  EXPECT_TRUE(
      matches_golden("report_troubled_tty80.txt", table(troubled_report(), colour_tty(80))));
  EXPECT_TRUE(matches_golden("report_troubled_piped.txt", table(troubled_report(), piped())));
}

TEST(ReportGolden, NothingFound) {
  ReportQuery query;
  query.name = "app-*";
  EXPECT_TRUE(matches_golden("report_clean_piped.txt", table(fleet_report(query), piped())));
}

TEST(ReportGolden, ColumnsOfTheOrderAndOfLeaks) {
  ReportQuery query;
  query.verdicts = {Verdict::kBalloon, Verdict::kExcess};
  query.sort = ReportSort::kCluster;
  ReportBuilder builder(query, group_scans({lab_scan()}), sample_now());
  for (auto row : sample_fleet()) {
    if (row.vm.name == "leaky") row.judgement.leak = model::Leak{41165, 39000, 43000, {}};
    builder.add(row);
  }
  const auto report = builder.finish();
  EXPECT_TRUE(matches_golden("report_leak_tty80.txt", table(report, colour_tty(80))));
  EXPECT_TRUE(matches_golden("report_leak_piped.txt", table(report, piped())));
  EXPECT_EQ(table(fleet_report(query), piped()).find("LEAK"), std::string::npos);
}

TEST(ReportGolden, LimitSaysWhatItCutOff) {
  ReportQuery query;
  query.limit = 2;
  EXPECT_TRUE(matches_golden("report_limit_piped.txt", table(fleet_report(query), piped())));
}

TEST(ReportGolden, Csv) {
  std::ostringstream out;
  print_report_csv(fleet_report(everything()), out);
  EXPECT_TRUE(matches_golden("report_all.csv", out.str()));
}

TEST(ReportGolden, Json) {
  std::ostringstream out;
  print_report_json(fleet_report(everything()), out);
  EXPECT_TRUE(matches_golden("report_all.json", out.str()));
  const auto parsed = nlohmann::json::parse(out.str());
  EXPECT_EQ(parsed["schema"], "ballast.report/1");
  EXPECT_EQ(parsed["guests"].size(), 22u);
  const auto& first = parsed["guests"][0];
  EXPECT_EQ(first["difference_kib"].get<int>(), first["unaccounted_kib"].get<int>() -
                                                    first["baseline_kib"].get<int>() -
                                                    first["balloon_kib"].get<int>());
}

TEST(ReportGolden, JsonWithoutGuestsIsStillADocument) {
  ReportQuery query;
  query.name = "nobody";
  std::ostringstream out;
  print_report_json(fleet_report(query), out);
  EXPECT_TRUE(nlohmann::json::parse(out.str())["guests"].empty());
}

// Whatever a name holds, a terminal sees no control character that ballast did not write.
TEST(ReportGolden, NoEscapeFromANameReachesTheTerminal) {
  StreamTraits plain = colour_tty(100);
  plain.colour = false;
  for (const auto& text :
       {table(fleet_report(everything()), plain), table(fleet_report(everything()), piped())}) {
    for (const char c : text) {
      EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << static_cast<int>(c);
    }
  }
}

TEST(ReportGolden, NothingWrapsAtAnyWidth) {
  for (std::size_t width = 40; width <= 160; ++width) {
    StreamTraits traits = colour_tty(width);
    traits.colour = false;
    const std::string text = table(troubled_report(), traits);
    for (const auto line : split_lines(text)) {
      EXPECT_LE(display_width(line), width) << "at " << width << ": " << line;
    }
  }
}

}  // namespace
}  // namespace ballast::cli
