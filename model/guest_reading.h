// What the kernel of one guest said about its memory, parsed but not yet interpreted. The parsers
// fill it: from the probe's output, from files of a sosreport, or from text of crash.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace ballast::model {

// /proc/meminfo: name without the colon -> value. Sizes in KiB as the kernel prints them; the
// HugePages_* counts are pages. A name that this kernel does not print is absent.
using Meminfo = std::map<std::string, std::int64_t, std::less<>>;

// /proc/vmstat: name -> count, pages unless the name says otherwise.
using Vmstat = std::map<std::string, std::int64_t, std::less<>>;

// What one pass over /proc/zoneinfo says of the pages that move between lists, in pages. With the
// per-CPU lists of the same pass they are of one moment, which meminfo and zoneinfo are not.
struct ZoneLists {
  std::int64_t free = 0;
  // Active and inactive pages. RHEL 5 does not split them: all of them are in `file` there, and
  // `is_split` is false.
  std::int64_t anon = 0;
  std::int64_t file = 0;
  bool is_split = false;
  std::int64_t unevictable = 0;
  std::int64_t isolated = 0;
  std::int64_t pcp_high = 0;  // how much the per-CPU lists may hold at most: the sum of "high:"
  // How many pages the lists of the zones have more than those of the nodes, which 4.8 and later
  // print some microseconds earlier in the same pass: what moved in between.
  std::int64_t moved = 0;

  friend bool operator==(const ZoneLists&, const ZoneLists&) = default;
};

// /proc/zoneinfo, summed over zones and CPUs, in pages.
struct ZoneTotals {
  std::int64_t pcp_pages = 0;      // free pages on per-CPU lists; MemFree does not count them
  std::int64_t managed_pages = 0;  // sums to MemTotal
  std::int64_t present_pages = 0;
  // How far one counter may lag: the sum of "vm stats threshold" over all zones and CPUs.
  std::int64_t stat_threshold_pages = 0;
  int cpus = 0;                    // distinct "cpu:" ids
  std::optional<ZoneLists> lists;  // empty where a list is missing
};

// One pool of /sys/kernel/mm/hugepages.
struct HugepagePool {
  std::int64_t page_kib = 0;
  std::int64_t pages = 0;
};

// The balloon driver as seen from inside.
struct BalloonDriver {
  std::string module;  // "vmw_balloon", "vmware_balloon", "vmmemctl"; "" if none is loaded
  // From the status file (/proc/vmmemctl or debugfs), where it is readable: KiB.
  std::optional<std::int64_t> current_kib;
  std::optional<std::int64_t> target_kib;  // the first "target"; the second one counts calls
  bool resetting = false;                  // "is resetting: y": the figures are void
};

// /proc/pressure/memory, microseconds stalled since boot and the 10 s average in hundredths of %.
struct MemoryPressure {
  std::int64_t some_total_us = 0;
  std::int64_t full_total_us = 0;
  std::int64_t some_avg10_centi = 0;
  std::int64_t full_avg10_centi = 0;
};

// Who, beside the balloon, takes pages that no counter of /proc/meminfo has. The numbers are kept
// in the store and never change.
enum class Consumer {
  kZram = 1,            // compressed memory of zram, on kernels that do not count zsmalloc
  kSockets = 2,         // buffers of TCP, UDP and IP fragments
  kXfsBuffers = 3,      // metadata buffers of XFS
  kZfsArc = 4,          // the ARC of OpenZFS
  kRamDisks = 5,        // brd
  kTraceBuffers = 6,    // ring buffers of ftrace
  kHotAddedMemmap = 7,  // page descriptors of hot-added memory, before 6.11
  kPipes = 8,
  kNfsd = 9,             // threads of the NFS server
  kLargeKmalloc = 10,    // kmalloc above 8 KiB, where the kernel does not count it
  kForeignModules = 11,  // modules from outside the kernel's tree
  kCallSites = 12,       // call sites of the page allocator, by source line (/proc/allocinfo)
  kVmalloc = 13,         // vmalloc, where the kernel does not count its pages
};

// What a file of the guest shows of one consumer.
struct ConsumerTrace {
  Consumer consumer{};
  std::optional<std::int64_t> kib;  // what it holds or may hold; empty where no file has a size
  std::string detail;               // names or counts from the guest, as they came; often ""
};

struct GuestReading {
  std::string kernel_release;    // uname -r
  std::string boot_id;           // /proc/sys/kernel/random/boot_id; "" if not readable
  std::optional<UtcTime> clock;  // the guest's own clock at the reading
  std::optional<std::int64_t> uptime_s;
  bool as_root = false;
  bool from_crash = false;  // the kernel's counters as crash shows them, not files of /proc
  Meminfo meminfo;
  Vmstat vmstat;
  std::optional<ZoneTotals> zones;
  std::vector<HugepagePool> hugepage_pools;
  std::optional<std::int64_t> vmalloc_kib;  // Σ pages= of vmalloc lines in /proc/vmallocinfo; root
  BalloonDriver balloon;
  std::optional<MemoryPressure> pressure;
  std::optional<std::int64_t> threads;     // 4th field of /proc/loadavg, after the slash
  std::optional<std::int64_t> processes;   // with memory of their own: counted in /proc
  std::optional<std::int64_t> mm_structs;  // active ones, of slabinfo
  // Allocations that stalled and pages that they scanned while the probe read; 0 where it told none.
  std::int64_t stalls = 0;
  // What the hypervisor says through VMware Tools in the guest, at the moment of the reading.
  std::optional<std::int64_t> host_balloon_kib;
  std::optional<std::int64_t> crash_kernel_kib;  // /sys/kernel/kexec_crash_size
  std::optional<int> possible_cpus;      // /sys/devices/system/cpu/possible: hot-add included
  std::optional<std::int64_t> zram_kib;  // Σ memory used by zram devices; empty if there is none
  std::string zswap_pool;                // "zsmalloc", "zbud", …; "" if not told
  // Pages that /proc/kpageflags marks as the balloon's (bit 23, KPF_OFFLINE; before 4.19
  // KPF_BALLOON), where they were counted. 0 says nothing: not every driver marks its pages.
  std::optional<std::int64_t> kpageflags_kib;
  // What /proc/allocinfo says that the balloon's own call sites hold.
  std::optional<std::int64_t> balloon_sites_kib;
  // Pages of the per-CPU first chunk for each possible CPU, from the boot log's line
  // "percpu: Embedded N pages/cpu".
  std::optional<std::int64_t> first_chunk_pages;
  std::vector<ConsumerTrace> traces;  // at most one of each consumer
  // Sentences: what the guest printed but could not be understood, and so counts as not read.
  std::vector<std::string> notes;
};

}  // namespace ballast::model
