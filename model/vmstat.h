// Parser for /proc/vmstat, whole or only some of its lines.
#pragma once

#include <string_view>

#include "base/result.h"
#include "model/guest_reading.h"

namespace ballast::model {

// Every line is `name number`; blank lines are skipped, an empty text is an empty table. A counter
// printed as a wrapped negative becomes the small negative number it is. Errors: kParse for any
// other line, a number beyond kMaxNumber, a name that occurs twice, or more lines than any kernel
// prints.
//
// Trap: RHEL 8.1 prints its per-node values under names shifted by one from workingset_nodereclaim
// on (nr_anon_pages there is nr_mapped). The names the account uses stand before that.
[[nodiscard]] Result<Vmstat> parse_vmstat(std::string_view text);

}  // namespace ballast::model
