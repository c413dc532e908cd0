// Parser for what the guest probe prints. collector/probe/probe.sh describes the format.
#pragma once

#include <string_view>

#include "base/result.h"
#include "model/guest_reading.h"

namespace ballast::model {

// Reads the probe's output, which is not trusted: sections may be missing, cut off or hostile. Text
// before the begin marker and behind the end marker is skipped, and so are sections that are not
// known. Errors: kParse when the begin marker, the end marker or meminfo is missing (an output that
// was cut off is never half used), when the format's version is another, when a marker or section
// occurs twice, or when meminfo cannot be understood; kTooLarge above 1 MiB. Any other section that
// cannot be understood counts as not read, and a sentence in GuestReading::notes says so.
[[nodiscard]] Result<GuestReading> parse_probe_output(std::string_view text);

}  // namespace ballast::model
