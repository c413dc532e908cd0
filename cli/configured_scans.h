// The scans of `ballast collect`: each with the configuration, and the passwords, as they are when
// it starts.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "cli/maintenance.h"
#include "cli/wiring.h"
#include "collector/config/config.h"
#include "collector/service.h"
#include "storage/async_store.h"

namespace ballast::cli {

class ConfiguredScans : public collector::ScanLauncher {
 public:
  // `executor` is single-threaded; the references must outlive it.
  ConfiguredScans(boost::asio::any_io_executor executor, storage::Store& store,
                  BackgroundMaintenance& maintenance, collector::ScanObserver& observer,
                  collector::Config config);

  // Has the scans that start from now on use this configuration.
  void use(collector::Config config);

  Awaitable<std::optional<UtcTime>> last_start(std::string vcenter) override;
  // Runs a scan, then has the store maintained in the background. A configuration that cannot be
  // used (a password file that is gone, …) is stored as a failed scan.
  Awaitable<collector::ScanSummary> scan(std::string vcenter) override;
  void stop() override;

 private:
  struct Settings {
    vsphere::ClientOptions client;
    collector::ScanScope scope;
    collector::ScanOptions scan;
  };
  using ConfigPtr = std::shared_ptr<const collector::Config>;

  static Result<Settings> settings_for(const collector::Config& config, const std::string& vcenter);
  Awaitable<collector::ScanSummary> run(std::string vcenter, Settings settings);
  Awaitable<collector::ScanSummary> give_up(std::string vcenter, Error error);

  boost::asio::any_io_executor executor_;
  BackgroundMaintenance& maintenance_;
  collector::ScanObserver& observer_;
  ConfigPtr config_;
  storage::AsyncStore store_;
  boost::asio::thread_pool decoding_{2};
  boost::asio::thread_pool secrets_{4};  // a password command may take its time
  std::list<PreparedScan> running_;
  ClockComparison clocks_;
  bool stopped_ = false;
};

}  // namespace ballast::cli
