#include "model/account.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "model/meminfo.h"
#include "tests/model/synthetic.h"

namespace ballast::model {
namespace {

using test::kKernel514Meminfo;
using test::kRhel5Meminfo;
using test::kRhel6Meminfo;
using test::kRhel7Meminfo;
using test::kRhel8Meminfo;
using test::reading_of;

MemoryAccount account_of(const GuestReading& reading) { return account_memory(reading).value(); }

std::int64_t part(const MemoryAccount& account, std::string_view name) {
  const auto found = std::find_if(account.parts.begin(), account.parts.end(),
                                  [name](const AccountPart& p) { return p.name == name; });
  return found == account.parts.end() ? 0 : found->kib;
}

std::int64_t sum_of_parts(const MemoryAccount& account) {
  std::int64_t sum = account.unaccounted_kib;
  for (const auto& p : account.parts) sum += p.kib;
  return sum;
}

bool says(const MemoryAccount& account, std::string_view word) {
  return std::any_of(
      account.missing.begin(), account.missing.end(),
      [word](const std::string& line) { return line.find(word) != std::string::npos; });
}

// -- the sum, era by era, from SYNTHETIC meminfo ---------------------------------------------

TEST(Account, Rhel5) {
  auto reading = reading_of(kRhel5Meminfo, "2.6.18-274.7.1.el5");
  reading.threads = 100;
  const auto account = account_of(reading);
  EXPECT_EQ(account.era, KernelEra::kEl5);
  EXPECT_EQ(part(account, "free"), 500000);
  EXPECT_EQ(part(account, "pcp"), 4000);
  EXPECT_EQ(part(account, "anon_lru"), 220000);
  EXPECT_EQ(part(account, "file_lru"), 640000);
  EXPECT_EQ(part(account, "kernel_stack"), 800) << "2 pages a thread";
  EXPECT_EQ(part(account, "hugetlb"), 20480);
  EXPECT_EQ(account.unaccounted_kib, 2058536 - 500000 - 4000 - 860000 - 60000 - 8000 - 800 - 20480);
  EXPECT_EQ(sum_of_parts(account), account.mem_total_kib);
}

TEST(Account, Rhel6) {
  auto reading = reading_of(kRhel6Meminfo, "2.6.32-642.el6.x86_64");
  reading.vmalloc_kib = 5000;
  const auto account = account_of(reading);
  EXPECT_EQ(account.era, KernelEra::kEl6);
  EXPECT_EQ(account.unaccounted_kib,
            2058536 - 500000 - 4000 - 863000 - 60000 - 8000 - 2000 - 5000 - 20480);
  EXPECT_EQ(sum_of_parts(account), account.mem_total_kib);
}

TEST(Account, Kernel514) {
  const auto account = account_of(reading_of(kKernel514Meminfo, "5.14.0-70.el9.x86_64"));
  EXPECT_EQ(account.era, KernelEra::kModern);
  EXPECT_EQ(part(account, "percpu"), 4000) << "416 KiB are the first chunk of 2 CPUs";
  EXPECT_EQ(account.unaccounted_kib,
            2058536 - 500000 - 4000 - 863000 - 60000 - 5000 - 30000 - 8000 - 4000 - 20480);
  EXPECT_EQ(sum_of_parts(account), account.mem_total_kib);
}

TEST(Account, PartsOfZeroAreLeftOut) {
  const auto account = account_of(reading_of(kKernel514Meminfo, ""));
  EXPECT_TRUE(std::none_of(account.parts.begin(), account.parts.end(),
                           [](const AccountPart& p) { return p.kib == 0; }));
}

// -- the overlaps: 1,000 KiB more in one field must move `unaccounted` by exactly what it should
// ---

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

void check_fields(std::string_view meminfo, const char* release, KernelEra era,
                  int FieldRow::*worth) {
  const auto before = reading_of(meminfo, release);
  const auto base = account_of(before);
  ASSERT_EQ(base.era, era);
  for (const auto& row : kFieldRows) {
    if (era == KernelEra::kEl8 && std::string_view(row.field) == "VmallocUsed") continue;
    // These fields alone tell that a kernel is newer, and exist on no kernel of the era.
    const bool newer =
        std::string_view(row.field) == "KReclaimable" || std::string_view(row.field) == "Hugetlb" ||
        std::string_view(row.field) == "Percpu" || std::string_view(row.field) == "Active(anon)" ||
        std::string_view(row.field) == "MemAvailable";
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

// -- stacks and vmalloc ------------------------------------------------------------------------

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
// --------------------------------------------------

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

// -- evidence ------------------------------------------------------------------------------------

TEST(Evidence, BalloonLineIsALowerBoundAndNoPart) {
  auto reading = reading_of(kKernel514Meminfo, "6.19.0");
  const auto before = account_of(reading);
  reading.meminfo["Balloon"] = 65536;
  const auto after = account_of(reading);
  EXPECT_EQ(after.lower_bound_kib, 65536);
  EXPECT_EQ(after.unaccounted_kib, before.unaccounted_kib);
  EXPECT_FALSE(before.lower_bound_kib);
}

TEST(Evidence, VmstatCountersOnlyIfEverFed) {
  auto reading = reading_of(kRhel8Meminfo, "4.18.0-348.el8.x86_64");
  reading.vmstat = {{"balloon_inflate", 0}, {"balloon_deflate", 0}};
  EXPECT_FALSE(account_of(reading).vmstat_kib) << "a driver that does not feed them shows 0 too";
  reading.vmstat = {{"balloon_inflate", 1000}, {"balloon_deflate", 400}};
  EXPECT_EQ(account_of(reading).vmstat_kib, 2400);
  reading.vmstat = {{"balloon_inflate", 1000}, {"balloon_deflate", 1000}};
  EXPECT_EQ(account_of(reading).vmstat_kib, 0) << "fed, and all given back";
  reading.vmstat = {{"balloon_inflate", 1000}, {"balloon_deflate", 1001}};
  EXPECT_FALSE(account_of(reading).vmstat_kib) << "drifted: says nothing";
}

TEST(Evidence, StatusFile) {
  auto reading = reading_of(kRhel7Meminfo, "3.10.0-1062.el7.x86_64");
  reading.balloon = {"vmw_balloon", 524288, 600000, true};
  const auto account = account_of(reading);
  EXPECT_EQ(account.driver_kib, 524288);
  EXPECT_TRUE(account.resetting);
}

// -- what is missing -----------------------------------------------------------------------------

TEST(Missing, NothingOnAModernKernel) {
  auto reading = reading_of(kKernel514Meminfo, "5.14.0-70.el9.x86_64");
  reading.vmstat["nr_zspages"] = 0;
  const auto account = account_of(reading);
  EXPECT_TRUE(account.missing.empty()) << account.missing.front();
  EXPECT_EQ(account.unread_varying_kib, 0);
}

TEST(Missing, ZoneinfoHidesFreePages) {
  auto modern = reading_of(kKernel514Meminfo, "6.19.0");
  modern.zones.reset();
  const auto account = account_of(modern);
  EXPECT_TRUE(says(account, "zoneinfo was not readable: up to 251 MiB")) << account.missing.front();
  EXPECT_EQ(account.unread_varying_kib, account.mem_total_kib / 8);
  auto older = reading_of(kRhel7Meminfo, "3.10.0-1062.el7.x86_64");
  older.zones.reset();
  EXPECT_LT(account_of(older).unread_varying_kib, 16 * 1024) << "old lists are small";
}

TEST(Missing, VmallocinfoMattersBefore53) {
  EXPECT_TRUE(says(account_of(reading_of(kRhel6Meminfo, "2.6.32.el6")), "vmallocinfo"));
  EXPECT_TRUE(says(account_of(reading_of(kRhel8Meminfo, "4.18.0.el8")), "vmallocinfo"));
  EXPECT_FALSE(says(account_of(reading_of(kKernel514Meminfo, "5.14.0")), "vmallocinfo"));
  auto as_root = reading_of(kRhel8Meminfo, "4.18.0.el8");
  as_root.vmalloc_kib = 5000;
  EXPECT_FALSE(says(account_of(as_root), "vmallocinfo"));
}

TEST(Missing, ListsThreadsStatusAndNotes) {
  auto reading = reading_of(kRhel5Meminfo, "2.6.18.el5");
  EXPECT_TRUE(says(account_of(reading), "threads"));
  reading.meminfo.erase("Active");
  reading.balloon.module = "vmmemctl";
  reading.notes = {"the guest's pressure could not be understood"};
  const auto account = account_of(reading);
  EXPECT_TRUE(says(account, "LRU lists"));
  EXPECT_TRUE(says(account, "status of vmmemctl"));
  EXPECT_TRUE(says(account, "pressure could not"));
  EXPECT_EQ(part(account, "file_lru"), 640000) << "Cached and Buffers stand in";
}

TEST(CounterError, GrowsWithThresholdsAndSlowerThanCpus) {
  auto reading = reading_of(kKernel514Meminfo, "5.14.0");
  const auto two = account_of(reading).counter_error_kib;
  EXPECT_GT(two, 512);
  EXPECT_LT(two, 2048);
  reading.zones->cpus = 64;
  reading.zones->stat_threshold_pages = 64 * 125;
  const auto many = account_of(reading).counter_error_kib;
  EXPECT_GT(many, 8 * 1024);
  EXPECT_LT(many, 32 * 1024) << "64 CPUs do not all err the same way";
}

// -- errors --------------------------------------------------------------------------------------

TEST(AccountErrors, FieldsNoKernelLacks) {
  for (const auto* field : {"MemTotal", "MemFree", "Slab", "PageTables"}) {
    auto reading = reading_of(kKernel514Meminfo, "5.14.0");
    reading.meminfo.erase(field);
    const auto account = account_memory(reading);
    ASSERT_FALSE(account) << "an account without " << field;
    EXPECT_EQ(account.error().code, ErrorCode::kParse);
    EXPECT_NE(account.error().message.find(field), std::string::npos);
  }
  auto reading = reading_of(kKernel514Meminfo, "5.14.0");
  reading.meminfo.erase("Active");
  reading.meminfo.erase("AnonPages");
  EXPECT_FALSE(account_memory(reading)) << "neither lists nor what stands in for them";
}

TEST(AccountErrors, AbsurdFigures) {
  const struct {
    const char* field;
    std::int64_t value;
  } rows[] = {{"MemTotal", 0},
              {"MemFree", 2058537},
              {"Slab", std::int64_t{1} << 53},
              {"Hugetlb", std::int64_t{1} << 53},
              {"Active", -(std::int64_t{1} << 33)}};
  for (const auto& row : rows) {
    auto reading = reading_of(kKernel514Meminfo, "5.14.0");
    reading.meminfo[row.field] = row.value;
    EXPECT_FALSE(account_memory(reading)) << row.field << " = " << row.value;
  }
  auto reading = reading_of(kRhel7Meminfo, "3.10.0-1062.el7.x86_64");
  reading.hugepage_pools = {{std::int64_t{1} << 53, std::int64_t{1} << 53}, {2048, 1}};
  EXPECT_FALSE(account_memory(reading)) << "the product does not fit into 64 bits";
}

}  // namespace
}  // namespace ballast::model
