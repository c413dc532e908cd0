#include "offline/files.h"

#include <algorithm>

#include <fnmatch.h>

namespace ballast::offline {

// Old and new names stand side by side: sosreports of all versions, and zram before and after 4.1.
const std::vector<std::string>& wanted_patterns() {
  static const std::vector<std::string> patterns = {
      "proc/meminfo",
      "proc/vmstat",
      "proc/zoneinfo",
      "proc/vmallocinfo",
      "proc/slabinfo",
      "proc/modules",
      "proc/loadavg",
      "proc/cmdline",
      "proc/uptime",
      "proc/iomem",
      "proc/partitions",
      "proc/swaps",
      "proc/version",
      "proc/vmmemctl",
      "proc/pressure/memory",
      "proc/net/sockstat",
      "proc/fs/nfsd/threads",
      "proc/spl/kstat/zfs/abdstats",
      "proc/spl/kstat/zfs/arcstats",
      "proc/sys/kernel/osrelease",
      "proc/sys/kernel/random/boot_id",
      "sys/kernel/debug/vmmemctl",
      "sys/kernel/debug/tracing/buffer_total_size_kb",
      "sys/kernel/tracing/buffer_total_size_kb",
      "sys/kernel/mm/hugepages/hugepages-*kB/nr_hugepages",
      "sys/block/zram*/mm_stat",
      "sys/block/zram*/mem_used_total",
      "sys/devices/virtual/block/zram*/mm_stat",
      "sys/devices/virtual/block/zram*/mem_used_total",
      "sys/devices/system/cpu/possible",
      "sys/module/zswap/parameters/zpool",
      "sos_commands/date/date",
      "sos_commands/date/date_--utc",
      "sos_commands/general/date",
      "sos_commands/general/uptime",
      "sos_commands/host/uptime",
      "sos_commands/kernel/dmesg",
      "sos_commands/kernel/dmesg_-T",
      "sos_commands/kernel/lsmod",
      "sos_commands/kernel/sysctl_-a",
      "sos_commands/kernel/uname_-a",
      "sos_commands/process/lsof*",
      "sos_commands/vmware/*vmware-toolbox-cmd_stat_balloon*",
      "sos_commands/vmware/*vmware-toolbox-cmd_stat_raw_text_resources*",
  };
  return patterns;
}

bool is_wanted(std::string_view path) {
  constexpr std::size_t kLongest = 256;
  if (path.size() > kLongest) return false;
  const std::string text(path);
  const auto& patterns = wanted_patterns();
  return std::any_of(patterns.begin(), patterns.end(), [&text](const std::string& pattern) {
    return fnmatch(pattern.c_str(), text.c_str(), FNM_PATHNAME | FNM_NOESCAPE) == 0;
  });
}

}  // namespace ballast::offline
