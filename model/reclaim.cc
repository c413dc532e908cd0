#include "model/reclaim.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "base/units.h"

namespace ballast::model {

namespace {

constexpr std::array<std::string_view, 6> kZones = {"dma",  "dma32",   "normal",
                                                    "high", "movable", "device"};

bool is_zone(std::string_view name) {
  return std::find(kZones.begin(), kZones.end(), name) != kZones.end();
}

// `name` alone or by zone. What else begins with it counts something else: pgscan_direct_throttle
// counts tasks.
bool is_counter(std::string_view key, std::string_view name) {
  if (!key.starts_with(name)) return false;
  const auto rest = key.substr(name.size());
  return rest.empty() || (rest.starts_with('_') && is_zone(rest.substr(1)));
}

// Empty if the kernel has none of the counters.
std::optional<std::int64_t> sum_of(const Vmstat& vmstat,
                                   std::initializer_list<std::string_view> names) {
  std::optional<std::int64_t> sum;
  for (const auto name : names) {
    for (auto it = vmstat.lower_bound(name); it != vmstat.end() && it->first.starts_with(name);
         ++it) {
      if (is_counter(it->first, name)) sum = sum.value_or(0) + it->second;
    }
  }
  return sum;
}

std::optional<std::int64_t> pages_of(const Vmstat& vmstat,
                                     std::initializer_list<std::string_view> names) {
  const auto pages = sum_of(vmstat, names);
  return pages ? std::optional(kib_from_pages(*pages)) : std::nullopt;
}

std::array<std::optional<std::int64_t>, 7> figures_of(const ReclaimPressure& pressure) {
  return {pressure.alloc_stalls,   pressure.direct_scanned_kib, pressure.direct_reclaimed_kib,
          pressure.swapped_in_kib, pressure.swapped_out_kib,    pressure.refaulted_kib,
          pressure.oom_kills};
}

}  // namespace

bool ReclaimPressure::known() const {
  const auto figures = figures_of(*this);
  return psi || std::any_of(figures.begin(), figures.end(),
                            [](const auto& figure) { return figure.has_value(); });
}

bool ReclaimPressure::any() const {
  const auto figures = figures_of(*this);
  // Whoever stalls the full stalls some.
  const bool stalled = psi && (psi->some_total_us > 0 || psi->some_avg10_centi > 0);
  return stalled || std::any_of(figures.begin(), figures.end(),
                                [](const auto& figure) { return figure.value_or(0) > 0; });
}

ReclaimPressure reclaim_pressure(const GuestReading& reading) {
  const auto& vmstat = reading.vmstat;
  ReclaimPressure pressure;
  pressure.alloc_stalls = sum_of(vmstat, {"allocstall"});
  pressure.direct_scanned_kib = pages_of(vmstat, {"pgscan_direct"});
  pressure.direct_reclaimed_kib = pages_of(vmstat, {"pgsteal_direct"});
  pressure.swapped_in_kib = pages_of(vmstat, {"pswpin"});
  pressure.swapped_out_kib = pages_of(vmstat, {"pswpout"});
  // workingset_refault_anon counts pages that come back from swap: swapped_in_kib has them.
  pressure.refaulted_kib = pages_of(vmstat, {"workingset_refault", "workingset_refault_file"});
  pressure.oom_kills = sum_of(vmstat, {"oom_kill"});
  pressure.psi = reading.pressure;
  return pressure;
}

}  // namespace ballast::model
