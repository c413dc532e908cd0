// Parser for the kernel's lists of CPUs, e.g. /sys/devices/system/cpu/possible.
#pragma once

#include <string_view>

#include "base/result.h"

namespace ballast::model {

// "0-3,8,10-11" -> 7. Ranges must ascend and not overlap. Errors: kParse.
[[nodiscard]] Result<int> count_cpus(std::string_view list);

}  // namespace ballast::model
