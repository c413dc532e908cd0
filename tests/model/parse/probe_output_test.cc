#include "model/parse/probe_output.h"

#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace ballast::model {
namespace {

const std::string kOutput = R"(
@@ballast begin 1

@@ballast clock
1795442123

@@ballast uid
0

@@ballast hugepages
2048 10
1048576 1

@@ballast zram
104857600
1048576

@@ballast vmmemctl
is resetting          :                n
target                :           131072
current               :           131072
target                :               20 (0 failed)

@@ballast meminfo
MemTotal:        2053332 kB
MemFree:         1484048 kB

@@ballast vmstat
balloon_inflate 131072

@@ballast zoneinfo
pcp 104
managed 513333
present 524149
threshold 48
cpus 2

@@ballast vmalloc
828

@@ballast modules
vmw_balloon (O)
zram 0xffffffffa0010000
nvidia (POE)

@@ballast release
3.10.0-1062.el7.x86_64

@@ballast boot_id
0f2c4b1e-2f7a-4c51-9d0e-7f3a1b2c3d4e

@@ballast uptime
11.66 19.49

@@ballast loadavg
0.00 0.00 0.00 1/38 79

@@ballast pressure
some avg10=1.00 avg60=0.00 avg300=0.00 total=5
full avg10=0.00 avg60=0.00 avg300=0.00 total=3

@@ballast possible_cpus
0-127

@@ballast zswap_pool
zsmalloc

@@ballast sockstat
TCP: inuse 5 orphan 0 tw 0 alloc 7 mem 256

@@ballast xfs_buf
xfs_buf 1000 1050 384 21 2 : tunables 0 0 0

@@ballast zfs
scatter_data_size               4    1048576

@@ballast iomem
00100000-7fffffff : System RAM
80000000-bfffffff : System RAM

@@ballast nfsd_threads
8

@@ballast swaps
/dev/zram0 partition 1048572 524288 100

@@ballast trace_buffers
7 (expanded: 1408)

@@ballast ram_disks

@@ballast from_the_future
whatever

@@ballast end
)";

std::string replaced(const std::string& from, const std::string& to) {
  std::string text = kOutput;
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::logic_error("not in the output: " + from);
  return text.replace(at, from.size(), to);
}

TEST(ParseProbeOutput, FillsTheReading) {
  const auto reading = parse_probe_output("noise of a shell start-up file\n" + kOutput + "noise");
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(reading->kernel_release, "3.10.0-1062.el7.x86_64");
  EXPECT_EQ(reading->boot_id, "0f2c4b1e-2f7a-4c51-9d0e-7f3a1b2c3d4e");
  EXPECT_EQ(reading->clock, UtcTime{std::chrono::seconds(1795442123)});
  EXPECT_EQ(reading->uptime_s, 11);
  EXPECT_TRUE(reading->as_root);
  EXPECT_EQ(reading->meminfo.at("MemFree"), 1484048);
  EXPECT_EQ(reading->vmstat.at("balloon_inflate"), 131072);
  ASSERT_TRUE(reading->zones);
  EXPECT_EQ(reading->zones->pcp_pages, 104);
  ASSERT_EQ(reading->hugepage_pools.size(), 2U);
  EXPECT_EQ(reading->hugepage_pools[1].page_kib, 1048576);
  EXPECT_EQ(reading->vmalloc_kib, 828 * 4);
  EXPECT_EQ(reading->balloon.module, "vmw_balloon");
  EXPECT_EQ(reading->balloon.current_kib, 524288);
  ASSERT_TRUE(reading->pressure);
  EXPECT_EQ(reading->pressure->some_avg10_centi, 100);
  EXPECT_EQ(reading->threads, 38);
  EXPECT_EQ(reading->possible_cpus, 128);
  EXPECT_EQ(reading->zram_kib, (104857600 + 1048576) / 1024);
  EXPECT_EQ(reading->zswap_pool, "zsmalloc");
  EXPECT_TRUE(reading->notes.empty());
}

TEST(ParseProbeOutput, KeepsTheTracesOfOtherConsumers) {
  const auto reading = parse_probe_output(kOutput).value();
  const std::map<Consumer, std::optional<std::int64_t>> expected = {
      {Consumer::kSockets, 1024},         {Consumer::kXfsBuffers, 4000},
      {Consumer::kZfsArc, 1024},          {Consumer::kTraceBuffers, 7},
      {Consumer::kHotAddedMemmap, 16384}, {Consumer::kNfsd, 8 * 1036},
      {Consumer::kZram, 524288},          {Consumer::kForeignModules, std::nullopt}};
  std::map<Consumer, std::optional<std::int64_t>> traces;
  for (const auto& trace : reading.traces) traces[trace.consumer] = trace.kib;
  EXPECT_EQ(traces, expected);
  EXPECT_EQ(reading.traces.back().detail, "nvidia");
}

TEST(ParseProbeOutput, OnlyMeminfoIsNeeded) {
  const auto reading =
      parse_probe_output("@@ballast begin 1\n@@ballast meminfo\nMemTotal: 5 kB\n@@ballast end\n");
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_FALSE(reading->zones);
  EXPECT_FALSE(reading->vmalloc_kib);
  EXPECT_FALSE(reading->zram_kib);
  EXPECT_FALSE(reading->as_root);
  EXPECT_FALSE(reading->clock);
  EXPECT_TRUE(reading->notes.empty());
}

TEST(ParseProbeOutput, EmptySectionsAreNotRead) {
  const auto reading = parse_probe_output(
      "@@ballast begin 1\n@@ballast zram\n\n@@ballast hugepages\n@@ballast meminfo\nMemTotal: 5 "
      "kB\n@@ballast end\n");
  ASSERT_TRUE(reading);
  EXPECT_FALSE(reading->zram_kib) << "no device is not 0 KiB of zram";
  EXPECT_TRUE(reading->notes.empty());
}

TEST(ParseProbeOutput, RefusesWhatIsNotWhole) {
  const struct {
    const char* what;
    std::string text;
    ErrorCode code = ErrorCode::kParse;
  } rows[] = {
      {"nothing", ""},
      {"no begin marker", replaced("@@ballast begin 1\n", "")},
      {"another version", replaced("begin 1", "begin 2")},
      {"no end marker", replaced("@@ballast end\n", "")},
      {"cut off in the end marker", kOutput.substr(0, kOutput.size() - 3)},
      {"no meminfo", replaced("@@ballast meminfo", "@@ballast mem")},
      {"empty meminfo",
       replaced("MemTotal:        2053332 kB\nMemFree:         1484048 kB\n", "\n")},
      {"meminfo out of range", replaced("2053332 kB", "9007199254740993 kB")},
      {"a section twice", replaced("@@ballast from_the_future", "@@ballast meminfo")},
      {"two outputs", replaced("@@ballast from_the_future", "@@ballast begin 1")},
      {"too large", kOutput + std::string(1024 * 1024, ' '), ErrorCode::kTooLarge},
  };
  for (const auto& row : rows) {
    const auto reading = parse_probe_output(row.text);
    ASSERT_FALSE(reading) << row.what << " was accepted";
    EXPECT_EQ(reading.error().code, row.code) << row.what;
  }
}

TEST(ParseProbeOutput, TooManySections) {
  std::string text = "@@ballast begin 1\n@@ballast meminfo\nMemTotal: 5 kB\n";
  for (int i = 0; i < 100; ++i) text += "@@ballast s" + std::to_string(i) + "\n";
  EXPECT_FALSE(parse_probe_output(text + "@@ballast end\n"));
}

TEST(ParseProbeOutput, AnyOtherSectionThatIsWrongCountsAsNotReadAndIsNamed) {
  const struct {
    const char* section;
    std::string text;
  } rows[] = {
      {"clock", replaced("1795442123", "99999999999999")},
      {"clock", replaced("1795442123", "yesterday")},
      {"hugepages", replaced("2048 10", "2048 -1")},
      {"hugepages", replaced("2048 10", "0 10")},
      {"zram", replaced("104857600", "9007199254740992")},
      {"vmmemctl", replaced("current               :           131072", "current : many")},
      {"vmstat", replaced("balloon_inflate 131072", "balloon_inflate 99999999999999999999")},
      {"zoneinfo", replaced("cpus 2\n", "")},
      {"vmalloc", replaced("\n828\n", "\n-828\n")},
      {"uptime", replaced("11.66", "later")},
      {"loadavg", replaced("1/38", "138")},
      {"pressure", replaced("full avg10=0.00", "full avg10=no")},
      {"possible_cpus", replaced("0-127", "127-0")},
      {"sockstat", replaced("mem 256", "mem -256")},
      {"slabinfo", replaced("xfs_buf 1000", "xfs_buf -")},
      {"zfs", replaced("scatter_data_size               4    1048576", "scatter_data_size")},
      {"iomem", replaced("80000000-bfffffff", "80000000")},
      {"nfsd", replaced("\n8\n", "\neight\n")},
      {"swaps", replaced("1048572 524288", "1048572 -")},
      {"buffer_total_size_kb", replaced("7 (expanded", "? (expanded")},
  };
  for (const auto& row : rows) {
    const auto reading = parse_probe_output(row.text);
    ASSERT_TRUE(reading) << row.section << ": " << reading.error().message;
    ASSERT_EQ(reading->notes.size(), 1U) << row.section;
    EXPECT_NE(reading->notes[0].find(row.section), std::string::npos) << reading->notes[0];
  }
}

TEST(ParseProbeOutput, EveryTruncationIsRefused) {
  for (std::size_t size = 0; size + 4 < kOutput.size(); ++size) {
    ASSERT_FALSE(parse_probe_output(std::string_view(kOutput).substr(0, size)))
        << "cut off at " << size << " it was taken for whole";
  }
}

// For the sanitizers: no input may break the parsers.
TEST(ParseProbeOutput, MangledOutputNeverCrashes) {
  std::mt19937 random(7);
  int accepted = 0;
  for (int i = 0; i < 5000; ++i) {
    auto text = kOutput;
    for (unsigned n = random() % 6; n > 0; --n) {
      text[random() % text.size()] = static_cast<char>(random() % 256);
    }
    if (random() % 4 == 0) text.erase(random() % text.size(), random() % 50);
    if (parse_probe_output(text)) ++accepted;
  }
  EXPECT_GT(accepted, 100) << "nothing got past the outer markers: the test proves nothing";
}

}  // namespace
}  // namespace ballast::model
