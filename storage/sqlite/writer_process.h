// Private to storage/: which process writes a scan, so that scans of a process that died can be
// told from those of one that still runs.
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

// Returns whether that very process still runs. It does not if its number now belongs to another
// process, if it is a zombie, or if the machine was booted since.
[[nodiscard]] bool is_running(const WriterProcess& process);

// Returns what a person calls that process, made safe to show: its program and, if it is one that
// writes, the sub-command ("ballast collect"); never other arguments. "" if it is not known.
[[nodiscard]] std::string command_of(std::int64_t pid);
// Returns the same from the text of /proc/<pid>/cmdline.
[[nodiscard]] std::string command_in(std::string_view command_line);

}  // namespace ballast::storage
