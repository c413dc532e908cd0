#include "collector/judge_guest.h"

#include <string>

#include <gtest/gtest.h>

namespace ballast::collector {
namespace {

// A RHEL 8.1 guest of 2 GiB that misses `missing_kib`; the probe found a RAM disk.
std::string probe_output(std::int64_t missing_kib) {
  const std::int64_t free_kib = 2'000'000 - 100'000 - missing_kib;
  return "@@ballast begin 1\n@@ballast meminfo\nMemTotal: 2000000 kB\nMemFree: " +
         std::to_string(free_kib) +
         " kB\nActive: 50000 kB\nInactive: 0 kB\nActive(anon): 50000 kB\nInactive(anon): 0 kB\n"
         "Slab: 40000 kB\nKReclaimable: 0 kB\nKernelStack: 5000 kB\nPageTables: 5000 kB\n"
         "VmallocUsed: 0 kB\n"
         "@@ballast vmstat\nallocstall_normal 7\npswpout 10\n@@ballast modules\nbrd 0x0\n"
         "@@ballast ram_disks\n1 0 409600 ram0\n@@ballast release\n4.18.0-147.5.1.el8.x86_64\n"
         "@@ballast end\n";
}

model::VmResult judged(std::int64_t missing_kib) {
  model::VmView vm;
  vm.stats.balloon_kib = 0;
  return judge_guest(vm, probe_output(missing_kib), {});
}

TEST(JudgeGuest, AnExcessComesWithItsSuspects) {
  const auto result = judged(500'000);
  EXPECT_EQ(result.judgement.verdict, model::Verdict::kExcess);
  ASSERT_TRUE(result.guest);
  const auto& suspects = result.guest->suspects;
  ASSERT_EQ(suspects.size(), 2U);
  EXPECT_EQ(suspects[0].consumer, model::Consumer::kRamDisks);
  EXPECT_EQ(suspects[0].kib, 409'600);
  EXPECT_EQ(suspects[1].consumer, model::Consumer::kLargeKmalloc);
}

TEST(JudgeGuest, SuspectsDecideNothing) {
  const auto result = judged(20'000);
  EXPECT_EQ(result.judgement.verdict, model::Verdict::kClean);
  EXPECT_EQ(result.guest->account.unaccounted_kib, 20'000);
}

TEST(JudgeGuest, OutputThatCannotBeUnderstoodIsUnknown) {
  const auto result = judge_guest({}, "hello", {});
  EXPECT_EQ(result.judgement.reason, model::UnknownReason::kOutputUnreadable);
  EXPECT_FALSE(result.guest);
  EXPECT_NE(result.detail, "");
}

}  // namespace
}  // namespace ballast::collector
