// How far scans are: counted, and in one line over all vCenters.
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

// Counts what scans tell.
class ScanTally : public collector::ScanObserver {
 public:
  void on_phase(const std::string& vcenter, const std::string& phase) override;
  void on_vms_listed(const std::string& vcenter, std::size_t total_so_far) override;
  void on_probe_started(const std::string& vcenter) override;
  void on_probe_ended(const std::string& vcenter) override;
  void on_result(const std::string& vcenter, const model::VmResult& result) override;

 protected:
  [[nodiscard]] const std::map<std::string, ScanCounts>& scans() const { return scans_; }
  void forget(const std::string& vcenter) { scans_.erase(vcenter); }

 private:
  // After every change.
  virtual void show() = 0;

  std::map<std::string, ScanCounts> scans_;
};

// What `ballast scan` shows while it runs.
class ScanProgress : public ScanTally {
 public:
  explicit ScanProgress(ProgressLine& line) : line_(line) {}

 private:
  void show() override { line_.update(describe_progress(scans())); }

  ProgressLine& line_;
};

}  // namespace ballast::cli
