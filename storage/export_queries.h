// Reads everything of a span of time for export, row by row, in constant memory (except the names
// of the VMs and hosts). Each call reads the database as it is at one moment, whatever is written
// meanwhile. One thread at a time. Errors: as Queries; also kNotFound if no vCenter fits the query.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "storage/names.h"
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

// One VM in one hour or day. Its pointers are valid during the call.
struct VmPeriodRow {
  UtcTime start{};
  const ExportVm* vm = nullptr;
  // As of the last sample:
  const ExportHost* host = nullptr;  // nullptr if unknown
  std::optional<std::int64_t> configured_kib;
  std::optional<std::int64_t> limit_kib;  // model::kUnlimited if there is none
  std::optional<std::int64_t> reservation_kib;
  VmPeriod period;
};

struct HostHourRow {
  UtcTime start{};
  std::int64_t samples = 0;  // scans that saw the host
  const ExportHost* host = nullptr;
  HostMeans figures;
};

// Every function calls `visit` row by row until it returns false, which is no error. What it throws
// passes through.
class ExportQueries {
 public:
  // Opens the file, as Queries::open.
  static Result<std::unique_ptr<ExportQueries>> open(const std::string& path,
                                                     OpenOptions options = {});
  ~ExportQueries();

  // Reads every VM of every usable scan: by the scan's start, then as the VMs became known.
  // JudgedGuest::vcenter is the latest name here.
  Status samples(const ExportQuery& query,
                 const std::function<bool(const model::JudgedGuest&)>& visit);
  // Read the periods that are built: by start, then by vCenter, then as the VMs or hosts became known.
  Status hourly(const ExportQuery& query, const std::function<bool(const VmPeriodRow&)>& visit);
  Status daily(const ExportQuery& query, const std::function<bool(const VmPeriodRow&)>& visit);
  Status hosts(const ExportQuery& query, const std::function<bool(const HostHourRow&)>& visit);

 private:
  class Impl;
  explicit ExportQueries(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ballast::storage
