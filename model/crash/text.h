// Parser for text from a session of `crash` (or drgn users' copies of it) on a vmcore: what a
// support engineer pastes into a ticket. Sources: crash's memory.c (kmem -i, kmem -V), kernel.c
// (bt, sys).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/guest_reading.h"

namespace ballast::model {

// One line of a back trace, e.g. {"Balloon_QueryAndExecute", "vmmemctl"}.
struct StackFrame {
  std::string function;
  std::string module;  // "" for the kernel itself
};

// `bt` of one task.
struct BackTrace {
  std::optional<std::int64_t> pid;
  std::string command;             // as it came: make it printable where it is shown
  std::vector<StackFrame> frames;  // the innermost first

  // The thread of the balloon driver, or a worker that runs it: by its name, or a frame of a module
  // that find_balloon_module() knows.
  [[nodiscard]] bool is_balloon() const;
  // The driver called the page allocator, directly or not; the allocator had to reclaim memory
  // itself. Both need a frame with the driver's module: false where crash did not load its symbols.
  [[nodiscard]] bool allocating() const;
  [[nodiscard]] bool in_direct_reclaim() const;
};

// What only a vmcore shows.
struct VmcoreEvidence {
  std::vector<BackTrace> traces;  // at most 4096, of at most 256 frames
  // `flags = 0x10000840`: those of the thread vmmemctl if its header stands above, else the first.
  std::optional<std::uint64_t> task_flags;
  std::string flags_command;  // of the task whose flags they are; "" if no header told
  std::vector<std::string> task_flag_names;  // "PF_MEMALLOC", …; a bit without a name is "0x…"
  std::string zone;  // "Normal"; "" if not told. Of several the one with the largest counter
  std::optional<std::int64_t> tasks_in_reclaim;  // the zone's reclaim_in_progress
  // Which texts were there, in this order: "sys", "kmem -i", "kmem -V", "bt", "task flags", "zone",
  // "balloon".
  std::vector<std::string> recognised;

  [[nodiscard]] const BackTrace* balloon_trace() const;  // nullptr if there is none
};

struct CrashReading {
  // meminfo is filled with what the texts told, in meminfo's names and KiB: from `kmem -i`
  // MemTotal, MemFree, Buffers, Cached, Slab, HugePages as Hugetlb, SwapTotal, SwapFree; from `kmem
  // -V` the page counters (which win over kmem -i, and which alone make an account possible). It
  // may lack what account_memory() needs. vmstat has the counters and events of `kmem -V` under
  // /proc/vmstat's names. balloon.current_kib and target_kib come from `p balloon` or `struct
  // vmballoon` (size, target, in 4 KiB pages), balloon.module from the balloon's trace,
  // kernel_release from the banner or `sys`.
  GuestReading reading;
  VmcoreEvidence evidence;
};

// Whether this looks like text from crash rather than one of /proc's files.
[[nodiscard]] bool looks_like_crash_text(std::string_view text);

// `text` may hold any of these, in any order, with prompts and other commands between them: the
// banner, `sys`, `kmem -i`, `kmem -V`, `bt`, task or zone members (`flags = …`, `name = …
// "Normal"`, `reclaim_in_progress = …`), `p` of such a member, `p balloon`. It is untrusted; what
// is not recognised is skipped, and so is a line above 4 KiB. A text that was cut inside the last
// figure of `kmem -V` cannot be told from a whole one. Errors: kParse when nothing is recognised,
// when a figure is out of range, or when `kmem -i` or `kmem -V`, the balloon's size or another
// release occurs twice (two moments: neither can be trusted); kTooLarge above 16 MiB.
[[nodiscard]] Result<CrashReading> parse_crash_text(std::string_view text);

// The names of the PF_* bits of task_struct.flags as far as they are the same in the kernel named;
// other bits as hexadecimal numbers. include/linux/sched.h.
[[nodiscard]] std::vector<std::string> task_flag_names(std::uint64_t flags,
                                                       std::string_view kernel_release);

}  // namespace ballast::model
