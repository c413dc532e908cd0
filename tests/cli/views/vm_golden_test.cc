// How a VM looks where the cases in tests/cases/vm.cases cannot tell: of what no store holds, and
// at every width.
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/units.h"
#include "cli/views/text/waterfall.h"
#include "fleet/sentences.h"
#include "tests/fixtures/golden.h"
#include "tests/fixtures/history_samples.h"
#include "tests/fixtures/printed.h"
#include "tests/fixtures/samples.h"

namespace ballast::cli {

using namespace fixtures;
using namespace output;
using namespace fleet;
namespace {

using model::Verdict;

std::string table(const VmReport& report, const StreamTraits& traits) {
  std::ostringstream out;
  print_vm_table(report, traits, out);
  return out.str();
}

TEST(VmGolden, ExcessNamesWhoMayHoldIt) {
  EXPECT_TRUE(
      matches_golden("vm_excess_tty80.txt", table(single_report(excess_vm()), colour_tty(80))));
  EXPECT_TRUE(matches_golden("vm_excess_piped.txt", table(single_report(excess_vm()), piped())));
  std::ostringstream out;
  print_vm_json(single_report(excess_vm()), out);
  EXPECT_TRUE(matches_golden("vm_excess.json", out.str()));
}

TEST(VmGolden, SuspectsAreOnlyForAnExcess) {
  auto row = excess_vm();
  row.guest->suspects.clear();
  EXPECT_NE(table(single_report(row), piped()).find("page_owner"), std::string::npos)
      << "without a suspect it says how to find out";
  row = excess_vm();
  row.judgement.verdict = Verdict::kClean;
  EXPECT_EQ(table(single_report(row), piped()).find("Who may hold it"), std::string::npos);
}

TEST(VmGolden, PressureOnlyWhereItIsKnown) {
  const std::string heading = "How short of memory";
  auto row = detailed_vm();
  EXPECT_NE(table(single_report(row), piped()).find(heading), std::string::npos);
  row.guest->pressure = {};
  EXPECT_EQ(table(single_report(row), piped()).find(heading), std::string::npos);
  row.guest->pressure.oom_kills = 0;
  const auto calm = table(single_report(row), piped());
  EXPECT_NE(calm.find("since boot  never"), std::string::npos) << calm;
  row.guest->pressure.psi = model::MemoryPressure{20'000'000'000, 0, 0, 0};
  const auto stalled = table(single_report(row), piped());
  EXPECT_NE(stalled.find("now         tasks stalled 0.0 % of the last 10 s\n"), std::string::npos)
      << stalled;
  EXPECT_NE(stalled.find("since boot  tasks stalled for 5 h\n"), std::string::npos) << stalled;
}

TEST(VmGolden, EveryVerdictHasASentence) {
  auto odd = judged_vm("odd", Verdict::kUnknown, 20, 30);
  odd.judgement.reason = model::UnknownReason::kBelowTolerance;
  EXPECT_EQ(verdict_sentence(detailed_vm()),
            "512 MiB is in the balloon, and that is what the guest misses.");
  auto reported = detailed_vm();
  reported.judgement.proof = model::Proof::kReport;
  EXPECT_EQ(verdict_sentence(reported),
            "512 MiB is in the balloon, and that is what the guest misses, by its own report.");
  EXPECT_EQ(verdict_sentence(judged_vm("x", Verdict::kExcess, 512, 900)),
            "the guest misses 374 MiB more than the 512 MiB that its balloon holds.");
  EXPECT_EQ(verdict_sentence(judged_vm("x", Verdict::kExcess, 0, 340)),
            "326 MiB is missing in the guest, and there is no balloon to explain it.");
  EXPECT_EQ(verdict_sentence(judged_vm("x", Verdict::kHidden, 300, 15)),
            "vCenter reports 300 MiB in the balloon, but the guest does not miss it.");
  EXPECT_EQ(verdict_sentence(judged_vm("x", Verdict::kClean, 0, 14)),
            "no balloon, and nothing unusual is missing.");
  EXPECT_TRUE(verdict_sentence(odd).ends_with("; vCenter reports 20.0 MiB in its balloon."));
}

TEST(VmGolden, JsonHasEverything) {
  std::ostringstream out;
  print_vm_json(day_report(), out);
  EXPECT_TRUE(matches_golden("vm.json", out.str()));
  const auto parsed = nlohmann::json::parse(out.str());
  std::int64_t sum = parsed["guest"]["unaccounted_kib"];
  for (const auto& part : parsed["guest"]["accounted_kib"]) sum += part.get<std::int64_t>();
  EXPECT_EQ(parsed["guest"]["mem_total_kib"], sum) << "parts and unaccounted are MemTotal";
}

TEST(VmGolden, CsvHasARecordAScan) {
  std::ostringstream out;
  print_vm_csv(day_report(), out);
  EXPECT_TRUE(matches_golden("vm.csv", out.str()));
}

TEST(VmGolden, NothingWrapsAtAnyWidth) {
  for (std::size_t width = 50; width <= 140; ++width) {
    StreamTraits traits = colour_tty(width);
    traits.colour = false;
    for (const auto& report : {day_report(), unread_report(), single_report(excess_vm())}) {
      const std::string text = table(report, traits);
      for (const auto line : split_lines(text)) {
        EXPECT_LE(display_width(line), width) << "at " << width << ": " << line;
      }
    }
  }
}

TEST(VmGolden, UnlimitedIsSaid) {
  auto row = detailed_vm();
  row.vm.allocation.limit_kib = model::kUnlimited;
  EXPECT_NE(table(single_report(row), piped()).find("unlimited"), std::string::npos);
}

TEST(Bar, GrowsByEighthsOrByHashes) {
  EXPECT_EQ(bar(1, 2, 4, true), "██");
  EXPECT_EQ(bar(3, 16, 4, true), "▊");
  EXPECT_EQ(bar(1, 2, 4, false), "##");
  EXPECT_EQ(bar(5, 4, 4, true), "████") << "never longer than its room";
  EXPECT_EQ(bar(-1, 4, 4, true), "");
  EXPECT_EQ(bar(1, 0, 4, true), "");
}

}  // namespace
}  // namespace ballast::cli
