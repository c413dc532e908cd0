#include <string>

#include <gtest/gtest.h>

#include "model/parse/proc_files.h"
#include "tests/model/synthetic.h"

namespace ballast::model {
namespace {

TEST(ParseZoneinfo, Rhel5HasTwoListsPerCpuAndOneThreshold) {
  const auto zones = parse_zoneinfo(test::kRhel5Zoneinfo);
  ASSERT_TRUE(zones) << zones.error().message;
  EXPECT_EQ(zones->pcp_pages, 70 + 57 + 100 + 3) << "hot and cold lists both hold free pages";
  EXPECT_EQ(zones->stat_threshold_pages, 48);
  EXPECT_EQ(zones->cpus, 2);
  EXPECT_EQ(zones->present_pages, 2600 + 513056);
  EXPECT_EQ(zones->managed_pages, 0) << "2.6.18 does not print it";
}

TEST(ParseZoneinfo, PaddedNumbersAndMoreLinesOf7x) {
  const auto zones = parse_zoneinfo(R"(Node 0, zone    DMA32
  per-node stats
      nr_inactive_anon 2111
  pages free     237795
        boost    0
        present  520151
        managed  509356
        cma      0
        protection: (0, 0, 0, 0)
      nr_free_pages 237795
  pagesets
    cpu: 0
              count:    2485
              high:     6985
              batch:    63
              high_min: 52
              high_max: 31840
  vm stats threshold: 20
    cpu: 5
              count:    361
              high:     6985
              batch:    63
              high_min: 52
              high_max: 31840
  vm stats threshold: 20
  node_unreclaimable:  0
  start_pfn:           4096
Node 1, zone   Normal
        present  100
        managed  90
  pagesets
    cpu: 0
              count:    7
  vm stats threshold: 4
)");
  ASSERT_TRUE(zones) << zones.error().message;
  EXPECT_EQ(zones->pcp_pages, 2485 + 361 + 7) << "high_min and high_max are no pages";
  EXPECT_EQ(zones->managed_pages, 509446);
  EXPECT_EQ(zones->present_pages, 520251);
  EXPECT_EQ(zones->stat_threshold_pages, 44);
  EXPECT_EQ(zones->cpus, 2) << "CPU 0 shows in both zones and is one CPU";
}

TEST(ParseZoneinfo, RefusesTheRest) {
  for (const auto* text :
       {"", "present 5\n", "Node 0, zone DMA\n count:\n", "Node 0, zone DMA\n count: x\n",
        "Node 0, zone DMA\n count: -3\n", "Node 0, zone DMA\n count: 1 2\n",
        "Node 0, zone DMA\n managed 9007199254740993\n", "Node 0, zone DMA\n cpu: 70000\n",
        "Node 0, zone DMA\n cpu: x\n", "Node 0, zone DMA\n  vm stats threshold:\n",
        "Node 0, zone DMA\n present 9007199254740992\n present 1\n"}) {
    const auto zones = parse_zoneinfo(text);
    ASSERT_FALSE(zones) << "accepted: " << text;
    EXPECT_EQ(zones.error().code, ErrorCode::kParse);
  }
}

// Two nodes of 4.8 or later: the lists of the nodes count, those of the zones tell what moved.
constexpr std::string_view kTwoNodes =
    "Node 0, zone    DMA32\n  per-node stats\n"
    "      nr_inactive_anon 100\n      nr_active_anon 10\n      nr_inactive_file 200\n"
    "      nr_active_file 20\n      nr_unevictable 5\n      nr_isolated_anon 32\n"
    "      nr_isolated_file 1\n      nr_anon_pages 99\n"
    "  pages free     1000\n        high     77\n        managed  5000\n"
    "      nr_free_pages 1000\n      nr_zone_inactive_anon 101\n      nr_zone_active_anon 10\n"
    "      nr_zone_inactive_file 190\n      nr_zone_active_file 20\n      nr_zone_unevictable 5\n"
    "  pagesets\n    cpu: 0\n              count: 7\n              high:  378\n"
    "Node 0, zone   Normal\n  pages free     0\n        managed  0\n"
    "Node 1, zone   Normal\n  per-node stats\n"
    "      nr_inactive_anon 1000\n      nr_active_anon 0\n      nr_inactive_file 0\n"
    "      nr_active_file 0\n      nr_unevictable 0\n"
    "  pages free     500\n      nr_zone_inactive_anon 1000\n"
    "    cpu: 1\n              count: 3\n              high:  622\n";

TEST(ParseZoneinfo, ListsOfAllNodes) {
  const auto zones = parse_zoneinfo(kTwoNodes);
  ASSERT_TRUE(zones && zones->lists);
  EXPECT_EQ(*zones->lists, (ZoneLists{1500, 1110, 220, true, 5, 33, 1000, -9}));
}

TEST(ParseZoneinfo, ListsOfRhel5AreNotSplit) {
  const auto zones = parse_zoneinfo(
      "Node 0, zone    DMA32\n  pages free     509808\n        active   2153\n"
      "        inactive 67\n        present  513040\n    nr_anon_pages 2059\n");
  ASSERT_TRUE(zones && zones->lists);
  EXPECT_EQ(*zones->lists, (ZoneLists{509808, 0, 2220, false, 0, 0, 0, 0}));
}

// A part of the lists would look as if the rest was missing memory.
TEST(ParseZoneinfo, ListsAreThereInFullOrNotAtAll) {
  for (const auto* without : {"nr_inactive_anon", "nr_unevictable", "pages free"}) {
    std::string text(kTwoNodes);
    for (auto at = text.find(without); at != std::string::npos; at = text.find(without)) {
      text.replace(at, 1, "x");
    }
    const auto zones = parse_zoneinfo(text);
    ASSERT_TRUE(zones) << without;
    EXPECT_FALSE(zones->lists) << without;
  }
  auto damaged = std::string(kTwoNodes);
  damaged.replace(damaged.find("nr_active_file 20"), 17, "nr_active_file x2");
  const auto zones = parse_zoneinfo(damaged);
  ASSERT_TRUE(zones) << "the sums that were always needed are whole";
  EXPECT_FALSE(zones->lists);
}

TEST(ParseZoneTotals, TakesTheListsWhereTheProbeHasThem) {
  const std::string sums = "pcp 1\nmanaged 2\npresent 3\nthreshold 4\ncpus 2\n";
  const std::string lists =
      "free 10\nanon 20\nfile 30\nsplit 1\nunevictable 40\nisolated 50\nhigh 60\n";
  const auto zones = parse_zone_totals(sums + lists + "moved -7\n");
  ASSERT_TRUE(zones && zones->lists);
  EXPECT_EQ(*zones->lists, (ZoneLists{10, 20, 30, true, 40, 50, 60, -7}));
  EXPECT_FALSE(parse_zone_totals(sums + lists)) << "one is missing";
  EXPECT_FALSE(parse_zone_totals(sums + lists + "moved 1\nmoved 1\n"));
  EXPECT_FALSE(parse_zone_totals(sums + lists + "moved --1\n"));
}

TEST(ParseZoneTotals, TakesWhatTheProbeAddsUp) {
  const auto zones =
      parse_zone_totals("pcp 2846\nmanaged 503529\npresent 524149\nthreshold 48\ncpus 2\n");
  ASSERT_TRUE(zones) << zones.error().message;
  EXPECT_EQ(zones->pcp_pages, 2846);
  EXPECT_EQ(zones->managed_pages, 503529);
  EXPECT_EQ(zones->present_pages, 524149);
  EXPECT_EQ(zones->stat_threshold_pages, 48);
  EXPECT_EQ(zones->cpus, 2);
}

TEST(ParseZoneTotals, RefusesTheRest) {
  const std::string complete = "pcp 1\nmanaged 2\npresent 3\nthreshold 4\n";
  for (const auto& text :
       {std::string(), complete, complete + "cpus\n", complete + "cpus 2\ncpus 2\n",
        complete + "cpus 2\nother 1\n", complete + "cpus 1e3\n", complete + "cpus 70000\n"}) {
    const auto zones = parse_zone_totals(text);
    ASSERT_FALSE(zones) << "accepted: " << text;
    EXPECT_EQ(zones.error().code, ErrorCode::kParse);
  }
}

}  // namespace
}  // namespace ballast::model
