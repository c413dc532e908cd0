// The lines of memory dumps in a kernel's log, sorted: what each counter, node and zone said,
// before anything is made of it. For model/parse/oom_dump.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/parse/numbers.h"

namespace ballast::model {

// No number of a dump is larger, so that pages of 64 KiB stay in range.
inline constexpr std::int64_t kMaxDumpNumber = kMaxNumber / 64;

// Name of a counter, as the kernel prints it -> its value, or the sum of its values.
using DumpSums = std::map<std::string_view, std::int64_t>;

// One dump. What has no line in it is empty.
struct OomDump {
  DumpSums pages;  // the machine's counters, in pages of page_kib
  DumpSums zones;  // Σ over zones, KiB
  DumpSums nodes;  // Σ over nodes, KiB; from 4.8 on
  std::vector<std::int64_t> zone_managed_kib;
  std::map<std::int64_t, std::int64_t> pools;  // page size in KiB -> pages
  std::optional<std::int64_t> ram_pages;
  std::optional<std::int64_t> reserved_pages;
  std::optional<std::int64_t> poisoned_pages;
  std::optional<std::int64_t> swap_cache_pages;
  std::optional<std::int64_t> free_swap_kib;
  std::optional<std::int64_t> total_swap_kib;
  std::optional<std::int64_t> list_pages;  // Σ of the per-CPU lists, before 4.2
  std::set<std::int64_t> cpus;             // with a per-CPU list, before 4.2
  std::int64_t page_kib = 4;
  bool page_size_told = false;
  std::string release;                   // the kernel that the log named last
  std::string machine_line;              // "Hardware name: …"; "" if the log has none
  std::optional<std::int64_t> uptime_s;  // by the kernel's own time stamp
};

// Finds the dumps of a log, in its order; at most 200.
[[nodiscard]] std::vector<OomDump> find_oom_dumps(std::string_view log);

}  // namespace ballast::model
