// How the collector and the store tell each other which scan, and which guest, they mean.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/judged_guest.h"

namespace ballast::collector {

// A scan's number in the store.
using ScanId = std::int64_t;

// What the configuration says of a vCenter.
struct VcenterName {
  std::string name;
  std::string url;
};

struct ScanStart {
  std::string vcenter_name;  // as configured
  std::string vcenter_url;
  UtcTime started_at{};
  std::string limited_to = {};  // describe() of its scope; "" if it is the whole vCenter
  // The other vCenters of the configuration. A vCenter is known again by the instance UUID that it
  // tells, and so could pass for one of these.
  std::vector<VcenterName> others = {};
};

struct ScanEnd {
  model::ScanStatus status = model::ScanStatus::kFailed;  // not kRunning
  UtcTime finished_at{};
  std::string error;  // what cut the scan short, "" if nothing did
};

// What the store knows a guest again by: its VM's instance UUID; where there is none, the moref.
struct GuestKey {
  std::string instance_uuid;
  std::string moref;
};

}  // namespace ballast::collector
