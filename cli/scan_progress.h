// What `ballast scan` shows while it runs: one line over all vCenters.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "cli/progress_line.h"
#include "collector/ports.h"

namespace ballast::cli {

// Counts of one vCenter's scan so far.
struct ScanCounts {
  std::string phase;
  std::size_t listed = 0;
  std::size_t read = 0;
  std::size_t failed = 0;
  std::size_t probing = 0;
};

// "lab: probing guests, 200 VMs listed, 35 being probed, 112 read, 3 failed". Pure.
[[nodiscard]] std::string describe_progress(const std::map<std::string, ScanCounts>& scans);

class ScanProgress : public collector::ScanObserver {
 public:
  explicit ScanProgress(ProgressLine& line) : line_(line) {}

  void on_phase(const std::string& vcenter, const std::string& phase) override;
  void on_vms_listed(const std::string& vcenter, std::size_t total_so_far) override;
  void on_probe_started(const std::string& vcenter) override;
  void on_probe_ended(const std::string& vcenter) override;
  void on_result(const std::string& vcenter, const model::VmResult& result) override;

 private:
  void show();

  ProgressLine& line_;
  std::map<std::string, ScanCounts> scans_;
};

}  // namespace ballast::cli
