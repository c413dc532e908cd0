#include "model/parse/consumer_traces.h"

#include <functional>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "base/units.h"

namespace ballast::model {
namespace {

constexpr std::string_view kSockstat =
    "sockets: used 13\nTCP: inuse 5 orphan 0 tw 0 alloc 7 mem 30000\nUDP: inuse 2 mem 500\n"
    "UDPLITE: inuse 0\nRAW: inuse 0\nFRAG: inuse 1 memory 2048\n";
constexpr std::string_view kSlabinfo =
    "slabinfo - version: 2.1\n"
    "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>\n"
    "xfs_buf_item         900    900    272   15    1 : tunables    0    0    0\n"
    "xfs_buf            25600  25704    384   21    2 : tunables    0    0    0\n"
    "dentry           1000000 1000000    192   21    1 : tunables    0    0    0\n";
constexpr std::string_view kAbdstats =
    "13 1 0x01 7 1904 4316123 123123\nname                            type data\n"
    "struct_size                     4    17\nscatter_data_size               4    4294967296\n";
constexpr std::string_view kArcstats =
    "9 1 0x01 98 26656 4316123 123124\nname                            type data\n"
    "hits                            4    170\nsize                            4    5368709120\n";
constexpr std::string_view kBrd = "brd 20480 0 - Live 0xffffffffc0393000\n";
constexpr std::string_view kPartitions =
    "major minor  #blocks  name\n\n   1        0     307200 ram0\n   1        1      16384 ram1\n"
    "   8        0   20971520 sda\n   8        1    1048576 sda1\n";
constexpr std::string_view kIomem =
    "00000000-00000fff : Reserved\n00001000-0009fbff : System RAM\n00100000-7fffffff : System RAM\n"
    "  01000000-02209987 : Kernel code\n80000000-bfffffff : System RAM\n"
    "c0001000-eebfffff : PCI Bus 0000:00\n100000000-13fffffff : System RAM\n"
    "140000000-23fffffff : System RAM\n240000000-247ffffff : System RAM\n";
constexpr std::string_view kLsof =
    "COMMAND     PID   TID   USER   FD      TYPE DEVICE SIZE/OFF       NODE NAME\n"
    "systemd       1         root    7r     FIFO   0,13      0t0      12345 pipe\n"
    "systemd       1         root    8w     FIFO   0,13      0t0      12345 pipe\n"
    "my pump     700   701   root    9w     FIFO   0,13      0t0      12346 pipe\n"
    "dbus        800         dbus   10u     FIFO   0,24      0t0        563 /run/initctl/f\n"
    "dbus        800         dbus   11u     FIFO   0,25      0t0        563 /run/other\n"
    "FIFO        801         root    1r      REG    8,1     4096      99999 /etc/FIFO x\n"
    "hidden      802         root    2u     FIFO\n";
constexpr std::string_view kSwaps =
    "Filename\t\t\t\tType\t\tSize\tUsed\tPriority\n/dev/sda2 partition 2097148 5000 -2\n"
    "/dev/zram0                              partition\t1048572\t524288\t100\n"
    "/dev/zram1                              partition\t1048572\t1024\t100\n";
constexpr std::string_view kAreas =
    "0xffffa2c180000000-0xffffa2c180005000   20480 start_kernel+0x2d4/0x41d pages=4 vmalloc\n"
    "0xffffd68d77e00000-0xffffd68d79e00000 33554432 pcpu_get_vm_areas+0x0/0x550 vmalloc\n"
    "0xffffd68d79e00000-0xffffd68d7be00000 33554432 pcpu_get_vm_areas+0x0/0x550 vmalloc\n";
constexpr std::string_view kModules =
    "vmw_balloon 13724 0 - Live 0xffffffffa0000000 (OE)\n"
    "nvidia 35319808 12 nvidia_modeset, Live 0xffffffffc1200000 (POE)\n"
    "ext4 745472 1 - Live 0xffffffffc035d000\n"
    "staging_thing 16384 0 - Live 0xffffffffc0350000 (C)\n"
    "pagehog 16384 0 - Loading 0xffffffffc0351000 (O+)\n";

TEST(ConsumerTraces, SizesAndDetails) {
  const struct {
    const char* what;
    Result<MaybeTrace> trace;
    Consumer consumer;
    std::optional<std::int64_t> kib;
    std::string detail;
  } rows[] = {
      {"sockets", trace_sockets(kSockstat), Consumer::kSockets, 30500 * 4 + 2, ""},
      {"sockets of RHEL 5: no mem", trace_sockets("TCP: inuse 1\nUDP: inuse 1\nFRAG: memory 1024"),
       Consumer::kSockets, 1, ""},
      {"xfs", trace_xfs_buffers(kSlabinfo), Consumer::kXfsBuffers, 25600 * 4, ""},
      {"abdstats first", trace_zfs_arc(std::string(kArcstats) + std::string(kAbdstats)),
       Consumer::kZfsArc, 4 * kKibPerGib, ""},
      {"arcstats alone", trace_zfs_arc(kArcstats), Consumer::kZfsArc, 5 * kKibPerGib, ""},
      {"RAM disks", trace_ram_disks(kPartitions, kBrd), Consumer::kRamDisks, 323584, ""},
      {"RAM disks, hidden", trace_ram_disks("", kBrd), Consumer::kRamDisks, std::nullopt, ""},
      {"ftrace", trace_trace_buffers("1408\n"), Consumer::kTraceBuffers, 1408, ""},
      {"ftrace, not used yet", trace_trace_buffers("7 (expanded: 1408)\n"), Consumer::kTraceBuffers,
       7, ""},
      {"1 GiB below 3 GiB, 4.1 GiB above", trace_hot_added_memmap(kIomem),
       Consumer::kHotAddedMemmap, (1024 + 4096 + 128) * 1024 / 64, "5.12 GiB were added"},
      {"pipes", trace_pipes(kLsof), Consumer::kPipes, 4 * 64, "4 pipes"},
      {"nfsd", trace_nfsd("8\n"), Consumer::kNfsd, 8 * 1036, "8 threads"},
      {"zram as swap", trace_zram(kSwaps, "zram 1 0 - Live 0x0\n"), Consumer::kZram, 525312, ""},
      {"zram, built in", trace_zram(kSwaps, ""), Consumer::kZram, 525312, ""},
      {"zram as a disk", trace_zram("", "zram 1 0 - Live 0x0\n"), Consumer::kZram, std::nullopt,
       ""},
      {"modules", trace_foreign_modules(kModules, ""), Consumer::kForeignModules, std::nullopt,
       "nvidia, pagehog"},
      {"per-CPU areas", trace_percpu(kAreas), Consumer::kPerCpu, 65536, ""},
      {"per-CPU areas as the probe sums them", trace_percpu_sum("67108864\n"), Consumer::kPerCpu,
       65536, ""},
      {"modules as the probe prints them",
       trace_foreign_modules("a (O)\nvmmemctl (O)\nb 0x5\n", ""), Consumer::kForeignModules,
       std::nullopt, "a"},
  };
  for (const auto& row : rows) {
    ASSERT_TRUE(row.trace) << row.what << ": " << row.trace.error().message;
    ASSERT_TRUE(*row.trace) << row.what;
    EXPECT_EQ((*row.trace)->consumer, row.consumer) << row.what;
    EXPECT_EQ((*row.trace)->kib, row.kib) << row.what;
    EXPECT_EQ((*row.trace)->detail, row.detail) << row.what;
  }
}

TEST(ConsumerTraces, NothingToSee) {
  const struct {
    const char* what;
    Result<MaybeTrace> trace;
  } rows[] = {
      {"no sockets", trace_sockets("TCP: inuse 1 mem 0\nUDP: inuse 0 mem 0\n")},
      {"no sockstat", trace_sockets("")},
      {"no XFS", trace_xfs_buffers("dentry 5 5 192 21 1\nxfs_buf_item 5 5 5 5 5\n")},
      {"no buffers", trace_xfs_buffers("xfs_buf 0 0 384 21 2\n")},
      {"no ZFS", trace_zfs_arc("")},
      {"an initrd's ram0 without brd", trace_ram_disks(kPartitions, "ext4 1 0 - Live 0x0\n")},
      {"a module that begins like brd", trace_ram_disks(kPartitions, "brdx 1 0 - Live 0x0\n")},
      {"no threads", trace_nfsd("0\n")},
      {"no zram", trace_zram("Filename Type Size Used Priority\n", "zsmalloc 1 1 zram, Live 0x0")},
      {"only the balloon driver is foreign",
       trace_foreign_modules("vmmemctl 1 0 - Live 0x0 (O)", "")},
      {"no taint", trace_foreign_modules("Odd 1 0 - Live 0x0\next4 1 2 Odd, Live 0x0 (C)\n", "")},
      {"no pipes", trace_pipes("COMMAND PID\nsshd 5 root 1r REG 8,1 5 5 /pipe\n")},
      {"nothing added", trace_hot_added_memmap("00001000-0009fbff : System RAM\n"
                                               "00100000-bfffffff : System RAM\n"
                                               "100000000-23fffffff : System RAM\n")},
      {"not for this user", trace_hot_added_memmap("00000000-00000000 : System RAM\n"
                                                   "00000000-00000000 : System RAM\n")},
      // EFI and setup data split a range of the firmware's, but never at a memory block.
      {"split at boot", trace_hot_added_memmap("00100000-77fbd017 : System RAM\n"
                                               "77fbd018-77fcd057 : System RAM\n"
                                               "77fcd058-bfffffff : System RAM\n")},
  };
  for (const auto& row : rows) {
    ASSERT_TRUE(row.trace) << row.what << ": " << row.trace.error().message;
    EXPECT_FALSE(*row.trace) << row.what;
  }
}

TEST(ConsumerTraces, RefusesTheRest) {
  const std::string two_huge =
      "TCP: inuse 1 mem 9007199254740992\nUDP: inuse 1 mem 9007199254740992\n";
  const struct {
    const char* what;
    Result<MaybeTrace> trace;
  } rows[] = {
      {"mem without a figure", trace_sockets("TCP: inuse 1 mem\n")},
      {"negative mem", trace_sockets("UDP: inuse 1 mem -1\n")},
      {"a sum out of range", trace_sockets(two_huge)},
      {"fragments", trace_sockets("FRAG: inuse 1 memory x\n")},
      {"xfs_buf without objects", trace_xfs_buffers("xfs_buf\n")},
      {"xfs_buf with words", trace_xfs_buffers("xfs_buf many 5\n")},
      {"kstat without a value", trace_zfs_arc("size 4\n")},
      {"kstat with a word", trace_zfs_arc("scatter_data_size 4 x\n")},
      {"partition without blocks", trace_ram_disks("1 0 ram0\n", kBrd)},
      {"partition out of range", trace_ram_disks("1 0 9007199254740993 ram0\n", kBrd)},
      {"an empty figure", trace_trace_buffers("")},
      {"a word", trace_trace_buffers("X (expanded: 1408)")},
      {"iomem upside down", trace_hot_added_memmap("5000-1000 : System RAM\n")},
      {"iomem going back", trace_hot_added_memmap("1000-1fff : System RAM\n0-fff : System RAM\n")},
      {"iomem overlapping",
       trace_hot_added_memmap("1000-1fff : System RAM\n1fff-2fff : System RAM\n")},
      {"iomem without a range", trace_hot_added_memmap("System RAM\n")},
      {"iomem with a sign", trace_hot_added_memmap("-1000-2000 : System RAM\n")},
      {"iomem above what is addressable",
       trace_hot_added_memmap("1000-ffffffffffffffff : System RAM\n")},
      {"per-CPU area without a size", trace_percpu("0x1-0x2 x pcpu_get_vm_areas+0x0 vmalloc\n")},
      {"a sum of areas that is none", trace_percpu_sum("1 2")},
      {"threads out of range", trace_nfsd("1048577")},
      {"threads in words", trace_nfsd("eight")},
      {"swaps without Used", trace_zram("/dev/zram0 partition 5\n", "")},
      {"swaps with a word", trace_zram("/dev/zram0 partition 5 x 5\n", "")},
  };
  for (const auto& row : rows) {
    ASSERT_FALSE(row.trace) << row.what << " was accepted";
    EXPECT_EQ(row.trace.error().code, ErrorCode::kParse) << row.what;
  }
}

TEST(ConsumerTraces, OnlyADozenModulesAreNamed) {
  std::string modules;
  for (int i = 0; i < 15; ++i) modules += "m" + std::to_string(i) + " 1 0 - Live 0x0 (O)\n";
  modules += std::string(100'000, 'x') + " 1 0 - Live 0x0 (O)\n";
  const auto trace = trace_foreign_modules(modules, "").value();
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->detail, "m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11 and 4 more");
  EXPECT_LT(trace_foreign_modules(std::string(100'000, 'x') + " (O)", "").value()->detail.size(),
            100U);
}

// Which letter means "from outside the kernel's tree" differs: kernel/module.c of each kernel.
TEST(ConsumerTraces, ForeignModulesByTheKernelsOwnTaint) {
  const struct {
    const char* release;
    const char* line;
    bool foreign;
  } rows[] = {
      {"2.6.32-642.el6.x86_64", "vxio 3264123 4 vxspec, Live 0xffffffffa07e0000 (P)", true},
      {"2.6.32-642.el6.x86_64", "emcp 1 0 - Live 0x0 (PF)", true},
      {"2.6.32-642.el6.x86_64", "preview 1 0 - Live 0x0 (T)", false},
      {"2.6.32-642.el6.x86_64", "staging 1 0 - Live 0x0 (C)", false},
      {"2.6.18-274.el5", "emcp 1 0 - Live 0x0 (U)", true},
      {"3.0.101-63-default", "oracleasm 1 0 - Live 0x0 (N)", true},
      {"3.0.101-63-default", "hpsa 1 0 - Live 0x0 (X)", true},
      {"5.14.0-70.el9.x86_64", "kunit 1 0 - Live 0x0 (N)", false},
      {"5.14.0-70.el9.x86_64", "self_built 1 0 - Live 0x0 (E)", false},
      {"5.14.0-70.el9.x86_64", "nvidia 1 0 - Live 0x0 (POE)", true},
      {"5.14.0-70.el9.x86_64", "xfs 1 0 - Live 0x0", false},
      {"5.14.0-70.el9.x86_64", "Odd 1 1 PO, Live 0x0", false},
  };
  for (const auto& row : rows) {
    const auto trace = trace_foreign_modules(row.line, row.release);
    ASSERT_TRUE(trace) << row.line;
    EXPECT_EQ(trace->has_value(), row.foreign) << row.release << ": " << row.line;
  }
}

TEST(ConsumerTraces, SlubPrintsNoTunables) {
  const std::string slub =
      "xfs_buf 900 900 272 15 1 : tunables    0    0    0 : slabdata 60 60 0\n";
  const std::string slab =
      "xfs_buf 900 900 272 15 1 : tunables  120   60    8 : slabdata 60 60 0\n";
  EXPECT_EQ(is_slub("slabinfo - version: 2.1\n" + slub + slub), true);
  EXPECT_EQ(is_slub(slab), false);
  EXPECT_EQ(is_slub(slab + slub), false);
  EXPECT_EQ(is_slub(slub + slab), false) << "SLAB may print one cache without tunables";
  EXPECT_EQ(is_slub(""), std::nullopt);
  EXPECT_EQ(is_slub("# name <active_objs> : tunables <limit> <batchcount>\n"), std::nullopt);
}

TEST(ReadTraces, BalloonsOfOtherHypervisors) {
  GuestReading reading;
  TraceFiles files;
  files.modules = "hv_balloon 24576 0 [permanent], Live 0x0\nhv_balloon_x 1 0 - Live 0x0\n";
  read_traces(files, reading);
  EXPECT_EQ(reading.other_balloons, std::vector<std::string>{"hv_balloon"});
}

TEST(ReadTraces, OneForEachFileThatShowsSomething) {
  GuestReading reading;
  TraceFiles files;
  files.sockstat = kSockstat;
  files.slabinfo = "xfs_buf broken\n";
  files.kstats = kAbdstats;
  files.partitions = kPartitions;
  files.trace_buffers = "1408\n";
  files.iomem = kIomem;
  files.lsof = kLsof;
  files.nfsd_threads = "8\n";
  files.swaps = kSwaps;
  const std::string modules = std::string(kModules) + std::string(kBrd);
  files.modules = modules;
  read_traces(files, reading);
  EXPECT_EQ(reading.traces.size(), 9U) << "all but XFS and large kmalloc";
  ASSERT_EQ(reading.notes.size(), 1U);
  EXPECT_NE(reading.notes[0].find("slabinfo"), std::string::npos) << reading.notes[0];
}

TEST(ReadTraces, FilesThatWereNotReadAreNoFailure) {
  GuestReading reading;
  read_traces({}, reading);
  EXPECT_TRUE(reading.traces.empty());
  EXPECT_TRUE(reading.notes.empty());
}

// For the sanitizers: no input may break the parsers, or give a size below 0.
TEST(ReadTraces, MangledFilesNeverCrash) {
  std::mt19937 random(11);
  const auto mangled = [&random](std::string_view original) {
    std::string text(original);
    for (unsigned n = random() % 4; n > 0; --n) {
      text[random() % text.size()] = static_cast<char>(random() % 256);
    }
    if (random() % 4 == 0) text.erase(random() % text.size(), random() % 30);
    return text;
  };
  std::size_t traces = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string texts[] = {mangled(kSockstat),   mangled(kSlabinfo), mangled(kAbdstats),
                                 mangled(kPartitions), mangled("7 (ex"),   mangled(kIomem),
                                 mangled(kLsof),       mangled("8\n"),     mangled(kSwaps),
                                 mangled(kModules),    mangled(kAreas),    mangled("33554432")};
    GuestReading reading;
    read_traces({texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], texts[6], texts[7],
                 texts[8], texts[9], texts[10], texts[11]},
                reading);
    for (const auto& trace : reading.traces) EXPECT_GT(trace.kib.value_or(1), 0);
    traces += reading.traces.size();
  }
  EXPECT_GT(traces, 2000U) << "nothing was understood: the test proves nothing";
}

}  // namespace
}  // namespace ballast::model
