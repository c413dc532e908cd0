// How far scans are: counted, and in one line over all vCenters.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "collector/scan_observer.h"
#include "collector/service.h"
#include "output/progress_line.h"

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
  void on_result(const std::string& vcenter, const model::JudgedGuest& result) override;

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
  explicit ScanProgress(output::ProgressLine& line) : line_(line) {}

 private:
  void show() override { line_.update(describe_progress(scans())); }

  output::ProgressLine& line_;
};

// What `ballast collect` is at: for the log, and in one line for the service manager.

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
