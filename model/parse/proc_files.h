// Parsers for files of /proc that the account needs: meminfo, vmstat, zoneinfo, vmallocinfo,
// pressure/memory. They take the text of any kernel, which is not trusted.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "model/guest_reading.h"

namespace ballast::model {

// Reads /proc/meminfo. Every line must be `Name: number [kB]`; blank lines are skipped. A counter
// printed as a wrapped negative becomes the small negative number that it is. Errors: kParse for
// any other line, a number beyond kMaxNumber, a name that occurs twice (two files run together:
// neither can be trusted), no line at all, or more lines than any kernel prints.
[[nodiscard]] Result<Meminfo> parse_meminfo(std::string_view text);

// Reads /proc/vmstat, whole or only some of its lines. Every line must be `name number`; blank
// lines are skipped, and an empty text is an empty table. Wrapped negatives and errors as in
// parse_meminfo().
//
// Trap: from workingset_nodereclaim on, RHEL 8.1 prints its per-node values under names that are
// shifted by one (nr_anon_pages there is nr_mapped). The names that the account uses stand before.
[[nodiscard]] Result<Vmstat> parse_vmstat(std::string_view text);

// Reads /proc/zoneinfo and sums what the account needs over all zones and CPUs. Understands RHEL 5
// (two lists for each CPU, `cpu: 0 pcp: 1`, with one threshold behind both), RHEL 6 (no `managed`),
// and 7.x, which pads the numbers and has more lines for each CPU. Skips lines that it has no use
// for. The lists are left empty if one of them is missing or no number. Errors: kParse when a number that it needs is missing or beyond kMaxNumber, when a sum is,
// or when there is no zone.
[[nodiscard]] Result<ZoneTotals> parse_zoneinfo(std::string_view text);

// Reads the sums that the probe makes of zoneinfo inside the guest: lines `pcp N`, `managed N`,
// `present N`, `threshold N` and `cpus N`, each once; then those of ZoneLists, all of them or none:
// `free`, `anon`, `file`, `split` (1 or 0), `unevictable`, `isolated`, `high`, `moved`. Errors:
// kParse for anything else.
[[nodiscard]] Result<ZoneTotals> parse_zone_totals(std::string_view text);

// Reads /proc/vmallocinfo, which only root can, and returns the sum of `pages=` over its lines of
// kind `vmalloc`, in KiB. Lines of other kinds (ioremap, vmap, user mappings) have no pages, or
// pages that are counted elsewhere. Errors: kParse when the pages of a vmalloc line are no number,
// or the sum is beyond kMaxNumber.
[[nodiscard]] Result<std::int64_t> parse_vmallocinfo(std::string_view text);

// Reads /proc/pressure/memory. Errors: kParse unless both lines (`some`, `full`) are there once,
// with avg10 and total.
[[nodiscard]] Result<MemoryPressure> parse_pressure(std::string_view text);

}  // namespace ballast::model
