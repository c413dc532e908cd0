// Parsers for what the guest shows of its VMware balloon driver.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/guest_reading.h"

namespace ballast::model {

// Reads the driver's status file: /proc/vmmemctl (the driver of VMware Tools) or
// /sys/kernel/debug/vmmemctl (the kernel's own), in the old form (`target:    131072 pages`) or in
// that of 5.x (`target    :    131072`). The 5.x form has a second `target`, a number of calls, so
// only the first counts. `module` of the result stays empty. Errors: kParse when there is no
// `current`, or a figure is no number in range.
[[nodiscard]] Result<BalloonDriver> parse_vmmemctl_status(std::string_view text);

// Returns the balloon driver's name among the lines of /proc/modules; "" if it is not loaded. Never
// fails: a line that it does not understand is no balloon driver.
[[nodiscard]] std::string find_balloon_module(std::string_view modules);

// Returns the names of the balloon drivers of other hypervisors among the lines of /proc/modules:
// hv_balloon, virtio_balloon, xen_balloon.
[[nodiscard]] std::vector<std::string> find_other_balloons(std::string_view modules);

}  // namespace ballast::model
