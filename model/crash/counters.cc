#include "model/crash/counters.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

#include "base/units.h"
#include "model/parse/kernel_release.h"
#include "model/parse/numbers.h"

namespace ballast::model {

namespace {

constexpr std::int64_t kHugePageKib = 2048;
constexpr std::int64_t kMaxHugePages = kMaxNumber / kHugePageKib;

struct Mapping {
  std::string_view counter;
  std::string_view field;
};

// Counters in pages, with the same meaning in every kernel that has them. From 5.9 on the names of
// the slab's counters end in _B, for bytes. But only those of a control group are bytes; those of
// the whole node stayed pages (mm/vmstat.c, __mod_node_page_state).
constexpr std::array kPages = {
    Mapping{"NR_FREE_PAGES", "MemFree"},
    Mapping{"NR_INACTIVE_ANON", "Inactive(anon)"},
    Mapping{"NR_ACTIVE_ANON", "Active(anon)"},
    Mapping{"NR_INACTIVE_FILE", "Inactive(file)"},
    Mapping{"NR_ACTIVE_FILE", "Active(file)"},
    Mapping{"NR_UNEVICTABLE", "Unevictable"},
    Mapping{"NR_MLOCK", "Mlocked"},
    Mapping{"NR_FILE_DIRTY", "Dirty"},
    Mapping{"NR_WRITEBACK", "Writeback"},
    Mapping{"NR_ANON_PAGES", "AnonPages"},
    Mapping{"NR_ANON_MAPPED", "AnonPages"},
    Mapping{"NR_FILE_MAPPED", "Mapped"},
    Mapping{"NR_SHMEM", "Shmem"},
    Mapping{"NR_SLAB", "Slab"},
    Mapping{"NR_SLAB_RECLAIMABLE", "SReclaimable"},
    Mapping{"NR_SLAB_RECLAIMABLE_B", "SReclaimable"},
    Mapping{"NR_SLAB_UNRECLAIMABLE", "SUnreclaim"},
    Mapping{"NR_SLAB_UNRECLAIMABLE_B", "SUnreclaim"},
    Mapping{"NR_PAGETABLE", "PageTables"},
    Mapping{"NR_SECONDARY_PAGETABLE", "SecPageTables"},
    Mapping{"NR_UNSTABLE_NFS", "NFS_Unstable"},
    Mapping{"NR_BOUNCE", "Bounce"},
    Mapping{"NR_WRITEBACK_TEMP", "WritebackTmp"},
    Mapping{"NR_SWAPCACHE", "SwapCached"},
    Mapping{"NR_FREE_CMA_PAGES", "CmaFree"},
    Mapping{"NR_UNACCEPTED", "Unaccepted"},
    Mapping{"NR_VMALLOC", "VmallocUsed"},
    Mapping{"NR_BALLOON_PAGES", "Balloon"},
    Mapping{"NR_GPU_ACTIVE", "GPUActive"},
    Mapping{"NR_GPU_RECLAIM", "GPUReclaim"},
};

// Names in /proc/vmstat that are not simply the counter's name in small letters.
constexpr std::array kProcNames = {
    Mapping{"NR_ANON_MAPPED", "nr_anon_pages"},
    Mapping{"NR_FILE_MAPPED", "nr_mapped"},
    Mapping{"NR_FILE_DIRTY", "nr_dirty"},
    Mapping{"NR_UNSTABLE_NFS", "nr_unstable"},
    Mapping{"NR_PAGETABLE", "nr_page_table_pages"},
    Mapping{"NR_SECONDARY_PAGETABLE", "nr_sec_page_table_pages"},
    Mapping{"NR_KERNEL_STACK_KB", "nr_kernel_stack"},
    Mapping{"NR_SLAB_RECLAIMABLE_B", "nr_slab_reclaimable"},
    Mapping{"NR_SLAB_UNRECLAIMABLE_B", "nr_slab_unreclaimable"},
    Mapping{"NR_WRITEBACK_TEMP", "nr_writeback_temp"},
    Mapping{"NR_FREE_CMA_PAGES", "nr_free_cma"},
    Mapping{"NR_ANON_THPS", "nr_anon_transparent_hugepages"},
    Mapping{"NUMA_INTERLEAVE_HIT", "numa_interleave"},
};

class Converter {
 public:
  Converter(const Vmstat& counters, GuestReading& reading)
      : counters_(counters),
        release_(parse_kernel_release(reading.kernel_release)),
        meminfo_(reading.meminfo),
        vmstat_(reading.vmstat) {}

  void pages();
  void file_pages();
  void lists();
  void slab();
  void huge_pages();
  void stacks();
  void proc_names();

 private:
  bool has(std::string_view field) const { return meminfo_.contains(field); }
  std::int64_t field(std::string_view name) const {
    const auto found = meminfo_.find(name);
    return found == meminfo_.end() ? 0 : found->second;
  }
  void set(std::string_view name, std::int64_t kib) {
    meminfo_.insert_or_assign(std::string(name), kib);
  }
  std::int64_t stack_kib() const;

  const Vmstat& counters_;
  KernelRelease release_;
  Meminfo& meminfo_;
  Vmstat& vmstat_;
};

void Converter::pages() {
  for (const auto& row : kPages) {
    const auto found = counters_.find(row.counter);
    if (found != counters_.end()) set(row.field, kib_from_pages(found->second));
  }
}

// As fs/proc/meminfo.c does it.
void Converter::file_pages() {
  const auto file = counters_.find("NR_FILE_PAGES");
  if (file == counters_.end()) return;
  const auto cached = kib_from_pages(file->second) - field("Buffers") - field("SwapCached");
  set("Cached", std::max<std::int64_t>(cached, 0));
}

void Converter::lists() {
  for (const auto* list : {"Active", "Inactive"}) {
    const auto anon = std::string(list) + "(anon)";
    const auto file = std::string(list) + "(file)";
    if (has(anon) && has(file)) set(list, field(anon) + field(file));
  }
}

void Converter::slab() {
  if (has("SReclaimable") && has("SUnreclaim")) {
    set("Slab", field("SReclaimable") + field("SUnreclaim"));
  }
  const auto other = counters_.find("NR_KERNEL_MISC_RECLAIMABLE");
  if (other == counters_.end() || !has("SReclaimable")) return;
  set("KReclaimable", field("SReclaimable") + kib_from_pages(other->second));
}

// Before 4.5 huge pages were not in NR_ANON_PAGES, and /proc/meminfo added them.
void Converter::huge_pages() {
  const auto huge = counters_.find("NR_ANON_TRANSPARENT_HUGEPAGES");
  if (huge == counters_.end() || release_.at_least(4, 5)) return;
  if (huge->second < 0 || huge->second > kMaxHugePages) return;
  set("AnonHugePages", huge->second * kHugePageKib);
  if (has("AnonPages")) set("AnonPages", field("AnonPages") + huge->second * kHugePageKib);
}

// Returns THREAD_SIZE of x86_64, 0 if unknown. RHEL 7 backported the 16 KiB of 3.15.
std::int64_t Converter::stack_kib() const {
  if (release_.vendor == KernelVendor::kRhel && release_.rhel == 7) return 16;
  if (release_.major == 0) return 0;
  return release_.at_least(3, 15) ? 16 : 8;
}

void Converter::stacks() {
  const auto kib = counters_.find("NR_KERNEL_STACK_KB");
  const auto number = counters_.find("NR_KERNEL_STACK");
  if (kib != counters_.end()) {
    set("KernelStack", kib->second);
  } else if (number != counters_.end() && stack_kib() > 0) {
    set("KernelStack", number->second * stack_kib());
  }
}

void Converter::proc_names() {
  for (const auto& [name, value] : counters_) {
    const auto* const row = std::find_if(
        kProcNames.begin(), kProcNames.end(),
        [&counter = name](const Mapping& candidate) { return candidate.counter == counter; });
    std::string proc(row == kProcNames.end() ? std::string_view(name) : row->field);
    std::transform(proc.begin(), proc.end(), proc.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    vmstat_.emplace(std::move(proc), value);
  }
}

}  // namespace

void apply_vm_counters(const Vmstat& counters, GuestReading& reading) {
  Converter converter(counters, reading);
  converter.pages();
  converter.file_pages();
  converter.lists();
  converter.slab();
  converter.huge_pages();
  converter.stacks();
  converter.proc_names();
}

}  // namespace ballast::model
