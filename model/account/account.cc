#include "model/account/account.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/units.h"
#include "model/account/account_gaps.h"
#include "model/account/contradictions.h"
#include "model/account/moving_pages.h"
#include "model/account/process_costs.h"
#include "model/parse/kernel_release.h"

namespace ballast::model {

namespace {

KernelEra era_of_rhel(int rhel) {
  if (rhel <= 5) return KernelEra::kEl5;
  if (rhel == 6) return KernelEra::kEl6;
  if (rhel == 7) return KernelEra::kEl7;
  return rhel == 8 ? KernelEra::kEl8 : KernelEra::kModern;
}

KernelEra era_of_release(const KernelRelease& release, KernelEra if_unknown) {
  // UEK names an Oracle Linux but is a kernel of its own.
  if (release.vendor == KernelVendor::kRhel) return era_of_rhel(release.rhel);
  if (release.major == 0) return if_unknown;
  if (release.at_least(5, 3)) return KernelEra::kModern;
  if (release.at_least(4, 4)) return KernelEra::kEl8;
  if (release.at_least(3, 10)) return KernelEra::kEl7;
  // 2.6.28 split the LRU lists; "2.6" alone does not tell, so the fields have the word.
  return release.at_least(3, 0) ? KernelEra::kEl6 : if_unknown;
}

// Chooses among the eras up to 4.3, where VmallocUsed was a size of address ranges.
KernelEra oldest_eras(const Meminfo& meminfo, const KernelRelease& release) {
  if (!meminfo.contains("Active(anon)")) return KernelEra::kEl5;
  const auto by_fields = meminfo.contains("MemAvailable") ? KernelEra::kEl7 : KernelEra::kEl6;
  // RHEL 6 can be told to print MemAvailable, and 3.10 to 3.13 have none of their own.
  const auto by_release = era_of_release(release, by_fields);
  return by_release == KernelEra::kEl6 || by_release == KernelEra::kEl7 ? by_release : by_fields;
}

std::optional<std::int64_t> find(const Meminfo& table, std::string_view name) {
  const auto found = table.find(name);
  return found == table.end() ? std::nullopt : std::optional(found->second);
}

std::int64_t value(const Meminfo& table, std::string_view name) {
  return find(table, name).value_or(0);
}

// Under reclaim pages are on no list for a moment, or on two: one pass over zoneinfo was measured
// 9.3 MiB off then.
constexpr std::int64_t kInFlight = kib_from_mib(10);

// Returns a × b, or a figure above any MemTotal where that overflows: a hostile guest's page size
// and page count must fail check_parts(), not wrap round.
std::int64_t product(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  return __builtin_mul_overflow(a, b, &result) ? INT64_MAX : result;
}

// Tells whether VmallocUsed (modern) or vmallocinfo (el8) contains the kernel stacks, so that
// KernelStack must not be added to it.
bool stacks_in_vmalloc(KernelEra era, const KernelRelease& release, std::int64_t vmalloc_kib,
                       std::int64_t stacks_kib) {
  if (era != KernelEra::kModern && era != KernelEra::kEl8) return false;
  // Stacks moved to vmalloc in 4.9, by an option that x86_64 has on by default. Where they are more
  // than all of vmalloc they cannot be in it.
  const bool before_4_9 = release.major > 0 && !release.at_least(4, 9);
  return !before_4_9 && vmalloc_kib >= stacks_kib;
}

// Builds the account of one reading part by part, so that each rule has a function of its own.
class Accountant {
 public:
  explicit Accountant(const GuestReading& reading)
      : reading_(reading), release_(parse_kernel_release(reading.kernel_release)) {
    account_.era = choose_era(reading.meminfo, release_);
    account_.mem_total_kib = mem("MemTotal");
  }

  Result<MemoryAccount> run();

 private:
  std::int64_t mem(std::string_view name) const { return value(reading_.meminfo, name); }
  std::int64_t stat_kib(std::string_view name) const {
    return kib_from_pages(value(reading_.vmstat, name));
  }
  void add(std::string_view name, std::int64_t kib) {
    if (kib != 0) account_.parts.push_back({name, kib});
  }

  Status check_fields() const;
  Status check_parts() const;
  void add_free();
  void add_lists();
  void add_kernel();
  void add_vmalloc_and_stacks();
  void add_percpu();
  void add_compressed();
  std::int64_t hugetlb_kib() const;
  void add_huge_pages();
  void gather_evidence();

  const GuestReading& reading_;
  KernelRelease release_;
  MovingPages moving_;
  ProcessCosts processes_;
  MemoryAccount account_;
};

Status Accountant::check_fields() const {
  for (const auto* name : {"MemTotal", "MemFree", "Slab", "PageTables"}) {
    if (!reading_.meminfo.contains(std::string_view(name))) {
      return fail(ErrorCode::kParse, fmt::format("meminfo: it has no {}", name),
                  "read the whole of /proc/meminfo");
    }
  }
  const bool lists = reading_.meminfo.contains("Active") && reading_.meminfo.contains("Inactive");
  const bool named = reading_.meminfo.contains("AnonPages") && reading_.meminfo.contains("Cached");
  if (!lists && !named) {
    return fail(ErrorCode::kParse, "meminfo: it has neither Active and Inactive nor AnonPages",
                "read the whole of /proc/meminfo");
  }
  if (account_.mem_total_kib <= 0) return fail(ErrorCode::kParse, "meminfo: MemTotal is 0");
  return {};
}

Status Accountant::check_parts() const {
  const auto total = account_.mem_total_kib;
  const auto absurd = std::find_if(
      account_.parts.begin(), account_.parts.end(),
      [total](const AccountPart& part) { return part.kib > total || part.kib < -total; });
  if (absurd == account_.parts.end()) return {};
  return fail(ErrorCode::kParse, fmt::format("meminfo: {} is {} KiB in a guest of {} KiB",
                                             absurd->name, absurd->kib, total));
}

void Accountant::add_free() {
  add("free", moving_.free_kib);
  if (reading_.zones) add("pcp", kib_from_pages(reading_.zones->pcp_pages));
}

// Takes user memory from the LRU lists, not from the named fields, which are tens of MiB off where
// it matters: AnonPages lags behind freed huge pages on RHEL 7, and mapped swap cache is both in
// AnonPages and in SwapCached.
void Accountant::add_lists() {
  const auto anon = mem("AnonPages");
  if (!reading_.meminfo.contains("Active") || !reading_.meminfo.contains("Inactive")) {
    add("anon_lru", anon);
    add("file_lru", mem("Cached") + mem("Buffers") + mem("SwapCached"));
  } else if (reading_.meminfo.contains("Active(anon)")) {
    add("anon_lru", moving_.anon_kib);
    add("file_lru", moving_.file_kib);
    add("unevictable", moving_.unevictable_kib);
  } else {
    add("anon_lru", anon);
    add("file_lru", moving_.file_kib - anon);
  }
  add("isolated", moving_.isolated_kib);
}

void Accountant::add_kernel() {
  add("slab", mem("Slab"));
  if (const auto reclaimable = find(reading_.meminfo, "KReclaimable")) {
    add("kernel_reclaimable", *reclaimable - mem("SReclaimable"));
  }
  add_vmalloc_and_stacks();
  add("page_tables", mem("PageTables"));
  add("upper_page_tables", processes_.page_tables_kib);
  add("sec_page_tables", mem("SecPageTables"));
  add_percpu();
  add("memmap", stat_kib("nr_memmap_pages"));
  add("bounce", mem("Bounce"));
  add("writeback_tmp", mem("WritebackTmp"));
  add("hardware_corrupted", mem("HardwareCorrupted"));
  add("gpu_active", mem("GPUActive"));
  add("gpu_reclaim", mem("GPUReclaim"));
}

// Before `modern`, VmallocUsed is a size of addresses or 0, so that only vmallocinfo has the pages.
void Accountant::add_vmalloc_and_stacks() {
  auto vmalloc = reading_.vmalloc_kib;
  if (account_.era == KernelEra::kModern && reading_.meminfo.contains("VmallocUsed")) {
    vmalloc = mem("VmallocUsed");
  }
  const bool el5 = account_.era == KernelEra::kEl5;
  const auto stacks = el5 ? processes_.stacks_kib : mem("KernelStack");
  add("kernel_stack", stacks);
  if (!vmalloc) return;
  const bool inside = stacks_in_vmalloc(account_.era, release_, *vmalloc, stacks);
  add("vmalloc", inside ? *vmalloc - stacks : *vmalloc);
}

// The first chunk is in Percpu but was made before MemTotal was counted.
void Accountant::add_percpu() {
  const auto all = mem("Percpu");
  // Each possible CPU has its share. Online ones are at least there.
  const auto cpus = reading_.possible_cpus.value_or(online_cpus(reading_));
  const auto first_chunk = product(product(first_chunk_pages(reading_), cpus), kPageKib);
  add("percpu", all - std::min(all, first_chunk));
}

// Zswap is inside nr_zspages where its pool is zsmalloc, the only pool left from 6.15 on. Where the
// pool is not known, zswap beyond nr_zspages certainly is elsewhere.
void Accountant::add_compressed() {
  const auto zspages = stat_kib("nr_zspages");
  const auto zswap = mem("Zswap");
  add("zsmalloc", zspages);
  if (!reading_.vmstat.contains("nr_zspages")) add("zram", reading_.zram_kib.value_or(0));
  const bool pool_known = !reading_.zswap_pool.empty();
  if (pool_known && reading_.zswap_pool != "zsmalloc") {
    add("zswap", zswap);
  } else if (zswap > zspages) {
    add("zswap", zswap - zspages);
  }
}

// Before Hugetlb (4.16), meminfo has only the pool of the default size.
std::int64_t Accountant::hugetlb_kib() const {
  if (const auto all = find(reading_.meminfo, "Hugetlb")) return *all;
  if (reading_.hugepage_pools.empty()) {
    return product(mem("HugePages_Total"), mem("Hugepagesize"));
  }
  std::int64_t sum = 0;
  for (const auto& pool : reading_.hugepage_pools) {
    const auto kib = product(pool.page_kib, pool.pages);
    sum = kib > INT64_MAX - sum ? INT64_MAX : sum + kib;
  }
  return sum;
}

// Pages of 1 GiB that are made at boot are outside MemTotal before 3.0 (and before RHEL 6 backported
// gather_bootmem_prealloc of mm/hugetlb.c).
void Accountant::add_huge_pages() {
  const auto kib = hugetlb_kib();
  if (kib <= account_.mem_total_kib) {
    add("hugetlb", kib);
    return;
  }
  account_.contradiction = fmt::format(
      "the huge pages are more than MemTotal: before 3.0, pages of 1 GiB that were made at boot "
      "are "
      "outside MemTotal");
}

void Accountant::gather_evidence() {
  account_.resetting = reading_.balloon.resetting;
  account_.driver_kib = reading_.balloon.current_kib;
  account_.lower_bound_kib = find(reading_.meminfo, "Balloon");
  const auto inflated = value(reading_.vmstat, "balloon_inflate");
  const auto held = inflated - value(reading_.vmstat, "balloon_deflate");
  // RHEL 7 and 8 print the counters and never feed them: 0 says nothing.
  if (inflated > 0 && held >= 0) account_.vmstat_kib = kib_from_pages(held);
  // Nor does every driver mark its pages.
  // Where nobody allocated anything the balloon may be from before profiling was on.
  if (reading_.balloon_sites_kib.value_or(0) > 0) {
    account_.call_sites_kib = reading_.balloon_sites_kib;
  }
  if (reading_.kpageflags_kib.value_or(0) > 0) account_.kpageflags_kib = reading_.kpageflags_kib;
}

Result<MemoryAccount> Accountant::run() {
  if (auto checked = check_fields(); !checked) return fail(checked.error());
  moving_ = moving_pages(reading_, release_);
  account_.reclaiming = reading_.stalls > 0;
  account_.reading_kib = moving_.moved_kib;
  if (account_.reclaiming) account_.reading_kib = std::max(account_.reading_kib, kInFlight);
  processes_ = process_costs(reading_, account_.era, release_);
  add_free();
  add_lists();
  add_kernel();
  add_huge_pages();
  add_compressed();
  if (auto checked = check_parts(); !checked) return fail(checked.error());
  account_.unaccounted_kib = account_.mem_total_kib;
  for (const auto& part : account_.parts) account_.unaccounted_kib -= part.kib;
  gather_evidence();
  note_gaps(reading_, release_, account_);
  if (account_.contradiction.empty())
    account_.contradiction = find_contradiction(reading_, account_);
  return std::move(account_);
}

}  // namespace

std::string_view to_string(KernelEra era) {
  switch (era) {
    case KernelEra::kEl5:
      return "el5";
    case KernelEra::kEl6:
      return "el6";
    case KernelEra::kEl7:
      return "el7";
    case KernelEra::kEl8:
      return "el8";
    case KernelEra::kModern:
      break;
  }
  return "modern";
}

std::optional<KernelEra> era_from_string(std::string_view text) {
  for (const auto era :
       {KernelEra::kEl5, KernelEra::kEl6, KernelEra::kEl7, KernelEra::kEl8, KernelEra::kModern}) {
    if (to_string(era) == text) return era;
  }
  return std::nullopt;
}

Result<MemoryAccount> account_memory(const GuestReading& reading) {
  return Accountant(reading).run();
}

KernelEra choose_era(const Meminfo& meminfo, const KernelRelease& release) {
  const auto vmalloc = meminfo.find("VmallocUsed");
  const bool newer = meminfo.contains("KReclaimable");
  if (vmalloc == meminfo.end()) {
    return era_of_release(release, newer ? KernelEra::kModern : oldest_eras(meminfo, release));
  }
  if (vmalloc->second == 0) return KernelEra::kEl8;  // hard-wired in 4.4 to 5.2
  return newer ? KernelEra::kModern : oldest_eras(meminfo, release);
}

}  // namespace ballast::model
