// Private to storage/: removes what is older than its retention, in short transactions.
//
// A scan is first hidden from readers (status failed); then its samples are removed, and last its
// row. A period loses first its mark, then its rows. So nobody sees half of either, and the next
// run removes what a crash has left.
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

  // Removes scans that started before `cutoff`: usable ones whose hour and day are rolled up,
  // except the newest of each vCenter; failed ones, except the newest scan of each vCenter (of each
  // name, if no vCenter was reached).
  Status remove_scans(UtcTime cutoff);
  // Removes periods that ended before `cutoff` and have no usable scan left.
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
  };

  Result<std::vector<Scan>> scans(const char* sql, UtcTime cutoff);
  Status retire(const Scan& scan);
  Status remove(const Scan& scan);
  Status remove_rows(const PeriodKind& kind, const PeriodTable& table, UtcTime cutoff);
  // Returns the periods that have rows in `table`, but neither a mark nor a usable scan.
  std::vector<Period> unmarked(const PeriodKind& kind, const PeriodTable& table, UtcTime cutoff);
  // Calls `remove_some`, which returns how many rows it removed, until it removes none; each time
  // in a transaction of its own.
  Status in_chunks(const std::function<int()>& remove_some);

  Connection& connection_;
};

}  // namespace ballast::storage
