// Who is told how a scan goes on; for the progress line.
#pragma once

#include <cstddef>
#include <string>

#include "model/judged_guest.h"

namespace ballast::collector {

// Calls come from the collector's thread and must return soon. `vcenter` is the configured name.
class ScanObserver {
 public:
  virtual ~ScanObserver() = default;

  // Tells what the scan begins to do, "listing VMs".
  virtual void on_phase(const std::string& vcenter, const std::string& phase) = 0;
  virtual void on_vms_listed(const std::string& vcenter, std::size_t total_so_far) = 0;
  virtual void on_probe_started(const std::string& vcenter) = 0;
  virtual void on_probe_ended(const std::string& vcenter) = 0;
  // Tells what a VM of this scan came to, before it is stored.
  virtual void on_result(const std::string& vcenter, const model::JudgedGuest& result) = 0;
};

}  // namespace ballast::collector
