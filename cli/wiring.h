// From the configuration to the values that the classes below take. The only place that knows both.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/result.h"
#include "cli/context.h"
#include "cli/logging.h"
#include "collector/choice/guest_choice.h"
#include "collector/config/config.h"
#include "collector/scan.h"
#include "collector/scope/scoped_vcenter.h"
#include "storage/store.h"
#include "vsphere/client.h"

namespace ballast::cli {

// Reads the configuration that the common flags name. From here on the log has its format, and its
// level unless --verbose or --quiet say otherwise; `level` where it does not say. Errors: those of
// config_path and collector::load_config.
[[nodiscard]] Result<collector::Config> load_configuration(const CommonOptions& options,
                                                           LogLevel level = LogLevel::kWarning);

// Returns which proxy leads to this vCenter and its hosts: the configured one, else that of the
// environment, as curl and govc have it.
[[nodiscard]] vsphere::ProxyRules proxy_rules(const collector::VcenterConfig& vcenter);

// Returns what is shown to a server that asks for a client's certificate; reads the key. Errors:
// kConfig.
[[nodiscard]] Result<vsphere::TlsIdentity> client_identity(const collector::VcenterConfig& vcenter);

// Returns what vsphere::Client needs; fetches the password, which may run a command and block, but
// not a token, which is fetched at each login. Errors: kConfig.
[[nodiscard]] Result<vsphere::ClientOptions> client_options(const collector::VcenterConfig& vcenter,
                                                            const collector::GuestConfig& guest);

// Returns to how many ESXi hosts of one vCenter a connection may be kept while nothing is fetched
// from them, where so many vCenters are scanned by this process: a quarter of the descriptors it may
// have is for all of them.
[[nodiscard]] std::size_t max_idle_hosts(std::size_t vcenters);

// Returns which guests of the vCenter of that name are probed and with which logins; fetches their
// passwords, which may run commands and block. No login of other vCenters is fetched or in it: what
// a scan does not have it cannot give away. Errors: kConfig.
[[nodiscard]] Result<collector::SelectionRules> selection_rules(const collector::GuestConfig& guest,
                                                                const std::string& vcenter);

// Returns what a scan of this vCenter needs to know of the configuration.
[[nodiscard]] collector::ScanOptions scan_options(const collector::VcenterConfig& vcenter,
                                                  const collector::GuestConfig& guest,
                                                  const collector::SelectionRules& rules);

// Returns the vCenters whose names were asked for; all of them when none was. Errors:
// kInvalidArgument, with the names there are.
[[nodiscard]] Result<std::vector<collector::VcenterConfig>> choose_vcenters(
    const collector::Config& config, const std::vector<std::string>& names);

// Makes a client that only has to be connected, and warns if it will trust any server, or whoever
// is on the way. `pool` must
// outlive it. Errors: those of vsphere::Client::create.
[[nodiscard]] Result<std::unique_ptr<vsphere::Client>> make_client(
    const boost::asio::any_io_executor& executor, boost::asio::thread_pool& pool,
    vsphere::ClientOptions options);

// One scan that only has to be run, and the vCenter it runs on.
struct PreparedScan {
  std::unique_ptr<vsphere::Client> vcenter;
  std::unique_ptr<collector::ScopedVcenter>
      scoped;  // what the scan sees of it, where it is limited
  std::unique_ptr<collector::Scan> scan;
};
// Prepares a scan of what is in `scope`. `pool`, `store` and `observer` must outlive it. Errors: those
// of make_client.
[[nodiscard]] Result<PreparedScan> prepare_scan(
    const boost::asio::any_io_executor& executor, boost::asio::thread_pool& pool,
    collector::SampleStore& store, collector::ScanObserver& observer, vsphere::ClientOptions client,
    const collector::ScanScope& scope, collector::ScanOptions options);

// Opens the store that scans write to. Whoever holds its lock for long is named in the log.
[[nodiscard]] Result<std::unique_ptr<storage::Store>> open_store_for_scans(const std::string& path);

}  // namespace ballast::cli
