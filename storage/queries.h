// Reads the store. Sees complete and partial scans only. Opens the file read-only, so a report can
// run while a scan writes, and on a read-only file system. One thread at a time, as Store.
//
// Errors: kNotFound for a missing or still empty database, with a hint to run `ballast scan` first;
// kStorage for everything else (not a database, damaged, locked, newer schema), with the path.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/inventory.h"
#include "model/judged_guest.h"
#include "model/reclaim.h"
#include "model/verdict.h"
#include "storage/names.h"
#include "storage/options.h"
#include "storage/rollup/rollup_figures.h"

namespace ballast::storage {

struct ScanRow {
  std::int64_t id = 0;
  std::int64_t vcenter_id = 0;  // 0 if no scan ever reached it
  std::string vcenter;          // configured name
  std::string vcenter_url;
  std::string vcenter_uuid;  // "" for a bare ESXi host, or if no scan ever reached it
  UtcTime started_at{};
  UtcTime finished_at{};
  model::ScanStatus status = model::ScanStatus::kComplete;
  std::string error;
  std::string limited_to;  // collector::ScanStart::limited_to
  std::int64_t vms = 0;
  std::int64_t guests_read = 0;    // with an account
  std::int64_t guests_failed = 0;  // whose reason is a failure (model::is_failure)

  // Tells whether something ended it before every VM was listed.
  [[nodiscard]] bool was_cut_short() const {
    return status == model::ScanStatus::kPartial && !error.empty();
  }
  // Tells whether a VM that it does not have is not there.
  [[nodiscard]] bool tells_of_all() const { return !was_cut_short() && limited_to.empty(); }
};

// Readings that are so much older than the newest scan of their vCenter do not count beside it.
inline constexpr std::chrono::days kOldestReading{7};

// What a database holds. Times are those of usable scans.
struct StoreExtent {
  int schema_version = 0;
  std::int64_t file_bytes = 0;  // the file and its write-ahead log
  std::int64_t vcenters = 0;
  std::int64_t vms = 0;
  std::int64_t scans = 0;  // usable ones
  std::optional<UtcTime> oldest;
  std::optional<UtcTime> newest;
  std::int64_t hours = 0;  // that are rolled up, counted for each vCenter
  std::int64_t days = 0;   // likewise
};

// What a day says of a VM: of how many samples, and their means.
struct DayOfVm {
  std::int64_t vm_id = 0;
  ExportVm vm;
  ExportHost host;  // the last it was on; empty if unknown
  std::int64_t samples = 0;
  std::int64_t guests_read = 0;                     // samples with guest data
  std::int64_t excess_samples = 0;                  // of them, those whose verdict is excess
  std::int64_t leak_only_samples = 0;               // of them, those of model::is_leak_only()
  std::optional<std::int64_t> balloon_mean_kib;     // by vCenter
  std::optional<std::int64_t> difference_mean_kib;  // of the samples with guest data
  std::optional<std::int64_t> leak_kib_per_day;     // of the last sample that told one
};

// 24 hours of a vCenter.
struct DayFigures {
  UtcTime from{};
  UtcTime to{};
  bool is_of_calendar = false;  // a day of UTC, because nothing finer is left
  bool is_whole = false;        // a VM that is not among them was not there
  std::vector<DayOfVm> vms;     // by number
};

// One VM in one hour or day.
struct VmPeriodPoint {
  UtcTime start{};
  VmPeriod period;
};

class Queries {
 public:
  // Opens the file. Its schema must be of this program's version, because a reader cannot migrate.
  static Result<std::unique_ptr<Queries>> open(const std::string& path, OpenOptions options = {});
  ~Queries();

  // Returns the newest finished scan of each vCenter, by vCenter name. Failed ones are among them,
  // so that a report can say that the last scan failed; each is followed by the newest usable
  // (complete or partial) scan of that name, if there is one, and no vCenter is counted twice, even
  // if its name or URL was changed. A usable scan that does not tell of all is followed by the usable
  // ones before it, newest first, up to one that does; at most kOldestReading older. Of a VM the
  // first of them that has it counts.
  Result<std::vector<ScanRow>> latest_scans();
  // Calls `visit` for every VM of one finished scan, in no particular order, in constant memory; a
  // failed scan has no VMs. What `visit` throws passes through; it must not call this again.
  // Errors: kNotFound if there is no such finished scan, or no longer: another process may prune it
  // at any time; kStorage if it has not as many VMs as it had when it ended.
  Status for_each_vm(std::int64_t scan_id,
                     const std::function<void(const model::JudgedGuest&)>& visit);
  // Returns the VMs whose name, moref, instance UUID or BIOS UUID is `key`, by vCenter, then name.
  // If there is none, letter case (ASCII) is ignored. VMs in the latest_scans() of their vCenter come
  // first: only if none of those matches, VMs that are gone are returned, as they were when last
  // seen. Empty if nothing matches.
  Result<std::vector<model::JudgedGuest>> find_vm(const std::string& key);
  // Returns the newest usable scan of the vCenter with that configured name that started at or
  // before `when`; empty if there is none.
  Result<std::optional<ScanRow>> scan_before(const std::string& vcenter, UtcTime when);
  // Returns the hosts of one finished scan, by moref, with the load of their VMs.
  // Of the host with the moref `only_host` alone, if that is given: the others have none then.
  Result<std::map<std::string, model::HostLoad>> host_loads(std::int64_t scan_id,
                                                            const std::string& only_host = {});
  // Returns the same hosts without any load, for callers that visit every VM of the scan anyway and
  // count it by add_to_load().
  Result<std::map<std::string, model::HostLoad>> idle_hosts(std::int64_t scan_id);
  // Returns the resource pools of one finished scan, by moref.
  Result<std::map<std::string, model::ResourcePool>> pools(std::int64_t scan_id);
  // Returns what is remembered of logins that guests refuse, by vCenter and user name.
  Result<std::vector<model::LoginSetback>> login_setbacks();
  // Returns how much the database holds.
  Result<StoreExtent> extent();
  // Returns one VM's rows in usable scans that started at or after `since`, oldest first.
  Result<std::vector<model::JudgedGuest>> history(std::int64_t vm_id, UtcTime since);
  // Return one VM's hours and days that are built and start in [since, until), oldest first.
  Result<std::vector<VmPeriodPoint>> hours(std::int64_t vm_id, UtcTime since, UtcTime until);
  Result<std::vector<VmPeriodPoint>> days(std::int64_t vm_id, UtcTime since, UtcTime until);
  // Returns the 24 hours of a vCenter up to `end`: from hours and samples; where there are none any
  // more, the day (UTC) that holds `end`, or the one before. Empty if there is none of it.
  Result<std::optional<DayFigures>> day_until(std::int64_t vcenter_id, UtcTime end);

 private:
  class Impl;
  explicit Queries(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Adds a VM to the load of its host, which is of the same scan. Sums stop at the largest number.
void add_to_load(const model::VmView& vm, model::HostLoad& load);

}  // namespace ballast::storage
