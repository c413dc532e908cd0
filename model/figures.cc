#include "model/figures.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "model/account/suspects.h"

namespace ballast::model {

namespace {

using enum FigureGroup;
using enum Unit;
using enum Listed;

template <class T>
FigureValue value_of(const std::optional<T>& value) {
  return value ? FigureValue(*value) : FigureValue();
}

FigureValue value_of(std::string_view text) { return text; }

// The getters below, for members at each level of a guest.

template <auto Member>
FigureValue own(const JudgedGuest& guest) {
  return value_of(guest.*Member);
}

template <auto Member>
FigureValue of_vm(const JudgedGuest& guest) {
  return value_of(guest.vm.*Member);
}

template <auto Member>
FigureValue stat(const JudgedGuest& guest) {
  return value_of(guest.vm.stats.*Member);
}

template <auto Member>
FigureValue word(const JudgedGuest& guest) {
  return to_string(guest.vm.*Member);
}

template <auto Member>
FigureValue judged_word(const JudgedGuest& guest) {
  return to_string(guest.judgement.*Member);
}

// What only a guest that was read has.
template <auto Member>
FigureValue sampled(const JudgedGuest& guest) {
  return guest.guest ? value_of((*guest.guest).*Member) : FigureValue();
}

template <auto Member>
FigureValue accounted(const JudgedGuest& guest) {
  if (!guest.guest) return {};
  return value_of(std::optional(guest.guest->account.*Member));
}

template <auto Member>
FigureValue evidence(const JudgedGuest& guest) {
  return guest.guest ? value_of(guest.guest->account.*Member) : FigureValue();
}

template <auto Member>
FigureValue judged(const JudgedGuest& guest) {
  return guest.guest ? FigureValue(guest.judgement.*Member) : FigureValue();
}

FigureValue tolerance_below(const JudgedGuest& guest) {
  return guest.guest ? FigureValue(guest.judgement.tolerance_below_kib()) : FigureValue();
}

template <auto Member>
FigureValue baseline(const JudgedGuest& guest) {
  if (!guest.guest) return {};
  return static_cast<std::int64_t>(guest.judgement.baseline.*Member);
}

template <auto Member>
FigureValue lockstep(const JudgedGuest& guest) {
  const auto& found = guest.judgement.lockstep;
  return found ? FigureValue((*found).*Member) : FigureValue();
}

template <auto Member>
FigureValue leak(const JudgedGuest& guest) {
  const auto& found = guest.judgement.leak;
  return found ? FigureValue((*found).*Member) : FigureValue();
}

template <auto Member>
FigureValue pressure(const JudgedGuest& guest) {
  return guest.guest ? value_of(guest.guest->pressure.*Member) : FigureValue();
}

template <auto Member>
FigureValue stalled(const JudgedGuest& guest) {
  if (!guest.guest || !guest.guest->pressure.psi) return {};
  return static_cast<double>((*guest.guest->pressure.psi).*Member) / 100;
}

template <auto Method>
FigureValue made(const JudgedGuest& guest) {
  return value_of((guest.*Method)());
}

FigureValue scan_id(const JudgedGuest& guest) { return guest.scan_id; }

FigureValue polled_at(const JudgedGuest& guest) { return guest.vm.polled_at; }

FigureValue read_at(const JudgedGuest& guest) {
  return guest.guest ? FigureValue(guest.guest->read_at) : FigureValue();
}

FigureValue channel(const JudgedGuest& guest) {
  return guest.guest ? FigureValue(to_string(guest.guest->channel)) : FigureValue();
}

FigureValue limit(const JudgedGuest& guest) {
  const auto kib = guest.vm.allocation.limit_kib;
  return kib && *kib != kUnlimited ? FigureValue(*kib) : FigureValue();
}

FigureValue unlimited(const JudgedGuest& guest) {
  const auto kib = guest.vm.allocation.limit_kib;
  return kib ? FigureValue(*kib == kUnlimited) : FigureValue();
}

FigureValue reservation(const JudgedGuest& guest) {
  return value_of(guest.vm.allocation.reservation_kib);
}

FigureValue era(const JudgedGuest& guest) {
  return guest.guest ? FigureValue(to_string(guest.guest->account.era)) : FigureValue();
}

FigureValue remedy_words(const JudgedGuest& guest) { return remedy(guest.judgement.reason); }

// "xfs_buffers=421888;ram_disks": sizes in KiB where they are known.
FigureValue suspect_keys(const JudgedGuest& guest) {
  std::string list;
  if (!guest.guest) return list;
  for (const auto& suspect : guest.guest->suspects) {
    if (!list.empty()) list += ';';
    list += words_of(suspect.consumer).key;
    if (suspect.kib) list += '=' + std::to_string(*suspect.kib);
  }
  return list;
}

FigureValue cause(const JudgedGuest& guest) { return cause_keys(guest.causes); }

FigureValue failures(const JudgedGuest& guest) {
  return guest.setback ? FigureValue(std::int64_t{guest.setback->failures}) : FigureValue();
}

FigureValue next_try(const JudgedGuest& guest) {
  return guest.setback ? FigureValue(guest.setback->next_try) : FigureValue();
}

// clang-format off
constexpr auto kFigures = std::to_array<Figure>({
    {"scan_id", kIdentity, kCount, kSamples, "scan", "number of the scan, rising", scan_id},
    {"name", kIdentity, kText, kSamples, "name", "of the VM", of_vm<&VmView::name>},
    {"moref", kIdentity, kText, kSamples, "moref", "vCenter's id of the VM, may change when it is registered anew", of_vm<&VmView::moref>},
    {"instance_uuid", kIdentity, kText, kSamples, "UUID", "the VM's identity within its vCenter", of_vm<&VmView::instance_uuid>},
    {"bios_uuid", kIdentity, kText, kNowhere, "BIOS UUID", "", of_vm<&VmView::bios_uuid>},
    {"vcenter", kIdentity, kText, kSamples, "vCenter", "configured name", own<&JudgedGuest::vcenter>},
    {"datacenter", kIdentity, kText, kSamples, "datacenter", "", own<&JudgedGuest::datacenter>},
    {"cluster", kIdentity, kText, kSamples, "cluster", "empty for a stand-alone host", own<&JudgedGuest::cluster>},
    {"host", kIdentity, kText, kSamples, "host", "ESXi host it ran on", own<&JudgedGuest::host>},
    {"pool", kIdentity, kText, kSamples, "pool", "name of its resource pool; of a root pool its cluster's or host's", own<&JudgedGuest::pool>},
    {"power", kIdentity, kText, kSamples, "power", "`powered on`, `powered off`, `suspended`, `unknown`", word<&VmView::power>},
    {"tools", kIdentity, kText, kNowhere, "VMware Tools", "", word<&VmView::tools>},
    {"guest_id", kIdentity, kText, kNowhere, "guest", "operating system, by vCenter's name for it", of_vm<&VmView::guest_id>},
    {"failures", kIdentity, kCount, kNowhere, "failures", "tries in a row that failed, up to now; empty for a guest that was read, or never tried", failures},
    {"next_try", kIdentity, kTime, kNowhere, "next try", "when it is tried again at the earliest; a time that has passed: at the next scan", next_try},

    {"polled_at", kHypervisor, kTime, kSamples, "polled", "when vCenter's figures arrived", polled_at},
    {"configured_kib", kHypervisor, kKib, kSamples, "configured", "memory size", of_vm<&VmView::configured_kib>},
    {"limit_kib", kHypervisor, kKib, kSamples, "limit", "empty: none, or not told", limit},
    {"unlimited", kHypervisor, kYesNo, kNowhere, "unlimited", "tells a limit that is not set from one that is not told", unlimited},
    {"reservation_kib", kHypervisor, kKib, kSamples, "reservation", "", reservation},
    {"balloon_kib", kHypervisor, kKib, kSamples, "ballooned", "what vCenter says the balloon holds (quick stats, whole MiB, like the next figures)", stat<&QuickStats::balloon_kib>},
    {"consumed_kib", kHypervisor, kKib, kSamples, "consumed", "host memory used for it, overhead included", stat<&QuickStats::consumed_kib>},
    {"active_kib", kHypervisor, kKib, kSamples, "active", "", stat<&QuickStats::active_kib>},
    {"granted_kib", kHypervisor, kKib, kSamples, "granted", "vSphere 7.0 and later", stat<&QuickStats::granted_kib>},
    {"swapped_kib", kHypervisor, kKib, kSamples, "swapped by host", "swapped out by the host", stat<&QuickStats::swapped_kib>},
    {"compressed_kib", kHypervisor, kKib, kSamples, "compressed", "compressed by the host", stat<&QuickStats::compressed_kib>},
    {"shared_kib", kHypervisor, kKib, kSamples, "shared", "", stat<&QuickStats::shared_kib>},
    {"private_kib", kHypervisor, kKib, kSamples, "private", "", stat<&QuickStats::private_kib>},
    {"overhead_kib", kHypervisor, kKib, kSamples, "overhead", "", stat<&QuickStats::overhead_kib>},
    {"uptime_s", kHypervisor, kSeconds, kSamples, "uptime", "of the VM", stat<&QuickStats::uptime_s>},
    {"entitled_kib", kHypervisor, kKib, kSamples, "entitled", "host memory that DRS says it is entitled to, by limits, shares and demand", stat<&QuickStats::entitled_kib>},
    {"memory_kib", kJudgement, kKib, kNowhere, "memory", "configured size, else MemTotal", made<&JudgedGuest::memory_kib>},

    {"read_at", kGuest, kTime, kSamples, "read", "when the guest was read; empty, like every column down to `vmstat_kib` but the verdict's, if it was not", read_at},
    {"kernel", kGuest, kText, kSamples, "kernel", "release", sampled<&GuestSample::kernel_release>},
    {"channel", kGuest, kText, kNowhere, "read through", "file: fetched from the ESXi host; guestinfo: sealed by the probe, from the VM's configuration; report: the guest's own, which any user in it can write", channel},
    {"boot_id", kGuest, kText, kSamples, "boot", "changes at every boot of the guest", sampled<&GuestSample::boot_id>},
    {"era", kGuest, kText, kNowhere, "era", "which counters its kernel has", era},
    {"mem_total_kib", kGuest, kKib, kSamples, "MemTotal", "MemTotal", accounted<&MemoryAccount::mem_total_kib>},
    {"unaccounted_kib", kGuest, kKib, kSamples, "unaccounted", "MemTotal less everything the kernel counts; may be a little below 0", accounted<&MemoryAccount::unaccounted_kib>},
    {"counter_error_kib", kGuest, kKib, kNowhere, "counter lag", "how far the per-CPU counters may lag in sum", accounted<&MemoryAccount::counter_error_kib>},

    {"driver_kib", kEvidence, kKib, kSamples, "driver", "balloon by the driver's status file in the guest", evidence<&MemoryAccount::driver_kib>},
    {"vmstat_kib", kEvidence, kKib, kSamples, "vmstat", "balloon by the driver's counters in /proc/vmstat", evidence<&MemoryAccount::vmstat_kib>},
    {"kpageflags_kib", kEvidence, kKib, kNowhere, "kpageflags", "pages that carry the balloon's flag", evidence<&MemoryAccount::kpageflags_kib>},
    {"call_sites_kib", kEvidence, kKib, kNowhere, "allocinfo", "what the source lines of balloons hold, by `/proc/allocinfo`", evidence<&MemoryAccount::call_sites_kib>},
    {"lower_bound_kib", kEvidence, kKib, kNowhere, "meminfo", "`Balloon:` of /proc/meminfo, which counts a part of it", evidence<&MemoryAccount::lower_bound_kib>},

    {"verdict", kJudgement, kText, kSamples, "verdict", "`balloon`, `excess`, `hidden`, `clean`, `unknown` ([VERDICTS.md](VERDICTS.md))", judged_word<&Judgement::verdict>},
    {"proof", kJudgement, kText, kSamples, "proof", "of `balloon`: `point`, `driver`, `lockstep`", judged_word<&Judgement::proof>},
    {"reason", kJudgement, kText, kSamples, "reason", "of `unknown`: `powered_off`, `tools_not_running`, …", judged_word<&Judgement::reason>},
    {"detail", kJudgement, kText, kSamples, "detail", "of `unknown`: what went wrong, a sentence", own<&JudgedGuest::detail>},
    {"remedy", kJudgement, kText, kNowhere, "to do", "of `unknown`: what to do about it", remedy_words},
    {"baseline_kib", kJudgement, kKib, kSamples, "baseline", "what this guest leaves unaccounted without a balloon", baseline<&Baseline::kib>},
    {"baseline_spread_kib", kJudgement, kKib, kNowhere, "baseline's spread", "", baseline<&Baseline::spread_kib>},
    {"baseline_samples", kJudgement, kCount, kSamples, "baseline's samples", "from how many samples that was learned; 0: the prior", baseline<&Baseline::samples>},
    {"tolerance_kib", kJudgement, kKib, kSamples, "tolerance", "how large the difference may be by chance", judged<&Judgement::tolerance_kib>},
    {"tolerance_below_kib", kJudgement, kKib, kNowhere, "tolerance below", "how far below 0 the difference may be by chance", tolerance_below},
    {"tolerance_above_kib", kJudgement, kKib, kNowhere, "tolerance above", "how far above 0: larger where files were not read, as what they hold counts as unaccounted", judged<&Judgement::tolerance_kib>},
    {"judged_balloon_kib", kJudgement, kKib, kNowhere, "balloon", "the one that the verdict is about", made<&JudgedGuest::judged_balloon_kib>},
    {"shown_balloon_kib", kJudgement, kKib, kNowhere, "balloon", "the balloon that the verdict is about: vCenter's figure, or the driver's where that is missing or contradicted", made<&JudgedGuest::shown_balloon_kib>},
    {"difference_kib", kJudgement, kKib, kSamples, "difference", "unaccounted less baseline and balloon", made<&JudgedGuest::difference_kib>},
    {"lockstep_slope", kJudgement, kRatio, kSamples, "lockstep", "by how much unaccounted followed the balloon: 1 is all of it. Empty where the balloon moved too little to tell", lockstep<&Lockstep::slope>},
    {"lockstep_low", kJudgement, kRatio, kSamples, "", "lower end of its 95 % interval", lockstep<&Lockstep::low>},
    {"lockstep_high", kJudgement, kRatio, kSamples, "", "upper end", lockstep<&Lockstep::high>},
    {"leak_kib_per_day", kJudgement, kKibPerDay, kSamples, "leak", "what grows beside the balloon; empty if nothing does", leak<&Leak::kib_per_day>},
    {"leak_low_kib_per_day", kJudgement, kKibPerDay, kSamples, "", "lower end of its 95 % interval", leak<&Leak::low_kib_per_day>},
    {"leak_high_kib_per_day", kJudgement, kKibPerDay, kSamples, "", "upper end", leak<&Leak::high_kib_per_day>},
    {"cause", kJudgement, kText, kNowhere, "cause", "of a balloon: `vm_limit`, `pool_limit`, `host_memory`, `no_reservation`; several are separated by spaces, the most telling first. Empty: not known, or no balloon", cause},
    {"suspects", kJudgement, kText, kSamples, "suspects", "of `excess`: who may hold it, the largest first, sizes in KiB where they are known: `xfs_buffers=421888;ram_disks`", suspect_keys},

    {"alloc_stalls", kPressure, kCount, kSamples, "allocations that had to wait", "since the guest's boot, like the next six: allocations that had to wait for memory to be reclaimed", pressure<&ReclaimPressure::alloc_stalls>},
    {"direct_scanned_kib", kPressure, kKib, kSamples, "looked through meanwhile", "looked through meanwhile", pressure<&ReclaimPressure::direct_scanned_kib>},
    {"direct_reclaimed_kib", kPressure, kKib, kSamples, "reclaimed meanwhile", "reclaimed meanwhile", pressure<&ReclaimPressure::direct_reclaimed_kib>},
    {"swapped_in_kib", kPressure, kKib, kSamples, "swapped in", "by the guest", pressure<&ReclaimPressure::swapped_in_kib>},
    {"swapped_out_kib", kPressure, kKib, kSamples, "swapped out", "by the guest", pressure<&ReclaimPressure::swapped_out_kib>},
    {"refaulted_kib", kPressure, kKib, kSamples, "page cache dropped and read again", "dropped from the page cache and read again", pressure<&ReclaimPressure::refaulted_kib>},
    {"oom_kills", kPressure, kCount, kSamples, "tasks killed for lack of memory", "tasks killed for lack of memory", pressure<&ReclaimPressure::oom_kills>},
    {"stalled_some_percent", kPressure, kPercent, kSamples, "tasks stalled", "of the last 10 s, some task waited for memory (PSI)", stalled<&MemoryPressure::some_avg10_centi>},
    {"stalled_full_percent", kPressure, kPercent, kSamples, "all tasks stalled", "… all of them did", stalled<&MemoryPressure::full_avg10_centi>},
});
// clang-format on

using Entry = std::pair<std::string_view, std::string_view>;

constexpr std::array<Entry, 7> kToleranceTitles = {{
    {"counters", "counter lag"},
    {"baseline", "baseline spread"},
    {"unread", "not read"},
    {"estimate", "estimated parts"},
    {"reading", "pages moved while reading"},
    {"host_rounding", "vCenter's rounding"},
    {"skew", "balloon moved meanwhile"},
}};

// The keys are those of model/account/account.h.
constexpr std::array<Entry, 24> kPartTitles = {{
    {"free", "free"},
    {"pcp", "free, on per-CPU lists"},
    {"anon_lru", "anonymous and shared memory"},
    {"file_lru", "page cache of files"},
    {"unevictable", "locked (unevictable)"},
    {"isolated", "isolated by reclaim"},
    {"slab", "slab"},
    {"kernel_reclaimable", "other reclaimable kernel"},
    {"kernel_stack", "kernel stacks"},
    {"page_tables", "page tables"},
    {"upper_page_tables", "upper page tables"},
    {"sec_page_tables", "secondary page tables"},
    {"vmalloc", "vmalloc"},
    {"percpu", "per-CPU data"},
    {"memmap", "page descriptors (memmap)"},
    {"hugetlb", "huge page pools"},
    {"zsmalloc", "compressed (zsmalloc)"},
    {"zswap", "compressed (zswap)"},
    {"zram", "compressed (zram)"},
    {"bounce", "bounce buffers"},
    {"writeback_tmp", "FUSE writeback"},
    {"hardware_corrupted", "bad hardware pages"},
    {"gpu_active", "graphics"},
    {"gpu_reclaim", "graphics, reclaimable"},
}};

template <std::size_t N>
std::string title_of(const std::array<Entry, N>& titles, std::string_view key) {
  const auto* found = std::find_if(titles.begin(), titles.end(),
                                   [&](const Entry& entry) { return entry.first == key; });
  if (found != titles.end()) return std::string(found->second);
  std::string words(key);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

}  // namespace

std::span<const Figure> figures() { return kFigures; }

const Figure& figure(std::string_view key) {
  const auto* found = std::find_if(kFigures.begin(), kFigures.end(),
                                   [&](const Figure& one) { return one.key == key; });
  if (found == kFigures.end()) throw std::logic_error("no figure is called " + std::string(key));
  return *found;
}

std::string part_title(std::string_view key) { return title_of(kPartTitles, key); }

std::string tolerance_title(std::string_view key) { return title_of(kToleranceTitles, key); }

}  // namespace ballast::model
