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

#include <chrono>
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
#include "model/judged_guest.h"
#include "storage/options.h"

namespace ballast::storage {

using ScanId = std::int64_t;

// From one verdict and proof to another: {"balloon point", "balloon lockstep"}.
using VerdictChange = std::pair<std::string, std::string>;

struct RejudgeReport {
  std::int64_t scans = 0;
  std::int64_t judged = 0;
  std::int64_t changed = 0;                        // any figure of the judgement
  std::map<VerdictChange, std::int64_t> verdicts;  // of these, where the verdict or proof changed
};

// How long things are kept. Hours are never dropped before samples, nor days before hours.
struct Retention {
  std::chrono::seconds raw = std::chrono::days(30);
  std::chrono::seconds hourly = std::chrono::days(180);
  std::chrono::seconds daily = std::chrono::days(1825);
};

class Store {
 public:
  // Opens for writing; creates the file (mode 0640 less the umask) and its schema, or migrates an
  // older schema. A schema newer than this program is an error that says so. Scans still
  // "running" whose process is gone are marked failed ("interrupted").
  static Result<std::unique_ptr<Store>> open(const std::string& path, OpenOptions options = {});
  // Scans begun here and not finished are marked failed ("abandoned").
  ~Store();

  // Errors: kBusy if a scan of a vCenter of this name or URL is running, in any living process,
  // this one included: the message says in which one, and since when. Scans whose process is gone,
  // and those of this store whose end could not be stored, are marked failed first. If the file was
  // removed or replaced since it was opened, the one that is there now is opened, or made.
  Result<ScanId> begin_scan(const std::string& vcenter_name, const std::string& vcenter_url,
                            UtcTime started_at);
  // Once per scan, before any hosts, pools or results (those are an error until then).
  Status write_vcenter(ScanId scan, const model::VcenterAbout& about);
  Status write_hosts(ScanId scan, const std::vector<model::Host>& hosts);
  Status write_pools(ScanId scan, const std::vector<model::ResourcePool>& pools);
  // The readings of this VM's guest in usable scans of the same vCenter before this one, oldest
  // first: those of model::kHistoryWindow, at most `most`, spread evenly over its scans. Of `vm`
  // only the identity is used. Empty for a VM that is new.
  Result<std::vector<model::HistoryPoint>> guest_history(ScanId scan, const model::VmView& vm,
                                                         std::size_t most);
  // The start of the scan of that vCenter (its configured name) that was begun last, however it
  // ended. Later than now if the clock was set back since.
  Result<std::optional<UtcTime>> last_start(const std::string& vcenter_name);
  // The guests of this scan's vCenter that were read in usable scans that started since
  // `reads_since`, or that have a setback, in no particular order. A read counts as of the start of
  // its scan.
  Result<std::vector<model::GuestRecord>> guest_records(ScanId scan, UtcTime reads_since);
  // What is remembered of logins, by name; with failures == 0 write_login_setback() forgets that
  // one. It is on the disk when it returns.
  Result<std::vector<model::LoginSetback>> login_setbacks();
  Status write_login_setback(const model::LoginSetback& setback);
  // A result with a guest sample makes the store forget the guest's setback, one with a setback
  // makes it remember, others leave it alone. That stands even if the scan fails.
  // One transaction; a VM that comes twice in a scan keeps its last result. The figures of a
  // judgement (baseline, tolerance, difference) are kept only where there is a guest sample:
  // without an account there are none.
  Status write_results(ScanId scan, const std::vector<model::JudgedGuest>& results);
  // Judges the samples of usable scans that started at or after `since` again, each with the
  // history before it, by the rules of this program; samples whose guest was not read stay. With
  // `dry_run` nothing is written. One transaction a few hundred samples: what was done stays
  // done.
  Result<RejudgeReport> rejudge(UtcTime since, bool dry_run);
  // `status` is kComplete, kPartial or kFailed. Errors: as above; kStorage as well if the scan
  // was not begun here or is no longer running (another process took its writer for dead), or the
  // file was removed or replaced meanwhile. After an error it may be called again, until the next
  // begin_scan() of any vCenter, which marks the scan failed.
  Status finish_scan(ScanId scan, model::ScanStatus status, UtcTime finished_at,
                     const std::string& error);

  // The next four work in short transactions, so that scans of other processes go on meanwhile.
  // After an error or a crash what was done stands, and the next call goes on from there.

  // Builds the hours and days that are complete (the newest usable scan of that vCenter started
  // after their end) and not built yet. A sample belongs to the period in which its scan started.
  Status roll_up();
  // Builds again every hour and day whose samples are all there still.
  Status rebuild_rollups();
  // Removes scans that started longer than `keep.raw` before `now` – but the newest usable one of
  // each vCenter, and those whose hour and day are not built yet –, then hours and days that
  // ended longer ago than they are kept. The file does not shrink; its free pages are used again.
  Status prune(const Retention& keep, UtcTime now);
  // roll_up, then prune (even if the first failed; its error is the one reported): for the end of
  // a scan, whose own success does not depend on it.
  Status maintain(const Retention& keep, UtcTime now);

 private:
  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ballast::storage
