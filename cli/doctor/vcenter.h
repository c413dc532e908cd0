// Doctor's look at one vCenter, from its name to a probe of one guest.
#pragma once

#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/async.h"
#include "base/result.h"
#include "cli/doctor/checks.h"
#include "collector/choice/guest_choice.h"
#include "collector/config/config.h"

namespace ballast::cli {

struct VcenterToCheck {
  const collector::VcenterConfig& vcenter;
  const collector::GuestConfig& guests;
  // nullptr if the guests' passwords could not be fetched: then none is probed.
  const collector::SelectionRules* rules = nullptr;
  std::string guest;  // the name of the VM to probe; "": the first that a scan would
};

// Fetches the password, goes the way to the server, logs in, looks at clock, privileges and
// inventory, and probes one guest. What cannot be tried after a failure is there as skipped. Always
// logs out. `target` refers to what must outlive the call.
Awaitable<std::vector<Check>> check_vcenter(boost::asio::any_io_executor executor,
                                            boost::asio::thread_pool& pool, VcenterToCheck target);

}  // namespace ballast::cli
