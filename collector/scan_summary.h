// What a scan came to, counted in VMs, and what it has to say into the log.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "collector/ports/stored_scan.h"
#include "model/judged_guest.h"
#include "model/setback.h"

namespace ballast::collector {

struct ScanSummary {
  std::string vcenter;
  std::string limited_to;      // ScanOptions::limited_to
  std::optional<ScanId> scan;  // empty if the store could not begin one
  model::ScanStatus status = model::ScanStatus::kFailed;
  std::optional<Error> error;  // what made it fail or cut it short
  std::size_t listed = 0;
  std::size_t guests_read = 0;
  std::size_t guests_failed = 0;  // see model::is_failure()
  std::map<model::Verdict, std::size_t> verdicts;
  std::map<model::UnknownReason, std::size_t> reasons;
  std::vector<model::LoginSetback> suspended;  // logins that the guests do not get now
  std::size_t ballooned = 0;                   // VMs with a balloon above 0, read or not, and
  std::int64_t balloon_kib = 0;                // Σ of it
  std::int64_t matched_balloon_kib = 0;        // Σ balloon of VMs with verdict `balloon`
  std::chrono::milliseconds duration{0};
  std::chrono::milliseconds clock_ahead{0};  // vCenter's clock less ours; 0 if it was not told

  // Returns how many VMs have that verdict.
  [[nodiscard]] std::size_t count_of(model::Verdict verdict) const;
};

// Adds the result of one VM to the counts.
void count(ScanSummary& summary, const model::JudgedGuest& result);

// Writes what one scan has to say into the log. Each line carries the vCenter and the scan.
class ScanLog {
 public:
  ScanLog(std::string vcenter, ScanId scan) : vcenter_(std::move(vcenter)), scan_(scan) {}

  void begun() const;
  void kept(const model::JudgedGuest& result) const;  // one VM, at level debug
  void ended(const ScanSummary& summary) const;
  void warn(const std::string& text) const;

 private:
  std::string vcenter_;
  ScanId scan_;
};

}  // namespace ballast::collector
