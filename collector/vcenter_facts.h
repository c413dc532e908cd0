// What a scan reads of a vCenter before its first VM: who it is, its clock, hosts and pools.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "base/async.h"
#include "base/log_subject.h"
#include "base/result.h"
#include "collector/ports.h"

namespace ballast::collector {

class VcenterFacts {
 public:
  // References must outlive it.
  VcenterFacts(Vcenter& vcenter, SampleStore& store, ScanObserver& observer, std::string name,
               ScanId scan)
      : vcenter_(vcenter),
        store_(store),
        observer_(observer),
        name_(std::move(name)),
        scan_(scan) {}

  // Connects, reads and stores. What comes back cut it short.
  Awaitable<std::optional<Error>> read();

  // vCenter's clock less ours; 0 if it was not told.
  [[nodiscard]] std::chrono::milliseconds clock_ahead() const { return clock_ahead_; }
  // Of this host's certificate; "" if unknown.
  [[nodiscard]] std::string thumbprint_of(const std::string& host_moref) const;

 private:
  Awaitable<std::optional<Error>> connect();
  Awaitable<void> compare_clocks();
  Awaitable<std::optional<Error>> read_hosts();
  Awaitable<std::optional<Error>> read_pools();
  [[nodiscard]] LogSubject subject() const { return {.vcenter = name_, .scan = scan_}; }

  Vcenter& vcenter_;
  SampleStore& store_;
  ScanObserver& observer_;
  std::string name_;  // of the vCenter, as configured
  ScanId scan_;
  std::chrono::milliseconds clock_ahead_{0};
  std::map<std::string, std::string> thumbprints_;  // by the host's moref
};

}  // namespace ballast::collector
