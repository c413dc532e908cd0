// The outputs are in the layout of the tools; the figures are made up.
#include "model/parse/other_tools.h"

#include <gtest/gtest.h>

#include "base/units.h"

namespace ballast::model {
namespace {

constexpr const char* kNewFree =
    "              total        used        free      shared  buff/cache   available\n";

TEST(OtherTools, FreeBoundsWhatCanBeMissing) {
  const auto human = read_other_tool(
      std::string(kNewFree) +
          "Mem:           31Gi        24Gi       300Mi       2.0Mi       6.7Gi       6.5Gi\n"
          "Swap:            0B          0B          0B\n",
      "");
  EXPECT_EQ(human.tool, "free");
  EXPECT_TRUE(human.unit_known);
  EXPECT_EQ(human.total_kib, 31 * kKibPerGib);
  EXPECT_EQ(human.missing_at_most_kib, 31 * kKibPerGib - 300 * kKibPerMib - 7025459);
}

TEST(OtherTools, FreesUnitIsInItsCommandOnly) {
  const auto text = std::string(kNewFree) + "Mem:  131072  100000  20000  7  11072  20000\n";
  EXPECT_FALSE(read_other_tool(text, "").unit_known) << "128 GiB or 128 MiB: nobody knows";
  EXPECT_EQ(read_other_tool(text, "free -m").total_kib, 131072 * kKibPerMib);
  EXPECT_EQ(read_other_tool(text, "sudo free -mt").total_kib, 131072 * kKibPerMib);
  EXPECT_EQ(read_other_tool(text, "free -g").total_kib, 131072 * kKibPerGib);
  EXPECT_EQ(read_other_tool(text, "free -b").total_kib, 128);
  EXPECT_EQ(read_other_tool(text, "free").total_kib, 131072);
  EXPECT_FALSE(read_other_tool(text, "free --mega").unit_known) << "powers of 1000";
  const auto free = read_other_tool(text, "free -m");
  EXPECT_EQ(free.missing_at_most_kib, 100000 * kKibPerMib);
}

TEST(OtherTools, TheOldFreeHasItsCachesInUsed) {
  const auto free = read_other_tool(
      "             total       used       free     shared    buffers     cached\n"
      "Mem:       8061404    7855948     205456          0     102400     204800\n"
      "-/+ buffers/cache:    7548748     512656\n",
      "free");
  EXPECT_EQ(free.total_kib, 8061404);
  EXPECT_EQ(free.missing_at_most_kib, 7548748) << "as the second line has it";
}

TEST(OtherTools, TopOfThreeAges) {
  const auto mib = read_other_tool(
      "top - 10:11:12 up 3 days,  2:01,  2 users,  load average: 0.00, 0.01, 0.05\n"
      "MiB Mem :   2006.0 total,     66.0 free,   1159.0 used,    781.0 buff/cache\n",
      "");
  EXPECT_EQ(mib.tool, "top");
  EXPECT_EQ(mib.missing_at_most_kib, kib_from_mib(1159));
  const auto kib = read_other_tool(
      "KiB Mem :  2054412 total,    67956 free,  1189356 used,   797100 buff/cache\n", "");
  EXPECT_EQ(kib.total_kib, 2054412);
  EXPECT_EQ(kib.missing_at_most_kib, 1189356);
  const auto old = read_other_tool(
      "Mem:   2054412k total,  1986456k used,    67956k free,   383824k buffers\n", "");
  EXPECT_EQ(old.total_kib, 2054412);
  EXPECT_EQ(old.missing_at_most_kib, 2054412 - 67956 - 383824);
}

TEST(OtherTools, SarBeforeAndAfterItsUsedLostTheCaches) {
  const auto old = read_other_tool(
      "12:00:01 AM kbmemfree kbmemused  %memused kbbuffers  kbcached  kbcommit   %commit\n"
      "12:10:01 AM   1855948   6071588     76.59     22428    209132   1500000      7.31\n"
      "Average:      1855948   6071588     76.59     22428    209132   1500000      7.31\n",
      "");
  EXPECT_EQ(old.tool, "sar -r");
  EXPECT_EQ(old.missing_at_most_kib, 6071588 - 22428 - 209132);
  const auto fresh = read_other_tool(
      "00:00:01    kbmemfree   kbavail kbmemused  %memused kbbuffers  kbcached\n"
      "00:10:01      1000000   5000000   2000000     25.00     20000   4500000\n",
      "");
  EXPECT_EQ(fresh.total_kib, 8000000);
  EXPECT_EQ(fresh.missing_at_most_kib, 2000000) << "the caches are outside already";
}

TEST(OtherTools, AtopKnowsTheBalloon) {
  const auto atop = read_other_tool(
      "MEM | tot    31.0G | free    1.0G | cache   6.0G | buff    0.0M | slab    1.0G | "
      "vmbal  15.0G |\n",
      "");
  EXPECT_EQ(atop.missing_at_most_kib, 23 * kKibPerGib);
  ASSERT_EQ(atop.balloons.size(), 1U);
  EXPECT_EQ(atop.balloons[0].kib, 15 * kKibPerGib);
}

TEST(OtherTools, RvtoolsByItsColumnsInAnyOrder) {
  const auto one = read_other_tool(
      "VM,Powerstate,Size MiB,Consumed,Swapped,Ballooned,Active\n"
      "\"web,17\",poweredOn,32768,\"16,000\",0,\"16,320\",2000\n"
      "db1,poweredOn,8192,8000,0,0,100\n",
      "");
  EXPECT_EQ(one.tool, "RVTools");
  ASSERT_EQ(one.balloons.size(), 2U);
  EXPECT_EQ(one.balloons[0].vm, "web,17");
  EXPECT_EQ(one.balloons[0].kib, kib_from_mib(16320));
  const auto semicolons =
      read_other_tool("Powerstate;VM;Consumed;Ballooned\npoweredOn;web17;16000;16320\n", "");
  ASSERT_EQ(semicolons.balloons.size(), 1U);
  EXPECT_EQ(semicolons.balloons[0].vm, "web17");
}

TEST(OtherTools, EsxtopOnTheScreenAndInBatch) {
  const auto screen = read_other_tool(
      "     GID NAME               MEMSZ    GRANT   MCTLSZ  MCTLTGT    SWCUR\n"
      "   12345 web17           32768.00 16000.00 16320.00 16320.00     0.00\n",
      "");
  EXPECT_EQ(screen.tool, "esxtop");
  ASSERT_EQ(screen.balloons.size(), 1U);
  EXPECT_EQ(screen.balloons[0].kib, kib_from_mib(16320));
  const auto batch = read_other_tool(
      "\"(PDH-CSV 4.0) (UTC)(0)\",\"\\\\esx1\\Group Memory(123:web17)\\Memctl MBytes\"\n"
      "\"07/29/2025 04:00:02\",\"1.00\"\n"
      "\"07/29/2025 04:00:07\",\"512.00\"\n",
      "");
  ASSERT_EQ(batch.balloons.size(), 1U) << "the last record counts";
  EXPECT_EQ(batch.balloons[0].vm, "web17");
  EXPECT_EQ(batch.balloons[0].kib, kib_from_mib(512));
}

TEST(OtherTools, WhatIsNoneOfThemIsNone) {
  for (const auto* text : {"", "MemTotal: 1 kB\n", "total used\n", "Mem: 1 2 3\n"}) {
    EXPECT_EQ(read_other_tool(text, "free -m").tool, "") << text;
  }
  const auto torn = read_other_tool(std::string(kNewFree) + "Mem:  31Xi  24Gi  1Gi\n", "");
  EXPECT_FALSE(torn.total_kib) << "no unit of free";
}

}  // namespace
}  // namespace ballast::model
