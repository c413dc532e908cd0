// Parser for /proc/meminfo of any kernel.
#pragma once

#include <string_view>

#include "base/result.h"
#include "model/guest_reading.h"

namespace ballast::model {

// Every line is `Name: number [kB]`; blank lines are skipped. A counter printed as a wrapped
// negative becomes the small negative number it is. Errors: kParse for any other line, a number
// beyond kMaxNumber, a name that occurs twice (two files run together: neither can be trusted), no
// line at all, or more lines than any kernel prints.
[[nodiscard]] Result<Meminfo> parse_meminfo(std::string_view text);

}  // namespace ballast::model
