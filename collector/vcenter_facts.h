// What a scan has to know about its vCenter before the first VM: who it is, what time it has, and
// its hosts and resource pools.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "base/async.h"
#include "base/log_subject.h"
#include "base/result.h"
#include "collector/ports/sample_store.h"
#include "collector/ports/vcenter.h"
#include "collector/scan_observer.h"
#include "model/inventory.h"

namespace ballast::collector {

// Reads these facts once, writes them to the store, and keeps what the scan needs of them.
class VcenterFacts {
 public:
  // The references must outlive it.
  VcenterFacts(Vcenter& vcenter, SampleStore& store, ScanObserver& observer, std::string name,
               ScanId scan)
      : vcenter_(vcenter),
        store_(store),
        observer_(observer),
        name_(std::move(name)),
        scan_(scan) {}

  // Connects, reads and stores. Returns an error where the scan cannot go on. Without a clock,
  // memory states or pools it can: a line in the log says that they are unknown.
  Awaitable<std::optional<Error>> read();

  // Returns vCenter's clock less ours; 0 if it was not told.
  [[nodiscard]] std::chrono::milliseconds clock_ahead() const { return clock_ahead_; }
  // Returns the hosts that the user sees, by moref.
  [[nodiscard]] const std::map<std::string, model::Host>& hosts() const { return hosts_; }
  // Returns the thumbprint of this host's certificate; "" if unknown.
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
  std::string name_;  // the vCenter's, as configured
  ScanId scan_;
  std::chrono::milliseconds clock_ahead_{0};
  std::map<std::string, model::Host> hosts_;  // by moref
};

}  // namespace ballast::collector
