// Private to storage/: reads the earlier readings of a guest, for judging a new one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/time.h"
#include "model/history/lockstep.h"
#include "storage/read/vm_row.h"

namespace ballast::storage {

class GuestHistory {
 public:
  explicit GuestHistory(SQLite::Database& db);

  // The scan whose history is wanted: what lies before it.
  struct Moment {
    std::int64_t vcenter_id = 0;
    std::int64_t scan_id = 0;
    UtcTime started_at{};
    friend bool operator==(const Moment&, const Moment&) = default;
  };
  // Appends the VM's readings in usable scans of that vCenter before the moment, oldest first, as
  // Store::guest_history says. Costs one seek a scan. Returns false if a row holds what ballast
  // never writes.
  bool read(const Moment& moment, std::int64_t vm_id, std::size_t most,
            std::vector<model::HistoryPoint>& points);

 private:
  bool read_points(const Moment& moment, std::int64_t vm_id, std::size_t most,
                   std::vector<model::HistoryPoint>& points);
  // Returns at most `most` scans of the window, spread evenly. The choice is kept for the next VM.
  const std::vector<std::int64_t>& scans(const Moment& moment, std::size_t most);

  struct Choice {
    Moment moment;
    std::size_t most = 0;
    std::vector<std::int64_t> scans;  // oldest first
  };

  SQLite::Statement select_scans_;
  VmRowReader rows_;
  std::vector<Choice> choices_;
};

}  // namespace ballast::storage
