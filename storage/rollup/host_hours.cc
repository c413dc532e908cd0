#include "storage/rollup/host_hours.h"

#include <algorithm>

namespace ballast::storage {

HostHours::Sums& HostHours::sums(std::size_t scan, std::int64_t host) {
  Sums& sums = hosts_[host];
  if (sums.seen.size() <= scan) sums.seen.resize(scan + 1);
  sums.seen[scan] = true;
  return sums;
}

void HostHours::add_host(std::size_t scan, std::int64_t host,
                         std::optional<std::int64_t> memory_kib) {
  Sums& to = sums(scan, host);
  if (!memory_kib) return;
  to.memory_kib += *memory_kib;
  ++to.memory_told;
}

void HostHours::add_vm(std::size_t scan, std::int64_t host, bool on,
                       std::optional<std::int64_t> configured_kib, const model::QuickStats& stats) {
  Sums& to = sums(scan, host);
  ++to.vms;
  if (!on) return;
  ++to.vms_on;
  const std::array told = {configured_kib, stats.consumed_kib, stats.active_kib, stats.balloon_kib,
                           stats.swapped_kib};
  for (std::size_t i = 0; i < told.size(); ++i) {
    if (told[i]) to.of_vms[i] = to.of_vms[i].value_or(0) + *told[i];
  }
}

std::map<std::int64_t, HostHour> HostHours::hours() const {
  std::map<std::int64_t, HostHour> hours;
  for (const auto& [host, sums] : hosts_) {
    HostHour& hour = hours[host];
    hour.samples = std::count(sums.seen.begin(), sums.seen.end(), true);
    if (sums.memory_told > 0) {
      hour.figures.memory_kib = rounded_mean(sums.memory_kib, sums.memory_told);
    }
    for (std::size_t i = 0; i < sums.of_vms.size(); ++i) {
      // Where no VM is on the sum is 0; where VMs are on and none told it, it is not known.
      if (!sums.of_vms[i] && sums.vms_on > 0) continue;
      hour.figures.*kHostMeans[i + 1] = rounded_mean(sums.of_vms[i].value_or(0), hour.samples);
    }
    hour.figures.vms_on = rounded_mean(sums.vms_on, hour.samples);
    hour.figures.vms = rounded_mean(sums.vms, hour.samples);
  }
  return hours;
}

}  // namespace ballast::storage
