// Parsers for files of one line or a few, of which the account needs one figure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace ballast::model {

// Reads a number and nothing else. Errors: kParse, also above `limit`.
[[nodiscard]] Result<std::int64_t> parse_single(std::string_view text, std::int64_t limit);

// Reads /proc/uptime and returns whole seconds.
[[nodiscard]] Result<std::int64_t> parse_uptime(std::string_view text);

// Reads what `uptime` prints (" 10:11:12 up 3 days,  2:01,  2 users,  load average: …"), to the
// minute, and returns seconds.
[[nodiscard]] Result<std::int64_t> parse_uptime_command(std::string_view text);

// Reads /proc/loadavg and returns the number of threads, which follows the slash of its fourth
// field.
[[nodiscard]] Result<std::int64_t> parse_threads(std::string_view text);

// Reads the line of mm_struct in /proc/slabinfo, whole or alone, and returns its active objects:
// one for each process with memory of its own, and some hundred that wait on lists of CPUs to be
// used again. Errors: kParse where there is no such line.
[[nodiscard]] Result<std::int64_t> parse_mm_structs(std::string_view slabinfo);

// Reads mm_stat of one zram device, or its mem_used_total (before 4.1), and returns the bytes of
// memory that the device uses.
[[nodiscard]] Result<std::int64_t> parse_zram_device(std::string_view text);

// Finds "percpu: Embedded N pages/cpu" ("PERCPU: …" before 4.x) in the boot log and returns N.
// Empty if there is no such line, as in a log that has wrapped round.
[[nodiscard]] std::optional<std::int64_t> find_first_chunk_pages(std::string_view boot_log);

// Finds how many CPUs are possible in the boot log: "nr_cpu_ids:128", or "Allowing 128 CPUs, 124
// hotplug CPUs". Empty if neither is there, or the number is none of CPUs.
[[nodiscard]] std::optional<int> find_possible_cpus(std::string_view boot_log);

// Counts the CPUs of one of the kernel's lists, such as /sys/devices/system/cpu/possible:
// "0-3,8,10-11" -> 7. Errors: kParse, also where ranges overlap or do not ascend.
[[nodiscard]] Result<int> count_cpus(std::string_view list);

}  // namespace ballast::model
