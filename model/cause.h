// Why the hypervisor ballooned a VM, as far as its own figures tell, and what would give the memory
// back. Pure; docs/VERDICTS.md explains the rules to users.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/inventory.h"

namespace ballast::model {

enum class CauseKind {
  kVmLimit,     // the VM's limit is below its configured memory
  kPoolLimit,   // a resource pool above the VM has a limit, and is near it
  kHostMemory,  // the host is short of memory: by its state, or because its VMs have more than it
  // The reservation does not cover what the guest actively uses. Only beside a pool's limit or a
  // short host: against the VM's own limit a reservation would not help.
  kNoReservation,
};

struct Cause {
  CauseKind kind = CauseKind::kVmLimit;
  std::string object;  // name of the pool or host, as vCenter has it; "" for the VM itself
  // What is there, and what is asked of it, by kind:
  //   kVmLimit        the limit                the VM's configured memory
  //   kPoolLimit      the pool's limit         the pool's usage
  //   kHostMemory     the host's memory        Σ configured of its VMs; each 0 if not known
  //   kNoReservation  what to reserve          what the guest actively uses
  std::int64_t limit_kib = 0;
  std::int64_t demand_kib = 0;
  // The most that the fix can give back to this guest; empty where vCenter tells no balloon. Never
  // more than was taken (balloon + swapped + compressed). Lifting the VM's limit gives at most
  // configured - limit, a reservation at most what it is above the memory behind the guest now.
  std::optional<std::int64_t> frees_kib;
};

// "vm_limit", "pool_limit", "host_memory", "no_reservation": keys of JSON and CSV.
[[nodiscard]] std::string_view to_string(CauseKind kind);

// Returns the kinds of `causes`, each once, in order: "vm_limit host_memory".
[[nodiscard]] std::string cause_keys(const std::vector<Cause>& causes);

// What stands above one VM.
struct VmSurroundings {
  std::vector<ResourcePool> pools;  // the VM's own first, then upwards; empty if unknown
  std::optional<HostLoad> host;     // empty if unknown
};

// Returns the causes of a VM's balloon, the most telling first; none if the figures show none. To
// be asked for VMs with a balloon. Impossible figures (below 0, above 2^53 KiB) count as not told.
[[nodiscard]] std::vector<Cause> find_causes(const VmView& vm, const VmSurroundings& around);

}  // namespace ballast::model
