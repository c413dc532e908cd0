#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "model/account/account.h"
#include "model/crash/text.h"
#include "tests/accuracy/captures.h"
#include "tests/model/account/account_helpers.h"
#include "tests/model/crash/crash_helpers.h"

namespace ballast::model {
namespace {

using test::account_of;
using test::parsed;
using test::part;
using Words = std::vector<std::string>;

const std::string kSessions = BALLAST_TEST_DATA "/crash/";

std::string session(const std::string& name) { return test::read_text(kSessions + name); }

TEST(CrashCaseRhel5, EvidenceOfTheVmcore) {
  const auto crash = parsed(session("rhel5_vmmemctl/session.txt"));
  EXPECT_EQ(crash.reading.kernel_release, "2.6.18-274.7.1.el5");
  EXPECT_EQ(crash.reading.balloon.module, "vmmemctl") << "the module of the trace's frames";
  const auto& evidence = crash.evidence;
  EXPECT_EQ(evidence.recognised, (Words{"sys", "kmem -i", "kmem -V", "bt", "task flags", "zone"}));
  EXPECT_EQ(evidence.task_flags, 0x10000840U);
  EXPECT_EQ(evidence.task_flag_names, (Words{"PF_FORKNOEXEC", "PF_MEMALLOC", "PF_MEMPOLICY"}));
  EXPECT_EQ(evidence.zone, "Normal");
  EXPECT_EQ(evidence.tasks_in_reclaim, 270);
  ASSERT_EQ(evidence.traces.size(), 1U) << "task -R prints a header too, which is no trace";
  const auto* const trace = evidence.balloon_trace();
  ASSERT_NE(trace, nullptr);
  EXPECT_EQ(trace->pid, 2789);
  EXPECT_EQ(trace->command, "vmmemctl");
  ASSERT_EQ(trace->frames.size(), 10U);
  EXPECT_EQ(trace->frames[5].function, "__alloc_pages");
  EXPECT_EQ(trace->frames[5].module, "") << "a frame of the kernel has no module";
  EXPECT_EQ(trace->frames[7].function, "OS_ReservedPageAlloc");
  EXPECT_EQ(trace->frames[7].module, "vmmemctl");
  EXPECT_TRUE(trace->is_balloon());
  EXPECT_TRUE(trace->allocating());
  EXPECT_TRUE(trace->in_direct_reclaim());
}

TEST(CrashCaseRhel5, AccountIsTheSumByHand) {
  const auto account = account_of(parsed(session("rhel5_vmmemctl/session.txt")).reading);
  EXPECT_EQ(account.era, KernelEra::kEl5);
  EXPECT_EQ(account.mem_total_kib, 16437880);
  EXPECT_EQ(part(account, "free"), 98304 * 4);
  EXPECT_EQ(part(account, "anon_lru"), 724169 * 4);
  EXPECT_EQ(part(account, "file_lru"), 204681 * 4) << "buffers and swap cache must count once";
  EXPECT_EQ(part(account, "slab"), 15177 * 4) << "kmem -i and kmem -V both tell it: once";
  EXPECT_EQ(part(account, "page_tables"), 32088 * 4);
  EXPECT_EQ(account.unaccounted_kib,
            (4109470 - 98304 - 724169 - 204681 - 15177 - 32088) * std::int64_t{4});
}

TEST(CrashCaseRhel5, CountersAloneGiveAnAccountOnceTotalAndFreeAreKnown) {
  auto reading = parsed(session("rhel5_vmmemctl/kmem_V.txt")).reading;
  EXPECT_FALSE(reading.meminfo.contains("MemTotal")) << "kmem -V does not tell it";
  EXPECT_FALSE(account_memory(reading)) << "an account without MemTotal is invented";
  reading.meminfo["MemTotal"] = 16437880;
  reading.meminfo["MemFree"] = 393216;
  EXPECT_EQ(account_of(reading).unaccounted_kib, 12140204);
  EXPECT_EQ(reading.meminfo.at("Cached"), 204681 * 4);
  EXPECT_FALSE(reading.meminfo.contains("Buffers")) << "buffers are inside NR_FILE_PAGES";
  EXPECT_EQ(reading.vmstat.at("numa_hit"), 21025628202);
  EXPECT_EQ(reading.vmstat.at("numa_interleave"), 966444526);
}

TEST(CrashCaseRhel5, EachFileIsRecognisedAlone) {
  const struct {
    const char* file;
    const char* recognised;
  } rows[] = {{"sys.txt", "sys"}, {"kmem_i.txt", "kmem -i"},        {"kmem_V.txt", "kmem -V"},
              {"bt.txt", "bt"},   {"task_flags.txt", "task flags"}, {"zone.txt", "zone"}};
  for (const auto& row : rows) {
    const auto text = session(std::string("rhel5_vmmemctl/") + row.file);
    EXPECT_TRUE(looks_like_crash_text(text)) << row.file;
    EXPECT_EQ(parsed(text).evidence.recognised, Words{row.recognised}) << row.file;
  }
}

TEST(CrashSession, Rhel7KworkerAndItsAccount) {
  const auto crash = parsed(session("rhel7_vmw_balloon/session.txt"));
  ASSERT_EQ(crash.evidence.traces.size(), 2U);
  EXPECT_FALSE(crash.evidence.traces[0].is_balloon()) << "systemd";
  const auto* const trace = crash.evidence.balloon_trace();
  ASSERT_NE(trace, nullptr) << "a kworker is the balloon by its module alone";
  EXPECT_EQ(trace->command, "kworker/2:1");
  EXPECT_TRUE(trace->in_direct_reclaim());
  const auto account = account_of(crash.reading);
  EXPECT_EQ(account.era, KernelEra::kEl7);
  EXPECT_EQ(part(account, "kernel_stack"), 640 * 16) << "a stack of RHEL 7 is 16 KiB";
  EXPECT_EQ(part(account, "isolated"), 96 * 4);
  EXPECT_EQ(account.unaccounted_kib, 1432131 * 4);
  const auto& meminfo = crash.reading.meminfo;
  EXPECT_EQ(meminfo.at("AnonPages"), (1300480 + 512000) * 4) << "huge pages are not in the counter";
  EXPECT_EQ(meminfo.at("Hugetlb"), 0);
  EXPECT_EQ(meminfo.at("SwapTotal") - meminfo.at("SwapFree"), 676794 * 4);
  EXPECT_EQ(crash.reading.vmstat.at("allocstall"), 20441);
  EXPECT_EQ(crash.reading.vmstat.at("pgscan_direct_normal"), 1304471);
}

TEST(CrashSession, Rhel9StructVmballoon) {
  const auto crash = parsed(session("rhel9_vmballoon/session.txt"));
  EXPECT_EQ(crash.reading.balloon.current_kib, 1081344 * 4);
  EXPECT_EQ(crash.reading.balloon.target_kib, 1114112 * 4);
  EXPECT_FALSE(crash.evidence.task_flags) << "dwork.timer.flags is not a task's";
  const auto& meminfo = crash.reading.meminfo;
  EXPECT_EQ(meminfo.at("KernelStack"), 9216) << "NR_KERNEL_STACK_KB is in KiB";
  EXPECT_EQ(meminfo.at("SReclaimable"), 25600 * 4) << "in pages in spite of _B";
  EXPECT_EQ(meminfo.at("KReclaimable"), (25600 + 1024) * 4);
  EXPECT_EQ(meminfo.at("Cached"), (219648 - 1024 - 256) * 4);
  EXPECT_EQ(crash.reading.vmstat.at("nr_isolated_file"), -3) << "a lagging counter is below zero";
  const auto account = account_of(crash.reading);
  EXPECT_EQ(account.driver_kib, 1081344 * 4);
  EXPECT_EQ(part(account, "hugetlb"), 51200 * 4);
  EXPECT_EQ(part(account, "zsmalloc"), 3072 * 4);
  EXPECT_EQ(account.unaccounted_kib, 1099011 * 4);
}

TEST(LooksLikeCrashText, OtherFilesDoNot) {
  const struct {
    const char* text;
    bool expected;
  } rows[] = {
      {"crash> kmem -i\n", true},
      {"crash_x86_64> bt\n", true},
      {"hello\n\n   NR_SLAB: 5", true},
      {"#0 [ffff81042e5d5b40] schedule at ffffffff80062fa0\n", true},
      {"PID: 1   TASK: ffff81  CPU: 0   COMMAND: \"init\"\n", true},
      {"     RELEASE: 5.14.0\n", true},
      {"MemTotal:       16437880 kB\nMemFree:  1 kB\nSlab: 5 kB\n", false},
      {"nr_free_pages 123\nnr_slab_reclaimable 5\n", false},
      {"Node 0, zone   Normal\n  pages free 1\n  flags = 5\n", false},
      {"crash landing > 5\n", false},
      {"CPU: 3 PID: 2789 Comm: vmmemctl Not tainted\n", false},
      {"#1 on my list\n", false},
      {"", false},
  };
  for (const auto& row : rows) EXPECT_EQ(looks_like_crash_text(row.text), row.expected) << row.text;
}

TEST(ParseCrashText, RefusesWhatCannotBeTrusted) {
  const std::string info = session("rhel5_vmmemctl/kmem_i.txt");
  const std::string counters = session("rhel5_vmmemctl/kmem_V.txt");
  const struct {
    std::string text;
    const char* wrong;
  } rows[] = {
      {"", "empty"},
      {"MemTotal: 5 kB\n", "not crash's"},
      {std::string("\0\xff\x01{{{}}}\n}\n= = =\n", 17), "binary"},
      {info + info, "kmem -i twice"},
      {counters + counters, "kmem -V twice"},
      {"TOTAL MEM  9007199254740993  7.5 GB  ----\n", "more pages than any machine has"},
      {"TOTAL MEM  99999999999999999999999  7.5 GB  ----\n", "beyond 64 bits"},
      {"FREE  -5  0\n", "free pages below zero"},
      {"NR_SLAB: 18446744073709551615\n", "crash prints negatives with a sign"},
      {"NR_SLAB: -99999999999\n", "too far below zero"},
      {"NR_SLAB: 15x\n", "not a number"},
      {"RELEASE: 2.6.18\nRELEASE: 2.6.32\n", "two kernels"},
      {"reclaim_in_progress = 99999999999999999999\n", "a counter out of range"},
      {"struct task_struct {\n flags = 0x1ffffffff,\n", "wider than the member"},
      {"struct vmballoon {\n size = 9007199254740993,\n", "a size out of range"},
      {"struct vmballoon {\n size = 1,\n size = 2,\n", "two sizes"},
  };
  for (const auto& row : rows) {
    const auto crash = parse_crash_text(row.text);
    ASSERT_FALSE(crash) << "accepted: " << row.wrong;
    EXPECT_EQ(crash.error().code, ErrorCode::kParse) << row.wrong;
  }
}

TEST(ParseCrashText, RefusesMoreThan16Mib) {
  const std::string most(std::size_t{16} * 1024 * 1024, 'x');
  ASSERT_FALSE(parse_crash_text(most));
  EXPECT_EQ(parse_crash_text(most).error().code, ErrorCode::kParse) << "16 MiB itself is read";
  EXPECT_EQ(parse_crash_text(most + 'x').error().code, ErrorCode::kTooLarge);
}

// A cut may hide figures; it must never change one, except the one that the cut goes through.
TEST(ParseCrashText, CutOffAnywhere) {
  for (const char* name : {"rhel5_vmmemctl", "rhel7_vmw_balloon", "rhel9_vmballoon"}) {
    const auto whole = session(std::string(name) + "/session.txt");
    const auto reading = parsed(whole).reading;
    const auto& all = reading.vmstat;
    const auto total = reading.meminfo.at("MemTotal");
    for (std::size_t length = 0; length < whole.size(); length += 7) {
      const auto text = whole.substr(0, length);
      const auto cut = parse_crash_text(text);
      if (!cut) continue;
      const auto last = text.substr(text.rfind('\n') + 1);
      const auto changed =
          std::count_if(cut->reading.vmstat.begin(), cut->reading.vmstat.end(),
                        [&all](const auto& field) { return all.at(field.first) != field.second; });
      const auto cut_total = cut->reading.meminfo.find("MemTotal");
      EXPECT_TRUE(cut_total == cut->reading.meminfo.end() || cut_total->second == total)
          << name << " cut at " << length << ": a row of kmem -i has a size behind its pages";
      EXPECT_LE(changed, last.empty() ? 0 : 1) << name << " cut at " << length;
    }
  }
}

TEST(ParseCrashText, HostileSizes) {
  std::string frames = "PID: 2789 TASK: f CPU: 3 COMMAND: \"vmmemctl\"\n";
  for (int i = 0; i < 200'000; ++i) frames += "#1 f\n";
  const auto one = parsed(frames);
  ASSERT_EQ(one.evidence.traces.size(), 1U);
  EXPECT_EQ(one.evidence.traces[0].frames.size(), 256U) << "frames are bounded";

  std::string tasks;
  for (int i = 0; i < 100'000; ++i) tasks += "#0 f\n";
  tasks += "crash> bt\n#0 vmballoon_work [vmw_balloon]\n";
  const auto many = parsed(tasks);
  EXPECT_EQ(many.evidence.traces.size(), 4096U) << "traces are bounded";
  EXPECT_NE(many.evidence.balloon_trace(), nullptr) << "the balloon's is kept all the same";

  std::string blocks = "struct vmballoon {\n";
  for (int i = 0; i < 100'000; ++i) blocks += "a = {\n";
  blocks += "size = 5,\n";
  for (int i = 0; i < 100'000; ++i) blocks += "}\n";
  EXPECT_EQ(parsed(blocks + "size = 6,\n").reading.balloon.current_kib, 24)
      << "only the member at the right depth";

  EXPECT_FALSE(parse_crash_text(std::string(8'000'000, '{'))) << "one long line";
}

}  // namespace
}  // namespace ballast::model
