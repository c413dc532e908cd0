// Why the hypervisor ballooned a VM, as far as what it reports supports an answer, and what would
// free the memory. Pure; docs/VERDICTS.md explains the rules to users.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/inventory.h"

namespace ballast::model {

enum class CauseKind {
  kVmLimit,        // the VM's limit is below its configured memory
  kPoolLimit,      // a resource pool above it has a limit, and is near it
  kHostMemory,     // the host is short of memory: its state, or its VMs come to more than it has
  kNoReservation,  // beside a pool's limit or a short host: the reservation does not cover what the
                   // guest actively uses. (It would not help against a limit of the VM's own.)
};

struct Cause {
  CauseKind kind = CauseKind::kVmLimit;
  std::string object;           // name of the pool or host; "" for the VM itself. As vCenter has it
  std::int64_t limit_kib = 0;   // the limit, the host's memory; for kNoReservation what to reserve
  std::int64_t demand_kib = 0;  // configured memory, the pool's usage, Σ configured on the host,
                                // what is actively used; like limit_kib of a host 0 if not known
  // What the fix would give back to this guest at most; empty where its balloon is not told. It is
  // never more than was taken: balloon + swapped + compressed. Lifting the VM's limit gives no more
  // than configured - limit, a reservation no more than it is above what backs the guest now.
  std::optional<std::int64_t> frees_kib;
};

// "vm_limit", "pool_limit", "host_memory", "no_reservation": keys of JSON and CSV.
[[nodiscard]] std::string_view to_string(CauseKind kind);

// Returns the kinds of `causes`, each once, in order: "vm_limit host_memory".
[[nodiscard]] std::string cause_keys(const std::vector<Cause>& causes);

struct VmSurroundings {
  std::vector<ResourcePool> pools;  // the VM's own first, then upwards; empty if unknown
  std::optional<HostLoad> host;     // empty if unknown
};

// For a VM with a balloon; the most telling first. Empty: not known. Figures that cannot be (below
// 0, above 2^53 KiB) count as not told.
[[nodiscard]] std::vector<Cause> find_causes(const VmView& vm, const VmSurroundings& around);

}  // namespace ballast::model
