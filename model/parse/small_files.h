// Parsers for files of one line or a few, of which the account needs a figure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace ballast::model {

// A number and nothing else. Errors: kParse, also above `limit`.
[[nodiscard]] Result<std::int64_t> parse_single(std::string_view text, std::int64_t limit);

// /proc/uptime: whole seconds.
[[nodiscard]] Result<std::int64_t> parse_uptime(std::string_view text);

// /proc/loadavg: the number of threads, after the slash of the fourth field.
[[nodiscard]] Result<std::int64_t> parse_threads(std::string_view text);

// /sys/block/zram*/mm_stat, or mem_used_total before 4.1: bytes of memory the device uses.
[[nodiscard]] Result<std::int64_t> parse_zram_device(std::string_view text);

// The boot log's "percpu: Embedded N pages/cpu" (before 4.x "PERCPU: Embedded …"): N. Empty if it
// has no such line, as a log that has wrapped round.
[[nodiscard]] std::optional<std::int64_t> find_first_chunk_pages(std::string_view boot_log);

// Parser for the kernel's lists of CPUs, e.g. /sys/devices/system/cpu/possible.

// "0-3,8,10-11" -> 7. Ranges must ascend and not overlap. Errors: kParse.
[[nodiscard]] Result<int> count_cpus(std::string_view list);

}  // namespace ballast::model
