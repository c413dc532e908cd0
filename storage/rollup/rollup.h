// Private to storage/: builds hours and days from samples.
//
// A period is complete when the vCenter's newest usable scan started after the period's end. It is
// built in short transactions, one for each range of VMs, and marked in the table `rollup` at the
// end. Readers see marked periods only; one that a crash left unmarked is built anew. The same
// samples give the same rows, byte for byte.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "storage/rollup/period.h"
#include "storage/sqlite/connection.h"

namespace ballast::storage {

class Rollup {
 public:
  explicit Rollup(Connection& connection) : connection_(connection) {}

  // Builds every complete period that is not marked. A period with a damaged sample is left out,
  // and this then ends with an error; so does any other error, at once. Periods built before it
  // stand.
  Status build_missing();
  // Removes the mark of every period whose samples are all there, so that it is built again.
  Status forget();

 private:
  std::vector<Period> missing(const PeriodKind& kind);
  Status build(const Period& period);

  Connection& connection_;
  std::optional<Error> damage_;  // the first that was met
};

}  // namespace ballast::storage
