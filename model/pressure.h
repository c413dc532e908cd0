// Parser for /proc/pressure/memory.
#pragma once

#include <string_view>

#include "base/result.h"
#include "model/guest_reading.h"

namespace ballast::model {

// Both lines (`some`, `full`) must be there, once, with avg10 and total. Errors: kParse otherwise.
[[nodiscard]] Result<MemoryPressure> parse_pressure(std::string_view text);

}  // namespace ballast::model
