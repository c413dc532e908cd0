#include "model/account/account.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "base/units.h"
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

// -- the sum, era by era, from SYNTHETIC meminfo

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

// -- evidence

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

TEST(Evidence, MarkedPagesOnlyIfThereAreAny) {
  auto reading = reading_of(kRhel8Meminfo, "4.18.0-348.el8.x86_64");
  reading.kpageflags_kib = 0;
  EXPECT_FALSE(account_of(reading).kpageflags_kib) << "a driver that marks none shows 0 too";
  reading.kpageflags_kib = 524288;
  EXPECT_EQ(account_of(reading).kpageflags_kib, 524288);
}

// -- what is missing

TEST(Missing, TheFirstChunkIsNoErrorWhereTheBootLogHasIt) {
  auto reading = reading_of(kKernel514Meminfo, "5.14.0-70.el9.x86_64");
  reading.possible_cpus = 16;
  reading.vmstat["nr_memmap_pages"] = 0;
  EXPECT_EQ(account_of(reading).estimate_kib, 16 * 48);
  EXPECT_EQ(account_of(reading).unread_fixed_kib, 0) << "the estimate may be off both ways";
  reading.first_chunk_pages = 61;
  EXPECT_EQ(account_of(reading).estimate_kib, 0);
}

TEST(Missing, PossibleCpusAreNotTheOnlineOnes) {
  auto reading = reading_of(kKernel514Meminfo, "5.14.0-70.el9.x86_64");
  reading.meminfo["Percpu"] = 60'000;
  reading.possible_cpus = 128;
  const auto known = account_of(reading);
  reading.possible_cpus.reset();
  const auto unknown = account_of(reading);
  const auto off = std::abs(known.unaccounted_kib - unknown.unaccounted_kib);
  EXPECT_GT(off, 20'000) << "the first chunk of 128 CPUs is much larger than that of 2";
  EXPECT_LE(off, unknown.estimate_kib) << "not knowing them is not a tolerance of its own";
}

TEST(Missing, MarkedPagesStandInForTheStatusFile) {
  auto reading = reading_of(kRhel8Meminfo, "4.18.0-348.el8.x86_64");
  reading.balloon.module = "vmw_balloon";
  const auto before = account_of(reading).missing.size();
  reading.kpageflags_kib = 524288;
  EXPECT_EQ(account_of(reading).missing.size(), before - 1);
}

TEST(Missing, NothingOnAModernKernel) {
  auto reading = reading_of(kKernel514Meminfo, "5.14.0-70.el9.x86_64");
  reading.vmstat["nr_zspages"] = 0;
  reading.vmstat["nr_memmap_pages"] = 0;
  const auto account = account_of(reading);
  EXPECT_TRUE(account.missing.empty()) << account.missing.front();
  EXPECT_EQ(account.unread_varying_kib, 0);
}

TEST(Missing, ZoneinfoHidesFreePages) {
  auto modern = reading_of(kKernel514Meminfo, "6.19.0");
  modern.zones.reset();
  modern.vmstat["nr_zspages"] = 0;
  modern.vmstat["nr_memmap_pages"] = 0;
  const auto account = account_of(modern);
  EXPECT_TRUE(says(account, "zoneinfo was not readable: up to 251 MiB")) << account.missing.front();
  EXPECT_EQ(account.unread_varying_kib, account.mem_total_kib / 8);
  EXPECT_EQ(account.deciding_files, std::vector<std::string>{"/proc/zoneinfo"});
  auto older = reading_of(kRhel7Meminfo, "3.10.0-1062.el7.x86_64");
  older.zones.reset();
  older.meminfo["DirectMap4k"] = 14'000;

  EXPECT_LT(account_of(older).unread_varying_kib, 16 * 1024) << "old lists are small";
}

// A meminfo of 31 GiB of which the end is missing (vendor-reset, issue 28): huge pages may be there.
TEST(Missing, AMeminfoThatWasCutOff) {
  const auto whole = reading_of(kKernel514Meminfo, "5.14.0");
  for (const auto* first_gone : {"HugePages_Total", "VmallocUsed", "Percpu"}) {
    auto reading = whole;
    reading.meminfo["MemFree"] -= 200 * 1024;
    for (const auto* field : {"HugePages_Total", "HugePages_Free", "Hugepagesize", "Hugetlb",
                              "DirectMap4k", "DirectMap2M", "DirectMap1G", first_gone}) {
      reading.meminfo.erase(field);
    }
    const auto account = account_of(reading);
    EXPECT_GE(account.unread_varying_kib, account.unaccounted_kib) << first_gone;
    EXPECT_TRUE(says(account, "HugePages_Total")) << first_gone;
    ASSERT_FALSE(account.deciding_files.empty()) << first_gone;
    EXPECT_EQ(account.deciding_files.front(), "the whole of /proc/meminfo");
  }
}

// RHEL 7 with 16 pages of 1 GiB: HugePages_Total is of the default size alone.
TEST(Missing, PoolsOfAnotherSizeBefore418) {
  auto reading = reading_of(kRhel7Meminfo, "3.10.0-1160.el7.x86_64");
  reading.meminfo["MemTotal"] += 20 * kKibPerGib;
  reading.meminfo["DirectMap4k"] = 14'000;
  reading.meminfo["DirectMap2M"] = 2'000'000;
  EXPECT_FALSE(says(account_of(reading), "huge pages")) << "this processor has none of 1 GiB";
  reading.meminfo["DirectMap1G"] = 20 * kKibPerGib;
  const auto account = account_of(reading);
  EXPECT_TRUE(says(account, "huge pages of another size"));
  EXPECT_GE(account.unread_varying_kib, 20 * kKibPerGib);
  reading.hugepage_pools = {HugepagePool{2048, 0}, HugepagePool{kKibPerGib, 20}};
  EXPECT_FALSE(says(account_of(reading), "huge pages"));
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

// -- errors

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
              {"Active", -(std::int64_t{1} << 33)}};
  for (const auto& row : rows) {
    auto reading = reading_of(kKernel514Meminfo, "5.14.0");
    reading.meminfo[row.field] = row.value;
    EXPECT_FALSE(account_memory(reading)) << row.field << " = " << row.value;
  }
  auto reading = reading_of(kRhel7Meminfo, "3.10.0-1062.el7.x86_64");
  reading.hugepage_pools = {{std::int64_t{1} << 53, std::int64_t{1} << 53}, {2048, 1}};
  const auto account = account_memory(reading);
  ASSERT_TRUE(account)
      << "the product does not fit into 64 bits, and is nobody's fault but its own";
  EXPECT_NE(account->contradiction, "");
}

}  // namespace
}  // namespace ballast::model
