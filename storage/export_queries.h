// Reads for export: everything of a span of time, row by row, in constant memory (the names of the
// VMs and hosts aside). What is read is one moment of the database, whatever is written meanwhile.
// Thread rule and errors as Queries; kNotFound as well if no vCenter fits the query.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "storage/options.h"
#include "storage/queries.h"
#include "storage/rollup/rollup_figures.h"

namespace ballast::storage {

struct ExportQuery {
  // Scans and periods that started at or after `since` and before `until`.
  std::optional<UtcTime> since;
  std::optional<UtcTime> until;
  // Shell patterns on the latest names, ignoring case; "" = any.
  std::string vcenter;
  std::string cluster;
  std::string host;
  std::string name;  // of VMs
};

// Latest known names; vcenter is the configured one.
struct ExportHost {
  std::string vcenter;
  std::string datacenter;
  std::string cluster;
  std::string name;
  std::string moref;
};
struct ExportVm {
  std::string vcenter;
  std::string name;
  std::string moref;
  std::string instance_uuid;
};

// One VM in one hour or day. What it points to lives as long as the call.
struct VmPeriodRow {
  UtcTime start{};
  std::int64_t samples = 0;
  const ExportVm* vm = nullptr;
  const ExportHost* host = nullptr;  // nullptr if unknown; of the last sample, like the next three
  std::optional<std::int64_t> configured_kib;
  std::optional<std::int64_t> limit_kib;  // model::kUnlimited if there is none
  std::optional<std::int64_t> reservation_kib;
  VmFigures figures;
};

struct HostHourRow {
  UtcTime start{};
  std::int64_t samples = 0;  // scans that saw the host
  const ExportHost* host = nullptr;
  HostFigures figures;
};

// Each visit says whether to go on; ending early is no error. What it throws passes through.
class ExportQueries {
 public:
  static Result<std::unique_ptr<ExportQueries>> open(const std::string& path,
                                                     OpenOptions options = {});
  ~ExportQueries();

  // Every VM of every usable scan: by the scan's start, then by number of the VM. `vcenter` is the
  // latest name here as well.
  Status samples(const ExportQuery& query,
                 const std::function<bool(const model::JudgedGuest&)>& visit);
  // Periods that are built: by start, then by number of the VM or host.
  Status hourly(const ExportQuery& query, const std::function<bool(const VmPeriodRow&)>& visit);
  Status daily(const ExportQuery& query, const std::function<bool(const VmPeriodRow&)>& visit);
  Status hosts(const ExportQuery& query, const std::function<bool(const HostHourRow&)>& visit);

 private:
  class Impl;
  explicit ExportQueries(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ballast::storage
