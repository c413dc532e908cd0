// Connects the collector's ports to vsphere/ and storage/. Nothing is decided here.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "base/result.h"
#include "collector/ports.h"
#include "storage/store.h"
#include "vsphere/client.h"

namespace ballast::cli {

// A vsphere::Client as the collector sees it. The client must outlive it.
class VcenterAdapter : public collector::Vcenter, private collector::GuestOperations {
 public:
  explicit VcenterAdapter(vsphere::Client& client) : client_(client) {}

  Awaitable<Result<model::VcenterAbout>> connect() override;
  Awaitable<void> disconnect() override;
  void hurry(std::chrono::steady_clock::time_point deadline) override { client_.hurry(deadline); }
  Awaitable<Result<UtcTime>> current_time() override;
  Awaitable<Result<std::vector<model::Host>>> hosts() override;
  Awaitable<Result<std::map<std::string, std::int64_t>>> host_memory_states(
      std::vector<std::string> hosts) override;
  Awaitable<Result<std::vector<model::ResourcePool>>> resource_pools() override;
  Awaitable<Result<std::vector<model::Folder>>> folders() override { return client_.folders(); }
  Awaitable<Result<std::vector<model::BalloonCounters>>> balloon_counters(
      std::vector<std::string> vms, std::chrono::seconds span) override;
  Awaitable<Result<std::unique_ptr<collector::VmPages>>> list_vms() override;
  collector::GuestOperations& guests() override { return *this; }

 private:
  using Who = collector::GuestCredentials;
  Awaitable<Result<std::string>> create_temporary_file(std::string vm, Who who, std::string prefix,
                                                       std::string suffix) override;
  Awaitable<Result<std::int64_t>> start_program(std::string vm, Who who, std::string path,
                                                std::string arguments) override;
  Awaitable<Result<collector::GuestProcessState>> process(std::string vm, Who who,
                                                          std::int64_t pid) override;
  Awaitable<Status> terminate_process(std::string vm, Who who, std::int64_t pid) override;
  Awaitable<Result<std::string>> read_file(std::string vm, Who who, std::string path,
                                           std::string host_thumbprint,
                                           std::size_t max_bytes) override;
  Awaitable<Status> delete_file(std::string vm, Who who, std::string path) override;

  vsphere::Client& client_;
};

// A storage::Store as the collector sees it: every call runs on a thread of its own, in order, so
// that scans of several vCenters can share it. The store must outlive it; no call may be under way
// at destruction.
class StoreAdapter : public collector::SampleStore {
 public:
  explicit StoreAdapter(storage::Store& store) : store_(store) {}

  // As Store::last_start; no part of a scan.
  Awaitable<Result<std::optional<UtcTime>>> last_start(std::string vcenter);

  Awaitable<Result<collector::ScanId>> begin_scan(collector::ScanStart start) override;
  Awaitable<Status> write_vcenter(collector::ScanId scan, model::VcenterAbout about) override;
  Awaitable<Status> write_hosts(collector::ScanId scan, std::vector<model::Host> hosts) override;
  Awaitable<Status> write_pools(collector::ScanId scan,
                                std::vector<model::ResourcePool> pools) override;
  Awaitable<Result<std::vector<model::HistoryPoint>>> guest_history(collector::ScanId scan,
                                                                    collector::GuestKey guest,
                                                                    std::size_t most) override;
  Awaitable<Result<std::vector<model::GuestRecord>>> guest_records(collector::ScanId scan,
                                                                   UtcTime reads_since) override;
  Awaitable<Result<std::vector<model::LoginSetback>>> login_setbacks() override;
  Awaitable<Status> write_login_setback(model::LoginSetback setback) override;
  Awaitable<Status> write_results(collector::ScanId scan,
                                  std::vector<model::JudgedGuest> results) override;
  Awaitable<Status> finish_scan(collector::ScanId scan, collector::ScanEnd end) override;

 private:
  storage::Store& store_;
  boost::asio::thread_pool thread_{1};
};

}  // namespace ballast::cli
