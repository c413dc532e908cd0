#include "model/parse/oom_dump.h"

#include <string>

#include <gmock/gmock.h>

#include "base/text.h"
#include "model/platform.h"
#include "tests/model/account/account_helpers.h"

namespace ballast::model {
namespace {

using test::account_of;
using test::part;
using ::testing::Contains;
using ::testing::HasSubstr;

// The same guest as six generations of kernels print it: 480,000 pages, of which the lists, slab,
// page tables, free pages, per-CPU lists (300) and 4,096 KiB of stacks are 207,856. The layouts are
// those of show_mem() and show_free_areas() of 2.6.18, 2.6.32, 3.10, 4.18, 5.14 and 6.12.
constexpr std::int64_t kTotalKib = 480'000 * 4;
constexpr std::int64_t kUnaccountedKib = (480'000 - 207'856) * 4;

const std::string kEl5 =
    "httpd invoked oom-killer: gfp_mask=0x201d2, order=0, oomkilladj=0\n"
    "Mem-info:\n"
    "Node 0 DMA per-cpu:\n"
    "cpu 0 hot: high 0, batch 1 used:0\n"
    "cpu 0 cold: high 0, batch 1 used:0\n"
    "Node 0 DMA32 per-cpu:\n"
    "cpu 0 hot: high 186, batch 31 used:170\n"
    "cpu 0 cold: high 62, batch 15 used:50\n"
    "cpu 1 hot: high 186, batch 31 used:60\n"
    "cpu 1 cold: high 62, batch 15 used:20\n"
    "Node 0 HighMem per-cpu: empty\n"
    "Free pages:       48000kB (0kB HighMem)\n"
    "Active:150000 inactive:32000 dirty:1 writeback:0 unstable:0 free:12000 slab:10000 "
    "mapped-file:1034 mapped-anon:102000 pagetables:2000\n"
    "Node 0 DMA free:8000kB min:48kB low:60kB high:72kB active:0kB inactive:0kB present:10800kB "
    "pages_scanned:0 all_unreclaimable? yes\n"
    "lowmem_reserve[]: 0 2004 2004 2004\n"
    "Node 0 DMA32 free:40000kB min:5712kB low:7140kB high:8568kB active:600000kB "
    "inactive:128000kB present:2052084kB pages_scanned:64 all_unreclaimable? no\n"
    "Node 0 DMA: 3*4kB 5*8kB 1*16kB = 8000kB\n"
    "Swap cache: add 7, delete 7, find 0/0, race 0+0\n"
    "Free swap  = 0kB\nTotal swap = 2097144kB\nFree swap:            0kB\n"
    "524288 pages of RAM\n44288 reserved pages\n1010 pages shared\n7 pages swap cached\n";

const std::string kEl6 =
    "Pid: 1743, comm: sshd Tainted: G           --------------- H  2.6.32-279.9.1.el6.x86_64 #1\n"
    "Mem-Info:\n"
    "Node 0 DMA per-cpu:\n"
    "CPU    0: hi:    0, btch:   1 usd:   0\n"
    "CPU    1: hi:    0, btch:   1 usd:   0\n"
    "Node 0 DMA32 per-cpu:\n"
    "CPU    0: hi:  186, btch:  31 usd: 180\n"
    "CPU    1: hi:  186, btch:  31 usd: 120\n"
    "active_anon:100000 inactive_anon:2000 isolated_anon:32\n"
    " active_file:50000 inactive_file:30000 isolated_file:0\n"
    " unevictable:500 dirty:0 writeback:0 unstable:0\n"
    " free:12000 slab_reclaimable:4000 slab_unreclaimable:6000\n"
    " mapped:1000 shmem:1500 pagetables:2000 bounce:0\n"
    "Node 0 DMA free:8000kB min:332kB low:412kB high:496kB active_anon:0kB inactive_anon:0kB "
    "active_file:0kB inactive_file:0kB unevictable:0kB isolated(anon):0kB isolated(file):0kB "
    "present:15276kB mlocked:0kB dirty:0kB writeback:0kB mapped:0kB shmem:0kB "
    "slab_reclaimable:0kB slab_unreclaimable:0kB kernel_stack:0kB pagetables:0kB unstable:0kB "
    "bounce:0kB writeback_tmp:0kB pages_scanned:0 all_unreclaimable? yes\n"
    "lowmem_reserve[]: 0 2004 2004 2004\n"
    "Node 0 DMA32 free:40000kB min:44720kB low:55900kB high:67080kB active_anon:400000kB "
    "inactive_anon:8000kB active_file:200000kB inactive_file:120000kB unevictable:2000kB "
    "isolated(anon):128kB isolated(file):0kB present:2052064kB mlocked:0kB dirty:0kB "
    "writeback:0kB mapped:4000kB shmem:6000kB slab_reclaimable:16000kB "
    "slab_unreclaimable:24000kB kernel_stack:4096kB pagetables:8000kB unstable:0kB bounce:0kB "
    "writeback_tmp:0kB pages_scanned:1 all_unreclaimable? no\n"
    "Node 0 DMA: 2*4kB 1*8kB = 8000kB\n"
    "81600 total pagecache pages\n100 pages in swap cache\n"
    "Free swap  = 4kB\nTotal swap = 8kB\n"
    "524288 pages RAM\n44288 pages reserved\n5000 pages shared\n300000 pages non-shared\n";

// From 3.9 on zones say what they manage, from 4.2 on the lists are one figure.
std::string el7() {
  auto text = kEl6;
  const auto replace = [&text](std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    text.replace(at, from.size(), to);
  };
  replace("Pid: 1743, comm: sshd Tainted: G           --------------- H  2.6.32-279.9.1.el6.x86_64",
          "CPU: 1 PID: 1743 Comm: sshd Not tainted 3.10.0-1062.el7.x86_64");
  replace("present:15276kB", "present:15992kB managed:15908kB");
  replace("present:2052064kB", "present:2081152kB managed:1904092kB");
  replace("Free swap",
          "Node 0 hugepages_total=3 hugepages_free=0 hugepages_surp=0 "
          "hugepages_size=2048kB\nFree swap");
  replace("44288 pages reserved", "44300 pages reserved");
  return text;
}

const std::string kEl8 =
    "CPU: 2 PID: 470 Comm: java Not tainted 4.18.0-348.el8.x86_64 #1\n"
    "Hardware name: VMware, Inc. VMware Virtual Platform/440BX Desktop, BIOS 6.00 07/31/2013\n"
    "Mem-Info:\n"
    "active_anon:100000 inactive_anon:2000 isolated_anon:32\n"
    " active_file:50000 inactive_file:30000 isolated_file:0\n"
    " unevictable:500 dirty:0 writeback:0 unstable:0\n"
    " slab_reclaimable:4000 slab_unreclaimable:6000\n"
    " mapped:1000 shmem:1500 pagetables:2000 bounce:0\n"
    " free:12000 free_pcp:300 free_cma:0\n"
    "Node 0 active_anon:400000kB inactive_anon:8000kB active_file:200000kB inactive_file:120000kB "
    "unevictable:2000kB isolated(anon):128kB isolated(file):0kB mapped:4000kB dirty:0kB "
    "writeback:0kB shmem:6000kB shmem_thp: 0kB shmem_pmdmapped: 0kB anon_thp: 0kB "
    "writeback_tmp:0kB unstable:0kB all_unreclaimable? no\n"
    "Node 0 DMA free:8000kB min:712kB low:888kB high:1064kB active_anon:0kB inactive_anon:0kB "
    "active_file:0kB inactive_file:0kB unevictable:0kB writepending:0kB present:15992kB "
    "managed:15908kB mlocked:0kB kernel_stack:0kB pagetables:0kB bounce:0kB free_pcp:0kB "
    "local_pcp:0kB free_cma:0kB\n"
    "lowmem_reserve[]: 0 1729 1729 1729\n"
    "Node 0 DMA32 free:40000kB min:44652kB low:55812kB high:66972kB active_anon:400000kB "
    "inactive_anon:8000kB active_file:200000kB inactive_file:120000kB unevictable:2000kB "
    "writepending:0kB present:2080640kB managed:1904092kB mlocked:0kB kernel_stack:4096kB "
    "pagetables:8000kB bounce:0kB free_pcp:1200kB local_pcp:120kB free_cma:0kB\n"
    "Node 0 DMA: 1*4kB (U) 0*8kB 1*16kB (U) = 8000kB\n"
    "Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=1048576kB\n"
    "Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB\n"
    "81600 total pagecache pages\n100 pages in swap cache\n"
    "Free swap  = 0kB\nTotal swap = 0kB\n"
    "524158 pages RAM\n0 pages HighMem/MovableOnly\n44158 pages reserved\n0 pages hwpoisoned\n"
    "Tasks state (memory values in pages):\n"
    "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
    "[    444]     0   444    30482      118   118784        0             0 systemd-journal\n";

// From 5.9 on stacks, from 5.11 on page tables are the nodes'.
std::string modern() {
  std::string text = kEl8;
  const auto replace = [&text](std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    text.replace(at, from.size(), to);
  };
  replace("4.18.0-348.el8.x86_64", "6.12.0-55.el10.x86_64");
  replace(" unstable:0\n", "\n");
  replace("pagetables:2000 bounce:0\n",
          "pagetables:2000\n sec_pagetables:10 bounce:0\n kernel_misc_reclaimable:20\n");
  replace("writeback_tmp:0kB unstable:0kB",
          "writeback_tmp:0kB kernel_stack:4096kB pagetables:8000kB sec_pagetables:40kB");
  replace("mlocked:0kB kernel_stack:0kB pagetables:0kB", "mlocked:0kB");
  replace("mlocked:0kB kernel_stack:4096kB pagetables:8000kB", "mlocked:0kB");
  replace("DMA free:8000kB min:", "DMA free:8000kB boost:0kB min:");
  replace("high:1064kB", "high:1064kB reserved_highatomic:0KB free_highatomic:0KB");
  return text;
}

GuestReading only(const std::string& log) {
  const auto readings = parse_oom_dumps(log);
  EXPECT_TRUE(readings) << readings.error().sentence();
  if (!readings) return {};
  EXPECT_EQ(readings->size(), 1U);
  return readings->front();
}

TEST(OomDump, TheSameGuestOnEveryKernel) {
  const struct {
    const char* kernel;
    std::string log;
    std::int64_t more_kib;  // than the common figures leave unaccounted
  } rows[] = {
      // 2.6.18 has no unevictable and isolated pages and no stacks.
      {"2.6.18", kEl5, (500 + 32 + 1024) * 4},
      {"2.6.32", kEl6, 0},
      {"3.10", el7(), -3 * 2048},
      {"4.18", kEl8, 0},
      {"6.12", modern(), -30 * 4},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.kernel);
    const auto reading = only(row.log);
    EXPECT_TRUE(looks_like_oom_dump(row.log));
    ASSERT_TRUE(reading.from_oom_dump);
    const auto account = account_of(reading);
    EXPECT_EQ(account.mem_total_kib, kTotalKib);
    EXPECT_EQ(account.unaccounted_kib, kUnaccountedKib + row.more_kib)
        << "a part of the account was read wrongly, or not at all";
    EXPECT_EQ(part(account, "pcp"), 1200) << "free pages would count as missing";
  }
}

TEST(OomDump, EveryFormOfLogGivesTheSame) {
  const auto with = [](const std::string& prefix, const std::string& end) {
    std::string log;
    for (const auto line : split_lines(kEl8)) log += prefix + std::string(line) + end;
    return log;
  };
  auto rsyslog = kEl8;
  for (auto at = rsyslog.find("\n "); at != std::string::npos; at = rsyslog.find("\n ")) {
    rsyslog.replace(at, 1, "#012");
  }
  const struct {
    const char* form;
    std::string log;
  } rows[] = {
      {"dmesg", with("[  174.106378] ", "\n")},
      {"dmesg -T", with("[Mon Sep 12 00:20:01 2015] ", "\n")},
      {"dmesg -x", with("kern  :info  : [  174.106378] ", "\n")},
      {"syslog", with("Sep 12 00:20:01 web01 kernel: [  174.106378] ", "\n")},
      {"syslog without a time stamp of the kernel's", with("Sep 12 00:20:01 web01 kernel: ", "\n")},
      {"a journal", with("2015-09-12T00:20:01+0900 web01 kernel: ", "\n")},
      {"vmware.log", with("2015-09-12T00:20:01.123Z| vcpu-0| I125: Guest: ", "\n")},
      {"a serial console", with("<6>[  174.106378] ", "\r\n")},
      {"a mail that quotes it", with("> > ", "\n")},
      {"rsyslog, which has no line feeds", rsyslog},
      {"cut off above the counters", kEl8.substr(kEl8.find("active_anon"))},
      {"with a log around it",
       "systemd[1]: Started.\n" + kEl8 + "Killed process 4 free:7 slab:9\n"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.form);
    const auto reading = only(row.log);
    ASSERT_EQ(reading.meminfo, only(kEl8).meminfo);
    EXPECT_EQ(account_of(reading).unaccounted_kib, kUnaccountedKib);
  }
  EXPECT_EQ(only(with("[  174.106378] ", "\n")).uptime_s, 174);
}

TEST(OomDump, SeveralDumpsAreSeveralMoments) {
  auto later = kEl8;
  later.replace(later.find("free:12000"), 10, "free:11900");
  const auto readings = parse_oom_dumps(kEl8 + later);
  ASSERT_TRUE(readings);
  ASSERT_EQ(readings->size(), 2U);
  EXPECT_EQ((*readings)[0].meminfo.at("MemFree"), 48'000)
      << "the first one's figures were mixed up";
  EXPECT_EQ((*readings)[1].meminfo.at("MemFree"), 47'600);
}

TEST(OomDump, TheKernelTheMachineAndSwap) {
  const auto reading = only(kEl8);
  EXPECT_EQ(reading.kernel_release, "4.18.0-348.el8.x86_64");
  EXPECT_EQ(only(kEl6).kernel_release, "2.6.32-279.9.1.el6.x86_64");
  EXPECT_EQ(reading.platform.machine, "VMware, Inc. VMware Virtual Platform");
  EXPECT_EQ(hypervisor_of(reading), Hypervisor::kVmware);
  const auto old = only(kEl6);
  EXPECT_EQ(old.meminfo.at("SwapTotal"), 8);
  EXPECT_EQ(old.meminfo.at("SwapFree"), 4);
  EXPECT_EQ(old.meminfo.at("SwapCached"), 400);
  EXPECT_EQ(only(kEl5).meminfo.at("SwapCached"), 28);
}

TEST(OomDump, WhatItDoesNotHaveWasNotRead) {
  const auto reading = only(modern());
  for (const auto* field : {"VmallocUsed", "Percpu", "AnonPages", "Cached", "Hugetlb", "Zswap"}) {
    EXPECT_FALSE(reading.meminfo.contains(field)) << field << " would pass for read";
  }
  EXPECT_FALSE(reading.vmstat.contains("nr_zspages")) << "zram would pass for counted";
  EXPECT_FALSE(reading.vmalloc_kib);
  EXPECT_EQ(reading.hugepage_pools.size(), 2U) << "the dump has the pools of all sizes";
  EXPECT_TRUE(only(kEl6).hugepage_pools.empty()) << "2.6.32 says nothing of pools";
  EXPECT_THAT(reading.notes, Contains(HasSubstr("vmalloc")));
}

TEST(OomDump, NodesThatAreLeftOutMakeNoSmallerGuest) {
  // A task bound to node 0 prints that node alone; the machine's counters are of both.
  auto log = kEl8;
  const auto node = log.find("Node 0 DMA32");
  log.erase(node, log.find('\n', node) + 1 - node);
  const auto reading = only(log);
  EXPECT_EQ(reading.meminfo.at("MemTotal"), kTotalKib)
      << "15 MiB that the one zone manages would be the guest";
  EXPECT_FALSE(reading.meminfo.contains("KernelStack")) << "one zone's stacks for all of them";
  EXPECT_FALSE(reading.zones);
  EXPECT_THAT(reading.notes, Contains(HasSubstr("leaves nodes or zones out")));
}

TEST(OomDump, PresentPagesAreOnlyAnUpperBound) {
  const auto cut = kEl6.substr(0, kEl6.find("524288 pages RAM"));
  const auto reading = only(cut);
  EXPECT_FALSE(reading.meminfo.contains("MemTotal"))
      << "what the kernel itself takes would be missing";
  EXPECT_THAT(reading.notes, Contains(HasSubstr("at most 1.97 GiB")));
  EXPECT_THAT(reading.notes, Contains(HasSubstr("--mem-total")));
  EXPECT_THAT(only(kEl6).notes, Contains(HasSubstr("reserved")))
      << "nobody would know that MemTotal was worked out";
}

TEST(OomDump, LargerPages) {
  auto log = kEl8;
  for (const auto* part : {"DMA: 1*4kB", "0*8kB", "1*16kB"}) {
    const auto at = log.find(part);
    log.erase(at, std::string_view(part).size());
  }
  log.replace(log.find("Node 0  (U)"), 11, "Node 0 DMA: 3*64kB (U)");
  const auto reading = only(log);
  EXPECT_EQ(reading.meminfo.at("MemFree"), 12'000 * 64) << "pages are of 64 KiB on some machines";
}

TEST(OomDump, RefusesWhatIsNone) {
  const struct {
    const char* what;
    std::string log;
    const char* says;
  } rows[] = {
      {"nothing", "", "no memory dump"},
      {"zone lines alone", kEl8.substr(kEl8.find("Node 0 DMA free")), "no memory dump"},
      {"a cgroup's OOM", "Memory cgroup out of memory: Kill process 1\n", "no memory dump"},
      {"the head alone", "Mem-Info:\n", "no 'free:'"},
      {"cut in the counters", kEl8.substr(0, kEl8.find(" slab_reclaimable")), "no '"},
  };
  for (const auto& row : rows) {
    const auto readings = parse_oom_dumps(row.log);
    ASSERT_FALSE(readings) << row.what;
    EXPECT_EQ(readings.error().code, ErrorCode::kParse) << row.what;
    EXPECT_THAT(readings.error().message, HasSubstr(row.says)) << row.what;
  }
  EXPECT_FALSE(looks_like_oom_dump(rows[1].log)) << "zone lines are no dump";
}

TEST(OomDump, AbsurdFiguresDoNotWrapRound) {
  for (const auto* absurd : {"9007199254740992", "99999999999999999999", "-1"}) {
    auto log = kEl8;
    log.replace(log.find("free:12000"), 10, std::string("free:") + absurd);
    EXPECT_FALSE(parse_oom_dumps(log)) << absurd;
  }
  std::string zones = kEl8;
  for (int i = 0; i < 100; ++i) {
    zones.insert(zones.find("lowmem"), "Node 1 DMA free:1kB min:1kB managed:140737488355328kB\n");
  }
  const auto reading = only(zones);
  EXPECT_EQ(reading.meminfo.at("MemTotal"), kTotalKib) << "the sum over zones is out of range";
}

TEST(OomDump, ABadDumpBesideAGoodOneIsSaid) {
  const auto readings = parse_oom_dumps("Mem-Info:\nfree:1\n" + kEl8);
  ASSERT_TRUE(readings);
  EXPECT_EQ(readings->size(), 1U);
  EXPECT_THAT(readings->front().notes, Contains(HasSubstr("was left out")));
}

}  // namespace
}  // namespace ballast::model
