// Parser for text of a session of `crash` on a vmcore, or of drgn that prints the same: what a
// support engineer pastes into a ticket. Sources of the forms: crash's memory.c (kmem -i, kmem -V)
// and kernel.c (bt, sys).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/crash/back_trace.h"
#include "model/guest_reading.h"

namespace ballast::model {

// What only a vmcore shows.
struct VmcoreEvidence {
  std::vector<BackTrace> traces;  // at most 4096, of at most 256 frames
  // `flags = 0x10000840`: those of the thread vmmemctl if its header stands above them, else the
  // first that were found.
  std::optional<std::uint64_t> task_flags;
  std::string flags_command;                 // the task whose flags they are; "" if no header told
  std::vector<std::string> task_flag_names;  // "PF_MEMALLOC", …; a bit without a name is "0x…"
  std::string zone;  // "Normal"; "" if not told; of several the one with the largest counter
  std::optional<std::int64_t> tasks_in_reclaim;  // the zone's reclaim_in_progress
  // The texts that were there, in this order: "sys", "kmem -i", "kmem -V", "bt", "task flags",
  // "zone", "balloon".
  std::vector<std::string> recognised;

  // Returns the first trace of the balloon driver, nullptr if there is none.
  [[nodiscard]] const BackTrace* balloon_trace() const;
};

struct CrashReading {
  // What the texts told, by their source:
  //   kmem -i      meminfo: MemTotal, MemFree, Buffers, Cached, Slab, HugePages as Hugetlb,
  //                SwapTotal, SwapFree
  //   kmem -V      meminfo: the page counters. They win over kmem -i, and only with them an account
  //                is possible. vmstat: the counters and events, under /proc/vmstat's names
  //   p balloon, struct vmballoon
  //                balloon.current_kib and target_kib (size and target, in 4 KiB pages)
  //   bt           balloon.module
  //   banner, sys  kernel_release
  // meminfo has /proc/meminfo's names and KiB. It may lack what account_memory() needs.
  GuestReading reading;
  VmcoreEvidence evidence;
};

// Tells whether this looks like text of crash, rather than one of /proc's files.
[[nodiscard]] bool looks_like_crash_text(std::string_view text);

// Reads text of crash, which is not trusted. It may hold any of these, in any order, with prompts
// and other commands between them: the banner, `sys`, `kmem -i`, `kmem -V`, `bt`, members of a task
// or zone (`flags = …`, `name = … "Normal"`, `reclaim_in_progress = …`), `p` of such a member,
// `p balloon`. What is not recognised is skipped, and so is a line above 4 KiB. A text that was cut
// inside the last figure of `kmem -V` cannot be told from a whole one.
//
// Errors: kParse when nothing is recognised, when a figure is out of range, or when `kmem -i`,
// `kmem -V`, the balloon's size or another release occurs twice (two moments: neither can be
// trusted); kTooLarge above 16 MiB.
[[nodiscard]] Result<CrashReading> parse_crash_text(std::string_view text);

}  // namespace ballast::model
