// The database file: scans, and what each learned about hosts and VMs. One writer at a time.
//
// A scan is running until finish_scan makes it complete, partial or failed; readers (queries.h) see
// complete and partial scans only, so nothing half-written is ever shown. Not thread-safe: one
// thread at a time per Store; several processes may open the same file (WAL, busy timeout).
// Errors: kStorage with the file's path, what was being done and SQLite's words.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/vm_result.h"

namespace ballast::storage {

using ScanId = std::int64_t;

class Store {
 public:
  // Opens for writing; creates the file (mode 0640) and its schema, or migrates an older schema.
  // A schema newer than this program is an error that says so. Scans still "running" whose process
  // is gone are marked failed ("interrupted").
  static Result<std::unique_ptr<Store>> open(const std::string& path);
  ~Store();

  Result<ScanId> begin_scan(const std::string& vcenter_name, const std::string& vcenter_url,
                            UtcTime started_at);
  Result<void> write_vcenter(ScanId scan, const model::VcenterAbout& about);
  Result<void> write_hosts(ScanId scan, const std::vector<model::Host>& hosts);
  // One transaction; a VM that comes twice in a scan keeps its last result.
  Result<void> write_results(ScanId scan, const std::vector<model::VmResult>& results);
  Result<void> finish_scan(ScanId scan, model::ScanStatus status, UtcTime finished_at,
                           const std::string& error);

 private:
  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ballast::storage
