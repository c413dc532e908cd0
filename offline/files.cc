#include "offline/files.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <map>
#include <string>

#include <fnmatch.h>

namespace ballast::offline {

namespace {

// Old and new names stand side by side: sosreports of all versions, and zram before and after 4.1.
constexpr const char* kWanted[] = {
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
    "sys/kernel/kexec_crash_size",
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
    "sos_commands/general/hostname",
    "sos_commands/host/hostname",
    "sos_commands/host/hostname_-f",
    "sos_commands/hardware/dmidecode",
    "etc/hostname",
    "etc/os-release",
    "etc/redhat-release",
    "etc/SuSE-release",
    "proc/sys/kernel/hostname",
    "sys/class/dmi/id/product_name",
    "sys/class/dmi/id/sys_vendor",
    "sys/hypervisor/type",
    "usr/lib/os-release",
    "var/log/dmesg",
    // supportconfig
    "basic-environment.txt",
    "boot.txt",
    "hardware.txt",
    "memory.txt",
    "modules.txt",
};

}  // namespace

const std::vector<std::string>& wanted_patterns() {
  static const std::vector<std::string> patterns(std::begin(kWanted), std::end(kWanted));
  return patterns;
}

namespace {

constexpr std::size_t kLongest = 256;

bool matches(const std::string& pattern, const std::string& text) {
  return fnmatch(pattern.c_str(), text.c_str(), FNM_PATHNAME | FNM_NOESCAPE) == 0;
}

// The patterns by the first component, which no pattern has a wildcard in: matching is not free,
// and most paths of an archive begin with none of these.
const std::map<std::string, std::vector<std::string>, std::less<>>& patterns_by_top() {
  static const auto by_top = [] {
    std::map<std::string, std::vector<std::string>, std::less<>> sorted;
    for (const auto& pattern : wanted_patterns()) {
      sorted[pattern.substr(0, pattern.find('/'))].push_back(pattern);
    }
    return sorted;
  }();
  return by_top;
}

}  // namespace

bool is_wanted(std::string_view path) {
  if (path.size() > kLongest) return false;
  const auto same_top = patterns_by_top().find(path.substr(0, path.find('/')));
  if (same_top == patterns_by_top().end()) return false;
  const auto& patterns = same_top->second;
  return std::any_of(patterns.begin(), patterns.end(),
                     [text = std::string(path)](const auto& one) { return matches(one, text); });
}

bool is_wanted_name(std::string_view name) {
  if (name.size() > kLongest) return false;
  const auto& patterns = wanted_patterns();
  return std::any_of(patterns.begin(), patterns.end(),
                     [text = std::string(name)](const std::string& pattern) {
                       return matches(pattern.substr(pattern.rfind('/') + 1), text);
                     });
}

bool leads_to_wanted(std::string_view folder) {
  if (folder.size() > kLongest) return false;
  const auto depth = std::count(folder.begin(), folder.end(), '/') + 1;
  const auto& patterns = wanted_patterns();
  return std::any_of(patterns.begin(), patterns.end(),
                     [depth, text = std::string(folder)](const auto& pattern) {
                       std::size_t end = 0;
                       for (auto left = depth; left > 0 && end != std::string::npos; --left) {
                         end = pattern.find('/', end == 0 ? 0 : end + 1);
                       }
                       return end != std::string::npos && matches(pattern.substr(0, end), text);
                     });
}

}  // namespace ballast::offline
