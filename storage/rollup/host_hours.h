// Private to storage/: adds up what the scans of an hour say about each host. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "model/inventory.h"
#include "storage/rollup/rollup_figures.h"

namespace ballast::storage {

struct HostHour {
  std::int64_t samples = 0;  // scans that saw the host
  HostMeans figures;
};

// The mean over scans of the sums over VMs needs only one total, so VMs may come in any order, and
// memory grows with the number of hosts alone.
class HostHours {
 public:
  // `scan` is the place of the scan in the hour: 0, 1, 2, …
  void add_host(std::size_t scan, std::int64_t host, std::optional<std::int64_t> memory_kib);
  // Adds a VM on `host`. `configured_kib` and `stats` count only if the VM is on.
  void add_vm(std::size_t scan, std::int64_t host, bool on,
              std::optional<std::int64_t> configured_kib, const model::QuickStats& stats);
  // Returns the hours by number of the host.
  [[nodiscard]] std::map<std::int64_t, HostHour> hours() const;

 private:
  struct Sums {
    std::vector<bool> seen;  // by scan
    std::int64_t memory_told = 0;
    Int128 memory_kib = 0;
    std::int64_t vms = 0;
    std::int64_t vms_on = 0;
    // Configured, consumed, active, balloon, swapped of the VMs that are on and told the figure.
    std::array<std::optional<Int128>, 5> of_vms;
  };
  Sums& sums(std::size_t scan, std::int64_t host);

  std::map<std::int64_t, Sums> hosts_;
};

}  // namespace ballast::storage
