// The parts of a session one by one: tables, traces, members, flags.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/crash/task_flags.h"
#include "model/crash/text.h"
#include "tests/model/crash/crash_helpers.h"

namespace ballast::model {
namespace {

using test::parsed;
using Words = std::vector<std::string>;

TEST(KmemInfo, Rows) {
  const struct {
    const char* text;
    const char* field;
    std::int64_t kib;
    const char* wrong;
  } rows[] = {
      {"TOTAL MEM  1974231       7.5 GB         ----\n", "MemTotal", 7896924, "the row"},
      {"    FREE  0  0  0% of TOTAL MEM\r\n", "MemFree", 0, "a size of 0 has no unit"},
      {"HUGE FREE  5  20 KB\nTOTAL HUGE  7  28 KB  ----", "Hugetlb", 28, "all, not the free ones"},
      {"SLAB 10 40 KB\nNR_SLAB: 11\n", "Slab", 44, "kmem -V wins"},
      {"NR_SLAB: 11\nSLAB 10 40 KB\n", "Slab", 44, "kmem -V wins in any order"},
      {"BUFFERS 10 40 KB\nCACHED 1 4 KB\nNR_FILE_PAGES 100\n", "Cached", 360,
       "buffers are inside NR_FILE_PAGES"},
      {"BUFFERS 10 40 KB\nNR_FILE_PAGES: 4\n", "Cached", 0, "a lagging counter below its part"},
  };
  for (const auto& row : rows) {
    const auto meminfo = parsed(row.text).reading.meminfo;
    ASSERT_TRUE(meminfo.contains(row.field)) << row.text;
    EXPECT_EQ(meminfo.at(row.field), row.kib) << row.wrong;
  }
}

TEST(KmemCounters, UnitsThatTheReleaseDecides) {
  const struct {
    const char* text;
    const char* field;
    std::int64_t kib;  // -1: must be absent
  } rows[] = {
      {"RELEASE: 2.6.32-642.6.2.el6.x86_64\nNR_KERNEL_STACK: 100\n", "KernelStack", 800},
      {"RELEASE: 3.10.0-1062.el7.x86_64\nNR_KERNEL_STACK: 100\n", "KernelStack", 1600},
      {"RELEASE: 3.0.101-108-default\nNR_KERNEL_STACK: 100\n", "KernelStack", 800},
      {"RELEASE: 4.4.180-94-default\nNR_KERNEL_STACK: 100\n", "KernelStack", 1600},
      {"NR_KERNEL_STACK: 100\nRELEASE: 2.6.32-642.el6\n", "KernelStack", 800},
      {"NR_KERNEL_STACK: 100\n", "KernelStack", -1},
      {"RELEASE: 4.8.0\nNR_ANON_TRANSPARENT_HUGEPAGES: 1\nNR_ANON_PAGES: 1\n", "AnonPages", 4},
      {"NR_ANON_TRANSPARENT_HUGEPAGES: 9007199254740992\nNR_ANON_PAGES: 1\n", "AnonPages", 4},
      {"NR_INDIRECTLY_RECLAIMABLE_BYTES: 4096\nNR_SLAB_RECLAIMABLE: 1\n", "KReclaimable", -1},
      {"NR_INACTIVE_ANON: 1\nNR_ACTIVE_ANON: 2\nNR_ACTIVE_FILE: 4\n", "Inactive", -1},
      {"NR_INACTIVE_ANON: 1\nNR_ACTIVE_ANON: 2\nNR_ACTIVE_FILE: 4\n", "Active", 24},
  };
  for (const auto& row : rows) {
    const auto meminfo = parsed(row.text).reading.meminfo;
    const auto found = meminfo.find(row.field);
    EXPECT_EQ(found == meminfo.end() ? -1 : found->second, row.kib) << row.text;
  }
}

// kmem -z prints the same counters for every zone.
TEST(KmemCounters, TablesOfSingleZonesAreNotTheSum) {
  const std::string zones =
      "NODE: 0  ZONE: 0  ADDR: ffff81  NAME: \"DMA\"\n  VM_STAT:\n  NR_SLAB: 1\n"
      "NODE: 0  ZONE: 1  ADDR: ffff82  NAME: \"Normal\"\n  VM_STAT:\n  NR_SLAB: 2\n";
  const std::string all = "  VM_STAT:\n  NR_SLAB: 7\n";
  for (const auto& text : {zones + all, all + zones, zones + "crash> kmem -V\n  NR_SLAB: 7\n"}) {
    EXPECT_EQ(parsed(text).reading.meminfo.at("Slab"), 28) << text;
  }
}

TEST(BackTrace, WhoAllocatesAndWhoReclaims) {
  const struct {
    const char* text;
    bool balloon;
    bool allocating;
    bool reclaiming;
    const char* wrong;
  } rows[] = {
      {"#0 [ff] schedule at ffffffff8\n#1 [ff] vmballoon_work at ffffffffc0 [vmw_balloon]\n", true,
       false, false, "idle"},
      {"#0 alloc_pages_current+0x88/0x170\n#1 vmballoon_work+0x1/0x2 [vmw_balloon]\n", true, true,
       false, "allocates without reclaim"},
      {"#0 [ff] shrink_node at ff\n#1 [ff] try_to_free_pages at ff\n#2 [ff] vmballoon_work at ff "
       "[vmw_balloon]\n",
       true, false, false, "the allocator is not in between, so it is not direct"},
      {"#0 [ff] vmballoon_send at ff [vmw_balloon]\n#1 [ff] try_to_free_pages at ff\n#2 [ff] "
       "__alloc_pages at ff\n#3 [ff] do_page_fault at ff\n",
       true, false, false, "the allocator called the driver, not the reverse"},
      {"#0 [ff] shrink_page_list at ff\n#1 [ff] __alloc_pages_nodemask at ff\n#2 [ff] "
       "do_anonymous_page at ff\n",
       false, false, false, "another task in reclaim"},
      {"#0 [ff] __alloc_pages at ff\n#1 [ff] fill_balloon at ff [virtio_balloon]\n", false, false,
       false, "virtio's is not VMware's"},
      {"PID: 9  TASK: ff  CPU: 0  COMMAND: \"vmmemctl\"\n#0 [ff] schedule at ff\n", true, false,
       false, "known by its name"},
      {"PID: 9  TASK: ff  CPU: 0  COMMAND: \"vmmemctl\"\nshrink_zone\ntry_to_free_pages+0x12\n"
       "__alloc_pages\nOS_ReservedPageAlloc [vmmemctl]\n",
       true, true, true, "pasted without numbers and stacks"},
      {"PID: 9  TASK: ff  CPU: 0  COMMAND: \"vmmemctl\"\n#0 [ff] shrink_zone at ff\n#1 [ff] "
       "__alloc_pages at ff\n#2 [ff] OS_ReservedPageAlloc at ff\n",
       true, true, true, "without the module's symbols crash names no module"},
  };
  for (const auto& row : rows) {
    const auto crash = parsed(row.text);
    ASSERT_EQ(crash.evidence.traces.size(), 1U) << row.wrong;
    const auto& trace = crash.evidence.traces[0];
    EXPECT_EQ(trace.is_balloon(), row.balloon) << row.wrong;
    EXPECT_EQ(trace.allocating(), row.allocating) << row.wrong;
    EXPECT_EQ(trace.in_direct_reclaim(), row.reclaiming) << row.wrong;
  }
}

TEST(BackTrace, WordsBetweenFramesAreNotFrames) {
  const auto crash = parsed(
      "PID: 9  TASK: ff  CPU: 0  COMMAND: \"a \"b\" c\"\n"
      " #0 [ffff81042e5d5b40] schedule at ffffffff80062fa0\n"
      "    RIP: 00000030a0c0d3c4  RSP: 00007fff  RFLAGS: 00000246\n"
      "    ffff81042e5d5b48: 0000000000000000 ffff810000000000\n"
      "--- <IRQ stack> ---\nand so on\n    [exception RIP: shrink_zone+12]\n"
      " #1 [ffff81042e5d5ba0] system_call at ffffffff8005d116 (via system_call)\n"
      "crash> bt 10\nfree_pages\n");
  ASSERT_EQ(crash.evidence.traces.size(), 1U);
  EXPECT_EQ(crash.evidence.traces[0].command, "a \"b\" c");
  ASSERT_EQ(crash.evidence.traces[0].frames.size(), 2U);
  EXPECT_EQ(crash.evidence.traces[0].frames[1].function, "system_call");
}

TEST(CrashMembers, Zones) {
  const struct {
    const char* text;
    const char* zone;
    std::int64_t counter;  // -1: not told
  } rows[] = {
      {"  name = 0xffffffff802d5f2d \"Normal\"\n  reclaim_in_progress = {\n    counter = 270\n  }",
       "Normal", 270},
      {"reclaim_in_progress = 3,\nname = 0xff \"DMA\"\nreclaim_in_progress = {counter = 9},\n"
       "name = 0xff \"Normal\"\nreclaim_in_progress = 4,\nname = 0xff \"DMA32\"\n",
       "Normal", 9},
      {"crash> p ((struct zone *)0xff)->reclaim_in_progress\n$1 = {\n  counter = 5\n}\n", "", 5},
      {"crash> p ((struct zone *)0xff)->reclaim_in_progress\n$1 = {counter = 5}\n", "", 5},
      {"crash> p *(struct zone *)0xff\n$2 = {\n lock = {\n  counter = 8\n },\n "
       "reclaim_in_progress = {\n  counter = 0x6\n },\n name = 0xff \"Normal\"\n}\n",
       "Normal", 6},
      {"reclaim_in_progress = <optimized out>\nname = 0xff \"Movable\"\n", "Movable", -1},
      {"name = 0xff \"dentry\"\nreclaim_in_progress = 1\n", "", 1},
  };
  for (const auto& row : rows) {
    const auto evidence = parsed(row.text).evidence;
    EXPECT_EQ(evidence.zone, row.zone) << row.text;
    EXPECT_EQ(evidence.tasks_in_reclaim.value_or(-1), row.counter) << row.text;
  }
}

TEST(CrashMembers, TaskFlags) {
  const struct {
    const char* text;
    std::int64_t flags;
    const char* wrong;
  } rows[] = {
      {"flags = 0x10000840\n", 0x10000840, "alone"},
      {"flags = 268437568,\n", 0x10000840, "decimal"},
      {"struct task_struct {\n thread_info = {\n  flags = 8\n },\n flags = 0x840,\n", 0x840,
       "thread_info's own come first"},
      {"crash> p ((struct task_struct *)0xff)->flags\n$3 = 2112\n", 0x840, "p"},
      {"crash> px ((struct task_struct *)0xff)->flags\n$3 = 0x840\n", 0x840, "px"},
      {"crash> struct page.flags ff\n  flags = 5,\ncrash> task -R flags\n  flags = 6,\n", 6,
       "a page's are none"},
      {"flags = 0x20000000000868\nflags = 0x40\n", 0x40, "too wide for a task"},
      {"PID: 1 TASK: f CPU: 0 COMMAND: \"init\"\n flags = 1,\n"
       "PID: 2 TASK: f CPU: 0 COMMAND: \"vmmemctl\"\n flags = 2,\n"
       "PID: 3 TASK: f CPU: 0 COMMAND: \"sshd\"\n flags = 4,\n",
       2, "the balloon's win"},
  };
  for (const auto& row : rows) {
    const auto flags = parsed(row.text).evidence.task_flags;
    ASSERT_TRUE(flags) << row.wrong;
    EXPECT_EQ(*flags, static_cast<std::uint64_t>(row.flags)) << row.wrong;
  }
}

TEST(CrashMembers, Balloon) {
  const struct {
    const char* text;
    std::int64_t current;  // -1: not told
    std::int64_t target;
  } rows[] = {
      {"crash> p balloon\nballoon = $1 = {\n  size = 10, \n  target = 20, \n  stats = {\n    timer "
       "= "
       "1,\n    target = 99\n  }\n}\n",
       40, 80},
      {"crash> p balloon\n$1 = {\n  size = {\n    counter = 10\n  },\n  target = 20,\n}\n", 40, 80},
      {"struct vmballoon {\n  size = 0,\n  target = 0\n}\n", 0, 0},
      {"crash> p balloon.size\n$1 = {\n  counter = 10\n}\n", 40, -1},
      {"crash> struct vmballoon.size,target ff\n  size = 10,\n  target = 20,\n", 40, 80},
      {"struct vmballoon {\n size = 1\n}\nstruct kmem_cache {\n  size = 192,\n  target = 7,\n}\n",
       4, -1},
      {"crash> p balloon\n$1 = {\n  size = 10,\n  target = 20\n}\nsize = 3,\n", 40, 80},
  };
  for (const auto& row : rows) {
    const auto balloon = parsed(row.text).reading.balloon;
    EXPECT_EQ(balloon.current_kib.value_or(-1), row.current) << row.text;
    EXPECT_EQ(balloon.target_kib.value_or(-1), row.target) << row.text;
  }
}

TEST(TaskFlagNames, OnlyWhatIsCertainForTheKernel) {
  const struct {
    std::uint64_t flags;
    const char* release;
    Words names;
  } rows[] = {
      {0, "2.6.18-274.7.1.el5", {}},
      {0x10000840, "2.6.18-274.7.1.el5", {"PF_FORKNOEXEC", "PF_MEMALLOC", "PF_MEMPOLICY"}},
      {0x10000840, "", {"PF_FORKNOEXEC", "PF_MEMALLOC", "0x10000000"}},
      {0x10000000, "3.10.0-1062.el7.x86_64", {"0x10000000"}},
      {0x10000000, "5.14.0-70.el9", {"PF_MEMALLOC_PIN"}},
      {0x200000, "2.6.18-8.el5", {"PF_BORROWED_MM"}},
      {0x200000, "2.6.32-642.el6", {"PF_KTHREAD"}},
      {0x40000, "3.10.0-1062.el7", {"PF_KSWAPD"}},
      {0x60000, "4.18.0-240.el8", {"PF_KSWAPD", "PF_MEMALLOC_NOFS"}},
      {0x8000000000000010, "6.1.0", {"0x10", "0x8000000000000000"}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(task_flag_names(row.flags, row.release), row.names) << row.flags << row.release;
  }
}

}  // namespace
}  // namespace ballast::model
