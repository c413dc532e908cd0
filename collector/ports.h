// What the collector needs from the outside world, in its own words. The composition root (cli/)
// connects these to vsphere/ and storage/; tests connect them to fakes that record.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "model/history/balloon_bracket.h"
#include "model/history/lockstep.h"
#include "model/inventory.h"
#include "model/judged_guest.h"
#include "model/setback.h"

namespace ballast::collector {

// The login a probe uses inside one guest.
struct GuestCredentials {
  std::string username;
  Secret password;
};

// A listing of VMs under way; an empty page is the end. close() must be awaited in every case.
class VmPages {
 public:
  virtual ~VmPages() = default;
  virtual Awaitable<Result<std::vector<model::VmView>>> next() = 0;
  virtual Awaitable<void> close() = 0;
};

struct GuestProcessState {
  bool known = false;
  bool ended = false;
  std::optional<int> exit_code;
};

// Guest operations on VMs of one vCenter; errors carry the vim fault's name. A VM that is busy for
// a moment is asked again for a few seconds, before that is an error.
class GuestOperations {
 public:
  virtual ~GuestOperations() = default;
  virtual Awaitable<Result<std::string>> create_temporary_file(std::string vm, GuestCredentials who,
                                                               std::string prefix,
                                                               std::string suffix) = 0;
  virtual Awaitable<Result<std::int64_t>> start_program(std::string vm, GuestCredentials who,
                                                        std::string path,
                                                        std::string arguments) = 0;
  virtual Awaitable<Result<GuestProcessState>> process(std::string vm, GuestCredentials who,
                                                       std::int64_t pid) = 0;
  virtual Awaitable<Status> terminate_process(std::string vm, GuestCredentials who,
                                              std::int64_t pid) = 0;
  // The whole file, at most `max_bytes` of it (else kTooLarge); `host` is where the VM runs.
  virtual Awaitable<Result<std::string>> read_file(std::string vm, GuestCredentials who,
                                                   std::string path, std::string host_thumbprint,
                                                   std::size_t max_bytes) = 0;
  virtual Awaitable<Status> delete_file(std::string vm, GuestCredentials who, std::string path) = 0;
};

// One vCenter.
class Vcenter {
 public:
  virtual ~Vcenter() = default;
  virtual Awaitable<Result<model::VcenterAbout>> connect() = 0;
  virtual Awaitable<void> disconnect() = 0;
  // From now on no call takes longer than until `deadline`, or a second where it begins later;
  // those under way included. For a program that has to end.
  virtual void hurry(std::chrono::steady_clock::time_point deadline) = 0;
  virtual Awaitable<Result<UtcTime>> current_time() = 0;
  virtual Awaitable<Result<std::vector<model::Host>>> hosts() = 0;
  // The newest memory state of these hosts (model::Host::memory_state), by moref; hosts that have
  // none are left out.
  virtual Awaitable<Result<std::map<std::string, std::int64_t>>> host_memory_states(
      std::vector<std::string> hosts) = 0;
  virtual Awaitable<Result<std::vector<model::ResourcePool>>> resource_pools() = 0;
  // Folders of VMs and datacenters.
  virtual Awaitable<Result<std::vector<model::Folder>>> folders() = 0;
  // The balloon's counters of the last `span`, one for each of `vms` (morefs) in their order.
  virtual Awaitable<Result<std::vector<model::BalloonCounters>>> balloon_counters(
      std::vector<std::string> vms, std::chrono::seconds span) = 0;
  virtual Awaitable<Result<std::unique_ptr<VmPages>>> list_vms() = 0;
  // Of the VMs this vCenter manages; lives as long as the vCenter.
  virtual GuestOperations& guests() = 0;
};

using ScanId = std::int64_t;

struct ScanStart {
  std::string vcenter_name;  // as configured
  std::string vcenter_url;
  UtcTime started_at{};
};

// How the store knows a VM again.
struct GuestKey {
  std::string instance_uuid;
  std::string moref;
};

struct ScanEnd {
  model::ScanStatus status = model::ScanStatus::kFailed;
  UtcTime finished_at{};
  std::string error;  // what cut the scan short, "" if nothing did
};

// Where results go, and where earlier ones come from. Of one scan, only guest_history() may be
// called while another call is under way.
class SampleStore {
 public:
  virtual ~SampleStore() = default;
  // kBusy if a scan of this vCenter is under way already, here or in another process.
  virtual Awaitable<Result<ScanId>> begin_scan(ScanStart start) = 0;
  // Once per scan, after connecting; before it nothing else may be written.
  virtual Awaitable<Status> write_vcenter(ScanId scan, model::VcenterAbout about) = 0;
  virtual Awaitable<Status> write_hosts(ScanId scan, std::vector<model::Host> hosts) = 0;
  virtual Awaitable<Status> write_pools(ScanId scan, std::vector<model::ResourcePool> pools) = 0;
  // Earlier readings of this guest, oldest first, at most `most`; see model::judge_with_history.
  virtual Awaitable<Result<std::vector<model::HistoryPoint>>> guest_history(ScanId scan,
                                                                            GuestKey guest,
                                                                            std::size_t most) = 0;
  // The guests of this scan's vCenter that were read since `reads_since`, or have a setback.
  virtual Awaitable<Result<std::vector<model::GuestRecord>>> guest_records(ScanId scan,
                                                                           UtcTime reads_since) = 0;
  // The logins that are suspended or were lately, in guests of any vCenter.
  virtual Awaitable<Result<std::vector<model::LoginSetback>>> login_setbacks() = 0;
  // With failures == 0 what was known of this login is forgotten. On the disk at once.
  virtual Awaitable<Status> write_login_setback(model::LoginSetback setback) = 0;
  // A result with a guest sample makes the store forget the guest's setback, one with a setback
  // makes it remember, others leave it alone – whether or not this scan ends well.
  virtual Awaitable<Status> write_results(ScanId scan, std::vector<model::JudgedGuest> results) = 0;
  virtual Awaitable<Status> finish_scan(ScanId scan, ScanEnd end) = 0;
};

// Told as a scan goes on; for the progress line. Calls come from the collector's thread.
class ScanObserver {
 public:
  virtual ~ScanObserver() = default;
  virtual void on_phase(const std::string& vcenter, const std::string& phase) = 0;
  virtual void on_vms_listed(const std::string& vcenter, std::size_t total_so_far) = 0;
  virtual void on_probe_started(const std::string& vcenter) = 0;
  virtual void on_probe_ended(const std::string& vcenter) = 0;
  virtual void on_result(const std::string& vcenter, const model::JudgedGuest& result) = 0;
};

}  // namespace ballast::collector
