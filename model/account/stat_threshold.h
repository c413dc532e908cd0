// How far the kernel's per-CPU counters may lag.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "base/units.h"

namespace ballast::model {

// Returns by how many pages one CPU's share of a counter of a zone may be off, for a zone of
// `zone_kib` and so many CPUs online: calculate_normal_threshold() of mm/vmstat.c, 2.6.37 to 6.x.
[[nodiscard]] inline std::int64_t normal_stat_threshold(std::int64_t zone_kib, std::int64_t cpus) {
  const auto fls = [](std::int64_t value) {
    return static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(value)));
  };
  const auto units = zone_kib / kib_from_mib(128);
  return std::min<std::int64_t>(125, 2 * fls(cpus) * (1 + fls(units)));
}

}  // namespace ballast::model
