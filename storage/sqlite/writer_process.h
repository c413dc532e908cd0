// Private to storage/: who writes a scan, so that the scans of a process that died can be told from
// those of one that still runs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ballast::storage {

struct WriterProcess {
  std::int64_t pid = 0;
  std::string boot_id;           // of the machine; "" if not readable
  std::int64_t start_ticks = 0;  // since that boot, from /proc/<pid>/stat; 0 if not readable
};

[[nodiscard]] WriterProcess this_process();

// Whether that very process still runs. A process number that was given to another process, a
// zombie and an earlier boot of the machine are "no".
[[nodiscard]] bool is_running(const WriterProcess& process);

// What a person calls that process: its program and, where it is one that writes, the sub-command
// ("ballast collect"), made safe to show. Never other arguments. "" if it is not known.
[[nodiscard]] std::string command_of(std::int64_t pid);
// The same of a text as /proc/<pid>/cmdline has it.
[[nodiscard]] std::string command_in(std::string_view command_line);

}  // namespace ballast::storage
