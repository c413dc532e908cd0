// The two texts in which QueryPerf answers for one counter in format csv.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "vsphere/soap_types.h"

namespace ballast::vsphere {

// The times of one object's samples, which its counters share.
class SampleTimes {
 public:
  // `text` is "20,2026-11-23T13:09:20Z,20,2026-11-23T13:09:40Z": seconds and end of each interval.
  explicit SampleTimes(std::string_view text);

  // `values` is "10240,-1". -1 means that there is no data; such samples, and those whose time or
  // value makes no sense, are left out. Sorted by time. Texts that do not fit together give
  // nothing: which value belongs to which time cannot be known.
  [[nodiscard]] std::vector<MetricSample> with(std::string_view values) const;

 private:
  std::vector<std::optional<UtcTime>> ends_;
  bool are_pairs_ = false;
};

}  // namespace ballast::vsphere
