// Writes what one scan has to say into the log. Each line carries the vCenter and the scan.
#pragma once

#include <string>

#include "collector/scan_summary.h"

namespace ballast::collector {

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
