// Lockstep and leak: does the memory that a guest cannot account for follow the balloon up and
// down, and does it grow beside the balloon? Statistics over the readings of one guest. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace ballast::model {

// One reading of a guest, as the store keeps it.
struct HistoryPoint {
  UtcTime read_at{};
  std::string epoch;                        // guest_epoch(): readings of one can be compared
  std::optional<std::int64_t> balloon_kib;  // the hypervisor's figure
  std::optional<std::int64_t> driver_kib;   // the driver's: its status file, else vmstat
  std::int64_t unaccounted_kib = 0;
  // How exact unaccounted is: counter_error_kib + unread_varying_kib of its account.
  std::int64_t error_kib = 0;
  bool is_report = false;  // the guest's own, which any user in it can write
};

// Returns the name of the time in which readings of a guest can be compared: the same boot, kernel
// and MemTotal, and the same files readable.
[[nodiscard]] std::string guest_epoch(std::string_view boot_id, std::string_view kernel_release,
                                      std::int64_t mem_total_kib,
                                      const std::vector<std::string>& missing);

// How unaccounted memory follows the balloon:
//   unaccounted = baseline + slope × balloon + leak × time
// The slopes are rounded to 1/10000.
struct Lockstep {
  double slope = 0;  // 1: every page of the balloon goes missing in the guest, and comes back
  double low = 0;    // 95 % interval
  double high = 0;
  int levels = 0;              // distinct sizes of the balloon
  int changes = 0;             // how often it moved
  std::int64_t range_kib = 0;  // largest less smallest balloon
  UtcTime since{};             // the oldest reading used
  friend bool operator==(const Lockstep&, const Lockstep&) = default;
};

// How fast unaccounted memory grows beside the balloon.
struct Leak {
  std::int64_t kib_per_day = 0;
  std::int64_t low_kib_per_day = 0;  // 95 % interval
  std::int64_t high_kib_per_day = 0;
  UtcTime since{};
  friend bool operator==(const Leak&, const Leak&) = default;
};

struct SeriesAnalysis {
  std::optional<Lockstep> lockstep;  // empty where the balloon moved too little to tell
  std::optional<Leak> leak;          // in the newest point's epoch; empty unless it certainly grows
};

// Tells whether the interval holds 1 and is tight. That is what Proof::kLockstep asks for.
[[nodiscard]] bool is_lockstep(const Lockstep& lockstep);

// Analyses the readings of one guest, oldest first, by the rules of docs/VERDICTS.md. They may be
// of several epochs: changes are only taken inside each. The newest 192 count. Points without a
// figure of the balloon, or with an absurd one, are left out.
[[nodiscard]] SeriesAnalysis analyse_series(std::span<const HistoryPoint> points);

// Does the same with one reading more.
[[nodiscard]] SeriesAnalysis analyse_series(std::span<const HistoryPoint> earlier,
                                            const HistoryPoint& newest);

}  // namespace ballast::model
