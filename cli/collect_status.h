// What `ballast collect` is at: for the log, and in one line for the service manager.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "cli/scan_progress.h"
#include "collector/service.h"

namespace ballast::cli {

// One thread.
class CollectStatus : public ScanTally, public collector::ServiceObserver {
 public:
  // "lab: next scan 2026-11-25T13:00:00Z; prod: probing guests, 200 VMs listed, 112 guests read".
  // Printable.
  [[nodiscard]] std::string line() const;

  void on_waiting(const std::string& vcenter, std::optional<UtcTime> due) override;
  void on_scan_started(const std::string& vcenter) override;
  void on_scan_ended(const collector::ScanSummary& summary) override;
  void on_removed(const std::string& vcenter) override;

 private:
  void show() override {}

  std::map<std::string, std::optional<UtcTime>> waiting_;  // by vCenter: until when
};

}  // namespace ballast::cli
