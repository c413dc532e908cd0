#include "model/parse/small_files.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "model/parse/numbers.h"

namespace ballast::model {
namespace {

TEST(SmallFiles, WhatUptimePrints) {
  const std::vector<std::pair<std::string, std::int64_t>> rows = {
      {" 10:11:12 up 3 days,  2:01,  2 users,  load average: 0.00, 0.01, 0.05\n", 266460},
      {" 10:11:12 up 1 day, 12 min,  1 user,  load average: 0.00, 0.01, 0.05", 87120},
      {" 10:11:12 up  2:01,  2 users,  load average: 0.00, 0.01, 0.05", 7260},
      {" 10:11:12 up 12 min,  0 users,  load average: 0.00, 0.01, 0.05", 720},
  };
  for (const auto& [text, seconds] : rows) {
    const auto read = parse_uptime_command(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(*read, seconds) << text;
  }
  for (const auto* bad : {"", "up", " up ", " up x days, 2:01", " up 2:61",
                          " up 99999999 days, 2:01", " up 3 days", " up 3 weeks"}) {
    EXPECT_FALSE(parse_uptime_command(bad)) << bad;
  }
}

TEST(SmallFiles, Uptime) {
  EXPECT_EQ(parse_uptime("4711.25 9000.00\n").value(), 4711);
  for (const auto* bad : {"", "x", "-1.0 2", ".5"}) EXPECT_FALSE(parse_uptime(bad)) << bad;
}

TEST(SmallFiles, Threads) {
  EXPECT_EQ(parse_threads("0.00 0.01 0.05 1/38 89\n").value(), 38) << "not the last process id";
  for (const auto* bad : {"", "0.00 0.01 0.05", "0 0 0 1-38 9", "0 0 0 1/99999999999 9"}) {
    EXPECT_FALSE(parse_threads(bad)) << bad;
  }
}

TEST(SmallFiles, ZramDevice) {
  EXPECT_EQ(parse_zram_device(" 314572800  9000 10000 0 11000 1 0 0\n").value(), 10000)
      << "the third field is what it uses";
  EXPECT_EQ(parse_zram_device("20000\n").value(), 20000) << "mem_used_total of 3.10";
  for (const auto* bad : {"", "a b c", "1 2 x"}) EXPECT_FALSE(parse_zram_device(bad)) << bad;
}

TEST(SmallFiles, PossibleCpusOfABootLog) {
  EXPECT_EQ(find_possible_cpus("[0.0] setup_percpu: NR_CPUS:8192 nr_cpumask_bits:128 "
                               "nr_cpu_ids:128 nr_node_ids:1\n"),
            128);
  EXPECT_EQ(find_possible_cpus("SMP: Allowing 16 CPUs, 12 hotplug CPUs\n"), 16);
  for (const auto* bad : {"", "nr_cpu_ids:0 ", "nr_cpu_ids:x", "nr_cpu_ids:99999999 ",
                          "PM: Allowing 4 things", "nr_cpu_ids:"}) {
    EXPECT_FALSE(find_possible_cpus(bad)) << bad;
  }
}

TEST(SmallFiles, FirstChunk) {
  const std::string modern = "[    0.107793] percpu: Embedded 53 pages/cpu s185496 r0 d31592\n";
  const std::string rhel6 = "PERCPU: Embedded 31 pages/cpu @ffff88000 s94168 r8192 d24616\n";
  EXPECT_EQ(find_first_chunk_pages("a\n" + modern + "b\n"), 53);
  EXPECT_EQ(find_first_chunk_pages(rhel6), 31);
  for (const auto* bad :
       {"", "percpu: Embedded", "percpu: Embedded x pages/cpu", "percpu: Embedded 53 sheep",
        "percpu: Embedded 0 pages/cpu", "percpu: Embedded 999999999 pages/cpu"}) {
    EXPECT_FALSE(find_first_chunk_pages(bad)) << bad;
  }
}

TEST(SmallFiles, SingleNumbersHaveALimit) {
  EXPECT_EQ(parse_single(" 7\n", 7).value(), 7);
  EXPECT_FALSE(parse_single("8", 7));
  EXPECT_FALSE(parse_single("7 8", 9)) << "a second number is another format";
}

}  // namespace
}  // namespace ballast::model
