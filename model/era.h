// Which formula a kernel's counters need.
#pragma once

#include "model/account.h"
#include "model/guest_reading.h"
#include "model/kernel_release.h"

namespace ballast::model {

// By the fields that are there, because vendors backport; the release decides where they are
// silent. A kernel of no listed vendor gets the era whose counters it has: 4.4 to 5.2 are kEl8.
[[nodiscard]] KernelEra choose_era(const Meminfo& meminfo, const KernelRelease& release);

// Whether VmallocUsed (modern) or vmallocinfo (el8) contains the kernel stacks, so that KernelStack
// must not be added to `vmalloc_kib`.
[[nodiscard]] bool stacks_in_vmalloc(KernelEra era, const KernelRelease& release,
                                     std::int64_t vmalloc_kib, std::int64_t stacks_kib);

}  // namespace ballast::model
