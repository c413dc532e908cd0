#include "collector/probe/guest_report.h"

#include <algorithm>
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

TEST(UnderstandGuest, FindsTheSuspectsOfAnExcess) {
  const auto guest = understand_guest(probe_output(500'000), {}, {});
  ASSERT_TRUE(guest) << guest.error().detail;
  EXPECT_EQ(guest->account.unaccounted_kib, 500'000);
  ASSERT_EQ(guest->suspects.size(), 2U);
  EXPECT_EQ(guest->suspects[0].consumer, model::Consumer::kRamDisks);
  EXPECT_EQ(guest->suspects[0].kib, 409'600);
  EXPECT_EQ(guest->suspects[1].consumer, model::Consumer::kLargeKmalloc);
}

TEST(UnderstandGuest, SaysWhatItCannotUnderstand) {
  const auto guest = understand_guest("hello", {}, {});
  ASSERT_FALSE(guest);
  EXPECT_NE(guest.error().detail, "");
}

// Any user of the guest can write it, and 30 minutes ago it may have been so.
TEST(UnderstandReport, DoesNotSpeakForTheHypervisor) {
  const UtcTime now{std::chrono::milliseconds(1'800'000'000'000)};
  std::string output = probe_output(500'000);
  output.insert(output.find("@@ballast meminfo"),
                "@@ballast clock\n1799999700\n@@ballast toolbox\nballoon 0 MB\n");
  std::replace(output.begin(), output.end(), '\n', ';');
  model::VmView vm;
  vm.moref = "vm-1";
  Reports told;
  told->emplace("vm-1", "- " + output);
  const auto guest = understand_report(told, vm, now, std::chrono::minutes(30));
  ASSERT_TRUE(guest) << guest.error().detail;
  EXPECT_FALSE(guest->host_balloon_kib);
  EXPECT_EQ(guest->channel, model::Channel::kReport);
  EXPECT_EQ(guest->read_at, now - std::chrono::minutes(5));
}

}  // namespace
}  // namespace ballast::collector
