// Parser for what the guest probe (collector/probe.sh) prints. The format is described there.
#pragma once

#include <string_view>

#include "base/result.h"
#include "model/guest_reading.h"

namespace ballast::model {

// `text` is untrusted: sections may be missing, repeated, cut off or hostile. Unknown sections are
// skipped. Errors: kParse when the begin or end marker or meminfo is missing (a cut-off output is
// never half used), or when a number is out of range. Never reads more than its argument.
[[nodiscard]] Result<GuestReading> parse_probe_output(std::string_view text);

}  // namespace ballast::model
