// One scan of one vCenter: lists every VM, probes guests while pages still arrive, judges, stores.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/async.h"
#include "collector/choice/guest_choice.h"
#include "collector/ports/sample_store.h"
#include "collector/ports/vcenter.h"
#include "collector/probe/guest_probe.h"
#include "collector/scan_observer.h"
#include "collector/scan_summary.h"
#include "model/judged_guest.h"

namespace ballast::collector {

struct ScanOptions {
  std::string vcenter_name;
  std::string vcenter_url;
  std::string limited_to;           // describe() of the vCenter's scope; "" if it is scanned whole
  std::vector<VcenterName> others;  // ScanStart::others
  SelectionRules selection;
  std::size_t concurrency = 64;
  std::size_t concurrency_per_host = 8;
  std::size_t batch = 256;  // results that are written in one transaction
  ProbeOptions probe;
  // By which the output of probes may come, in the order in which they are tried.
  std::vector<model::Channel> channels = {model::Channel::kFile, model::Channel::kGuestinfo};
  // How long probes wait for each other, so that one call reads the guestinfo of many.
  std::chrono::milliseconds guestinfo_gathering{500};
  // How old a guest's own report may be.
  std::chrono::milliseconds longest_report_age{1'800'000};
  bool retry_all = false;  // also try guests and logins that are to be left alone for a while
  // How long the scan may take; after that it ends as one that is stopped.
  std::chrono::milliseconds longest = std::chrono::hours(24);
  // How long it may make no progress at all; after that it ends likewise.
  std::chrono::milliseconds stall_timeout = std::chrono::minutes(15);
  // How long a scan that is stopped waits for calls under way. It ends after one and a half times
  // as long.
  std::chrono::milliseconds stop_patience{5'000};
  // How long vCenter may take to say what time it is; after that it is taken for gone.
  std::chrono::milliseconds answer_deadline{30'000};
  // How long one question for the counters of ballooned guests may take.
  std::chrono::milliseconds counters_deadline{20'000};
  // How long a ballooned guest waits for others, to be asked for with them. Well below an hour, for
  // which vCenter keeps counters.
  std::chrono::milliseconds longest_gathering{300'000};
};

// Runs one scan, on one executor. It ends as
//   complete  every VM was listed and every selected guest tried, whether or not it could be read
//   partial   the listing was cut short or the scan was stopped, but some VMs are stored
//   failed    nothing useful was learned, or the store broke
class Scan {
 public:
  // The references must outlive run().
  Scan(boost::asio::any_io_executor executor, Vcenter& vcenter, SampleStore& store,
       ScanObserver& observer, ScanOptions options);
  ~Scan();

  // Runs the scan; once. At its end the session is always logged out and the scan finished in the
  // store. Never throws because of anything that vCenter, a guest or the store does.
  Awaitable<ScanSummary> run();
  // Ends the scan within 8 s, whatever vCenter does: running probes clean up in their guests, and
  // the rest is left out. Call it from run()'s thread; also before or after run().
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ballast::collector
