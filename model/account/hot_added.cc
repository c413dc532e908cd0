#include "model/account/hot_added.h"

#include <algorithm>

#include "base/units.h"

namespace ballast::model {

namespace {

constexpr std::int64_t kDescriptorShare = 64;
constexpr std::int64_t kUsuallyAdded = 4;  // a quarter

}  // namespace

std::int64_t most_hot_added_memmap(const GuestReading& reading) {
  const auto total = reading.meminfo.find("MemTotal");
  if (total == reading.meminfo.end() || reading.vmstat.contains("nr_memmap_pages")) return 0;
  const auto unknown = total->second / kDescriptorShare / kUsuallyAdded;
  if (!reading.zones || reading.zones->managed_pages == 0 || !reading.crash_kernel_kib) {
    return unknown;
  }
  const auto present = kib_from_pages(reading.zones->present_pages);
  const auto at_boot =
      present - kib_from_pages(reading.zones->managed_pages) - *reading.crash_kernel_kib;
  return std::clamp<std::int64_t>(present / kDescriptorShare - at_boot, 0,
                                  total->second / kDescriptorShare);
}

}  // namespace ballast::model
