// Parser for /proc/meminfo of any kernel.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "model/guest_reading.h"

namespace ballast::model {

// Every line is `Name: number [kB]`; blank lines are skipped. A counter printed as a wrapped
// negative becomes the small negative number it is. Errors: kParse for any other line, a number
// beyond kMaxNumber, a name that occurs twice (two files run together: neither can be trusted), no
// line at all, or more lines than any kernel prints.
[[nodiscard]] Result<Meminfo> parse_meminfo(std::string_view text);

// Parser for /proc/vmstat, whole or only some of its lines.

// Every line is `name number`; blank lines are skipped, an empty text is an empty table. A counter
// printed as a wrapped negative becomes the small negative number it is. Errors: kParse for any
// other line, a number beyond kMaxNumber, a name that occurs twice, or more lines than any kernel
// prints.
//
// Trap: RHEL 8.1 prints its per-node values under names shifted by one from workingset_nodereclaim
// on (nr_anon_pages there is nr_mapped). The names the account uses stand before that.
[[nodiscard]] Result<Vmstat> parse_vmstat(std::string_view text);

// Parser for /proc/zoneinfo of any kernel.

// Sums what the account needs over all zones and CPUs. Understands RHEL 5 (two lists a CPU:
// `cpu: 0 pcp: 1`; one threshold behind both), RHEL 6 (no `managed`), and 7.x, which pads the
// numbers and has more lines a CPU. Lines it has no use for are skipped. Errors: kParse when a
// number it needs is missing or beyond kMaxNumber, when the sums are, or when there is no zone.
[[nodiscard]] Result<ZoneTotals> parse_zoneinfo(std::string_view text);

// What the probe prints after adding up zoneinfo inside the guest: lines `pcp N`, `managed N`,
// `present N`, `threshold N` and `cpus N`, each once. Errors: kParse for anything else.
[[nodiscard]] Result<ZoneTotals> parse_zone_totals(std::string_view text);

// Parser for /proc/vmallocinfo, which root can read.

// The sum of `pages=` over the lines of kind `vmalloc`, in KiB. Other kinds (ioremap, vmap, user
// mappings) hold no pages of their own or pages that are counted elsewhere. Errors: kParse when a
// vmalloc line's pages are no number, or the sum is beyond kMaxNumber.
[[nodiscard]] Result<std::int64_t> parse_vmallocinfo(std::string_view text);

// Parser for /proc/pressure/memory.

// Both lines (`some`, `full`) must be there, once, with avg10 and total. Errors: kParse otherwise.
[[nodiscard]] Result<MemoryPressure> parse_pressure(std::string_view text);

}  // namespace ballast::model
