// Loose texts: files that hold what one file of /proc, the probe, a tool, or a session printed.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"

namespace ballast::offline {

enum class TextKind {
  kMeminfo,
  kVmstat,
  kZoneinfo,
  kVmallocinfo,
  kVmmemctl,
  kProbeOutput,
  kCrash,
  kRelease,        // uname -r
  kUname,          // uname -a
  kVersion,        // /proc/version
  kUptime,         // /proc/uptime
  kUptimeCommand,  // uptime
  kLoadavg,
  kModules,  // /proc/modules
  kLsmod,
  kSlabinfo,
  kBootLog,  // dmesg
  kCmdline,
  kSwaps,
  kSockstat,
  kPartitions,
  kPressure,
  kIomem,
  kAllocinfo,
  kDate,
  kToolboxBalloon,    // vmware-toolbox-cmd stat balloon
  kToolboxResources,  // vmware-toolbox-cmd stat raw text resources
  kGuestFile,         // a file that its path names: "/sys/…/nr_hugepages:512"
  kOtherTool,         // free, top, sar, atop, esxtop, RVTools
  kBuddyinfo,         // these three are known only so that they are not taken for zoneinfo
  kNodeMeminfo,
  kZoneLines,
};

// Tells what a text is as a whole, by its contents alone: what the probe printed, or text from
// crash. Empty for all others, which may be made of several pieces: see session.h.
[[nodiscard]] std::optional<TextKind> recognise_whole(std::string_view text);

// Makes the error for a text in which nothing was recognised, with a hint for files that people
// try: a vmcore, an encrypted sosreport.
[[nodiscard]] Error nothing_recognised(std::string_view text);

// Returns where the text would be in a guest's tree ("proc/meminfo"); "" for those that have no
// place in it.
[[nodiscard]] std::string_view path_of(TextKind kind);

// Returns what the text is called in a sentence: "meminfo", "the output of uname -a".
[[nodiscard]] std::string_view name_of(TextKind kind);

}  // namespace ballast::offline
