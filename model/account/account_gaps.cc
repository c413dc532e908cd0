#include "model/account/account_gaps.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/units.h"
#include "model/account/hot_added.h"
#include "model/account/process_costs.h"
#include "model/account/stat_threshold.h"

namespace ballast::model {

namespace {

// The per-CPU first chunk is made before MemTotal is counted, and yet it is in `Percpu:`. Only the
// boot log tells its size: 40 pages for each possible CPU on the smallest kernels, 64 on those of
// distributions. Without a boot log the middle is taken.
constexpr std::int64_t kFirstChunkPages = 52;
constexpr std::int64_t kFirstChunkErrorPages = 12;
// As many as VMware's firmware offers for hot-add at most, where the possible ones are unknown.
constexpr std::int64_t kMostPossibleCpus = 256;

// How many counters of the sum are kept per CPU: free, six lists, two of slab, stacks, page tables.
constexpr double kCounters = 11;
// Each CPU's share of a counter is off by anything up to its threshold, evenly spread: that is a
// standard deviation of threshold / sqrt(3). Three of them are allowed: 3 / sqrt(3) = sqrt(3).
constexpr double kDeviations = 1.7320508;
// Where the number of CPUs is unknown: at least so many, and one for each so much memory.
constexpr std::int64_t kAssumedCpus = 8;
constexpr std::int64_t kMemoryOfAssumedCpu = 4 * kKibPerGib;
constexpr std::int64_t kMostAssumedCpus = 256;
// Up to RHEL 8 a list holds at most 6 × 31 pages, in two zones of size.
constexpr std::int64_t kOldPcpKibPerCpu = 2 * 186 * kPageKib;
// What was measured of vmalloc without stacks: 41 MiB with 2 CPUs, 1 GiB with 2 TiB.
constexpr std::int64_t kUsualVmalloc = kib_from_mib(64);
constexpr std::int64_t kVmallocShare = 2048 / 3;
// How far the named page fields are off the LRU lists, with swap in use and without.
constexpr std::int64_t kNamedFieldsSwapping = kib_from_mib(48);
constexpr std::int64_t kNamedFields = kib_from_mib(8);
constexpr std::int64_t kUsualStacks = kib_from_mib(8);
constexpr std::int64_t kDefaultHugePageKib = 2048;   // the default on x86_64
constexpr std::int64_t kVmallocTotal = 34359738367;  // of x86_64, and of nobody else
// What per-CPU memory was seen to hold at most without a leak: 1 MiB a CPU with many control groups.
constexpr std::int64_t kLeastPercpu = kib_from_mib(64);
constexpr std::int64_t kPercpuShare = 64;
// What reclaim has isolated at one moment.
constexpr std::int64_t kUsualIsolated = kib_from_mib(4);

bool is_old(KernelEra era) { return era != KernelEra::kModern; }

// Errors of CPUs and counters are independent, so they add up as squares. `threshold_pages` is the
// sum over zones and CPUs.
std::int64_t counter_error(std::int64_t threshold_pages, std::int64_t cpus) {
  if (cpus <= 0) return 0;
  const double pages = kDeviations * std::sqrt(kCounters / static_cast<double>(cpus)) *
                       static_cast<double>(threshold_pages);
  return static_cast<std::int64_t>(pages) * kPageKib;
}

// Looks for one kind of gap in each function, and says it in a sentence of `missing`.
class Gaps {
 public:
  Gaps(const GuestReading& reading, const KernelRelease& release, MemoryAccount& account)
      : reading_(reading), release_(release), account_(account) {}

  void fields();
  void crash_fields();
  void dump_fields();
  void huge_pages();
  void zones();
  void vmalloc();
  void lists();
  void stacks();
  void processes();
  void hot_added();
  void counters();
  void first_chunk();
  void driver();
  void finish();

 private:
  bool has(std::string_view field) const { return reading_.meminfo.contains(field); }
  std::int64_t field(std::string_view name) const {
    const auto found = reading_.meminfo.find(name);
    return found == reading_.meminfo.end() ? 0 : found->second;
  }
  // What is missing in the guest, all of which an unread file without a bound may explain.
  std::int64_t all_of_it() const { return std::max<std::int64_t>(account_.unaccounted_kib, 0); }
  bool may_have_zram() const;
  bool counts_vmalloc() const;
  bool may_have_pools() const;
  std::int64_t most_in_pools() const;
  std::int64_t cpus() const;
  std::int64_t most_pcp() const;
  std::int64_t unknown_counter_error() const;

  void say(std::string sentence) { account_.missing.push_back(std::move(sentence)); }
  void unread(std::string file, std::int64_t kib) { files_.emplace_back(kib, std::move(file)); }

  const GuestReading& reading_;
  const KernelRelease& release_;
  MemoryAccount& account_;
  std::vector<std::pair<std::int64_t, std::string>> files_;  // with what they may hide
};

std::int64_t Gaps::cpus() const {
  if (const auto known = online_cpus(reading_); known > 0) return known;
  return std::clamp(account_.mem_total_kib / kMemoryOfAssumedCpu, kAssumedCpus, kMostAssumedCpus);
}

// A file that was cut off, or of which only some lines were copied, lacks fields that every kernel
// of its era prints. What they hold counts as unaccounted, and has no bound.
void Gaps::fields() {
  if (reading_.from_crash) {
    crash_fields();
    return;
  }
  if (reading_.from_oom_dump) {
    dump_fields();
    return;
  }
  std::vector<std::string_view> absent;
  const bool split_lists = account_.era != KernelEra::kEl5;
  if (split_lists && has("Active(anon)") && !has("Unevictable")) absent.emplace_back("Unevictable");
  if (split_lists && !has("KernelStack")) absent.emplace_back("KernelStack");
  if (account_.era == KernelEra::kModern) {
    for (const std::string_view name : {"VmallocUsed", "Percpu"}) {
      if (!has(name)) absent.push_back(name);
    }
  }
  if (!has("HugePages_Total") && may_have_pools()) absent.emplace_back("HugePages_Total");
  if (absent.empty()) return;
  account_.unread_varying_kib += all_of_it();
  unread("the whole of /proc/meminfo", all_of_it());
  say(
      fmt::format("there is no {}, as if meminfo was cut off: up to all of what is missing may be "
                  "there",
                  fmt::join(absent, ", no ")));
}

// No counter of kmem -V tells of huge pages.
void Gaps::crash_fields() {
  if (has("Hugetlb")) return;
  account_.unread_varying_kib += all_of_it();
  unread("kmem -i of a crash that shows TOTAL HUGE", all_of_it());
  say("crash did not show huge pages (TOTAL HUGE of kmem -i): up to all of what is missing may be "
      "huge pages");
}

// A dump has no line for per-CPU memory, and none for huge pages on some kernels.
void Gaps::dump_fields() {
  if (account_.era == KernelEra::kModern && !has("Percpu")) {
    const auto most = std::max(kLeastPercpu, account_.mem_total_kib / kPercpuShare);
    account_.unread_varying_kib += most;
    unread("/proc/meminfo (Percpu)", most);
    say(fmt::format("a kernel's OOM dump has no per-CPU memory: up to {} counts as unaccounted",
                    format_size(most)));
  }
  if (has("HugePages_Total") || !may_have_pools()) return;
  account_.unread_varying_kib += all_of_it();
  unread("/proc/meminfo (HugePages_Total)", all_of_it());
  say("this OOM dump shows no huge pages: up to all of what is missing may be huge pages");
}

// A kernel built without huge pages prints no HugePages_Total, but it prints what comes after it.
bool Gaps::may_have_pools() const {
  if (has("Hugetlb") || !reading_.hugepage_pools.empty()) return false;
  const bool ends_well = has("DirectMap4k") || has("DirectMap4M") || has("DirectMap2M");
  if (!has("HugePages_Total")) return !ends_well;
  return account_.era != KernelEra::kEl5;  // 2.6.18 has one size alone
}

// Returns what pools of another than the default size may hold. On x86_64 the sizes are 2 MiB and,
// where the processor has such pages, 1 GiB; the kernel maps itself with them then (DirectMap1G).
std::int64_t Gaps::most_in_pools() const {
  const bool x86 = has("DirectMap4k") || field("VmallocTotal") == kVmallocTotal;
  if (!x86 || field("Hugepagesize") != kDefaultHugePageKib) return all_of_it();
  if (has("DirectMap4k") && !has("DirectMap1G")) return 0;
  return all_of_it() / kKibPerGib * kKibPerGib;
}

void Gaps::huge_pages() {
  if (!has("HugePages_Total") || !may_have_pools() || most_in_pools() == 0) return;
  const auto most = most_in_pools();
  account_.unread_varying_kib += most;
  unread("/sys/kernel/mm/hugepages/*/nr_hugepages", most);
  say(
      fmt::format("/sys/kernel/mm/hugepages was not read: this kernel's meminfo has the pool of "
                  "the default size alone, and up to {} of what is missing may be huge pages of "
                  "another size",
                  format_size(most)));
}

// How much free memory the per-CPU lists may hold, unseen.
std::int64_t Gaps::most_pcp() const {
  if (is_old(account_.era)) return kOldPcpKibPerCpu * cpus();
  // From 6.7 on the kernel tunes the lists up to an eighth of each zone; so does RHEL 9.5.
  const bool rhel9 = release_.vendor == KernelVendor::kRhel && release_.rhel >= 9;
  const bool tuned = release_.major == 0 || release_.at_least(6, 7) || rhel9;
  return account_.mem_total_kib / (tuned ? 8 : 32);
}

// The usual zones of x86_64: 16 MiB, up to 4 GiB, and the rest.
std::int64_t Gaps::unknown_counter_error() const {
  const auto total = account_.mem_total_kib;
  const auto low = std::min(total, 4 * kKibPerGib);
  std::int64_t pages = 0;
  for (const auto zone : {kib_from_mib(16), low, total - low}) {
    if (zone > 0) pages += normal_stat_threshold(zone, cpus());
  }
  return counter_error(pages * cpus(), cpus());
}

void Gaps::zones() {
  if (reading_.zones) {
    account_.counter_error_kib =
        counter_error(reading_.zones->stat_threshold_pages, reading_.zones->cpus);
    return;
  }
  const auto most = most_pcp();
  account_.counter_error_kib = unknown_counter_error();
  account_.unread_varying_kib += most;
  unread("/proc/zoneinfo", most);
  say(fmt::format("zoneinfo was not readable: up to {} of free per-CPU pages count as unaccounted",
                  format_size(most)));
}

bool Gaps::counts_vmalloc() const {
  const bool in_meminfo = account_.era == KernelEra::kModern && has("VmallocUsed");
  const bool printed = account_.era != KernelEra::kEl5;
  return in_meminfo || !printed || reading_.vmalloc_kib.has_value();
}

void Gaps::vmalloc() {
  if (counts_vmalloc()) return;
  const auto most = kUsualVmalloc + account_.mem_total_kib / kVmallocShare;
  account_.unread_fixed_kib += most;
  unread("/proc/vmallocinfo (as root)", most);
  say(
      fmt::format("vmallocinfo was not readable (root can): vmalloc memory other than kernel "
                  "stacks, usually up to {}, counts as unaccounted",
                  format_size(most)));
}

void Gaps::lists() {
  if (has("Active") && has("Inactive")) return;
  const bool no_swap = has("SwapTotal") && field("SwapTotal") == 0;
  const auto error = no_swap ? kNamedFields : kNamedFieldsSwapping;
  account_.estimate_kib += error;
  if (!reading_.from_crash) unread("the whole of /proc/meminfo", error);
  say(
      fmt::format("the LRU lists were not given: AnonPages, Cached, Buffers and SwapCached stand "
                  "in for them and may be {} off",
                  format_size(error)));
}

void Gaps::stacks() {
  if (reading_.threads || account_.era != KernelEra::kEl5) return;
  account_.unread_varying_kib += kUsualStacks;
  unread("/proc/loadavg", kUsualStacks);
  say(
      fmt::format("the number of threads was not readable: kernel stacks, usually up to {}, count "
                  "as unaccounted",
                  format_size(kUsualStacks)));
}

// How many processes have memory of their own is an estimate's yardstick; without it the estimate is
// 0, and all of it is unread.
void Gaps::processes() {
  const auto costs = process_costs(reading_, account_.era, release_);
  account_.estimate_kib += costs.error_kib;
  account_.unread_varying_kib += costs.unread_kib;
  if (costs.unread_kib <= 0) return;
  unread("/proc/slabinfo", costs.unread_kib);
  // Without a figure: it is another one at each reading, and these sentences tell epochs apart.
  say("the upper page tables of processes, which this kernel does not count, count as unaccounted");
}

void Gaps::hot_added() {
  const auto most = most_hot_added_memmap(reading_);
  if (most <= 0) return;
  account_.unread_fixed_kib += most;
  say(
      fmt::format("page descriptors of memory that was added since the boot, up to {}, count as "
                  "unaccounted",
                  format_size(most)));
  // Before 3.10 no file tells.
  const bool zones_tell = account_.era != KernelEra::kEl5 && account_.era != KernelEra::kEl6;
  if (zones_tell && !reading_.crash_kernel_kib) {
    unread("/sys/kernel/kexec_crash_size", most);
  }
}

// Tells whether there may be a zram device: one was seen, or nothing but meminfo was read, so that
// none could be.
bool Gaps::may_have_zram() const {
  const bool meminfo_alone = !reading_.zones && !reading_.vmalloc_kib && reading_.traces.empty();
  return meminfo_alone ||
         std::any_of(reading_.traces.begin(), reading_.traces.end(),
                     [](const auto& trace) { return trace.consumer == Consumer::kZram; });
}

// Zram and zswap hold what is swapped out, compressed; a zram disk may hold anything.
void Gaps::counters() {
  if (account_.era == KernelEra::kEl5) return;
  const bool has_zspages = reading_.vmstat.contains("nr_zspages");
  const bool whole = has_zspages || reading_.vmstat.contains("nr_isolated_anon");
  const bool counts_zram = account_.era >= KernelEra::kEl8;
  // A kernel without zsmalloc has no such counter; a dump has it from 4.14 on at most.
  const bool hides_zram = counts_zram && reading_.from_oom_dump && !has_zspages;
  if (whole && !hides_zram) return;
  const auto swapped = std::max<std::int64_t>(field("SwapTotal") - field("SwapFree"), 0);
  account_.unread_varying_kib += kUsualIsolated + swapped;
  if (counts_zram && may_have_zram()) account_.unread_seldom_kib += all_of_it();
  unread("/proc/vmstat", std::max(kUsualIsolated + swapped, account_.unread_seldom_kib));
  say("vmstat was not readable: pages isolated by reclaim and zsmalloc pages (zram) count as "
      "unaccounted");
}

void Gaps::first_chunk() {
  if (!has("Percpu") || reading_.first_chunk_pages) return;
  const auto online = online_cpus(reading_);
  if (reading_.possible_cpus) {
    account_.estimate_kib += kib_from_pages(kFirstChunkErrorPages * *reading_.possible_cpus);
    return;
  }
  const auto most = kib_from_pages(kFirstChunkPages * (kMostPossibleCpus - online));
  account_.estimate_kib += std::min(most, field("Percpu"));
}

void Gaps::driver() {
  const bool told = account_.driver_kib || account_.vmstat_kib || account_.kpageflags_kib ||
                    account_.call_sites_kib;
  if (reading_.balloon.module.empty() || told) return;
  say(fmt::format(
      "the status of {} was not readable (root can): the driver's own figure is unknown",
      reading_.balloon.module));
}

void Gaps::finish() {
  std::stable_sort(files_.begin(), files_.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  auto& files = account_.deciding_files;
  for (auto& [kib, file] : files_) {
    if (std::find(files.begin(), files.end(), file) == files.end())
      files.push_back(std::move(file));
  }
}

}  // namespace

int online_cpus(const GuestReading& reading) {
  if (reading.zones && reading.zones->cpus > 0) return reading.zones->cpus;
  return reading.possible_cpus.value_or(0);
}

std::int64_t first_chunk_pages(const GuestReading& reading) {
  return reading.first_chunk_pages.value_or(kFirstChunkPages);
}

void note_gaps(const GuestReading& reading, const KernelRelease& release, MemoryAccount& account) {
  Gaps gaps(reading, release, account);
  gaps.fields();
  gaps.huge_pages();
  gaps.zones();
  gaps.vmalloc();
  gaps.lists();
  gaps.stacks();
  gaps.processes();
  gaps.hot_added();
  gaps.counters();
  gaps.first_chunk();
  gaps.driver();
  gaps.finish();
  account.missing.insert(account.missing.end(), reading.notes.begin(), reading.notes.end());
}

}  // namespace ballast::model
