// Parsers for what the guest shows of its VMware balloon driver.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/guest_reading.h"

namespace ballast::model {

// /proc/vmmemctl (driver of VMware Tools) or /sys/kernel/debug/vmmemctl (driver of the kernel), in
// the old form (`target:    131072 pages`) or that of 5.x (`target    :    131072`). `module` of
// the result is empty. The new form has a second `target`, a number of calls: the first one counts.
// Errors: kParse when there is no `current`, or a figure that is no number in range.
[[nodiscard]] Result<BalloonDriver> parse_vmmemctl_status(std::string_view text);

// The balloon driver's name among the lines of /proc/modules; "" if it is not loaded. Never fails:
// lines it does not understand are not a balloon driver.
[[nodiscard]] std::string find_balloon_module(std::string_view modules);

}  // namespace ballast::model
