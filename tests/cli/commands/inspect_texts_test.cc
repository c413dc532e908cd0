// What `ballast inspect` makes of loose and pasted texts: the hypervisor's figure from inside, a
// figure alone, other tools, files that are no use, and everything that it asks for itself.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/units.h"
#include "cli/commands/inspect_command.h"
#include "tests/fixtures/printed.h"
#include "tests/fixtures/samples.h"

namespace ballast::cli {

using namespace fixtures;
using namespace output;
using namespace fleet;

namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kGuest = BALLAST_TEST_DATA "/captures/a_idle_2048/1024/proc/";
const std::string kRhel7 = BALLAST_TEST_DATA "/captures/eras/rhel7/n_neg_zram/000MB_baseline/proc/";
const std::string kRhel5 = BALLAST_TEST_DATA "/captures/eras/rhel5/v_vmmemctl_4k_idle/256/proc/";
const std::string kVmcore = BALLAST_TEST_DATA "/crash/";

// RHEL 8, 2 GiB, and a balloon of 1128 MiB: what is unaccounted for is 1146.4 MiB.
constexpr std::string_view kRhel8 =
    "MemTotal:        2054412 kB\nMemFree:           67956 kB\nMemAvailable:     731768 kB\n"
    "Buffers:          383824 kB\nCached:           413276 kB\nSwapCached:            0 kB\n"
    "Active:           397136 kB\nInactive:         408320 kB\nActive(anon):       2484 kB\n"
    "Inactive(anon):     8524 kB\nActive(file):     394652 kB\nInactive(file):   399796 kB\n"
    "Unevictable:           0 kB\nMlocked:               0 kB\nSwapTotal:             0 kB\n"
    "SwapFree:              0 kB\nAnonPages:          8360 kB\nShmem:              2652 kB\n"
    "KReclaimable:       2384 kB\nSlab:               6028 kB\nSReclaimable:       2384 kB\n"
    "SUnreclaim:         3644 kB\nKernelStack:         608 kB\nPageTables:          124 kB\n"
    "Bounce:                0 kB\nWritebackTmp:          0 kB\nCommitLimit:     1027204 kB\n"
    "VmallocTotal:   34359738367 kB\nVmallocUsed:           0 kB\nVmallocChunk:          0 kB\n"
    "Percpu:              320 kB\nHardwareCorrupted:     0 kB\nAnonHugePages:      6144 kB\n"
    "HugePages_Total:       0\nHugePages_Free:        0\nHugePages_Rsvd:        0\n"
    "HugePages_Surp:        0\nHugepagesize:       2048 kB\nHugetlb:               0 kB\n"
    "DirectMap4k:       16220 kB\nDirectMap2M:     2080768 kB\n";

struct Outcome {
  int exit_code = 0;
  json found;  // null where nothing was printed
  std::string err;
};

// Texts that are written into a folder of their own, and inspected.
class InspectTexts : public ::testing::Test {
 protected:
  InspectTexts()
      : folder_(std::filesystem::temp_directory_path() /
                fmt::format("ballast-texts-{}", ::getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~InspectTexts() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::string write(const std::string& name, std::string_view text) {
    const auto file = folder_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file.string();
  }

  static Outcome inspect(std::vector<std::string> paths,
                         std::vector<std::int64_t> balloons_kib = {}) {
    InspectOptions options;
    options.paths = std::move(paths);
    options.facts.balloons_kib = std::move(balloons_kib);
    options.format = Format::kJson;
    CapturedTerminal terminal(piped());
    const int code =
        run_inspect(options, *make_output(options.format, terminal.terminal), terminal.terminal);
    const auto out = terminal.out();
    return {code, out.empty() ? json() : json::parse(out), terminal.err()};
  }

  const std::filesystem::path folder_;
};

// The hypervisor's figure, from inside.

TEST_F(InspectTexts, VmwareToolsAnswerIsTheHypervisorsFigure) {
  const auto loose = inspect({write("meminfo", kRhel8), write("toolbox", "1128 MB\n")});
  EXPECT_EQ(loose.exit_code, kExitDone) << loose.err;
  EXPECT_EQ(loose.found["balloon"]["hypervisor_kib"], 1128 * kKibPerMib);
  EXPECT_EQ(loose.found["verdict"], "balloon");
  const auto session = inspect(
      {write("session",
             "# vmware-toolbox-cmd stat memres\n4096 MB\n# vmware-toolbox-cmd stat balloon\n"
             "1128 MB\n# cat /proc/meminfo\n" +
                 std::string(kRhel8))});
  EXPECT_EQ(session.found["balloon"]["hypervisor_kib"], 1128 * kKibPerMib)
      << "a reservation is no balloon";
  EXPECT_EQ(session.found["verdict"], "balloon");
}

TEST_F(InspectTexts, AnAnswerThatIsNamedAfterAnotherFigureIsNotTheBalloon) {
  const auto run = inspect({write("meminfo", kRhel8), write("stat-memres.txt", "1128 MB\n")});
  EXPECT_TRUE(run.found["balloon"]["hypervisor_kib"].is_null());
  EXPECT_THAT(run.found["notes"].dump(), HasSubstr("named after another figure"));
}

TEST_F(InspectTexts, ASosreportHasItInTheRawResources) {
  write("sos/proc/meminfo", kRhel8);
  write("sos/sos_commands/vmware/vmware-toolbox-cmd_stat_raw_text_resources",
        "guest.mem.total = 2097152\nguest.mem.ballooned = 1155072\n");
  const auto run = inspect({(folder_ / "sos").string()});
  EXPECT_EQ(run.found["balloon"]["hypervisor_kib"], 1155072);
  EXPECT_EQ(run.found["verdict"], "balloon");
}

TEST_F(InspectTexts, APersonsFigureGoesBeforeIt) {
  const std::vector<std::string> paths = {write("meminfo", kRhel8), write("toolbox", "512 MB\n")};
  const auto run = inspect(paths, {1128 * kKibPerMib});
  EXPECT_EQ(run.found["balloon"]["hypervisor_kib"], 1128 * kKibPerMib);
  EXPECT_THAT(run.found["notes"].dump(), HasSubstr("VMware Tools in the guest said 512 MiB"));
  const auto same =
      inspect({write("meminfo", kRhel8), write("toolbox", "1128 MB\n")}, {1128 * kKibPerMib});
  EXPECT_THAT(same.found["notes"].dump(), Not(HasSubstr("VMware Tools in the guest said")));
}

// A figure alone.

TEST_F(InspectTexts, TheDriversFigureAloneIsAnAnswer) {
  struct Row {
    std::string text;
    std::string key;
    std::int64_t kib;
  };
  const std::vector<Row> rows = {
      {"target:             288703 pages\ncurrent:            288703 pages\n", "driver_kib",
       288703 * 4},
      {"balloon capabilities  :             0x3e\nis resetting          :                n\n"
       "target                :          1023777\ncurrent               :          1024000\n"
       "2m-lock               :               15 (0 failed)\n"
       "alloc             (2M):             2036\n",
       "driver_kib", 4096000},
      {"balloon_inflate 160613120\nballoon_deflate 158575616\nballoon_migrate 13714\n",
       "vmstat_kib", (160613120 - 158575616) * std::int64_t{4}},
      {"17960 MB\n", "hypervisor_kib", 17960 * kKibPerMib},
      {"guest.mem.ballooned = 16712052\n", "hypervisor_kib", 16712052},
  };
  for (const auto& row : rows) {
    const auto run = inspect({write("text", row.text)});
    EXPECT_EQ(run.exit_code, kExitDone) << row.text << run.err;
    ASSERT_TRUE(run.found.is_object()) << row.text;
    EXPECT_EQ(run.found["balloon"][row.key], row.kib) << row.text;
    EXPECT_EQ(run.found["verdict"], "unknown") << row.text;
    EXPECT_THAT(run.found["summary"].dump(), HasSubstr(format_size(row.kib))) << row.text;
    EXPECT_THAT(run.found["summary"].dump(), HasSubstr("/proc/meminfo")) << row.text;
  }
}

TEST_F(InspectTexts, HalfOfTheCountersIsNoFigure) {
  const auto run = inspect({write("vmstat", "balloon_inflate 160613120\n")});
  EXPECT_EQ(run.exit_code, kExitFailed) << "what was ever taken is not what is held";
  EXPECT_THAT(run.err, HasSubstr("balloon_deflate"));
  const auto cut = inspect({write("vmmemctl", "target:  288703 pages\ncurrent:  2887")});
  EXPECT_EQ(cut.exit_code, kExitFailed);
  EXPECT_THAT(cut.err, HasSubstr("cut"));
}

// Other tools.

TEST_F(InspectTexts, OtherToolsGiveBoundsAndNoVerdict) {
  const std::vector<std::string> texts = {
      "              total        used        free      shared  buff/cache   available\n"
      "Mem:           31Gi        24Gi       300Mi       2.0Mi       6.8Gi       6.5Gi\n",
      "MiB Mem :   2006.0 total,     66.0 free,   1159.0 used,    781.0 buff/cache\n",
      "12:00:01 AM kbmemfree kbmemused  %memused kbbuffers  kbcached  kbcommit   %commit\n"
      "12:10:01 AM   1855948   6071588     76.59     22428    209132   1500000      7.31\n",
      "MEM | tot    31.4G | free  300.1M | cache   6.8G | vmbal  15.9G |\n",
      "VM,Powerstate,Consumed,Ballooned\nweb17,poweredOn,16000,16320\n",
      "  GID NAME       MEMSZ   MCTLSZ\n  123 web17   32768.00 16320.00\n",
  };
  for (const auto& text : texts) {
    const auto run = inspect({write("tool", text)});
    EXPECT_EQ(run.exit_code, kExitPartial) << text << run.err;
    ASSERT_TRUE(run.found.is_object()) << text;
    EXPECT_EQ(run.found["verdict"], "unknown") << text;
    EXPECT_THAT(run.found["summary"].dump(), HasSubstr("cat /proc/meminfo")) << text;
    const auto beside = inspect({write("meminfo", kRhel8), write("tool", text)});
    EXPECT_EQ(beside.exit_code, kExitDone) << text;
    EXPECT_TRUE(beside.found["balloon"]["hypervisor_kib"].is_null())
        << "another tool's figure was judged: " << text;
  }
}

TEST_F(InspectTexts, KmemInfoAloneBoundsWhatCanBeMissing) {
  const auto run = inspect({kVmcore + "rhel5_vmmemctl/kmem_i.txt"});
  EXPECT_EQ(run.exit_code, kExitPartial);
  EXPECT_THAT(run.found["summary"].dump(), HasSubstr("can be missing"));
  EXPECT_THAT(run.found["collect_next"].dump(), HasSubstr("kmem -V"));
}

// Files that are no use.

TEST_F(InspectTexts, WhatIsNoUseIsANoteAndNotTheEnd) {
  const auto buddyinfo =
      write("buddyinfo", "Node 0, zone      DMA      1      1      1      0      2      1\n");
  const auto node = write("node0", "Node 0 MemTotal:  2054412 kB\nNode 0 MemFree:  67956 kB\n");
  const auto lines = write("zones", "Node 0 DMA free:7312kB min:400kB managed:15904kB\n");
  const auto meminfo = write("meminfo", kRhel8);
  const auto plain = inspect({meminfo}, {1128 * kKibPerMib});
  for (const auto& useless :
       {buddyinfo, node, lines, write("boot", "BOOT_IMAGE=/vmlinuz-9 ro\n")}) {
    const auto run = inspect({meminfo, useless}, {1128 * kKibPerMib});
    EXPECT_EQ(run.exit_code, kExitDone) << useless << run.err;
    EXPECT_EQ(run.found["tolerance_kib"], plain.found["tolerance_kib"])
        << useless << " was taken for a zoneinfo";
    EXPECT_EQ(run.found["verdict"], "balloon") << useless;
  }
  const auto zoneinfo = inspect({meminfo, buddyinfo, kGuest + "zoneinfo"}, {1128 * kKibPerMib});
  EXPECT_EQ(zoneinfo.exit_code, kExitDone) << zoneinfo.err;
  ASSERT_EQ(zoneinfo.found["series"].size(), 1U) << "the zoneinfo began another moment";
  EXPECT_THAT(zoneinfo.found["notes"].dump(), Not(HasSubstr("zoneinfo was not readable")));
}

TEST_F(InspectTexts, ALetterBesideTheFilesDoesNotStopThem) {
  const auto run =
      inspect({write("meminfo", kRhel8), write("letter", "Dear support,\n")}, {1128 * kKibPerMib});
  EXPECT_EQ(run.exit_code, kExitPartial) << "one path gave nothing";
  EXPECT_EQ(run.found["verdict"], "balloon");
  EXPECT_THAT(run.err, HasSubstr("Dear support"));
}

TEST_F(InspectTexts, AFigureIsNotGivenToAnotherMoment) {
  const auto monday = write("monday", kRhel8);
  auto damaged = std::string(kRhel8);
  damaged.replace(damaged.find("Slab:"), 5, "Slab;");
  const auto run = inspect({monday, write("tuesday", damaged)}, {1128 * kKibPerMib});
  EXPECT_EQ(run.exit_code, kExitUsage) << "the figure is Tuesday's, which cannot be read";
}

TEST_F(InspectTexts, AnAbsurdFieldThatNobodyNeedsIsLeftOut) {
  auto text = std::string(kRhel8);
  text.replace(text.find("SwapFree:"), 9, "SwapFree:18014396678257232 kB\nSwapOld:");
  const auto run = inspect({write("meminfo", text)}, {1128 * kKibPerMib});
  EXPECT_EQ(run.found["verdict"], "balloon") << run.err;
  EXPECT_THAT(run.found["notes"].dump(), HasSubstr("SwapFree:"));
  auto needed = std::string(kRhel8);
  needed.replace(needed.find("Slab:"), 5, "Slab: 18014396678257232 kB\nSlabOld:");
  const auto refused = inspect({write("meminfo", needed)}, {1128 * kKibPerMib});
  EXPECT_EQ(refused.exit_code, kExitFailed) << "without Slab there is no account";
}

// Small files.

TEST_F(InspectTexts, SmallFilesGivenLooseAreUsed) {
  const auto meminfo = write("meminfo", kRhel8);
  struct Row {
    std::string text;
    std::string release;
  };
  const std::vector<Row> releases = {
      {"4.18.0-348.2.1.el8.x86_64\n", "4.18.0-348.2.1.el8.x86_64"},
      {"Linux web17 4.18.0-348.2.1.el8.x86_64 #1 SMP Tue Nov 2 x86_64 GNU/Linux\n",
       "4.18.0-348.2.1.el8.x86_64"},
      {"Linux version 4.18.0-348.2.1.el8.x86_64 (mockbuild@x) (gcc version 8.5.0) #1 SMP\n",
       "4.18.0-348.2.1.el8.x86_64"},
      {"BOOT_IMAGE=(hd0,msdos1)/vmlinuz-4.18.0-348.2.1.el8.x86_64 root=/dev/sda1 ro\n",
       "4.18.0-348.2.1.el8.x86_64"},
  };
  for (const auto& row : releases) {
    EXPECT_EQ(inspect({meminfo, write("r", row.text)}).found["kernel"], row.release) << row.text;
  }
  const auto swaps =
      "Filename  Type  Size  Used  Priority\n/dev/zram0  partition  1048576  524288 5\n";
  const auto sockstat = "sockets: used 293\nTCP: inuse 5 orphan 0 tw 0 alloc 7 mem 300000\n";
  const auto slabinfo =
      "slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize>\n"
      "xfs_buf  90000 90000 384 42 4 : tunables 0 0 0 : slabdata 1 1 0\n";
  const auto run = inspect(
      {meminfo, write("swaps", swaps), write("sockstat", sockstat), write("slabinfo", slabinfo),
       write("lsmod", "Module Size Used by\nvmw_balloon 24576 0\n"),
       write("uptime", "44.17 59.26\n"), write("loadavg", "0.00 0.01 0.05 1/123 4567\n")},
      {0});
  EXPECT_EQ(run.exit_code, kExitDone) << run.err;
  for (const auto* suspect : {"\"sockets\"", "\"zram\"", "\"xfs_buffers\""}) {
    EXPECT_THAT(run.found["suspects"].dump(), HasSubstr(suspect));
  }
}

// What it asks for, it can read: for each sentence that it may say under "To collect next", what the
// command in it prints.

struct Asked {
  std::string sentence;  // how it begins
  std::string answer;    // the text, or the path of a file of tests/data
};

const std::vector<Asked>& answers() {
  static const std::vector<Asked> rows = {
      {"cat /proc/meminfo", std::string(kRhel8)},
      {"the whole of /proc/meminfo", std::string(kRhel8)},
      {"as root: cat /sys/kernel/debug/vmmemctl",
       "target:  288703 pages\ncurrent:  288703 pages\n"},
      {"cat /proc/zoneinfo", kGuest + "zoneinfo"},
      {"cat /proc/vmstat", kGuest + "vmstat"},
      {"as root: cat /proc/vmallocinfo",
       "0xffffb2c500000000-0xffffb2c500005000   20480 load_module+0x1/0x2 pages=4 vmalloc N0=4\n"},
      {"as root: cat /proc/slabinfo", kRhel7 + "slabinfo"},
      {"cat /proc/loadavg", "0.00 0.01 0.05 1/123 4567\n"},
      {"uname -r", "4.18.0-348.2.1.el8.x86_64\n"},
      {"grep -H . /sys/kernel/kexec_crash_size", "/sys/kernel/kexec_crash_size:167772160\n"},
      {"grep -H . /sys/kernel/mm/hugepages",
       "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages:0\n"
       "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages:0\n"},
      {"from crash: kmem -V", kVmcore + "rhel5_vmmemctl/kmem_V.txt"},
      {"from crash: kmem -i of a crash that shows TOTAL HUGE",
       "crash> kmem -i\n   TOTAL HUGE        0            0         ----\n"},
      {"from crash: kmem -i", kVmcore + "rhel5_vmmemctl/kmem_i.txt"},
      {"from crash: sys", kVmcore + "rhel5_vmmemctl/sys.txt"},
      {"from crash: bt", kVmcore + "rhel5_vmmemctl/bt.txt"},
      {"from crash: mod -s vmw_balloon",
       "crash> p balloon\nballoon = $1 = {\n  size = 288703, \n  target = 288703, \n}\n"},
  };
  return rows;
}

// These ask for no text: for --balloon, and for another moment.
bool asks_for_no_text(const std::string& sentence) {
  return sentence.starts_with("from vCenter:") || sentence.starts_with("another sample");
}

TEST_F(InspectTexts, WhatItAsksForItReads) {
  // Before 4.16 meminfo has the huge pages of one size only.
  auto before_hugetlb = std::string(kRhel8);
  for (const auto* field : {"Hugetlb:", "KReclaimable:", "Percpu:"}) {
    const auto at = before_hugetlb.find(field);
    before_hugetlb.erase(at, before_hugetlb.find('\n', at) + 1 - at);
  }
  const std::vector<std::vector<std::string>> firsts = {
      {write("meminfo", kRhel8)},
      {write("before", before_hugetlb), write("release", "3.10.0-1160.el7.x86_64\n")},
      {kRhel7 + "meminfo", kRhel7 + "loadavg", write("el7", "3.10.0-1160.el7.x86_64\n")},
      {kRhel5 + "meminfo"},
      {write("ctl", "target:  288703 pages\ncurrent:  288703 pages\n")},
      {write("stat", "balloon_inflate 20\nballoon_deflate 10\n")},
      {kVmcore + "rhel5_vmmemctl/bt.txt"},
      {kVmcore + "rhel5_vmmemctl/kmem_i.txt"},
      {kVmcore + "rhel5_vmmemctl/kmem_V.txt"},
  };
  int tried = 0;
  for (const auto& first : firsts) {
    const auto before = inspect(first);
    ASSERT_TRUE(before.found.is_object()) << first.front() << before.err;
    for (const auto& entry : before.found["collect_next"]) {
      const auto sentence = entry.get<std::string>();
      if (asks_for_no_text(sentence)) continue;
      const auto row = std::find_if(
          answers().begin(), answers().end(),
          [&sentence](const Asked& asked) { return sentence.starts_with(asked.sentence); });
      ASSERT_NE(row, answers().end()) << "it asks for something new: " << sentence;
      const bool is_path =
          row->answer.starts_with('/') && row->answer.find(':') == std::string::npos;
      auto paths = first;
      paths.push_back(is_path ? row->answer : write("answer", row->answer));
      const auto again = inspect(paths);
      ASSERT_TRUE(again.found.is_object()) << sentence << again.err;
      EXPECT_EQ(again.err, "") << sentence;
      EXPECT_THAT(again.found["collect_next"].dump(), Not(HasSubstr(sentence.substr(0, 60))))
          << "it was given, and it asks again";
      ++tried;
    }
  }
  EXPECT_GT(tried, 15);
}

}  // namespace
}  // namespace ballast::cli
