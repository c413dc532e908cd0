// Reads the tables of `kmem -i` and `kmem -V`, line by line.
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

}  // namespace ballast::model
