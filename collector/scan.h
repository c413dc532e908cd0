// One scan of one vCenter: list every VM, probe guests while pages still arrive, judge, store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "base/async.h"
#include "base/result.h"
#include "base/time.h"
#include "collector/guest_choice.h"
#include "collector/guest_probe.h"
#include "collector/ports.h"
#include "model/judged_guest.h"

namespace ballast::collector {

struct ScanOptions {
  std::string vcenter_name;
  std::string vcenter_url;
  SelectionRules selection;
  std::size_t concurrency = 64;
  std::size_t concurrency_per_host = 8;
  std::size_t batch = 256;  // results written in one transaction
  ProbeOptions probe;
  bool retry_all = false;  // guests and logins that are left alone for a while too
  // A scan that is stopped gives calls under way so long, and ends after one and a half times that.
  std::chrono::milliseconds stop_patience{5'000};
  // vCenter is taken for gone if it does not say what time it is within this.
  std::chrono::milliseconds answer_deadline{30'000};
  // Of one question for the counters of ballooned guests; a scan that is stopped waits for it too.
  std::chrono::milliseconds counters_deadline{20'000};
  // A ballooned guest waits so long for others to ask with; vCenter keeps its counters for an hour.
  std::chrono::milliseconds longest_gathering{300'000};
};

// What a scan came to; counts are VMs.
struct ScanSummary {
  std::string vcenter;
  std::optional<ScanId> scan;  // empty if the store could not begin one
  model::ScanStatus status = model::ScanStatus::kFailed;
  std::optional<Error> error;  // what made it fail or cut it short
  std::size_t listed = 0;
  std::size_t guests_read = 0;
  std::size_t guests_failed = 0;  // model::is_failure
  std::map<model::Verdict, std::size_t> verdicts;
  std::map<model::UnknownReason, std::size_t> reasons;
  std::int64_t matched_balloon_kib = 0;  // Σ balloon of the VMs with verdict `balloon`
  std::chrono::milliseconds duration{0};
  std::chrono::milliseconds clock_ahead{0};  // vCenter's clock less ours; 0 if it was not told
};

// Adds one VM's result to the counts.
void count(ScanSummary& summary, const model::JudgedGuest& result);

// Runs on one executor. A scan is `complete` when every VM was listed and every selected guest was
// tried (whether or not each could be read), `partial` when the listing was cut short or the scan
// was stopped but some VMs are stored, `failed` when nothing useful was learned or the store broke.
class Scan {
 public:
  // All references must outlive run().
  Scan(boost::asio::any_io_executor executor, Vcenter& vcenter, SampleStore& store,
       ScanObserver& observer, ScanOptions options);
  ~Scan();

  // Once. Always ends with the session logged out and the scan finished in the store. Never throws
  // for what the world outside does.
  Awaitable<ScanSummary> run();
  // Ends the scan within 8 s, whatever vCenter does: running probes clean up in their guests, the
  // rest is left out. From the same thread as run(); safe before and after it.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ballast::collector
