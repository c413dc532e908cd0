// Private to storage/: reads the rows of built periods, with the names of their VMs and hosts.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/result.h"
#include "storage/export_queries.h"
#include "storage/read/export_names.h"
#include "storage/rollup/period.h"
#include "storage/sqlite/bound_statement.h"
#include "storage/sqlite/connection.h"

namespace ballast::storage {

// The start of a period, and the vCenters for which it is built.
struct BuiltPeriod {
  std::int64_t start_ms = 0;
  std::vector<std::int64_t> vcenters;

  [[nodiscard]] bool has(std::int64_t vcenter_id) const;
};

// Both readers call `visit` for every row that the export wants, and return false once it has
// returned false. Errors: kStorage for a damaged row. Use them inside Connection::attempt.
class VmPeriodReader {
 public:
  // All three must outlive it.
  VmPeriodReader(Connection& connection, const PeriodKind& kind, const ExportNames& names);
  Result<bool> read(const BuiltPeriod& period,
                    const std::function<bool(const VmPeriodRow&)>& visit);

 private:
  // The state of a VM, which most of its rows share.
  struct State {
    std::optional<std::int64_t> id;
    const ExportNames::Host* host = nullptr;
    std::optional<std::int64_t> configured_kib;
    std::optional<std::int64_t> limit_kib;
    std::optional<std::int64_t> reservation_kib;
  };
  const State& state_of(std::size_t vm, std::int64_t vm_state_id);
  [[nodiscard]] bool wanted(const State& state) const;
  [[nodiscard]] Error damage(std::int64_t vm_id) const;

  Connection& connection_;
  const PeriodKind& kind_;
  const ExportNames& names_;
  std::vector<State> states_;  // by place of the VM in names_
  SQLite::Statement select_;
  SQLite::Statement select_state_;
  VmPeriodRow row_;
};

class HostHourReader {
 public:
  HostHourReader(Connection& connection, const ExportNames& names);
  Result<bool> read(const BuiltPeriod& period,
                    const std::function<bool(const HostHourRow&)>& visit);

 private:
  Connection& connection_;
  const ExportNames& names_;
  SQLite::Statement select_;
  HostHourRow row_;
};

}  // namespace ballast::storage
