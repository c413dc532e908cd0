#include "model/reclaim.h"

#include <gtest/gtest.h>

#include "model/parse/proc_files.h"
#include "tests/accuracy/captures.h"

namespace ballast::model {
namespace {

ReclaimPressure of_vmstat(Vmstat vmstat) {
  GuestReading reading;
  reading.vmstat = std::move(vmstat);
  return reclaim_pressure(reading);
}

TEST(ReclaimPressure, TheNamesOfEveryEra) {
  using Kib = std::optional<std::int64_t>;
  const struct {
    const char* what;
    Vmstat vmstat;
    Kib stalls, scanned, reclaimed, in, out, refaulted, kills;
  } rows[] = {
      {"RHEL 5 and 6: pgsteal_<zone> is kswapd's too",
       {{"allocstall", 7},
        {"pgscan_direct_dma", 1},
        {"pgscan_direct_normal", 9},
        {"pgscan_kswapd_normal", 500},
        {"pgsteal_normal", 300},
        {"pswpin", 2},
        {"pswpout", 3}},
       7,
       40,
       {},
       8,
       12,
       {},
       {}},
      {"RHEL 7: no oom_kill",
       {{"allocstall", 7},
        {"pgscan_direct_dma32", 10},
        {"pgscan_direct_throttle", 1000},
        {"pgsteal_direct_dma32", 4},
        {"pgsteal_direct_movable", 1},
        {"pgsteal_kswapd_dma32", 900},
        {"pswpin", 0},
        {"pswpout", 0},
        {"workingset_refault", 6}},
       7,
       40,
       20,
       0,
       0,
       24,
       {}},
      {"RHEL 8 and 5.14",
       {{"allocstall_dma32", 1},
        {"allocstall_normal", 2},
        {"allocstall_movable", 4},
        {"pgscan_direct", 10},
        {"pgscan_direct_throttle", 1000},
        {"pgsteal_direct", 5},
        {"workingset_refault_anon", 100},
        {"workingset_refault_file", 6},
        {"pswpin", 100},
        {"pswpout", 200},
        {"oom_kill", 3}},
       7,
       40,
       20,
       400,
       800,
       24,
       3},
      {"6.19: reclaim asked for by others is not direct",
       {{"allocstall_device", 1},
        {"pgscan_direct", 1},
        {"pgscan_khugepaged", 50},
        {"pgscan_proactive", 50},
        {"pgsteal_direct", 1},
        {"pgsteal_proactive", 50},
        {"oom_kill", 0}},
       1,
       4,
       4,
       {},
       {},
       {},
       0},
      {"names that only begin alike",
       {{"allocstalled", 1},
        {"allocstall_", 1},
        {"oom_kill_disable", 1},
        {"pswpinx", 1},
        {"workingset_refault_files", 1}},
       {},
       {},
       {},
       {},
       {},
       {},
       {}},
  };
  for (const auto& row : rows) {
    const auto pressure = of_vmstat(row.vmstat);
    EXPECT_EQ(pressure.alloc_stalls, row.stalls) << row.what;
    EXPECT_EQ(pressure.direct_scanned_kib, row.scanned) << row.what;
    EXPECT_EQ(pressure.direct_reclaimed_kib, row.reclaimed) << row.what;
    EXPECT_EQ(pressure.swapped_in_kib, row.in) << row.what;
    EXPECT_EQ(pressure.swapped_out_kib, row.out) << row.what;
    EXPECT_EQ(pressure.refaulted_kib, row.refaulted) << row.what;
    EXPECT_EQ(pressure.oom_kills, row.kills) << row.what;
  }
}

TEST(ReclaimPressure, KnownAndAny) {
  EXPECT_FALSE(of_vmstat({}).known());
  EXPECT_FALSE(of_vmstat({{"nr_free_pages", 5}}).known());
  const auto calm = of_vmstat({{"allocstall", 0}});
  EXPECT_TRUE(calm.known());
  EXPECT_FALSE(calm.any());
  EXPECT_TRUE(of_vmstat({{"allocstall", 0}, {"oom_kill", 1}}).any());
  GuestReading reading;
  reading.pressure = MemoryPressure{};
  EXPECT_TRUE(reclaim_pressure(reading).known());
  EXPECT_FALSE(reclaim_pressure(reading).any());
  reading.pressure->some_total_us = 1;
  EXPECT_TRUE(reclaim_pressure(reading).any());
}

// The hog was reclaiming while these were read, and its kernels are of two eras.
TEST(ReclaimPressure, OfTheCapturesUnderPressure) {
  int pressed = 0;
  for (const auto& capture : test::captures()) {
    GuestReading reading;
    reading.vmstat = parse_vmstat(test::read_text(capture.root / "proc/vmstat")).value();
    const auto psi = test::read_text(capture.root / "proc/pressure/memory");
    if (!psi.empty()) reading.pressure = parse_pressure(psi).value();
    const auto pressure = reclaim_pressure(reading);
    EXPECT_TRUE(pressure.alloc_stalls && pressure.swapped_out_kib) << capture.name();
    const auto kernel = capture.kernel();
    const bool before_7 = kernel.starts_with("eras/rhel5") || kernel == "eras/rhel6";
    EXPECT_EQ(pressure.direct_reclaimed_kib.has_value(), !before_7) << capture.name();
    EXPECT_EQ(pressure.oom_kills.has_value(), !before_7 && kernel != "eras/rhel7")
        << capture.name();
    if (capture.scenario() != "f_pressure" || capture.label == "0") continue;
    ++pressed;
    EXPECT_GT(pressure.alloc_stalls, 0) << capture.name();
    if (before_7) continue;
    EXPECT_GT(pressure.direct_reclaimed_kib, 0) << capture.name();
    EXPECT_LE(pressure.direct_reclaimed_kib, pressure.direct_scanned_kib) << capture.name();
    EXPECT_GT(pressure.refaulted_kib, 0) << capture.name();
  }
  EXPECT_GT(pressed, 5);
}

}  // namespace
}  // namespace ballast::model
