// From the configuration to the values that the classes below take. The only place that knows both.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/result.h"
#include "cli/adapters.h"
#include "cli/context.h"
#include "cli/logging.h"
#include "collector/config.h"
#include "collector/guest_choice.h"
#include "collector/scan.h"
#include "vsphere/client.h"

namespace ballast::cli {

// The configuration that the common flags name; from here on the log has its format and its level,
// unless --verbose or --quiet say otherwise; `level` where it does not say. Errors: those of
// collector::load_config.
[[nodiscard]] Result<collector::Config> load_configuration(const CommonOptions& options,
                                                           LogLevel level = LogLevel::kWarning);

// What vsphere::Client needs; fetches the password. Errors: kConfig.
[[nodiscard]] Result<vsphere::ClientOptions> client_options(const collector::VcenterConfig& vcenter,
                                                            const collector::GuestConfig& guest);

// The guest logins with their passwords fetched. Errors: kConfig.
[[nodiscard]] Result<collector::SelectionRules> selection_rules(
    const collector::GuestConfig& guest);

[[nodiscard]] collector::ScanOptions scan_options(const collector::VcenterConfig& vcenter,
                                                  const collector::GuestConfig& guest,
                                                  const collector::SelectionRules& rules);

// The vCenters whose names were asked for; all of them when none was. Errors: kInvalidArgument,
// with the names there are.
[[nodiscard]] Result<std::vector<collector::VcenterConfig>> choose_vcenters(
    const collector::Config& config, const std::vector<std::string>& names);

// One vCenter, ready to be used: the client and the collector's view of it.
struct Connection {
  std::unique_ptr<vsphere::Client> client;
  std::unique_ptr<VcenterAdapter> vcenter;
};
[[nodiscard]] Result<Connection> make_connection(const boost::asio::any_io_executor& executor,
                                                 boost::asio::thread_pool& pool,
                                                 vsphere::ClientOptions options);

// One scan that only has to be run, and what it runs on.
struct PreparedScan {
  Connection connection;
  std::unique_ptr<collector::Scan> scan;
};
// `store` and `observer` must outlive it. Errors: those of make_connection.
[[nodiscard]] Result<PreparedScan> prepare_scan(const boost::asio::any_io_executor& executor,
                                                boost::asio::thread_pool& pool,
                                                collector::SampleStore& store,
                                                collector::ScanObserver& observer,
                                                vsphere::ClientOptions client,
                                                collector::ScanOptions options);

[[nodiscard]] storage::Retention retention(const collector::RetentionConfig& keep);

}  // namespace ballast::cli
