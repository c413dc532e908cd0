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
