#include "model/reclaim.h"

#include <algorithm>
#include <array>

#include "base/units.h"

namespace ballast::model {

namespace {

constexpr std::array<std::string_view, 6> kZoneSuffixes = {"dma",  "dma32",   "normal",
                                                           "high", "movable", "device"};

bool is_zone(std::string_view name) {
  return std::find(kZoneSuffixes.begin(), kZoneSuffixes.end(), name) != kZoneSuffixes.end();
}

// Tells whether `key` is the counter `name`, alone or of one zone. What else begins with the name
// counts other things: pgscan_direct_throttle counts tasks.
bool is_counter(std::string_view key, std::string_view name) {
  // The first letter tells most apart, and this is asked some hundred times a guest.
  if (key.size() < name.size() || key[0] != name[0] || !key.starts_with(name)) return false;
  const auto rest = key.substr(name.size());
  return rest.empty() || (rest.starts_with('_') && is_zone(rest.substr(1)));
}

// One counter that adds to a figure. A figure is the sum of all its counters that a kernel has.
struct Counter {
  std::string_view name;
  std::optional<std::int64_t> ReclaimPressure::*figure;
  bool pages;
};

constexpr std::array kPressureCounters = {
    Counter{"allocstall", &ReclaimPressure::alloc_stalls, false},
    Counter{"oom_kill", &ReclaimPressure::oom_kills, false},
    Counter{"pgscan_direct", &ReclaimPressure::direct_scanned_kib, true},
    Counter{"pgsteal_direct", &ReclaimPressure::direct_reclaimed_kib, true},
    Counter{"pswpin", &ReclaimPressure::swapped_in_kib, true},
    Counter{"pswpout", &ReclaimPressure::swapped_out_kib, true},
    // workingset_refault_anon counts pages that come back from swap: swapped_in_kib has them.
    Counter{"workingset_refault", &ReclaimPressure::refaulted_kib, true},
    Counter{"workingset_refault_file", &ReclaimPressure::refaulted_kib, true}};

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
  ReclaimPressure pressure;
  // One walk: this is done for every guest of every scan.
  for (const auto& [key, value] : reading.vmstat) {
    for (const Counter& counter : kPressureCounters) {
      if (!is_counter(key, counter.name)) continue;
      auto& figure = pressure.*counter.figure;
      figure = figure.value_or(0) + (counter.pages ? kib_from_pages(value) : value);
    }
  }
  pressure.psi = reading.pressure;
  return pressure;
}

}  // namespace ballast::model
