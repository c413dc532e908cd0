// SYNTHETIC readings: no machine printed them. They stand in for kernels without a capture, written
// from the fields those kernels print; the figures are made up so that the sums are easy to follow.
#pragma once

#include <string_view>

#include "model/guest_reading.h"

namespace ballast::test {

// /proc/meminfo of RHEL 5 (2.6.18), RHEL 6 (2.6.32) and 5.14.
extern const std::string_view kRhel5Meminfo;
extern const std::string_view kRhel6Meminfo;
extern const std::string_view kKernel514Meminfo;
// The same for the eras that have captures: fewer fields, for tables that change one at a time.
extern const std::string_view kRhel7Meminfo;
extern const std::string_view kRhel8Meminfo;
// /proc/zoneinfo of RHEL 5: two lists a CPU.
extern const std::string_view kRhel5Zoneinfo;

// A reading of that meminfo with 1,000 pages on per-CPU lists of 2 CPUs and nothing else.
model::GuestReading reading_of(std::string_view meminfo, std::string_view release);

}  // namespace ballast::test
