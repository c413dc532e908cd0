// The probe, run by real shells over the captured guests, against the files themselves.
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/units.h"
#include "model/parse/proc_files.h"
#include "tests/accuracy/accuracy.h"

namespace ballast::test {
namespace {

TEST(Probe, BusyboxReadsTheSameAsDash) {
  const auto busybox = measure_all(GuestShell::kBusybox);
  ASSERT_EQ(busybox.size(), measured().size());
  for (std::size_t i = 0; i < busybox.size(); ++i) {
    const auto& one = measured()[i];
    const auto& other = busybox[i];
    EXPECT_EQ(other.reading.meminfo, one.reading.meminfo) << one.capture.name();
    EXPECT_EQ(other.reading.vmstat, one.reading.vmstat) << one.capture.name();
    EXPECT_EQ(other.reading.threads, one.reading.threads) << one.capture.name();
    EXPECT_EQ(other.account.unaccounted_kib, one.account.unaccounted_kib) << one.capture.name();
    EXPECT_EQ(other.account.driver_kib, one.account.driver_kib) << one.capture.name();
  }
}

TEST(Probe, SumsInTheGuestAreWhatTheParsersSum) {
  for (const auto& guest : measured()) {
    const auto& name = guest.capture.name();
    const auto proc = guest.capture.root / "proc";
    const auto zones = model::parse_zoneinfo(read_text(proc / "zoneinfo"));
    ASSERT_TRUE(zones && guest.reading.zones) << name;
    EXPECT_EQ(zones->pcp_pages, guest.reading.zones->pcp_pages) << name;
    EXPECT_EQ(zones->managed_pages, guest.reading.zones->managed_pages) << name;
    EXPECT_EQ(zones->present_pages, guest.reading.zones->present_pages) << name;
    EXPECT_EQ(zones->stat_threshold_pages, guest.reading.zones->stat_threshold_pages) << name;
    EXPECT_EQ(zones->cpus, guest.reading.zones->cpus) << name;
    EXPECT_EQ(zones->lists, guest.reading.zones->lists) << name;
    // 2.6 has no managed pages.
    const auto total = guest.reading.meminfo.at("MemTotal");
    const bool old = guest.account.era < model::KernelEra::kEl7;
    EXPECT_EQ(kib_from_pages(zones->managed_pages), old ? 0 : total) << name;
    const auto text = read_text(proc / "vmallocinfo");
    EXPECT_EQ(guest.reading.vmalloc_kib.has_value(), !text.empty()) << name;
    if (!text.empty()) {
      EXPECT_EQ(model::parse_vmallocinfo(text).value(), guest.reading.vmalloc_kib) << name;
    }
    const auto vmstat = model::parse_vmstat(read_text(proc / "vmstat")).value();
    for (const auto& [counter, value] : guest.reading.vmstat) {
      EXPECT_EQ(vmstat.at(counter), value) << name << ": " << counter;
    }
  }
}

TEST(Probe, PressureCountersOfEachEraArePickedUp) {
  const std::map<std::string, std::vector<std::string>> wanted = {
      {"eras/rhel7", {"allocstall", "pgscan_direct_normal", "pgsteal_direct_dma32", "pswpin"}},
      {"eras/rhel8",
       {"allocstall_normal", "pgscan_direct", "pgsteal_direct", "oom_kill",
        "workingset_refault_anon", "nr_zspages", "nr_isolated_file"}},
      {"6.1", {"allocstall_normal", "oom_kill", "balloon_inflate", "nr_zspages"}},
      {"eras/u619", {"nr_memmap_pages", "nr_balloon_pages", "balloon_deflate", "pswpout"}},
  };
  for (const auto& guest : measured()) {
    const auto row = wanted.find(guest.capture.kernel());
    if (row == wanted.end()) continue;
    for (const auto& counter : row->second) {
      EXPECT_TRUE(guest.reading.vmstat.contains(counter)) << guest.capture.name() << counter;
    }
    EXPECT_FALSE(guest.reading.vmstat.contains("pgfault")) << "the output is to stay small";
  }
}

}  // namespace
}  // namespace ballast::test
