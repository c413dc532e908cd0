// Parser for what the kernel prints of its memory when it runs out, when an allocation fails, or at
// SysRq-m: "Mem-Info:" and the counters, nodes and zones behind it. Any kernel from 2.6.18 on, in
// any log: dmesg, syslog, a journal, a serial console, vmware.log.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/guest_reading.h"

namespace ballast::model {

// Tells whether the text holds such a dump: a line that ends in "Mem-Info:", or the counters that
// follow it.
[[nodiscard]] bool looks_like_oom_dump(std::string_view log);

// Reads every dump of a log, in its order: each is one moment. The text is not trusted.
//
// A dump fills the fields of meminfo that it has lines for, the totals of its zones, isolated pages
// in vmstat, huge page pools, the kernel and the machine. MemTotal is the sum of the zones'
// `managed`; before 3.9, or where nodes were left out of the dump, it is the pages of RAM less the
// reserved ones; where there is neither it is missing, and a note gives the upper bound. What a
// dump has no line for (vmalloc, Percpu, zsmalloc, AnonPages, …) is not in the reading, which has
// from_oom_dump set.
//
// Errors: kParse where there is no dump, or none with the counters that an account needs; the
// dumps that lack them beside good ones become notes of the first good one.
[[nodiscard]] Result<std::vector<GuestReading>> parse_oom_dumps(std::string_view log);

}  // namespace ballast::model
