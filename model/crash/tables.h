// Reads the tables of `kmem -i` and `kmem -V`, line by line.
#pragma once

#include <string_view>

#include "model/crash/lines.h"
#include "model/guest_reading.h"

namespace ballast::model {

// `kmem -i`: rows such as "TOTAL MEM  1974231       7.5 GB         ----". The figure in pages
// counts; a row that was cut off before its size is not one. Errors: a row that occurs twice, pages
// out of range.
class KmemInfoReader {
 public:
  LineTaken read(std::string_view line);
  [[nodiscard]] bool any() const { return any_; }
  // In meminfo's names and KiB; rows that meminfo has no name for are left out.
  [[nodiscard]] const Meminfo& meminfo() const { return meminfo_; }

 private:
  Vmstat pages_;
  Meminfo meminfo_;
  bool any_ = false;
};

// `kmem -V`: "NR_SLAB: 15177", also without the colon. The tables of single zones that `kmem -z`
// prints look the same and are passed over. Errors: a counter that occurs twice or is out of range.
class KmemCountersReader {
 public:
  LineTaken read(std::string_view line);
  void end_command() { zone_ = Zone::kNone; }
  [[nodiscard]] bool any() const { return !counters_.empty(); }
  // By the names of the kernel's enumerations: "NR_SLAB".
  [[nodiscard]] const Vmstat& counters() const { return counters_; }

 private:
  // Of `kmem -z`: its line "NODE: … ZONE: …" has one VM_STAT after it.
  enum class Zone { kNone, kBefore, kInside };

  bool read_heading(std::string_view line);

  Vmstat counters_;
  Zone zone_ = Zone::kNone;
};

}  // namespace ballast::model
