// Counters that hold the same pages: each overlap has a test that fails if it is counted twice.
#include <gtest/gtest.h>

#include "model/account/account.h"
#include "tests/model/account/account_helpers.h"

namespace ballast::model {
namespace {

using test::account_of;
using test::kKernel514Meminfo;
using test::kRhel5Meminfo;
using test::kRhel6Meminfo;
using test::kRhel7Meminfo;
using test::kRhel8Meminfo;
using test::part;
using test::reading_of;

// -- 1,000 KiB more in one field must move `unaccounted` by exactly what they should

struct FieldRow {
  const char* field;
  int el5, el6, el7, el8, modern;  // per KiB; 1: the field is memory of its own, 0: it is not
};

// What each field is worth, era by era; where the trap is, the comment names it.
const FieldRow kFieldRows[] = {
    {"MemTotal", -1, -1, -1, -1, -1},
    {"MemFree", 1, 1, 1, 1, 1},
    {"MemAvailable", 0, 0, 0, 0, 0},
    {"Active", 1, 1, 1, 1, 1},
    {"Inactive", 1, 1, 1, 1, 1},
    {"Unevictable", 0, 1, 1, 1, 1},
    {"Mlocked", 0, 0, 0, 0, 0},
    // Views of the LRU lists: counting one of these counts its pages twice.
    {"Active(anon)", 0, 0, 0, 0, 0},
    {"Inactive(file)", 0, 0, 0, 0, 0},
    {"Buffers", 0, 0, 0, 0, 0},
    {"Cached", 0, 0, 0, 0, 0},
    {"SwapCached", 0, 0, 0, 0, 0},
    {"AnonPages", 0, 0, 0, 0, 0},
    {"Mapped", 0, 0, 0, 0, 0},
    {"Shmem", 0, 0, 0, 0, 0},
    {"Dirty", 0, 0, 0, 0, 0},
    {"Writeback", 0, 0, 0, 0, 0},
    {"NFS_Unstable", 0, 0, 0, 0, 0},
    // Inside AnonPages, Shmem or Cached on every kernel.
    {"AnonHugePages", 0, 0, 0, 0, 0},
    {"ShmemHugePages", 0, 0, 0, 0, 0},
    {"FileHugePages", 0, 0, 0, 0, 0},
    {"Slab", 1, 1, 1, 1, 1},
    {"SUnreclaim", 0, 0, 0, 0, 0},
    // In Slab; KReclaimable has it too, so only the rest of that is added.
    {"SReclaimable", 0, 0, 0, -1, -1},
    {"KReclaimable", 0, 0, 0, 1, 1},
    // Apart up to el7; in vmallocinfo on el8 (no root here: alone); in VmallocUsed from 5.3 on.
    {"KernelStack", 0, 1, 1, 1, 0},
    // A size of addresses up to el7; real from 5.3 on. Always 0 on el8, so not asked there.
    {"VmallocUsed", 0, 0, 0, 0, 1},
    {"VmallocTotal", 0, 0, 0, 0, 0},
    {"VmallocChunk", 0, 0, 0, 0, 0},
    {"PageTables", 1, 1, 1, 1, 1},
    {"SecPageTables", 1, 1, 1, 1, 1},
    {"Percpu", 0, 0, 0, 1, 1},
    {"Bounce", 1, 1, 1, 1, 1},
    {"WritebackTmp", 1, 1, 1, 1, 1},
    {"HardwareCorrupted", 1, 1, 1, 1, 1},
    {"GPUActive", 1, 1, 1, 1, 1},
    {"GPUReclaim", 1, 1, 1, 1, 1},
    // Where Hugetlb is printed it has the pools of all sizes.
    {"HugePages_Total", 2048, 2048, 2048, 0, 0},
    {"HugePages_Rsvd", 0, 0, 0, 0, 0},
    {"HugePages_Surp", 0, 0, 0, 0, 0},
    {"HugePages_Free", 0, 0, 0, 0, 0},
    {"Hugetlb", 0, 0, 0, 1, 1},
    // Free memory of a kind that MemFree has already.
    {"Unaccepted", 0, 0, 0, 0, 0},
    {"CmaFree", 0, 0, 0, 0, 0},
    {"CmaTotal", 0, 0, 0, 0, 0},
    {"Zswapped", 0, 0, 0, 0, 0},
    // The balloon must stay in what is unaccounted for.
    {"Balloon", 0, 0, 0, 0, 0},
    {"CommitLimit", 0, 0, 0, 0, 0},
    {"DirectMap2M", 0, 0, 0, 0, 0},
};

bool tells_a_newer_kernel(std::string_view field) {
  return field == "KReclaimable" || field == "Hugetlb" || field == "Percpu" ||
         field == "Active(anon)" || field == "MemAvailable";
}

void check_fields(std::string_view meminfo, const char* release, KernelEra era,
                  int FieldRow::*worth) {
  const auto before = reading_of(meminfo, release);
  const auto base = account_of(before);
  ASSERT_EQ(base.era, era);
  for (const auto& row : kFieldRows) {
    if (era == KernelEra::kEl8 && std::string_view(row.field) == "VmallocUsed") continue;
    // Alone they tell that a kernel is newer: no kernel of the era has them.
    const bool newer = tells_a_newer_kernel(row.field);
    if (newer && !before.meminfo.contains(row.field)) continue;
    if (era == KernelEra::kEl5 && !before.meminfo.contains(row.field) && row.el5 == 0) continue;
    auto after = before;
    const int step = row.*worth == 2048 ? 3 : 1000;
    after.meminfo[row.field] += step;
    EXPECT_EQ(account_of(after).unaccounted_kib - base.unaccounted_kib, -step * row.*worth)
        << to_string(era) << ": " << row.field << " is counted wrongly";
  }
}

TEST(Overlaps, EveryFieldOfRhel5) {
  check_fields(kRhel5Meminfo, "2.6.18-398.el5", KernelEra::kEl5, &FieldRow::el5);
}
TEST(Overlaps, EveryFieldOfRhel6) {
  check_fields(kRhel6Meminfo, "2.6.32-642.el6.x86_64", KernelEra::kEl6, &FieldRow::el6);
}
TEST(Overlaps, EveryFieldOfRhel7) {
  check_fields(kRhel7Meminfo, "3.10.0-1062.el7.x86_64", KernelEra::kEl7, &FieldRow::el7);
}
TEST(Overlaps, EveryFieldOfRhel8) {
  check_fields(kRhel8Meminfo, "4.18.0-348.el8.x86_64", KernelEra::kEl8, &FieldRow::el8);
}
TEST(Overlaps, EveryFieldOfKernel514) {
  check_fields(kKernel514Meminfo, "5.14.0-70.el9.x86_64", KernelEra::kModern, &FieldRow::modern);
}

// -- stacks and vmalloc

TEST(Overlaps, StacksAreInsideVmallocFrom53On) {
  auto reading = reading_of(kKernel514Meminfo, "5.14.0");
  const auto before = account_of(reading);
  reading.meminfo["KernelStack"] += 20000;  // 1,250 threads more …
  reading.meminfo["VmallocUsed"] += 20000;  // … whose stacks are vmalloc memory
  const auto after = account_of(reading);
  EXPECT_EQ(before.unaccounted_kib - after.unaccounted_kib, 20000);
  EXPECT_EQ(part(after, "kernel_stack"), 22000);
  EXPECT_EQ(part(after, "vmalloc"), part(before, "vmalloc"));
}

TEST(Overlaps, StacksCannotBeInsideASmallerVmallocUsed) {
  auto reading = reading_of(kKernel514Meminfo, "5.14.0");  // built without VMAP_STACK
  reading.meminfo["VmallocUsed"] = 1500;
  const auto account = account_of(reading);
  EXPECT_EQ(part(account, "kernel_stack") + part(account, "vmalloc"), 3500);
}

TEST(Overlaps, Rhel7VmallocinfoHasNoStacks) {
  auto reading = reading_of(kRhel7Meminfo, "3.10.0-1062.el7.x86_64");
  const auto before = account_of(reading);
  reading.vmalloc_kib = 5000;
  const auto after = account_of(reading);
  EXPECT_EQ(before.unaccounted_kib - after.unaccounted_kib, 5000)
      << "stacks are apart on 3.10: both count in full";
}

TEST(Overlaps, Rhel8VmallocinfoHasTheStacks) {
  auto reading = reading_of(kRhel8Meminfo, "4.18.0-348.el8.x86_64");
  const auto before = account_of(reading);
  reading.vmalloc_kib = 5000;
  const auto after = account_of(reading);
  EXPECT_EQ(before.unaccounted_kib - after.unaccounted_kib, 3000)
      << "2,000 KiB of the 5,000 are stacks";
}

TEST(Overlaps, StacksMovedToVmallocIn49) {
  auto reading = reading_of(kRhel8Meminfo, "4.4.0-210-generic");
  reading.meminfo.erase("KReclaimable");
  reading.vmalloc_kib = 5000;
  const auto account = account_of(reading);
  EXPECT_EQ(account.era, KernelEra::kEl8);
  EXPECT_EQ(part(account, "kernel_stack") + part(account, "vmalloc"), 7000);
}

// -- huge pages, per-CPU memory, compressed pages

TEST(Overlaps, PoolsOfAllSizesWhereMeminfoHasOnlyTheDefault) {
  auto reading = reading_of(kRhel7Meminfo, "3.10.0-1062.el7.x86_64");
  reading.hugepage_pools = {{2048, 10}, {1048576, 1}};
  EXPECT_EQ(part(account_of(reading), "hugetlb"), 20480 + 1048576);
  auto newer = reading_of(kRhel8Meminfo, "4.18.0-348.el8.x86_64");
  newer.hugepage_pools = {{2048, 10}};
  EXPECT_EQ(part(account_of(newer), "hugetlb"), 20480) << "Hugetlb and the pools are the same";
}

TEST(Overlaps, FirstChunkIsPerPossibleCpu) {
  auto reading = reading_of(kKernel514Meminfo, "5.14.0");
  reading.meminfo["Percpu"] = 40000;
  reading.possible_cpus = 128;  // a VM with CPU hot-add
  EXPECT_EQ(part(account_of(reading), "percpu"), 40000 - 128 * 52 * 4);
  reading.meminfo["Percpu"] = 20000;
  EXPECT_EQ(part(account_of(reading), "percpu"), 0) << "never less than nothing";
}

TEST(Overlaps, FirstChunkByTheBootLog) {
  auto reading = reading_of(kKernel514Meminfo, "5.14.0");
  reading.meminfo["Percpu"] = 40000;
  reading.possible_cpus = 128;
  reading.first_chunk_pages = 61;
  EXPECT_EQ(part(account_of(reading), "percpu"), 40000 - 128 * 61 * 4);
  reading.first_chunk_pages = std::int64_t{1} << 53;
  EXPECT_EQ(part(account_of(reading), "percpu"), 0) << "an absurd figure does not overflow";
}

TEST(Overlaps, ZswapIsInsideZspagesWhenItsPoolIsZsmalloc) {
  auto reading = reading_of(kKernel514Meminfo, "6.1.0-56-amd64");
  const auto before = account_of(reading);
  reading.meminfo["Zswap"] = 40000;
  reading.vmstat["nr_zspages"] = 15000;  // 60,000 KiB: 20,000 of them zram's
  const auto taken = [&](const char* pool) {
    reading.zswap_pool = pool;
    return before.unaccounted_kib - account_of(reading).unaccounted_kib;
  };
  EXPECT_EQ(taken("zsmalloc"), 60000);
  EXPECT_EQ(taken(""), 60000) << "not told: it fits inside, so it is";
  EXPECT_EQ(taken("zbud"), 100000);
  reading.vmstat["nr_zspages"] = 9990;
  EXPECT_EQ(taken(""), 40000) << "a counter that lags by 10 pages does not make it another pool";
  reading.vmstat["nr_zspages"] = 0;
  EXPECT_EQ(taken(""), 40000) << "it cannot be inside nothing";
}

TEST(Overlaps, ZramIsInZspagesWhereTheyAreCounted) {
  auto newer = reading_of(kKernel514Meminfo, "6.1.0-56-amd64");
  newer.vmstat["nr_zspages"] = 25600;
  newer.zram_kib = 102400;
  EXPECT_EQ(part(account_of(newer), "zsmalloc") + part(account_of(newer), "zram"), 102400);
  auto rhel7 = reading_of(kRhel7Meminfo, "3.10.0-1062.el7.x86_64");
  rhel7.zram_kib = 102400;
  EXPECT_EQ(part(account_of(rhel7), "zram"), 102400) << "3.10 counts it nowhere else";
}

TEST(Overlaps, IsolatedPagesAndHotAddedMemmapAreMemoryOfTheirOwn) {
  auto reading = reading_of(kKernel514Meminfo, "6.12.0");
  const auto before = account_of(reading);
  reading.vmstat = {{"nr_isolated_anon", 10}, {"nr_isolated_file", 5}, {"nr_memmap_pages", 100}};
  EXPECT_EQ(before.unaccounted_kib - account_of(reading).unaccounted_kib, 115 * 4);
}

TEST(Overlaps, FreedHugePagesStillInAnonPagesDoNotHideABalloon) {
  auto reading = reading_of(kRhel7Meminfo, "3.10.0-1062.el7.x86_64");
  reading.meminfo["AnonPages"] = 250000;  // 30 MB above what the lists hold
  EXPECT_EQ(part(account_of(reading), "anon_lru"), 220000);
}

}  // namespace
}  // namespace ballast::model
