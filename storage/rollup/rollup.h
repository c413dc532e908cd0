// Private to storage/: builds hours and days from samples.
//
// A period of a vCenter is complete when its newest usable scan started after the period's end. It
// is built range by range of VMs, each in a short transaction, and marked in `rollup` last: readers
// see marked periods only, and what a crash left unmarked is built anew. The same samples give the
// same rows, byte for byte.
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

  // Builds every complete period that is not marked. One that holds a damaged sample is passed over
  // and makes an error in the end; after another error the periods before it stand.
  Status build_missing();
  // Takes the mark from every period whose samples are all there, so that it is built again.
  Status forget();

 private:
  std::vector<Period> missing(const PeriodKind& kind);
  Status build(const Period& period);

  Connection& connection_;
  std::optional<Error> damage_;  // the first that was met
};

}  // namespace ballast::storage
