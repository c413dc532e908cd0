// Hand-made rows and terminals for the tests of the command line.
#pragma once

#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "cli/fleet_scans.h"
#include "cli/terminal.h"
#include "storage/queries.h"

namespace ballast::cli {

[[nodiscard]] UtcTime sample_now();  // 2026-11-23T13:17:00Z

[[nodiscard]] StreamTraits piped();
[[nodiscard]] StreamTraits colour_tty(std::size_t width);
[[nodiscard]] StreamTraits ascii_tty(std::size_t width);

// A terminal over strings.
struct CapturedTerminal {
  explicit CapturedTerminal(StreamTraits out_traits = piped(), StreamTraits err_traits = piped());
  [[nodiscard]] std::string out() const { return out_stream.str(); }
  [[nodiscard]] std::string err() const { return err_stream.str(); }

  std::ostringstream out_stream;
  std::ostringstream err_stream;
  Terminal terminal;
};

// Scan 7 of vCenter "lab", finished 12 min before sample_now().
[[nodiscard]] storage::ScanRow lab_scan();

// A VM that no one looked into yet: powered on, 4 GiB, in scan 7 of "lab".
[[nodiscard]] storage::VmRow plain_vm(const std::string& name);
// … whose guest was read, and judged so. Sizes in MiB; baseline 14, tolerance 16 MiB.
[[nodiscard]] storage::VmRow judged_vm(const std::string& name, model::Verdict verdict,
                                       double balloon_mib, double unaccounted_mib,
                                       model::Proof proof = model::Proof::kNone);
[[nodiscard]] storage::VmRow unread_vm(const std::string& name, model::UnknownReason reason,
                                       const std::string& detail = "");

// The VM of the `ballast vm` golden tests, with every figure filled in.
[[nodiscard]] storage::VmRow detailed_vm();

// It again, with no balloon and much missing: every kind of suspect.
[[nodiscard]] storage::VmRow excess_vm();

// A small fleet with every verdict and names that try to break out.
[[nodiscard]] std::vector<storage::VmRow> sample_fleet();

}  // namespace ballast::cli
