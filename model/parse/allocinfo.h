// /proc/allocinfo (6.10 and later, where memory allocation profiling was allowed at boot; root): how
// much each source line holds of what it allocated.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "model/guest_reading.h"

namespace ballast::model {

struct CallSites {
  // The largest call sites that take pages which no counter of meminfo has, as far as the source
  // line tells: those of mm/, of slabs and of page tables are left out. Empty if none has 1 MiB.
  std::optional<ConsumerTrace> largest;
  // What the call sites of VMware's balloon hold: vmw_balloon.c takes the large pages, and the code
  // that all balloons share the small ones. Empty where there is no such line.
  std::optional<std::int64_t> balloon_kib;
};

// Reads /proc/allocinfo, whole or only some of its lines: `<bytes> <calls> <file>:<line> [<module>]
// func:<function>`. Lines that begin with no number are its head. Errors: kParse where a line with a
// number lacks its source line, or a figure is beyond kMaxNumber.
[[nodiscard]] Result<CallSites> parse_allocinfo(std::string_view text);

}  // namespace ballast::model
