// Where the collector keeps what it learns. storage::AsyncStore implements it; tests have fakes
// that record.
#pragma once

#include <cstddef>
#include <vector>

#include "base/async.h"
#include "base/result.h"
#include "base/time.h"
#include "collector/ports/stored_scan.h"
#include "model/history/lockstep.h"
#include "model/inventory.h"
#include "model/judged_guest.h"
#include "model/setback.h"

namespace ballast::collector {

// Where results go, and where earlier ones come from. The methods are coroutines of one thread.
// Scans of several vCenters may share a store. Of one scan, only guest_history() may be called
// while another call is under way. Errors: kStorage, with the file's path; then the call has
// changed nothing.
class SampleStore {
 public:
  virtual ~SampleStore() = default;

  // Begins a scan and returns its number. Errors: kBusy if a scan of this vCenter is under way
  // already, here or in another process.
  virtual Awaitable<Result<ScanId>> begin_scan(ScanStart start) = 0;
  // Stores who the vCenter is. Once per scan, after connecting; before it nothing else may be
  // written.
  virtual Awaitable<Status> write_vcenter(ScanId scan, model::VcenterAbout about) = 0;
  virtual Awaitable<Status> write_hosts(ScanId scan, std::vector<model::Host> hosts) = 0;
  virtual Awaitable<Status> write_pools(ScanId scan, std::vector<model::ResourcePool> pools) = 0;
  // Stores results, in one transaction. One with a guest sample makes the store forget the guest's
  // setback, one with a setback makes it remember, others leave it alone – whether or not this scan
  // ends well.
  virtual Awaitable<Status> write_results(ScanId scan, std::vector<model::JudgedGuest> results) = 0;
  // Ends the scan; readers see it from here on, unless it failed. It is on the disk when this
  // returns.
  virtual Awaitable<Status> finish_scan(ScanId scan, ScanEnd end) = 0;

  // Returns earlier readings of this guest, oldest first, at most `most`; see
  // model::judge_with_history.
  virtual Awaitable<Result<std::vector<model::HistoryPoint>>> guest_history(ScanId scan,
                                                                            GuestKey guest,
                                                                            std::size_t most) = 0;
  // Returns the guests of this scan's vCenter that were read since `reads_since`, or have a
  // setback, in no particular order.
  virtual Awaitable<Result<std::vector<model::GuestRecord>>> guest_records(ScanId scan,
                                                                           UtcTime reads_since) = 0;
  // Returns the logins that are suspended or were lately, in guests of this scan's vCenter: what
  // guests of another refuse says nothing about these.
  virtual Awaitable<Result<std::vector<model::LoginSetback>>> login_setbacks(ScanId scan) = 0;
  // Stores what became of a login there; with failures == 0 what was known of it is forgotten. It is on
  // the disk when this returns.
  virtual Awaitable<Status> write_login_setback(ScanId scan, model::LoginSetback setback) = 0;
};

}  // namespace ballast::collector
