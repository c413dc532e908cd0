// A vCenter of which a scan sees only what is in its scope.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/ports/vcenter.h"
#include "collector/scope/scan_scope.h"
#include "collector/scope/scope_filter.h"

namespace ballast::collector {

// Asks the vCenter for everything, and leaves out what is not in the scope: VMs by all four lists,
// hosts by datacenter and cluster. VMs are left out as they arrive: the server sends them all.
//
// list_vms() asks for the places and tags that the scope names first. Its errors, beside those of
// these calls: kNotFound where a list of the scope matches nothing there is. A listing without any
// VM in the scope ends in kNotFound instead of an empty page.
class ScopedVcenter final : public Vcenter {
 public:
  // `vcenter` must outlive it. `name` is what the user calls it; it starts every error.
  ScopedVcenter(Vcenter& vcenter, std::string name, ScanScope scope)
      : vcenter_(vcenter), name_(std::move(name)), scope_(std::move(scope)) {}

  Awaitable<Result<model::VcenterAbout>> connect() override;
  Awaitable<Result<std::vector<model::Host>>> hosts() override;
  Awaitable<Result<std::vector<model::ResourcePool>>> resource_pools() override;
  Awaitable<Result<std::vector<model::Folder>>> folders() override;
  Awaitable<Result<std::unique_ptr<VmPages>>> list_vms() override;

  Awaitable<void> disconnect() override { return vcenter_.disconnect(); }
  void hurry(std::chrono::steady_clock::time_point deadline) override { vcenter_.hurry(deadline); }
  [[nodiscard]] std::uint64_t answers() const override { return vcenter_.answers(); }
  Awaitable<Result<UtcTime>> current_time() override { return vcenter_.current_time(); }
  Awaitable<Result<std::map<std::string, std::int64_t>>> host_memory_states(
      std::vector<std::string> hosts) override {
    return vcenter_.host_memory_states(std::move(hosts));
  }
  Awaitable<Result<std::vector<model::Folder>>> vapps() override { return vcenter_.vapps(); }
  Awaitable<Result<std::vector<model::BalloonCounters>>> balloon_counters(
      std::vector<std::string> vms, std::chrono::seconds span) override {
    return vcenter_.balloon_counters(std::move(vms), span);
  }
  Awaitable<Result<std::map<std::string, std::string>>> guestinfo(std::vector<std::string> vms,
                                                                  std::string key) override {
    return vcenter_.guestinfo(std::move(vms), std::move(key));
  }
  GuestOperations& guests() override { return vcenter_.guests(); }
  Tagging& tagging() override { return vcenter_.tagging(); }

 private:
  Awaitable<Result<ScopeFacts>> read_facts();
  Awaitable<Status> read_places(ScopeFacts* facts);

  Vcenter& vcenter_;
  std::string name_;
  ScanScope scope_;
  bool is_vcenter_ = false;                        // not an ESXi host
  std::optional<std::vector<model::Host>> hosts_;  // all of them, once they were read
  std::optional<std::vector<model::Folder>> folders_;
  std::map<std::string, std::string> pool_parents_;
};

}  // namespace ballast::collector
