// What `ballast report --since` prints of what tests/cases/report.cases do not show.
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/fixtures/printed.h"
#include "tests/fixtures/samples.h"

namespace ballast::cli {

using namespace fixtures;
using namespace output;
using namespace fleet;
namespace {

using testing::HasSubstr;

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

std::string since_text(const Report& report, const StreamTraits& traits) {
  std::ostringstream out;
  print_report_table(report, traits, out);
  return out.str();
}

TEST(ReportSince, SaysWhereThereIsNothingToCompare) {
  auto report = since_report();
  report.changes->scans = {{"branch", std::nullopt, sample_now() - std::chrono::hours(3), false},
                           {"lab", lab_scan(), std::nullopt, true}};
  const auto text = since_text(report, piped());
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
  EXPECT_THAT(since_text(report, piped()), HasSubstr("no change worth a line.\n"));
}

TEST(ReportSince, LimitSaysWhatItCutOff) {
  ReportQuery query;
  query.limit = 3;
  EXPECT_THAT(since_text(since_report(query), piped()),
              HasSubstr("7 more are cut off by --limit 3."));
}

TEST(ReportSince, NothingWrapsAtAnyWidth) {
  for (std::size_t width = 50; width <= 160; width += 3) {
    StreamTraits traits = colour_tty(width);
    traits.colour = false;
    const std::string text = since_text(since_report(), traits);
    for (const auto line : split_lines(text)) {
      EXPECT_LE(display_width(line), width) << "at " << width << ": " << line;
    }
  }
}

}  // namespace
}  // namespace ballast::cli
