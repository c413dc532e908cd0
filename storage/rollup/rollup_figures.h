// The figures of one period: what an hour or a day says about a VM, and an hour about a host.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ballast::storage {

// Of the samples that told the figure.
struct Spread {
  std::int64_t min_kib = 0;
  std::int64_t mean_kib = 0;  // to the nearest KiB, halves away from zero
  std::int64_t p95_kib = 0;   // nearest rank: the smallest that at least 95 % do not exceed
  std::int64_t max_kib = 0;
  friend bool operator==(const Spread&, const Spread&) = default;
};

// Empty where no sample told it.
struct VmFigures {
  std::optional<Spread> balloon;
  std::optional<Spread> unaccounted;
  std::optional<Spread> consumed;
  std::optional<Spread> active;
  std::optional<Spread> swapped;
  friend bool operator==(const VmFigures&, const VmFigures&) = default;
};

// Means over the scans that saw the host, to the nearest whole. Empty where no scan told it.
struct HostFigures {
  std::optional<std::int64_t> memory_kib;      // physical
  std::optional<std::int64_t> configured_kib;  // Σ of the VMs that are on, like the next four
  std::optional<std::int64_t> consumed_kib;
  std::optional<std::int64_t> active_kib;
  std::optional<std::int64_t> balloon_kib;
  std::optional<std::int64_t> swapped_kib;
  std::optional<std::int64_t> vms_on;
  std::optional<std::int64_t> vms;  // registered there
  friend bool operator==(const HostFigures&, const HostFigures&) = default;
};

// In the order of the packed column.
inline constexpr std::array kVmFigures = {&VmFigures::balloon, &VmFigures::unaccounted,
                                          &VmFigures::consumed, &VmFigures::active,
                                          &VmFigures::swapped};
inline constexpr std::array kHostFigures = {
    &HostFigures::memory_kib,   &HostFigures::configured_kib,
    &HostFigures::consumed_kib, &HostFigures::active_kib,
    &HostFigures::balloon_kib,  &HostFigures::swapped_kib,
    &HostFigures::vms_on,       &HostFigures::vms};

// A sum of any number of sizes.
__extension__ using Int128 = __int128;

// To the nearest whole, halves away from zero; `count` is above 0.
[[nodiscard]] std::int64_t rounded_mean(Int128 sum, std::int64_t count);
// Empty if there are no values; reorders them.
[[nodiscard]] std::optional<Spread> spread_of(std::vector<std::int64_t>& values_kib);

// The packed columns; docs/SCHEMA.md. Unpacking gives false if the bytes are not what packing
// makes.
[[nodiscard]] std::string pack_vm_figures(const VmFigures& figures);
[[nodiscard]] bool unpack_vm_figures(std::string_view bytes, VmFigures& figures);
[[nodiscard]] std::string pack_host_figures(const HostFigures& figures);
[[nodiscard]] bool unpack_host_figures(std::string_view bytes, HostFigures& figures);

}  // namespace ballast::storage
