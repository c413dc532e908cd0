// A Store as the collector uses it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/thread_pool.hpp>

#include "base/async.h"
#include "base/result.h"
#include "base/time.h"
#include "collector/ports/sample_store.h"
#include "storage/store.h"

namespace ballast::storage {

// Is the collector's SampleStore: each call is that of Store of the same name, whose contract it
// has, on a thread of its own. Calls run one after the other, in the order in which they were
// awaited, so that scans of several vCenters can share it; the caller goes on on its own executor.
// A call that has begun is not interrupted.
class AsyncStore final : public collector::SampleStore {
 public:
  // `store` must outlive this, and be used by nobody else while a call is under way. No call may be
  // under way at destruction.
  explicit AsyncStore(Store& store) : store_(store) {}

  // Returns Store::last_start(); no part of a scan.
  Awaitable<Result<std::optional<UtcTime>>> last_start(std::string vcenter_name);

  Awaitable<Result<ScanId>> begin_scan(ScanStart start) override;
  Awaitable<Status> write_vcenter(ScanId scan, model::VcenterAbout about) override;
  Awaitable<Status> write_hosts(ScanId scan, std::vector<model::Host> hosts) override;
  Awaitable<Status> write_pools(ScanId scan, std::vector<model::ResourcePool> pools) override;
  Awaitable<Status> write_results(ScanId scan, std::vector<model::JudgedGuest> results) override;
  Awaitable<Status> finish_scan(ScanId scan, ScanEnd end) override;
  Awaitable<Result<std::vector<model::HistoryPoint>>> guest_history(ScanId scan, GuestKey guest,
                                                                    std::size_t most) override;
  Awaitable<Result<std::vector<model::GuestRecord>>> guest_records(ScanId scan,
                                                                   UtcTime reads_since) override;
  Awaitable<Result<std::vector<model::LoginSetback>>> login_setbacks(ScanId scan) override;
  Awaitable<Status> write_login_setback(ScanId scan, model::LoginSetback setback) override;

 private:
  Store& store_;
  boost::asio::thread_pool thread_{1};
};

}  // namespace ballast::storage
