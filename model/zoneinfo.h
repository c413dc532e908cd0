// Parser for /proc/zoneinfo of any kernel.
#pragma once

#include <string_view>

#include "base/result.h"
#include "model/guest_reading.h"

namespace ballast::model {

// Sums what the account needs over all zones and CPUs. Understands RHEL 5 (two lists a CPU:
// `cpu: 0 pcp: 1`; one threshold behind both), RHEL 6 (no `managed`), and 7.x, which pads the
// numbers and has more lines a CPU. Lines it has no use for are skipped. Errors: kParse when a
// number it needs is missing or beyond kMaxNumber, when the sums are, or when there is no zone.
[[nodiscard]] Result<ZoneTotals> parse_zoneinfo(std::string_view text);

// What the probe prints after adding up zoneinfo inside the guest: lines `pcp N`, `managed N`,
// `present N`, `threshold N` and `cpus N`, each once. Errors: kParse for anything else.
[[nodiscard]] Result<ZoneTotals> parse_zone_totals(std::string_view text);

}  // namespace ballast::model
