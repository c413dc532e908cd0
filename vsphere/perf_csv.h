// The two texts in which QueryPerf answers for one counter in format csv.
#pragma once

#include <string_view>
#include <vector>

#include "vsphere/soap_types.h"

namespace ballast::vsphere {

// `times` is "20,2026-11-23T13:09:20Z,20,2026-11-23T13:09:40Z" (seconds and end of each interval),
// `values` is "10240,-1". -1 means that there is no data; such samples, and those whose time or
// value makes no sense, are left out. Sorted by time. Texts that do not fit together give nothing:
// which value belongs to which time cannot be known. Pure.
[[nodiscard]] std::vector<MetricSample> samples_of(std::string_view times, std::string_view values);

}  // namespace ballast::vsphere
