// Read side of the store. Sees complete and partial scans only. Opens read-only: a report can run
// while a scan writes. Same thread and error rules as Store; a missing file is kNotFound with a
// hint to run `ballast scan` first.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/inventory.h"
#include "model/verdict.h"
#include "model/vm_result.h"

namespace ballast::storage {

struct ScanRow {
  std::int64_t id = 0;
  std::string vcenter;  // configured name
  std::string vcenter_url;
  std::string vcenter_uuid;
  UtcTime started_at{};
  UtcTime finished_at{};
  model::ScanStatus status = model::ScanStatus::kComplete;
  std::string error;
  std::int64_t vms = 0;
  std::int64_t guests_read = 0;    // with an account
  std::int64_t guests_failed = 0;  // reason is a failure (model::is_failure)
};

struct NamedKib {
  std::string name;
  std::int64_t kib = 0;
};

// What the guest said, as stored.
struct GuestRow {
  UtcTime read_at{};
  std::string kernel_release;
  std::string boot_id;
  std::string era;
  std::int64_t mem_total_kib = 0;
  std::int64_t unaccounted_kib = 0;
  std::int64_t counter_error_kib = 0;
  std::vector<NamedKib> parts;
  std::optional<std::int64_t> driver_kib;
  std::optional<std::int64_t> vmstat_kib;
  std::optional<std::int64_t> lower_bound_kib;
  std::vector<std::string> missing;
};

// One VM in one scan.
struct VmRow {
  std::int64_t scan_id = 0;
  std::string vcenter;  // configured name of its vCenter
  std::string host;     // name; "" if unknown
  std::string cluster;
  std::string datacenter;
  model::VmView vm;  // identity and the hypervisor's figures
  std::optional<GuestRow> guest;
  model::Judgement judgement;
  std::string detail;
};

class Queries {
 public:
  static Result<std::unique_ptr<Queries>> open(const std::string& path);
  ~Queries();

  // The newest finished scan of each vCenter, by vCenter name; failed ones included so that a
  // report can say that a vCenter's last scan failed. Where the newest one failed, the vCenter's
  // newest usable (complete or partial) scan follows it, if there is one.
  Result<std::vector<ScanRow>> latest_scans();
  // Every VM of one finished scan, in no particular order; streamed.
  Result<void> for_each_vm(std::int64_t scan_id, const std::function<void(const VmRow&)>& visit);
  // The VMs (of any vCenter, in its newest usable scan) whose name (exact, then ignoring case),
  // moref, instance UUID or BIOS UUID is `key`. Empty if there is none.
  Result<std::vector<VmRow>> find_vm(const std::string& key);
  // One VM's rows in finished scans since `since`, oldest first.
  Result<std::vector<VmRow>> history(const std::string& vcenter_uuid,
                                     const std::string& instance_uuid, UtcTime since);

 private:
  class Impl;
  explicit Queries(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

struct HealthReport {
  bool ok = false;
  int schema_version = 0;
  std::int64_t file_bytes = 0;
  std::int64_t scans = 0;
  std::vector<std::string> problems;  // sentences
};

// integrity_check, schema version, sizes; for doctor and `db check`.
Result<HealthReport> check_database(const std::string& path);

}  // namespace ballast::storage
