// The figures of one period: what an hour or a day says about a VM, and an hour about a host. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace ballast::storage {

// How one figure was spread over the samples that told it.
struct Spread {
  std::int64_t min_kib = 0;
  std::int64_t mean_kib = 0;  // to the nearest KiB, halves away from zero
  std::int64_t p95_kib = 0;   // nearest rank: the smallest value that at least 95 % do not exceed
  std::int64_t max_kib = 0;
  friend bool operator==(const Spread&, const Spread&) = default;
};

// A VM's figures over one period; empty where no sample told the figure.
struct VmSpreads {
  std::optional<Spread> balloon;
  std::optional<Spread> unaccounted;
  std::optional<Spread> consumed;
  std::optional<Spread> active;
  std::optional<Spread> swapped;
  friend bool operator==(const VmSpreads&, const VmSpreads&) = default;
};

// Everything that a period says about a VM beside its state.
struct VmPeriod {
  std::int64_t samples = 0;
  std::int64_t guests_read = 0;                     // samples with guest data
  std::int64_t excess_samples = 0;                  // of them, those whose verdict is excess
  std::int64_t leak_only_samples = 0;               // of them, those of model::is_leak_only()
  std::optional<std::int64_t> difference_mean_kib;  // of the samples with guest data
  std::optional<std::int64_t> leak_kib_per_day;     // of the last sample that told one
  VmSpreads figures;
  friend bool operator==(const VmPeriod&, const VmPeriod&) = default;
};

// A host's figures in one hour: means over the scans that saw the host, to the nearest whole. Empty
// where no scan told the figure.
struct HostMeans {
  std::optional<std::int64_t> memory_kib;      // physical
  std::optional<std::int64_t> configured_kib;  // sum of the VMs that are on, like the next four
  std::optional<std::int64_t> consumed_kib;
  std::optional<std::int64_t> active_kib;
  std::optional<std::int64_t> balloon_kib;
  std::optional<std::int64_t> swapped_kib;
  std::optional<std::int64_t> vms_on;
  std::optional<std::int64_t> vms;  // registered there
  friend bool operator==(const HostMeans&, const HostMeans&) = default;
};

// The members in the order of the columns.
inline constexpr std::array kVmSpreads = {&VmSpreads::balloon, &VmSpreads::unaccounted,
                                          &VmSpreads::consumed, &VmSpreads::active,
                                          &VmSpreads::swapped};
inline constexpr std::array kHostMeans = {&HostMeans::memory_kib,   &HostMeans::configured_kib,
                                          &HostMeans::consumed_kib, &HostMeans::active_kib,
                                          &HostMeans::balloon_kib,  &HostMeans::swapped_kib,
                                          &HostMeans::vms_on,       &HostMeans::vms};

// Holds a sum of any number of sizes.
__extension__ using Int128 = __int128;

// Returns sum / count to the nearest whole, halves away from zero. `count` is above 0.
[[nodiscard]] std::int64_t rounded_mean(Int128 sum, std::int64_t count);
// Returns the spread of the values, which are reordered. Empty if there are none.
[[nodiscard]] std::optional<Spread> spread_of(std::vector<std::int64_t>& values_kib);

}  // namespace ballast::storage
