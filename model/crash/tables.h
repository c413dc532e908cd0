// Reads the tables of `kmem -i` and `kmem -V`, line by line, and turns counters into what
// /proc/meminfo and /proc/vmstat would have shown.
#pragma once

#include <string_view>

#include "model/crash/lines.h"
#include "model/guest_reading.h"

namespace ballast::model {

// Reads `kmem -i`: rows such as "TOTAL MEM  1974231       7.5 GB         ----". The figure in pages
// counts; a row that was cut off before its size is none. Errors: a row that occurs twice, pages
// out of range.
class KmemInfoReader {
 public:
  LineTaken read(std::string_view line);
  [[nodiscard]] bool any() const { return any_; }
  // Returns the rows in meminfo's names and KiB, without those that meminfo has no name for.
  [[nodiscard]] const Meminfo& meminfo() const { return meminfo_; }

 private:
  Vmstat pages_;
  Meminfo meminfo_;
  bool any_ = false;
};

// Reads `kmem -V`: "NR_SLAB: 15177", also without the colon. `kmem -z` prints tables of single
// zones that look the same; they are skipped. Errors: a counter that occurs twice or is out of
// range.
class KmemCountersReader {
 public:
  LineTaken read(std::string_view line);
  void end_command() { zone_ = Zone::kNone; }
  [[nodiscard]] bool any() const { return !counters_.empty(); }
  // Returns the counters by their names in the kernel's enumerations: "NR_SLAB".
  [[nodiscard]] const Vmstat& counters() const { return counters_; }

 private:
  // Where we are in `kmem -z`: behind its line "NODE: … ZONE: …" comes one VM_STAT.
  enum class Zone { kNone, kBefore, kInside };

  bool read_heading(std::string_view line);

  Vmstat counters_;
  Zone zone_ = Zone::kNone;
};

// Fills reading.meminfo (KiB; replaces what is there) and reading.vmstat (under /proc/vmstat's
// names) from `counters`, which are named as in the kernel's enumerations. reading.kernel_release
// decides where a counter's unit changed between kernels; a field of uncertain unit is left out.
// Cached is NR_FILE_PAGES less NR_SWAPCACHE and the Buffers that are in reading.meminfo. Before
// 5.12 there is no NR_SWAPCACHE, so the swap cache stays inside.
//
// Left out, because no counter tells: Percpu, HardwareCorrupted, VmallocUsed before 7.1. Because
// the unit is uncertain: NR_INDIRECTLY_RECLAIMABLE_BYTES, huge pages of 4.5 and later.
void apply_vm_counters(const Vmstat& counters, GuestReading& reading);

}  // namespace ballast::model
