// Read side of the store. Sees complete and partial scans only. Opens read-only: a report can run
// while a scan writes, and on a read-only file system. Same thread rule as Store.
//
// Errors: kNotFound for a missing or still empty database, with a hint to run `ballast scan` first;
// kStorage for everything else (not a database, damaged, locked, newer schema), with the path.
#pragma once

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
#include "storage/options.h"

namespace ballast::storage {

struct ScanRow {
  std::int64_t id = 0;
  std::string vcenter;  // configured name
  std::string vcenter_url;
  std::string vcenter_uuid;  // "" for a bare ESXi host, or if no scan ever reached it
  UtcTime started_at{};
  UtcTime finished_at{};
  model::ScanStatus status = model::ScanStatus::kComplete;
  std::string error;
  std::int64_t vms = 0;
  std::int64_t guests_read = 0;    // with an account
  std::int64_t guests_failed = 0;  // reason is a failure (model::is_failure)
};

// What a database holds. Times are those of usable scans.
struct StoreExtent {
  int schema_version = 0;
  std::int64_t file_bytes = 0;  // the file and its write-ahead log
  std::int64_t vcenters = 0;
  std::int64_t vms = 0;
  std::int64_t scans = 0;  // usable ones
  std::optional<UtcTime> oldest;
  std::optional<UtcTime> newest;
  std::int64_t hours = 0;  // rolled up, of each vCenter
  std::int64_t days = 0;
};

class Queries {
 public:
  static Result<std::unique_ptr<Queries>> open(const std::string& path, OpenOptions options = {});
  ~Queries();

  // The newest finished scan of each vCenter, by vCenter name; failed ones included so that a
  // report can say that a vCenter's last scan failed. Where the newest one failed, the newest
  // usable (complete or partial) scan of that name follows it, if there is one. So a name has at
  // most two rows, and no vCenter is counted twice, even if its name or URL was changed.
  Result<std::vector<ScanRow>> latest_scans();
  // Every VM of one finished scan, in no particular order, in constant memory; a failed scan has
  // none. What `visit` throws passes through. Errors: kNotFound if there is no such finished scan
  // (any more: another process may prune it at any time). `visit` must not call it again.
  Status for_each_vm(std::int64_t scan_id,
                     const std::function<void(const model::JudgedGuest&)>& visit);
  // The VMs (of any vCenter, in its newest usable scan) whose name, moref, instance UUID or BIOS
  // UUID is `key`; if there is none, those whose name or UUID is `key` but for the case of ASCII
  // letters. By vCenter, then name. A VM that is gone from its vCenter's newest usable scan is
  // found, where it was last seen, only if no VM that is there matches. Empty if there is none.
  Result<std::vector<model::JudgedGuest>> find_vm(const std::string& key);
  // The newest usable scan of that vCenter (its configured name in `vcenter`) that started at or
  // before `when`; empty if there is none. For what changed since.
  Result<std::optional<ScanRow>> scan_before(const std::string& vcenter, UtcTime when);
  // What surrounds the VMs of one finished scan, for causes: hosts with the load of their VMs, by
  // moref, and resource pools, by moref.
  Result<std::map<std::string, model::HostLoad>> host_loads(std::int64_t scan_id);
  // The same hosts as if no VM was on them: for who visits every VM of the scan anyway, and counts
  // it by add_to_load().
  Result<std::map<std::string, model::HostLoad>> idle_hosts(std::int64_t scan_id);
  Result<std::map<std::string, model::ResourcePool>> pools(std::int64_t scan_id);
  // What is remembered of logins that guests refuse, by name.
  Result<std::vector<model::LoginSetback>> login_setbacks();
  Result<StoreExtent> extent();
  // One VM's rows in finished scans started at or after `since`, oldest first.
  Result<std::vector<model::JudgedGuest>> history(std::int64_t vm_id, UtcTime since);

 private:
  class Impl;
  explicit Queries(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Counts a VM of the same scan to the load of its host.
void add_to_load(const model::VmView& vm, model::HostLoad& load);

struct HealthReport {
  bool ok = false;  // no problems
  int schema_version = 0;
  std::int64_t file_bytes = 0;        // the file and its write-ahead log
  std::int64_t scans = 0;             // finished ones
  std::vector<std::string> problems;  // sentences
  std::string hint;                   // what to try about them; "" without problems
};

// integrity_check, schema version, sizes; for doctor and `db check`. A file that cannot be read as
// a database is a report with problems. Errors: kNotFound if there is no such file.
Result<HealthReport> check_database(const std::string& path, OpenOptions options = {});

// Copies the database, as of one moment, to a new file (mode 0640 less the umask), which is on the
// disk when it returns. Writers go on meanwhile. Errors: those of Queries::open; kInvalidArgument
// if `target` exists, kStorage for what the system says; then there is no `target`.
Status back_up(const std::string& path, const std::string& target, OpenOptions options = {});

}  // namespace ballast::storage
