// Private to storage/: removes what is older than its retention, in short transactions.
//
// A scan is first taken from the readers' sight (status failed), then its samples go, its row last;
// a period loses its mark first, then its rows. So nobody sees half of either, and what a crash
// leaves is removed by the next run.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "storage/rollup/period.h"
#include "storage/sqlite/connection.h"

namespace ballast::storage {

class Pruning {
 public:
  explicit Pruning(Connection& connection) : connection_(connection) {}

  // Scans that started before `cutoff`: usable ones whose hour and day are rolled up, but for the
  // newest of each vCenter; failed ones, but for the newest scan of each vCenter (or, where none
  // was reached, of each name).
  Status remove_scans(UtcTime cutoff);
  // Periods that ended before `cutoff` and have no usable scan left.
  Status remove_periods(const PeriodKind& kind, UtcTime cutoff);

 private:
  struct Scan {
    std::int64_t id = 0;
    std::int64_t vcenter_id = 0;
    std::int64_t started_ms = 0;
  };
  // Where the rows of a period are, and what they belong to.
  struct PeriodTable {
    const char* rows;
    const char* owner_column;
    const char* owners;  // the table with their vCenter
  };

  Result<std::vector<Scan>> scans(const char* sql, UtcTime cutoff);
  Status retire(const Scan& scan);
  Status remove(const Scan& scan);
  Status remove_marks(const PeriodKind& kind, UtcTime cutoff);
  Status remove_rows(const PeriodKind& kind, const PeriodTable& table, UtcTime cutoff);
  // The periods that have rows there but neither a mark nor a usable scan.
  std::vector<Period> unmarked(const PeriodKind& kind, const PeriodTable& table, UtcTime cutoff);
  // Runs `remove_some`, which gives the number of rows it removed, until there are none, each time
  // in a transaction of its own.
  Status in_chunks(const std::function<int()>& remove_some);

  Connection& connection_;
};

}  // namespace ballast::storage
