// The probe script by itself: its size and quoting, and trees that no capture has.
#include "collector/probe_script.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "model/account/account.h"
#include "model/parse/probe_output.h"
#include "tests/accuracy/captures.h"
#include "tests/accuracy/probe_runner.h"
#include "tests/model/parse/guest_tree.h"
#include "tests/model/synthetic.h"

namespace ballast::test {
namespace {

namespace fs = std::filesystem;

const GuestShell kShells[] = {GuestShell::kDash, GuestShell::kBusybox};

model::GuestReading read(GuestShell shell, const Tree& tree) {
  const auto run = run_probe(shell, tree.root());
  EXPECT_EQ(run.exit_status, 0);
  return model::parse_probe_output(run.output).value();
}

// /proc/zoneinfo of a machine with four nodes and 200 CPUs.
std::string huge_zoneinfo() {
  std::string text;
  for (int node = 0; node < 4; ++node) {
    text += "Node " + std::to_string(node) + ", zone   Normal\n  per-node stats\n";
    for (int i = 0; i < 60; ++i) text += "      nr_counter_" + std::to_string(i) + " 12345678\n";
    text += "  pages free     1\n        present  1000\n        managed  900\n  pagesets\n";
    for (int cpu = 0; cpu < 200; ++cpu) {
      text += "    cpu: " + std::to_string(cpu) +
              "\n              count: 63\n              high:  378\n              batch: 63\n"
              "  vm stats threshold: 125\n";
    }
  }
  return text;
}

TEST(ProbeScript, IsOneArgumentThatIsEasyToQuote) {
  const auto script = collector::kProbeScript;
  EXPECT_LT(script.size(), 8192U);
  EXPECT_EQ(script.find('\''), std::string_view::npos);
  EXPECT_EQ(script.find("\n#"), std::string_view::npos) << "a comment was left in";
  EXPECT_EQ(script.find("\n\n"), std::string_view::npos);
  for (const char c : script) {
    EXPECT_TRUE((c >= ' ' && c <= '~') || c == '\n') << "not plain ASCII";
  }
}

TEST(ProbeScript, EmbeddedAndReadableScriptPrintTheSame) {
  Tree tree;
  tree.with("proc/meminfo", kRhel5Meminfo).with("proc/zoneinfo", kRhel5Zoneinfo);
  const auto file = run({"/bin/dash", BALLAST_SOURCE_DIR "/collector/probe/probe.sh"}, tree.root(),
                        "/usr/bin:/bin");
  const auto without_clock = [](std::string text) {
    const auto at = text.find("@@ballast clock\n");
    return text.erase(at, text.find("@@ballast uid") - at);
  };
  EXPECT_EQ(without_clock(file.output),
            without_clock(run_probe(GuestShell::kDash, tree.root()).output));
}

TEST(ProbeScript, Rhel5) {
  for (const auto shell : kShells) {
    Tree tree;
    tree.with("proc/meminfo", kRhel5Meminfo)
        .with("proc/zoneinfo", kRhel5Zoneinfo)
        .with("proc/loadavg", "0.00 0.01 0.05 1/100 2789\n")
        .with("proc/sys/kernel/osrelease", "2.6.18-274.7.1.el5\n")
        .with("proc/vmstat",
              "nr_anon_pages 5\nallocstall 7\npgsteal_normal 8\npgscan_direct_dma 9\n")
        .with("proc/vmmemctl", "target:     131072 pages\ncurrent:     131072 pages\n");
    const auto reading = read(shell, tree);
    EXPECT_EQ(reading.zones->pcp_pages, 230);
    EXPECT_EQ(reading.zones->cpus, 2);
    EXPECT_EQ(reading.threads, 100);
    EXPECT_EQ(reading.balloon.current_kib, 524288);
    const model::Vmstat counters = {
        {"allocstall", 7}, {"pgsteal_normal", 8}, {"pgscan_direct_dma", 9}};
    EXPECT_EQ(reading.vmstat, counters);
    EXPECT_EQ(model::account_memory(reading)->era, model::KernelEra::kEl5);
  }
}

TEST(ProbeScript, PoolsZramPossibleCpusAndZswap) {
  for (const auto shell : kShells) {
    Tree tree;
    tree.with("proc/meminfo", kKernel514Meminfo)
        .with("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "10\n")
        .with("sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "1\n")
        .with("sys/block/zram0/mm_stat", "  4096000  2048000  5368709120   0  0  0  0\n")
        .with("sys/block/zram1/mem_used_total", "1024\n")
        .with("sys/devices/system/cpu/possible", "0-127\n")
        .with("sys/module/zswap/parameters/zpool", "zbud\n")
        .with("proc/sys/kernel/random/boot_id", "0f2c4b1e-2f7a-4c51-9d0e-7f3a1b2c3d4e\n");
    const auto reading = read(shell, tree);
    ASSERT_EQ(reading.hugepage_pools.size(), 2U);
    EXPECT_EQ(reading.hugepage_pools[0].page_kib + reading.hugepage_pools[1].page_kib, 1050624);
    EXPECT_EQ(reading.zram_kib, 5368709120 / 1024 + 1) << "5 GiB do not fit into 32 bits";
    EXPECT_EQ(reading.possible_cpus, 128);
    EXPECT_EQ(reading.zswap_pool, "zbud");
    EXPECT_EQ(reading.boot_id, "0f2c4b1e-2f7a-4c51-9d0e-7f3a1b2c3d4e");
    EXPECT_TRUE(reading.clock);
    EXPECT_TRUE(reading.notes.empty()) << reading.notes.front();
  }
}

std::map<model::Consumer, std::optional<std::int64_t>> traces_of(
    const model::GuestReading& reading) {
  std::map<model::Consumer, std::optional<std::int64_t>> traces;
  for (const auto& trace : reading.traces) traces[trace.consumer] = trace.kib;
  return traces;
}

TEST(ProbeScript, TracesOfOtherConsumers) {
  using model::Consumer;
  const std::map<Consumer, std::optional<std::int64_t>> expected = {
      {Consumer::kSockets, 30500 * 4 + 2},
      {Consumer::kXfsBuffers, 25600 * 4},
      {Consumer::kZfsArc, 4 * 1024 * 1024},
      {Consumer::kRamDisks, 307200},
      {Consumer::kTraceBuffers, 1408},
      {Consumer::kHotAddedMemmap, 16 * 1024},
      {Consumer::kNfsd, 64 * 1036},
      {Consumer::kZram, 524288},
      {Consumer::kForeignModules, std::nullopt},
      {Consumer::kPerCpu, 65536}};
  for (const auto shell : kShells) {
    Tree tree;
    tree.with("proc/meminfo", kKernel514Meminfo)
        .with("proc/filesystems", "nodev\tsysfs\nnodev\ttracefs\n\text4\n\txfs\n")
        .with("proc/mounts", "tracefs /sys/kernel/tracing tracefs rw 0 0\n")
        .with("sys/kernel/tracing/buffer_total_size_kb", "1408\n")
        .with("proc/net/sockstat",
              "sockets: used 13\nTCP: inuse 5 orphan 0 tw 0 alloc 7 mem 30000\n"
              "UDP: inuse 2 mem 500\nUDPLITE: inuse 0\nFRAG: inuse 1 memory 2048\n")
        .with(
            "proc/slabinfo",
            "slabinfo - version: 2.1\nxfs_buf_item 900 900 272 15 1\nxfs_buf 25600 25704 384 21\n")
        .with("proc/spl/kstat/zfs/abdstats", "name type data\nscatter_data_size 4 4294967296\n")
        .with("proc/spl/kstat/zfs/arcstats", "name type data\nsize 4 5368709120\n")
        .with("proc/iomem",
              "00100000-7fffffff : System RAM\n  01000000-02209987 : Kernel code\n"
              "80000000-bfffffff : System RAM\n100000000-13fffffff : System RAM\n")
        .with("proc/fs/nfsd/threads", "64\n")
        .with("proc/swaps",
              "Filename Type Size Used Priority\n/dev/sda2 partition 2097148 5000 -2\n"
              "/dev/zram0 partition 1048572 524288 100\n")
        .with("sys/block/ram0/size", "614400\n")
        .with("proc/vmallocinfo",
              "0x1-0x2 33554432 pcpu_get_vm_areas+0x0/0x550 vmalloc\n"
              "0x2-0x3 33554432 pcpu_get_vm_areas+0x0/0x550 vmalloc\n")
        .with("proc/modules",
              "emcp 1 0 - Live 0x0 (F)\nhv_balloon 1 0 - Live 0x0\n"
              "zram 36864 1 - Live 0x0\nbrd 20480 0 - Live 0x0\next4 745472 1 - Live 0x0\n"
              "nvidia 35319808 12 nvidia_modeset, Live 0x0 (POE)\n"
              "vmmemctl 20480 0 - Live 0x0 (O)\n");
    const auto reading = read(shell, tree);
    EXPECT_TRUE(reading.notes.empty()) << reading.notes.front();
    EXPECT_EQ(reading.balloon.module, "vmmemctl");
    EXPECT_EQ(traces_of(reading), expected);
    EXPECT_EQ(reading.traces[reading.traces.size() - 2].detail, "emcp, nvidia");
    EXPECT_EQ(reading.vmalloc_kib, 0) << "per-CPU areas have no pages of vmalloc";
    EXPECT_EQ(reading.other_balloons.size(), 1U);
  }
}

// Looking below debugfs would mount tracefs in the guest, and slabinfo is dear.
TEST(ProbeScript, LooksForTraceBuffersAndXfsOnlyWhereTheyAre) {
  const struct {
    const char* what;
    const char* filesystems;
    bool found;
  } rows[] = {{"RHEL 7, without tracefs but with XFS", "nodev\tdebugfs\n\txfs\n", true},
              {"tracefs that nobody mounted, no XFS", "nodev\ttracefs\n\text4\n", false}};
  for (const auto& row : rows) {
    Tree tree;
    tree.with("proc/meminfo", kRhel7Meminfo)
        .with("proc/filesystems", row.filesystems)
        .with("proc/mounts", "debugfs /sys/kernel/debug debugfs rw 0 0\n")
        .with("proc/slabinfo", "xfs_buf 25600 25704 384 21\n")
        .with("sys/kernel/debug/tracing/buffer_total_size_kb", "1408\n");
    for (const auto shell : kShells) {
      EXPECT_EQ(traces_of(read(shell, tree)).size(), row.found ? 2U : 0U) << row.what;
    }
  }
}

TEST(ProbeScript, ManyRangesAndModulesAreCutShort) {
  std::string iomem;
  std::string modules;
  for (int i = 1; i <= 2000; ++i) {
    iomem += std::to_string(i * 1000000000LL) + "-" + std::to_string(i * 1000000000LL + 5) +
             " : System RAM\n";
    modules += "foreign_module_" + std::to_string(i) + " 16384 0 - Live 0x0 (OE)\n";
  }
  Tree tree;
  tree.with("proc/meminfo", kKernel514Meminfo)
      .with("proc/iomem", iomem)
      .with("proc/modules", modules + "vmw_balloon 16384 0 - Live 0x0\n");
  for (const auto shell : kShells) {
    const auto run = run_probe(shell, tree.root());
    EXPECT_LT(run.output.size(), 8192U);
    const auto reading = model::parse_probe_output(run.output).value();
    EXPECT_TRUE(reading.notes.empty()) << reading.notes.front();
    EXPECT_EQ(reading.balloon.module, "vmw_balloon") << "its line comes after many others";
  }
}

TEST(ProbeScript, FewKibibytesOutOfALargeGuest) {
  std::string vmallocinfo;
  for (int i = 0; i < 5000; ++i) vmallocinfo += "0x0-0x1 20480 fork+0x1/0x2 pages=4 vmalloc N0=4\n";
  Tree tree;
  tree.with("proc/meminfo", kKernel514Meminfo)
      .with("proc/zoneinfo", huge_zoneinfo())
      .with("proc/vmallocinfo", vmallocinfo);
  for (const auto shell : kShells) {
    const auto run = run_probe(shell, tree.root());
    EXPECT_LT(run.output.size(), 8192U) << "zoneinfo was not added up in the guest";
    const auto reading = model::parse_probe_output(run.output).value();
    EXPECT_EQ(reading.zones->pcp_pages, 4 * 200 * 63);
    EXPECT_EQ(reading.zones->stat_threshold_pages, 4 * 200 * 125);
    EXPECT_EQ(reading.zones->cpus, 200);
    EXPECT_EQ(reading.vmalloc_kib, 5000 * 16);
  }
}

// A guest in which vmware-toolbox-cmd is this script.
void add_toolbox(Tree& tree, std::string_view script) {
  const std::string path = "usr/bin/vmware-toolbox-cmd";
  tree.with("proc/meminfo", kKernel514Meminfo).with(path, script);
  fs::permissions(fs::path(tree.root()) / path, fs::perms::owner_all);
}

TEST(ProbeScript, AsksVmwareToolsForTheHypervisorsFigures) {
  for (const auto shell : kShells) {
    Tree tree;
    add_toolbox(tree,
                "#!/bin/sh\ncase $2 in\nballoon) echo 512 MB ;;\nmemlimit) echo 4294967295 MB ;;\n"
                "*) echo 0 MB ;;\nesac\necho locale $LC_ALL >>$0.log\n");
    const auto run = run_probe(shell, tree.root());
    EXPECT_NE(run.output.find("\nmemres 0 MB\n"), std::string::npos);
    const auto reading = model::parse_probe_output(run.output).value();
    EXPECT_EQ(reading.host_balloon_kib, 512 * 1024);
    EXPECT_TRUE(reading.notes.empty()) << reading.notes.front();
    const auto log = read_text(fs::path(tree.root()) / "usr/bin/vmware-toolbox-cmd.log");
    EXPECT_TRUE(log.starts_with("locale C\n")) << "in French it says Mo";
  }
}

TEST(ProbeScript, ToolsThatFailSayNothing) {
  for (const auto shell : kShells) {
    Tree tree;
    add_toolbox(tree, "#!/bin/sh\necho OpenHandle failed: not supported >&2\nexit 69\n");
    const auto reading = read(shell, tree);
    EXPECT_FALSE(reading.host_balloon_kib);
    EXPECT_TRUE(reading.notes.empty()) << reading.notes.front();
  }
}

// It talks to the hypervisor, and would hang with it, even if it could not be killed.
TEST(ProbeScript, ToolsThatHangAreNotWaitedFor) {
  for (const auto shell : kShells) {
    Tree tree;
    add_toolbox(tree, "#!/bin/sh\ntrap \"\" TERM\nexec sleep 30 >/dev/null\n");
    const auto begun = std::chrono::steady_clock::now();
    const auto reading = read(shell, tree);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
    EXPECT_FALSE(reading.host_balloon_kib);
    EXPECT_GT(reading.meminfo.size(), 10U) << "the rest is read all the same";
  }
}

TEST(ProbeScript, CountsProcessesWithMemoryOfTheirOwn) {
  for (const auto shell : kShells) {
    Tree tree;
    tree.with("proc/meminfo", kRhel7Meminfo)
        .with("proc/1/statm", "48012 2200 1100 300 0 4000 0\n")
        .with("proc/2/statm", "0 0 0 0 0 0 0\n")
        .with("proc/4711/statm", "900 10 5 1 0 40 0\n")
        .with("proc/slabinfo", "mm_struct 500 500 896 4 1\n");
    const auto reading = read(shell, tree);
    EXPECT_EQ(reading.processes, 2) << "a thread of the kernel has none";
    EXPECT_FALSE(reading.mm_structs) << "slabinfo is dear";
    Tree hidden;  // hidepid: only its own processes are shown
    hidden.with("proc/meminfo", kRhel7Meminfo)
        .with("proc/4711/statm", "900 10 5 1 0 40 0\n")
        .with("proc/slabinfo", "mm_struct_x 7 7 1 1\nmm_struct 500 512 896 4 1\n");
    const auto other = read(shell, hidden);
    EXPECT_FALSE(other.processes);
    EXPECT_EQ(other.mm_structs, 500);
  }
}

TEST(ProbeScript, KeepsTheLargestCallSitesAndTheBalloons) {
  std::string allocinfo = "allocinfo - version: 1.0\n#     <size>  <calls> <tag info>\n";
  for (int i = 1; i <= 100; ++i) {
    allocinfo +=
        fmt::format("{:>12} {:>8} drivers/x/{}.c:7 [x] func:take\n", i * 2'000'000LL, i, i);
  }
  allocinfo += "        4096        1 drivers/misc/vmw_balloon.c:691 [vmw_balloon] func:alloc\n";
  for (const auto shell : kShells) {
    Tree tree;
    tree.with("proc/meminfo", kKernel514Meminfo).with("proc/allocinfo", allocinfo);
    const auto run = run_probe(shell, tree.root());
    EXPECT_NE(run.output.find("drivers/x/81.c:7"), std::string::npos);
    EXPECT_EQ(run.output.find("drivers/x/80.c:7"), std::string::npos) << "twenty are enough";
    const auto reading = model::parse_probe_output(run.output).value();
    EXPECT_EQ(reading.balloon_sites_kib, 4);
    ASSERT_EQ(reading.traces.size(), 1U);
    EXPECT_TRUE(reading.traces[0].detail.starts_with("drivers/x/100.c:7 take 191 MiB, "));
  }
}

// An awk whose vmstat grows between two readings, as that of a guest under reclaim does.
TEST(ProbeScript, TellsOfStallsWhileItRead) {
  Tree tree;
  tree.with("proc/meminfo", kKernel514Meminfo)
      .with("proc/vmstat", "allocstall_normal 5\npgscan_direct 100\npgscan_direct_throttle 9\n");
  for (const auto shell : kShells) EXPECT_EQ(read(shell, tree).stalls, 0);
  const auto vmstat = fs::path(tree.root()) / "proc/vmstat";
  fs::remove(vmstat);
  ASSERT_EQ(mkfifo(vmstat.c_str(), 0600), 0);
  std::thread kernel([&vmstat] {
    for (const auto* text :
         {"allocstall_normal 5\npgscan_direct 100\n",
          "allocstall_normal 6\npgscan_direct 132\npgscan_direct_throttle 9\n"}) {
      std::ofstream(vmstat) << text;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  const auto reading = read(GuestShell::kDash, tree);
  kernel.join();
  EXPECT_EQ(reading.stalls, 33);
  EXPECT_TRUE(model::account_memory(reading)->reclaiming);
}

TEST(ProbeScript, LoneMeminfoIsEnough) {
  Tree tree;
  tree.with("proc/meminfo", kRhel6Meminfo);
  for (const auto shell : kShells) {
    const auto reading = read(shell, tree);
    EXPECT_FALSE(reading.zones);
    EXPECT_FALSE(reading.vmalloc_kib);
    EXPECT_FALSE(reading.zram_kib);
    EXPECT_TRUE(reading.notes.empty());
  }
}

TEST(ProbeScript, WithoutMeminfoItFailsAndSaysSo) {
  const Tree tree;
  for (const auto shell : kShells) {
    const auto run = run_probe(shell, tree.root());
    EXPECT_NE(run.exit_status, 0);
    EXPECT_FALSE(model::parse_probe_output(run.output));
  }
}

TEST(ProbeScript, MissingNewlineAtTheEndOfAFile) {
  Tree tree;
  tree.with("proc/meminfo", kRhel6Meminfo).with("proc/sys/kernel/osrelease", "2.6.32-642.el6");
  for (const auto shell : kShells) {
    EXPECT_EQ(read(shell, tree).kernel_release, "2.6.32-642.el6");
  }
}

TEST(ProbeScript, ReadsThisMachine) {
  for (const auto shell : kShells) {
    const auto run = run_probe(shell, "");
    ASSERT_EQ(run.exit_status, 0);
    const auto reading = model::parse_probe_output(run.output);
    ASSERT_TRUE(reading) << reading.error().message;
    EXPECT_FALSE(reading->kernel_release.empty());
    EXPECT_TRUE(reading->notes.empty()) << reading->notes.front();
    const auto account = model::account_memory(*reading);
    ASSERT_TRUE(account) << account.error().message;
  }
}

}  // namespace
}  // namespace ballast::test
