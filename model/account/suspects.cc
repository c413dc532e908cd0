#include "model/account/suspects.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"
#include "model/parse/kernel_release.h"
#include "model/platform.h"

namespace ballast::model {

namespace {

struct Row {
  Consumer consumer;
  ConsumerWords words;
};

constexpr std::array kConsumers = std::to_array<Row>({
    {Consumer::kZram,
     {"zram", "zram, before compression", "/proc/swaps, /proc/modules", Bound::kAtMost,
      "read the third figure of /sys/block/zram*/mm_stat, the bytes that zram uses"}},
    {Consumer::kSockets,
     {"sockets", "socket buffers", "/proc/net/sockstat", Bound::kAtMost,
      "look for connections with long queues in the output of ss -tm"}},
    {Consumer::kXfsBuffers,
     {"xfs_buffers", "XFS metadata buffers", "/proc/slabinfo", Bound::kAtLeast,
      "sync, write 2 to /proc/sys/vm/drop_caches, and see whether MemFree rises by as much"}},
    {Consumer::kZfsArc,
     {"zfs_arc", "the ARC of ZFS", "/proc/spl/kstat/zfs", Bound::kAtMost,
      "limit it with zfs_arc_max of the module zfs"}},
    {Consumer::kRamDisks,
     {"ram_disks", "RAM disks (brd)", "/sys/block/ram*/size, /proc/modules", Bound::kAtMost,
      "see whether anything is mounted from /dev/ram*; a RAM disk holds what was written to it "
      "until the module is removed"}},
    {Consumer::kTraceBuffers,
     {"trace_buffers", "ring buffers of ftrace", "buffer_total_size_kb of tracefs", Bound::kAtLeast,
      "find out who traces (tracing_on, instances), or write a smaller buffer_size_kb"}},
    {Consumer::kHotAddedMemmap,
     {"hot_added_memmap", "page descriptors of hot-added memory", "/proc/iomem", Bound::kAtLeast,
      "whether memory was added since the boot; after a restart its descriptors are outside "
      "MemTotal"}},
    {Consumer::kPipes,
     {"pipes", "pipes of the default capacity", "lsof", Bound::kAtMost,
      "look for processes with many pipes; a program can enlarge a pipe to 1 MiB and more"}},
    {Consumer::kNfsd,
     {"nfsd", "threads of the NFS server", "/proc/fs/nfsd/threads", Bound::kAtMost,
      "lower the number of threads (nfs.conf, [nfsd] threads) if they are idle"}},
    {Consumer::kLargeKmalloc,
     {"large_kmalloc", "kmalloc above 8 KiB, which this kernel does not count",
      "/proc/sys/kernel/osrelease", Bound::kAtMost,
      "suspect drivers and modules; RHEL 8.5 and later count it as slab"}},
    {Consumer::kForeignModules,
     {"foreign_modules", "modules from outside the kernel's tree", "/proc/modules", Bound::kAtMost,
      "compare with the module unloaded"}},
    {Consumer::kCallSites,
     {"call_sites", "the source lines that hold most", "/proc/allocinfo", Bound::kAtMost,
      "ask whoever maintains the code of these lines; what they hold may be in a counter as well"}},
    {Consumer::kVmalloc,
     {"vmalloc", "memory from vmalloc, device mappings included", "/proc/meminfo VmallocUsed",
      Bound::kAtMost,
      "as root: cat /proc/vmallocinfo, which says who has it; RHEL 5 has no such file, there "
      "compare "
      "VmallocUsed with the same guest after a reboot"}},
    {Consumer::kOtherBalloon,
     {"other_balloon", "the balloon of another hypervisor", "/proc/modules, dmesg, DMI",
      Bound::kAtMost, "ask that hypervisor how much memory it has taken from the guest"}},
    {Consumer::kPerCpu,
     {"percpu", "per-CPU memory, which this kernel does not count", "/proc/vmallocinfo",
      Bound::kAtMost,
      "compare the possible CPUs (/sys/devices/system/cpu/possible) with those online, and count "
      "the cgroups: both multiply it"}},
});

constexpr std::int64_t kLeastWorthNaming = kKibPerMib;
// The build of RHEL 8.5, the first release that was measured to count kmalloc of any size. 8.1 does
// not count it; neither does 8.3, by its source.
constexpr int kBuildThatCounts = 348;

// In SLUB, kmalloc of more than two pages goes straight to the page allocator, where nothing
// counted it before 5.4. SLAB counts it: RHEL 6 has that, and so have many kernels of SLES, so
// slabinfo decides where it was read.
bool leaves_out_large_kmalloc(const GuestReading& reading) {
  if (reading.slub && !*reading.slub) return false;
  const auto kernel = parse_kernel_release(reading.kernel_release);
  if (kernel.vendor != KernelVendor::kRhel) {
    return reading.slub && kernel.major > 0 && !kernel.at_least(5, 4);
  }
  if (kernel.rhel == 7) return kernel.major == 3;
  return kernel.rhel == 8 && kernel.major == 4 && kernel.build > 0 &&
         kernel.build < kBuildThatCounts;
}

// Tells whether a part of the account holds already what the trace is about.
bool is_accounted(const GuestReading& reading, const ConsumerTrace& trace) {
  switch (trace.consumer) {
    case Consumer::kZram:
      return reading.zram_kib || reading.vmstat.contains("nr_zspages");
    case Consumer::kHotAddedMemmap:
      return reading.vmstat.contains("nr_memmap_pages");
    case Consumer::kPerCpu:
      return reading.meminfo.contains("Percpu");
    default:
      return false;
  }
}

// Up to 4.3 VmallocUsed is a size of address ranges, those of devices included: an upper bound of the
// pages in them, where vmallocinfo was not read. On RHEL 5 it rises exactly with what vmalloc takes.
std::optional<std::int64_t> uncounted_vmalloc(const GuestReading& reading,
                                              const MemoryAccount& account) {
  const bool addresses = account.era == KernelEra::kEl5 || account.era == KernelEra::kEl6 ||
                         account.era == KernelEra::kEl7;
  const auto used = reading.meminfo.find("VmallocUsed");
  if (!addresses || reading.vmalloc_kib || used == reading.meminfo.end()) return std::nullopt;
  if (used->second < kLeastWorthNaming) return std::nullopt;
  return used->second;
}

bool is_worth_naming(const ConsumerTrace& trace) {
  return !trace.kib || *trace.kib >= kLeastWorthNaming;
}

}  // namespace

const ConsumerWords& words_of(Consumer consumer) {
  const auto* found = std::find_if(kConsumers.begin(), kConsumers.end(),
                                   [consumer](const Row& row) { return row.consumer == consumer; });
  return found == kConsumers.end() ? kConsumers.front().words : found->words;
}

std::optional<Consumer> consumer_from_number(std::int64_t number) {
  const auto* found = std::find_if(kConsumers.begin(), kConsumers.end(), [number](const Row& row) {
    return static_cast<std::int64_t>(row.consumer) == number;
  });
  return found == kConsumers.end() ? std::nullopt : std::optional(found->consumer);
}

std::string_view to_string(Bound bound) {
  switch (bound) {
    case Bound::kExact:
      return "exact";
    case Bound::kAtLeast:
      return "at_least";
    case Bound::kAtMost:
      break;
  }
  return "at_most";
}

std::vector<ConsumerTrace> find_suspects(const GuestReading& reading,
                                         const MemoryAccount& account) {
  std::vector<ConsumerTrace> suspects;
  std::copy_if(reading.traces.begin(), reading.traces.end(), std::back_inserter(suspects),
               [&](const ConsumerTrace& trace) {
                 return !is_accounted(reading, trace) && is_worth_naming(trace);
               });
  for (auto& suspect : suspects) {
    if (suspect.kib > account.mem_total_kib) suspect.kib.reset();
  }
  if (auto other = other_balloon_of(reading)) suspects.push_back(std::move(*other));
  if (leaves_out_large_kmalloc(reading)) {
    suspects.push_back({Consumer::kLargeKmalloc, std::nullopt, ""});
  }
  if (const auto vmalloc = uncounted_vmalloc(reading, account)) {
    suspects.push_back({Consumer::kVmalloc, vmalloc, ""});
  }
  std::stable_sort(suspects.begin(), suspects.end(),
                   [](const ConsumerTrace& a, const ConsumerTrace& b) { return a.kib > b.kib; });
  return suspects;
}

std::string_view how_to_trace(std::string_view kernel_release, KernelEra era) {
  const auto kernel = parse_kernel_release(kernel_release);
  const bool summed = kernel.rhel >= 10 || (kernel.rhel == 0 && kernel.at_least(6, 10));
  if (summed) {
    return "boot the guest with page_owner=on and read "
           "/sys/kernel/debug/page_owner_stacks/show_stacks";
  }
  const bool has_page_owner = era == KernelEra::kEl8 || era == KernelEra::kModern;
  return has_page_owner ? "boot the guest with page_owner=on and read /sys/kernel/debug/page_owner"
                        : "";
}

std::string size_of(const ConsumerTrace& suspect) {
  if (!suspect.kib) return "size not known";
  auto size = format_size(*suspect.kib);
  switch (words_of(suspect.consumer).bound) {
    case Bound::kExact:
      return size;
    case Bound::kAtLeast:
      return "at least " + size;
    case Bound::kAtMost:
      break;
  }
  return "at most " + size;
}

std::string describe(const ConsumerTrace& suspect) {
  const auto& words = words_of(suspect.consumer);
  const auto detail = suspect.detail.empty() ? "" : fmt::format(" ({})", printable(suspect.detail));
  return fmt::format("{}{}, {} ({})", words.title, detail, size_of(suspect), words.source);
}

}  // namespace ballast::model
