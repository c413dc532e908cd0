// Private to storage/: counts what a scan writes while it writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/judged_guest.h"

namespace ballast::storage {

struct ScanCounts {
  std::int64_t vms = 0;
  std::int64_t guests_read = 0;
  std::int64_t guests_failed = 0;
};

// The counts are lost when counting is not enough: when a VM comes twice, and after a transaction
// was rolled back. Then the scan's rows have to be counted.
class ScanTally {
 public:
  void add(std::int64_t vm_id, const model::JudgedGuest& result) {
    const auto place = static_cast<std::size_t>(vm_id);
    if (place >= seen_.size()) seen_.resize(place + 1);
    if (seen_[place]) lose();
    seen_[place] = true;
    if (!counts_) return;
    ++counts_->vms;
    if (result.guest) ++counts_->guests_read;
    if (model::is_failure(result.judgement.reason)) ++counts_->guests_failed;
  }
  void lose() { counts_.reset(); }
  // Tells whether add() was called with that VM, even if that was rolled back.
  [[nodiscard]] bool has(std::int64_t vm_id) const {
    const auto place = static_cast<std::size_t>(vm_id);
    return place < seen_.size() && seen_[place];
  }
  [[nodiscard]] const std::optional<ScanCounts>& counts() const { return counts_; }

 private:
  std::optional<ScanCounts> counts_ = ScanCounts{};
  std::vector<bool> seen_;  // by the numbers of VMs, which have no gaps
};

}  // namespace ballast::storage
