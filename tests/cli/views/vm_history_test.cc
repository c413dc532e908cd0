// What `ballast vm` shows of a VM's past.
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/views/text/timeline.h"
#include "tests/fixtures/history_samples.h"
#include "tests/fixtures/printed.h"
#include "tests/fixtures/samples.h"

namespace ballast::cli {

using namespace fixtures;
using namespace output;
using namespace fleet;
namespace {

using testing::HasSubstr;
using testing::Not;

std::string history_text(const VmReport& report, const StreamTraits& traits) {
  std::ostringstream out;
  print_vm_table(report, traits, out);
  return out.str();
}

nlohmann::json history_json(const VmReport& report) {
  std::ostringstream out;
  print_vm_json(report, out);
  return nlohmann::json::parse(out.str());
}

TEST(VmHistory, JsonHasItAll) {
  const auto parsed = history_json(sawtooth_report());
  EXPECT_EQ(parsed["proof"], "lockstep");
  EXPECT_EQ(parsed["lockstep"]["slope"], 0.9987);
  EXPECT_EQ(parsed["lockstep"]["proves"], true);
  EXPECT_EQ(parsed["bracket"]["trend"], "inflating");
  EXPECT_EQ(parsed["leak"], nullptr);
  ASSERT_EQ(parsed["causes"].size(), 3u);
  EXPECT_EQ(parsed["causes"][0]["kind"], "vm_limit");
  EXPECT_EQ(parsed["causes"][0]["frees_kib"], 512 * 1024 + 640);
  EXPECT_EQ(parsed["causes"][1]["kind"], "pool_limit");
  EXPECT_EQ(parsed["causes"][1]["object"], "tier-1");
  EXPECT_EQ(parsed["causes"][1]["fix"],
            "Raise or remove the memory limit of resource pool tier-1.");
  EXPECT_EQ(parsed["surroundings"]["resource_pools"].size(), 3u);
  EXPECT_EQ(parsed["surroundings"]["host"]["vms_on"], 36);
  EXPECT_EQ(parsed["history"][0]["host"], "esx-01.lab.example");
  EXPECT_EQ(parsed["history"][100]["host"], "esx-03.lab.example");
  EXPECT_NE(parsed["history"][0]["guest"]["boot_id"], parsed["history"][167]["guest"]["boot_id"]);
  EXPECT_EQ(history_json(leak_report())["leak"]["kib_per_day"], 41165);
}

TEST(VmHistory, EventsAreChangesBetweenScansThatKnow) {
  auto row = plain_vm("x");
  row.guest = model::GuestSample{};
  std::vector<model::JudgedGuest> history(6, row);
  for (std::size_t i = 0; i < history.size(); ++i) {
    history[i].vm.polled_at += std::chrono::hours(i);
    history[i].guest->boot_id = i < 4 ? "a" : "b";
    if (i >= 2) history[i].vm.host_moref = "host-9";
    if (i >= 2) history[i].host = "esx-09";
  }
  history[3].guest.reset();
  history[5].vm.host_moref = history[5].host = "";
  const auto events = events_of(history);
  ASSERT_EQ(events.size(), 2u) << "unread guests and unknown hosts are no change";
  EXPECT_EQ(events[0].kind, VmEvent::Kind::kMigration);
  EXPECT_EQ(events[0].at, history[2].vm.polled_at);
  EXPECT_EQ(events[0].from, "esx-03.lab.example");
  EXPECT_EQ(events[0].to, "esx-09");
  EXPECT_EQ(events[1].kind, VmEvent::Kind::kReboot);
  EXPECT_EQ(events[1].at, history[4].vm.polled_at);
}

TEST(VmHistory, NothingIsPlottedOfTwoScans) {
  auto report = leak_report();
  report.history.erase(report.history.begin(), report.history.end() - 3);
  EXPECT_THAT(history_text(report, piped()), HasSubstr("over time"));
  report.history.erase(report.history.begin());
  EXPECT_THAT(history_text(report, piped()), Not(HasSubstr("over time")));
  report.history.clear();
  EXPECT_THAT(history_text(report, piped()), Not(HasSubstr("over time")));
}

TEST(VmHistory, NothingIsPlottedOfAVmThatWasOff) {
  auto report = leak_report();
  for (auto& row : report.history) {
    row.guest.reset();
    row.vm.stats.balloon_kib = 0;
  }
  EXPECT_THAT(history_text(report, piped()), Not(HasSubstr("over time")));
  report.history[2].vm.stats.balloon_kib = 1024;
  EXPECT_THAT(history_text(report, piped()), HasSubstr("over time"));
}

TEST(VmHistory, AnExcessForItsLeakAloneSaysSo) {
  auto report = leak_report();
  report.row.guest->account.unaccounted_kib = (14 + 512 - 15) * 1024;
  report.row.judgement.difference_kib = -15 * 1024;
  const auto text = history_text(report, piped());
  EXPECT_THAT(text, HasSubstr("it leaks: beside the 512 MiB in its balloon"));
  EXPECT_THAT(text, HasSubstr("because     it leaks; this reading alone would be no excess"));
  EXPECT_THAT(text, Not(HasSubstr("misses")));
}

TEST(VmHistory, PriorIsMarkedAsSuch) {
  auto report = leak_report();
  EXPECT_THAT(history_text(report, piped()), HasSubstr("14.0 MiB ±12.0, prior: expected"));
  report.row.judgement.baseline.samples = 9;
  EXPECT_THAT(history_text(report, piped()), HasSubstr("14.0 MiB ±12.0, learned from 9 samples"));
}

TEST(VmHistory, NothingWrapsAtAnyWidth) {
  for (std::size_t width = 50; width <= 140; width += 3) {
    for (auto traits : {colour_tty(width), ascii_tty(width)}) {
      traits.colour = false;
      for (const auto& report : {sawtooth_report(), leak_report()}) {
        const std::string text = history_text(report, traits);
        for (const auto line : split_lines(text)) {
          EXPECT_LE(display_width(line), width) << "at " << width << ": " << line;
        }
      }
    }
  }
}

}  // namespace
}  // namespace ballast::cli
