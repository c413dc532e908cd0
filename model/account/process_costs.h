// What processes and threads take that no counter of their kernel has, worked out from how many
// there are.
//
// PageTables counts the lowest level of page tables alone before 5.10, the lowest two up to 6.6, all
// but the top one up to 6.13, and all of them from 6.14 on (mm/pgtable constructors: b2b29d6d0119,
// "add statistics for PUD level pagetable", "introduce ctor/dtor at PGD level"). RHEL 8.10 and 9
// count two, RHEL 10 three. For 1,000 processes, tiny or of ordinary programs, that left out 19.6 or
// 31.3 MiB on RHEL 5 and 6, 11.7 or 15.7 on 8.10 and 9.6. On i686 the upper levels are slab.
#pragma once

#include <cstdint>

#include "model/guest_reading.h"
#include "model/parse/kernel_release.h"

namespace ballast::model {

enum class KernelEra;

struct ProcessCosts {
  std::int64_t stacks_kib = 0;       // of threads, where meminfo has no KernelStack: RHEL 5
  std::int64_t page_tables_kib = 0;  // the levels that are not counted; an estimate
  std::int64_t error_kib = 0;        // how far that may be off, both ways
  // What page tables may take where only the number of tasks is known, which says nothing of how
  // many of them share their memory, or where the kernel is not: that counts as unaccounted.
  std::int64_t unread_kib = 0;
};

[[nodiscard]] ProcessCosts process_costs(const GuestReading& reading, KernelEra era,
                                         const KernelRelease& release);

}  // namespace ballast::model
