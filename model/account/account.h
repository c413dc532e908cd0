// The memory account of one guest: MemTotal split into disjoint named parts, and what is left.
//
// The parts, all in KiB; a part of 0 is left out. Their names are keys of the JSON output and of
// the store, and never change:
//
//   free                free pages (Unaccepted and CmaFree are inside); this, the lists and
//                       isolated are from one pass over zoneinfo where it has all of them, else
//                       from meminfo: see model/account/moving_pages.h
//   pcp                 free pages on per-CPU lists, which are in neither
//   anon_lru            anonymous memory, swap cache, shared memory and tmpfs: Active(anon) +
//                       Inactive(anon). RHEL 5 does not split its lists: AnonPages there
//   file_lru            page cache of files, buffers included: Active(file) + Inactive(file). On
//                       RHEL 5 the rest of Active + Inactive, with its tmpfs
//   unevictable         locked pages of both kinds, ramfs
//   isolated            pages that reclaim has taken off the lists at this moment
//   slab                Slab
//   kernel_reclaimable  other kernel memory given back under pressure: KReclaimable - SReclaimable
//   kernel_stack        kernel stacks of threads
//   vmalloc             pages of vmalloc other than stacks
//   page_tables         PageTables
//   upper_page_tables   upper levels of page tables, which few kernels count: an estimate by the
//                       number of processes (model/account/process_costs.h)
//   sec_page_tables     SecPageTables
//   percpu              per-CPU allocations, without the chunk made at boot, which is not in
//                       MemTotal
//   memmap              page descriptors of hot-added memory (6.11 and later)
//   bounce              Bounce
//   writeback_tmp       WritebackTmp
//   hardware_corrupted  HardwareCorrupted
//   gpu_active          GPUActive
//   gpu_reclaim         GPUReclaim
//   hugetlb             huge page pools of all sizes, used or not
//   zsmalloc            compressed pages of zram and zswap
//   zram                on kernels that do not count zsmalloc: what the zram devices say they use
//   zswap               compressed pages in an allocator other than zsmalloc
//
// `Balloon:` of 6.15 and later is evidence, never a part: what the balloon holds has to stay in
// unaccounted, on every kernel.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/guest_reading.h"
#include "model/parse/kernel_release.h"

namespace ballast::model {

// Which counters a kernel has, and how they overlap:
//   kEl5     2.6.18: no split LRU lists, no vmallocinfo, no KernelStack
//   kEl6     up to 3.9: VmallocUsed is a size of addresses; stacks are apart
//   kEl7     up to 4.3: as kEl6
//   kEl8     4.4 to 5.2: VmallocUsed is always 0; stacks are in vmallocinfo from 4.9 on
//   kModern  5.3 and later, RHEL 9: VmallocUsed is real and contains the stacks
enum class KernelEra { kEl5, kEl6, kEl7, kEl8, kModern };

[[nodiscard]] std::string_view to_string(KernelEra era);  // "el5" … "modern"
[[nodiscard]] std::optional<KernelEra> era_from_string(std::string_view text);

// Returns the era whose formulas fit a kernel's counters. The fields that are there decide, because
// vendors backport; the release decides where they are silent. A kernel of no listed vendor gets
// the era whose counters it has: 4.4 to 5.2 are kEl8.
[[nodiscard]] KernelEra choose_era(const Meminfo& meminfo, const KernelRelease& release);

struct AccountPart {
  std::string_view name;  // one of the list above
  std::int64_t kib = 0;   // a little below 0 if a counter lags
};

struct MemoryAccount {
  KernelEra era = KernelEra::kModern;
  std::int64_t mem_total_kib = 0;
  std::vector<AccountPart> parts;      // disjoint; Σ parts + unaccounted_kib == mem_total_kib
  std::int64_t unaccounted_kib = 0;    // may be negative, because counters lag
  std::int64_t counter_error_kib = 0;  // how far the per-CPU counters may lag in sum, both ways
  // How much of unaccounted_kib may be in what was not read: it can only be too large by that. The
  // fixed part is much the same at every reading of one boot, so a learned baseline has it inside.
  // The varying part is not, and has to be tolerated each time.
  std::int64_t unread_fixed_kib = 0;
  std::int64_t unread_varying_kib = 0;
  // How much more of it may be in what few guests have, such as a zram disk where vmstat was not read: too
  // seldom to doubt a balloon of the right size, too often to call it a leak.
  std::int64_t unread_seldom_kib = 0;
  // How far unaccounted_kib may be off both ways, because a figure had to be estimated.
  std::int64_t estimate_kib = 0;
  // How far unaccounted_kib may be off both ways, because pages moved between lists while the guest
  // was read. Differs from reading to reading.
  std::int64_t reading_kib = 0;
  bool reclaiming = false;  // allocations stalled meanwhile: what is missing may be in flight
  std::vector<std::string> missing;  // sentences: what could not be read and what it may hide
  std::vector<std::string> deciding_files;  // those not read, that which may hide most first
  // A sentence: why these figures cannot be those of one kernel at one moment; "" if they can.
  std::string contradiction;

  // What the guest itself says of the balloon; each is empty where it does not tell.
  std::optional<std::int64_t> driver_kib;       // vmmemctl status: current
  std::optional<std::int64_t> vmstat_kib;       // balloon_inflate - balloon_deflate, if ever fed
  std::optional<std::int64_t> kpageflags_kib;   // pages that carry the balloon's flag, if any does
  std::optional<std::int64_t> call_sites_kib;   // what the balloon's source lines hold: allocinfo
  std::optional<std::int64_t> lower_bound_kib;  // meminfo Balloon:
  bool driver_at_work = false;                  // a vmcore shows its thread, if not what it holds
  bool resetting = false;                       // the driver was being reset: these are void
};

// Splits the guest's MemTotal into its parts. Errors: kParse if MemTotal or another field that no
// kernel lacks is missing, or if a part other than huge pages is absurd (larger than MemTotal).
[[nodiscard]] Result<MemoryAccount> account_memory(const GuestReading& reading);

}  // namespace ballast::model
