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
#include "storage/sqlite/connection.h"
#include "storage/sqlite/row_cursor.h"

namespace ballast::storage {

// A period of a vCenter whose rows are complete.
struct BuiltPeriod {
  std::int64_t vcenter_id = 0;
  std::int64_t start_ms = 0;
  std::int64_t vms = 0;  // how many it has
};
// Returns the built periods that start in [first_ms, end_ms), by vCenter and start. Errors: kStorage
// for a damaged row.
Result<std::vector<BuiltPeriod>> read_built_periods(Connection& connection, const PeriodKind& kind,
                                                    std::int64_t first_ms, std::int64_t end_ms);

// Both readers call `visit` for every row that the export wants, and return false once it has
// returned false. Errors: kStorage for a damaged row, or one too few. Use them inside
// Connection::attempt.
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
  // Returns nullptr for a state that is missing or damaged.
  const State* state_of(std::size_t vm, std::int64_t vm_state_id);
  [[nodiscard]] bool wanted(const State& state) const;
  [[nodiscard]] Error damage(std::int64_t vm_id) const;

  Connection& connection_;
  const PeriodKind& kind_;
  const ExportNames& names_;
  std::vector<State> states_;  // by place of the VM in names_
  RowCursor select_;
  RowCursor select_state_;
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
  RowCursor select_;
  HostHourRow row_;
};

}  // namespace ballast::storage
