// The sections [guest] and [[guest.override]]. Private to the configuration.
#pragma once

#include <vector>

#include "collector/config/config.h"
#include "collector/config/config_table.h"

namespace ballast::collector {

// Reads the section; complains about what is wrong in it. `vcenters` are those of the file: a login
// says whose guests it is for, once there are several.
[[nodiscard]] GuestConfig read_guest(ConfigTable table, const std::vector<VcenterConfig>& vcenters);

}  // namespace ballast::collector
