// Turns the counters of `kmem -V` into what /proc/meminfo and /proc/vmstat would have shown.
#pragma once

#include "model/guest_reading.h"

namespace ballast::model {

// `counters` are named as in the kernel's enumerations. Fills reading.meminfo (KiB), replacing what
// is there, and reading.vmstat under /proc/vmstat's names. By reading.kernel_release where a
// counter's unit changed between kernels; if that does not tell, the field is left out. Cached is
// what NR_FILE_PAGES has beyond the Buffers already in reading.meminfo and NR_SWAPCACHE: before
// 5.12, which has no such counter, the swap cache is inside.
//
// Left out because no counter tells: Percpu, HardwareCorrupted, VmallocUsed before 7.1; because the
// unit is uncertain: NR_INDIRECTLY_RECLAIMABLE_BYTES, huge pages of 4.5 and later.
void apply_vm_counters(const Vmstat& counters, GuestReading& reading);

}  // namespace ballast::model
