// What the collector asks of one vCenter (or ESXi host). vsphere::Client implements it; tests have
// fakes that record.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/result.h"
#include "base/time.h"
#include "collector/ports/guest_operations.h"
#include "collector/ports/tagging.h"
#include "model/history/balloon_bracket.h"
#include "model/inventory.h"

namespace ballast::collector {

// A listing of VMs under way, page by page. It must not outlive its vCenter.
class VmPages {
 public:
  virtual ~VmPages() = default;

  // Returns the next page; an empty one is the end. No VM comes twice. After an error there is
  // nothing more to read.
  virtual Awaitable<Result<std::vector<model::VmView>>> next() = 0;
  // Puts in order what the listing left on the server. Must be awaited when the listing is left,
  // finished or not. Logs failures, returns none. If the caller is cancelled the work goes on, and
  // Vcenter::disconnect() waits for it.
  virtual Awaitable<void> close() = 0;
};

// One vCenter. The methods are coroutines of one thread; those between connect() and disconnect()
// may be under way together. Every error names the vCenter, what was being done and what to try.
class Vcenter {
 public:
  virtual ~Vcenter() = default;

  // Logs in. Must succeed before anything else is called. Errors: kLogin for a refused password,
  // which is not tried again.
  virtual Awaitable<Result<model::VcenterAbout>> connect() = 0;
  // Waits for what listings still have to put in order, then logs out. Must be awaited before
  // destruction; safe after any failure and when never connected. Logs failures, returns none.
  virtual Awaitable<void> disconnect() = 0;
  // Ends every call, those under way included, by `deadline`; one that begins later, or less than a
  // second before it, gets a second. A second call with a later deadline changes nothing. For a
  // program that has to end.
  virtual void hurry(std::chrono::steady_clock::time_point deadline) = 0;
  // Returns how many answers came so far, so that a scan of many calls can be told from one that
  // waits in vain; 0 where nobody counts them.
  [[nodiscard]] virtual std::uint64_t answers() const { return 0; }

  // Returns the time by the server's own clock.
  virtual Awaitable<Result<UtcTime>> current_time() = 0;
  // Returns every visible host, with the names of its cluster and datacenter.
  virtual Awaitable<Result<std::vector<model::Host>>> hosts() = 0;
  // Returns the newest memory state of these hosts (model::Host::memory_state), by moref; hosts
  // that have none are left out.
  virtual Awaitable<Result<std::map<std::string, std::int64_t>>> host_memory_states(
      std::vector<std::string> hosts) = 0;
  // Returns every visible resource pool.
  virtual Awaitable<Result<std::vector<model::ResourcePool>>> resource_pools() = 0;
  // Returns the folders that may hold VMs, and the datacenters, so that the names from a VM's
  // folder_moref upwards are its path: the root folder is left out, and the hidden folder "vm" of a
  // datacenter, in which VMs outside any folder are, carries the datacenter's name and parent.
  virtual Awaitable<Result<std::vector<model::Folder>>> folders() = 0;
  // Returns the vApps as folders: a VM in one has no folder, but the vApp has one, or is in another
  // vApp.
  virtual Awaitable<Result<std::vector<model::Folder>>> vapps() = 0;
  // Returns the balloon's counters of the last `span`, one entry for each of `vms` (morefs) in
  // their order; a VM that has none, or is gone, comes without samples. Errors: the server has no
  // such counter, refuses, or fails.
  virtual Awaitable<Result<std::vector<model::BalloonCounters>>> balloon_counters(
      std::vector<std::string> vms, std::chrono::seconds span) = 0;
  // Returns what the guests of `vms` (morefs) have told the hypervisor under `key`
  // ("guestinfo.NAME"), by moref: texts of the guests, not to be trusted. VMs that have none, that
  // are gone, or whose configuration the user may not read, are left out.
  virtual Awaitable<Result<std::map<std::string, std::string>>> guestinfo(
      std::vector<std::string> vms, std::string key) = 0;
  // Begins a listing of every visible VM. It must be closed before disconnect().
  virtual Awaitable<Result<std::unique_ptr<VmPages>>> list_vms() = 0;
  // Returns what works inside the guests of this vCenter's VMs; it lives as long as the vCenter.
  virtual GuestOperations& guests() = 0;
  // Returns what tells of tags; it lives as long as the vCenter.
  virtual Tagging& tagging() = 0;
};

}  // namespace ballast::collector
