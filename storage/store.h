// The database file: scans, and what each learned about hosts and VMs. One writer at a time.
//
// A scan is running until finish_scan makes it complete, partial or failed; readers (queries.h) see
// complete and partial scans only, so nothing half-written is ever shown. A failed scan keeps its
// row (when, why) and loses its results; earlier scans stay as they are. A scan reported complete
// or partial survives a crash and a power loss; a running one may lose its last results to a power
// loss but never leaves the file damaged.
//
// Not thread-safe: one thread at a time per Store; several processes may open the same file (WAL,
// busy timeout), and scans of several vCenters may run at once through one Store or several.
// Errors: kStorage with the file's path, what was being done and SQLite's words; after an error the
// call has changed nothing and may be tried again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "collector/ports/retention.h"
#include "collector/ports/stored_scan.h"
#include "model/judged_guest.h"
#include "storage/options.h"

namespace ballast::storage {

using collector::GuestKey;
using collector::Retention;
using collector::ScanEnd;
using collector::ScanId;
using collector::ScanStart;

// From one verdict and proof to another: {"balloon point", "balloon lockstep"}.
using VerdictChange = std::pair<std::string, std::string>;

struct RejudgeReport {
  std::int64_t scans = 0;
  std::int64_t judged = 0;
  std::int64_t changed = 0;                        // any figure of the judgement
  std::map<VerdictChange, std::int64_t> verdicts;  // of these, where the verdict or proof changed
};

class Store {
 public:
  // Opens for writing; creates the file (mode 0640 less the umask) and its schema, or migrates an
  // older schema. A schema newer than this program is an error that says so. Scans still
  // "running" whose process is gone are marked failed ("interrupted").
  static Result<std::unique_ptr<Store>> open(const std::string& path, OpenOptions options = {});
  // Marks scans begun here and not finished as failed ("abandoned").
  ~Store();

  // Makes scans wait no longer for another program's lock than everything else, from now on: for a
  // program that is to end. Any thread.
  void hurry();

  // Begins a scan and returns its number. Scans whose process is gone, and those of this store
  // whose end could not be stored, are marked failed first. If the file was removed or replaced
  // since it was opened, the one that is there now is opened, or made. Errors: kBusy if a scan of a
  // vCenter of this name or URL is running, in any living process, this one included: the message
  // says in which one, and since when.
  Result<ScanId> begin_scan(const ScanStart& start);
  // Stores who the vCenter is. Once per scan, before any hosts, pools or results: those are an
  // error until then.
  Status write_vcenter(ScanId scan, const model::VcenterAbout& about);
  Status write_hosts(ScanId scan, const std::vector<model::Host>& hosts);
  Status write_pools(ScanId scan, const std::vector<model::ResourcePool>& pools);
  // Returns the readings of this guest in usable scans of the same vCenter before this one, oldest
  // first: those of model::kHistoryWindow, at most `most`, spread evenly over its scans. None for
  // a VM that is new.
  Result<std::vector<model::HistoryPoint>> guest_history(ScanId scan, const GuestKey& guest,
                                                         std::size_t most);
  // Returns the start of the scan of that vCenter (its configured name) that was begun last,
  // however it ended; nullopt if there was none. Later than now if the clock was set back since.
  Result<std::optional<UtcTime>> last_start(const std::string& vcenter_name);
  // Returns the guests of this scan's vCenter that were read in usable scans that started since
  // `reads_since`, or that have a setback, in no particular order. A read counts as of the start of
  // its scan.
  Result<std::vector<model::GuestRecord>> guest_records(ScanId scan, UtcTime reads_since);
  // Returns what is remembered of logins in guests of this scan's vCenter, by user name.
  Result<std::vector<model::LoginSetback>> login_setbacks(ScanId scan);
  // Stores what became of a login there; with failures == 0 what was known of it is forgotten. It is on
  // the disk when this returns.
  Status write_login_setback(ScanId scan, const model::LoginSetback& setback);
  // Stores results in one transaction; a VM that comes twice in a scan keeps its last one. A result
  // with a guest sample makes the store forget the guest's setback, one with a setback makes it
  // remember, others leave it alone: that stands even if the scan fails. The figures of a judgement
  // (baseline, tolerance, difference) are kept only where there is a guest sample: without an
  // account there are none.
  Status write_results(ScanId scan, const std::vector<model::JudgedGuest>& results);
  // Judges the samples of usable scans that started at or after `since` again, each with the
  // history before it, by the rules of this program; samples whose guest was not read stay. With
  // `dry_run` nothing is written. One transaction a few hundred samples: what was done stays
  // done, but for the last of it after a loss of power.
  Result<RejudgeReport> rejudge(UtcTime since, bool dry_run);
  // Ends the scan, and has it on the disk when it returns. Errors: as above; kInvalidArgument for
  // status kRunning; kStorage as well if the scan was not begun here or is no longer running
  // (another process took its writer for dead), or the file was removed or replaced meanwhile.
  // After an error it may be called again, until the next begin_scan() of any vCenter, which marks
  // the scan failed.
  Status finish_scan(ScanId scan, const ScanEnd& end);

  // The next four work in short transactions, so that scans of other processes go on meanwhile.
  // After an error or a crash what was done stands – a loss of power may take back the last of it –,
  // and the next call goes on from there.

  // Builds the hours and days that are complete (the newest usable scan of that vCenter started
  // after their end) and not built yet. A sample belongs to the period in which its scan started.
  Status roll_up();
  // Builds again every hour and day whose samples are all there still.
  Status rebuild_rollups();
  // Removes scans that started longer than `keep.raw` before `now` – but the newest usable one of
  // each vCenter, and those whose hour and day are not built yet –, then hours and days that
  // ended longer ago than they are kept. The file does not shrink; its free pages are used again.
  Status prune(const Retention& keep, UtcTime now);
  // Calls roll_up, then prune (even if the first failed; its error is the one reported): for the
  // end of a scan, whose own success does not depend on it.
  Status maintain(const Retention& keep, UtcTime now);

 private:
  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ballast::storage
