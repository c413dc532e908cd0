#include "offline/texts.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "model/crash/text.h"

namespace ballast::offline {

namespace {

constexpr std::size_t kTellingHead = 64 * 1024;  // enough to tell what a text is

bool has_line_starting(std::string_view text, std::string_view start) {
  return text.starts_with(start) || text.find("\n" + std::string(start)) != std::string_view::npos;
}

std::string_view first_line(std::string_view text) {
  text = trim(text);
  return trim(text.substr(0, text.find('\n')));
}

// Says what to do with files that people hand over although only other programs read them.
std::string_view hint_for(std::string_view text) {
  if (text.starts_with("\x7f"
                       "ELF") ||
      text.starts_with("KDUMP") || text.starts_with("makedumpfile")) {
    return "this is a vmcore or a program: open the vmcore with crash and give the text of "
           "kmem -i, kmem -V, sys and bt of the balloon driver's thread";
  }
  if (text.starts_with("-----BEGIN PGP") || text.starts_with("\x85") || text.starts_with("\x8c")) {
    return "it looks encrypted: decrypt it first";
  }
  return "give a sosreport (folder or tar archive), a folder with proc/meminfo, a copy of "
         "/proc/meminfo, or text from crash";
}

struct KindRow {
  TextKind kind;
  std::string_view path;
  std::string_view name;
};

constexpr std::array kKinds = {
    KindRow{TextKind::kMeminfo, "proc/meminfo", "meminfo"},
    KindRow{TextKind::kVmstat, "proc/vmstat", "vmstat"},
    KindRow{TextKind::kZoneinfo, "proc/zoneinfo", "zoneinfo"},
    KindRow{TextKind::kVmallocinfo, "proc/vmallocinfo", "vmallocinfo"},
    KindRow{TextKind::kVmmemctl, "sys/kernel/debug/vmmemctl", "vmmemctl"},
    KindRow{TextKind::kProbeOutput, "", "the probe's output"},
    KindRow{TextKind::kCrash, "", "text from crash"},
    KindRow{TextKind::kRelease, "proc/sys/kernel/osrelease", "a kernel's release"},
    KindRow{TextKind::kUname, "sos_commands/kernel/uname_-a", "the output of uname -a"},
    KindRow{TextKind::kVersion, "proc/version", "a kernel's version"},
    KindRow{TextKind::kUptime, "proc/uptime", "/proc/uptime"},
    KindRow{TextKind::kUptimeCommand, "sos_commands/host/uptime", "the output of uptime"},
    KindRow{TextKind::kLoadavg, "proc/loadavg", "/proc/loadavg"},
    KindRow{TextKind::kModules, "proc/modules", "/proc/modules"},
    KindRow{TextKind::kLsmod, "sos_commands/kernel/lsmod", "the output of lsmod"},
    KindRow{TextKind::kSlabinfo, "proc/slabinfo", "slabinfo"},
    KindRow{TextKind::kBootLog, "sos_commands/kernel/dmesg", "a kernel log"},
    KindRow{TextKind::kCmdline, "proc/cmdline", "/proc/cmdline"},
    KindRow{TextKind::kSwaps, "proc/swaps", "/proc/swaps"},
    KindRow{TextKind::kSockstat, "proc/net/sockstat", "sockstat"},
    KindRow{TextKind::kPartitions, "proc/partitions", "/proc/partitions"},
    KindRow{TextKind::kPressure, "proc/pressure/memory", "/proc/pressure/memory"},
    KindRow{TextKind::kIomem, "proc/iomem", "/proc/iomem"},
    KindRow{TextKind::kAllocinfo, "proc/allocinfo", "allocinfo"},
    KindRow{TextKind::kDate, "sos_commands/date/date", "a date"},
    KindRow{TextKind::kToolboxBalloon, "sos_commands/vmware/vmware-toolbox-cmd_stat_balloon",
            "the output of vmware-toolbox-cmd stat balloon"},
    KindRow{TextKind::kToolboxResources,
            "sos_commands/vmware/vmware-toolbox-cmd_stat_raw_text_resources",
            "the output of vmware-toolbox-cmd stat raw text resources"},
    KindRow{TextKind::kGuestFile, "", "a file of /proc or /sys"},
    KindRow{TextKind::kOtherTool, "", "the output of another tool"},
    KindRow{TextKind::kBuddyinfo, "", "buddyinfo or pagetypeinfo"},
    KindRow{TextKind::kNodeMeminfo, "", "the meminfo of one NUMA node"},
    KindRow{TextKind::kZoneLines, "", "lines of zones from a kernel log"},
};

const KindRow& row_of(TextKind kind) {
  return *std::find_if(kKinds.begin(), kKinds.end(),
                       [kind](const KindRow& row) { return row.kind == kind; });
}

}  // namespace

std::optional<TextKind> recognise_whole(std::string_view text) {
  const auto head = text.substr(0, kTellingHead);
  if (has_line_starting(head, "@@ballast begin")) return TextKind::kProbeOutput;
  if (has_line_starting(head, "MemTotal:")) return std::nullopt;
  if (model::looks_like_crash_text(text)) return TextKind::kCrash;
  return std::nullopt;
}

Error nothing_recognised(std::string_view text) {
  if (trim(text).empty()) return {ErrorCode::kParse, "it is empty", "", ""};
  return {ErrorCode::kParse,
          fmt::format("it is nothing that can be inspected; it begins with \"{}\"",
                      printable(first_line(text), 60)),
          std::string(hint_for(text)), ""};
}

std::string_view path_of(TextKind kind) { return row_of(kind).path; }

std::string_view name_of(TextKind kind) { return row_of(kind).name; }

}  // namespace ballast::offline
