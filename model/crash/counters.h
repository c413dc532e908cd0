// Turns the counters of `kmem -V` into what /proc/meminfo and /proc/vmstat would have shown.
#pragma once

#include "model/guest_reading.h"

namespace ballast::model {

// Fills reading.meminfo (KiB; replaces what is there) and reading.vmstat (under /proc/vmstat's
// names) from `counters`, which are named as in the kernel's enumerations. reading.kernel_release
// decides where a counter's unit changed between kernels; a field of uncertain unit is left out.
// Cached is NR_FILE_PAGES less NR_SWAPCACHE and the Buffers that are in reading.meminfo. Before
// 5.12 there is no NR_SWAPCACHE, so the swap cache stays inside.
//
// Left out, because no counter tells: Percpu, HardwareCorrupted, VmallocUsed before 7.1. Because
// the unit is uncertain: NR_INDIRECTLY_RECLAIMABLE_BYTES, huge pages of 4.5 and later.
void apply_vm_counters(const Vmstat& counters, GuestReading& reading);

}  // namespace ballast::model
