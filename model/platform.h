// Which hypervisor a guest runs on, and whose balloon it has.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/guest_reading.h"

namespace ballast::model {

enum class Hypervisor { kUnknown, kVmware, kHyperV, kKvm, kXen, kOther };

// Returns the hypervisor that the guest's own files tell: what the kernel detected at boot, DMI, or
// a balloon driver that loads on one hypervisor only. kOther is a machine that names a maker of
// none of these, which may be no virtual machine at all.
[[nodiscard]] Hypervisor hypervisor_of(const GuestReading& reading);

// Returns its name for people: "VMware", "Hyper-V", "KVM", "Xen"; "" for the others.
[[nodiscard]] std::string_view to_string(Hypervisor hypervisor);

// Returns the balloon that is not VMware's as a suspect: "hv_balloon, Hyper-V" in its detail. It
// has a size where the guest's counters tell one, for vmstat's balloon counters belong to whichever
// driver is loaded. Empty where VMware's driver is loaded, or none of another hypervisor is known.
[[nodiscard]] std::optional<ConsumerTrace> other_balloon_of(const GuestReading& reading);

// Returns whether VMware's balloon driver can be there at all: it exists for x86 alone. True where
// the architecture is not known.
[[nodiscard]] bool may_have_vmware_driver(const GuestReading& reading);

// Returns sentences without their full stop: that the guest is not VMware's, whose balloon it has,
// that VMware's driver does not exist for its architecture. Made printable.
[[nodiscard]] std::vector<std::string> platform_notes(const GuestReading& reading);

// Returns a sentence where the LRU lists hold far more than processes, shared memory, swap cache
// and locked pages explain: pages that nobody maps and that are not of a file. Empty where they do
// not, or a field is missing.
[[nodiscard]] std::optional<std::string> orphaned_pages_note(const Meminfo& meminfo);

}  // namespace ballast::model
