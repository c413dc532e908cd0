// How a report looks where the cases in tests/cases/report.cases cannot tell: of what no store
// holds, and at every width.
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "fleet/report_reader.h"
#include "tests/fixtures/golden.h"
#include "tests/fixtures/printed.h"
#include "tests/fixtures/sample_stores.h"
#include "tests/fixtures/samples.h"
#include "tests/fixtures/store_fixtures.h"

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

// On hosts that are short of memory, some VMs with limits, some guests left alone.
Report fleet_report(const ReportQuery& query) {
  ReportBuilder builder(query, group_scans({lab_scan()}), sample_now());
  model::VmSurroundings around;
  around.host = model::HostLoad{};
  around.host->host.name = "esx-03.lab.example";
  around.host->host.memory_state = 1;
  for (const auto& row : pressed_fleet()) {
    builder.add(row, is_on_short_host(row) ? around : model::VmSurroundings{});
  }
  return builder.finish();
}

// Two vCenters, one of them in trouble.
Report troubled_report() {
  const storage::TempDir dir;
  make_store("two_vcenters", dir.path());
  const auto queries = storage::must(storage::Queries::open(dir.path()));
  ReportQuery query = everything();
  query.name = "*web*";
  return storage::must(read_report(*queries, query, {}, sample_now()));
}

std::string table(const Report& report, const StreamTraits& traits) {
  std::ostringstream out;
  print_report_table(report, traits, out);
  return out.str();
}

TEST(ReportGolden, GuestsLeftAloneAndSuspendedLogins) {
  ReportQuery query;
  query.verdicts = {Verdict::kUnknown};
  Report report = fleet_report(query);
  report.logins = {
      {"lab", "probe\x1b[2J", 2, sample_now(), sample_now() + std::chrono::minutes(48)}};
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
  const auto report = troubled_report();
  for (std::size_t width = 40; width <= 160; ++width) {
    StreamTraits traits = colour_tty(width);
    traits.colour = false;
    const std::string text = table(report, traits);
    for (const auto line : split_lines(text)) {
      EXPECT_LE(display_width(line), width) << "at " << width << ": " << line;
    }
  }
}

}  // namespace
}  // namespace ballast::cli
