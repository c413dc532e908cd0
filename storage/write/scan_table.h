// Private to storage/: the scans and their life cycle, and the vCenters they belong to. Calls
// belong inside a transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/time.h"
#include "model/inventory.h"
#include "model/judged_guest.h"
#include "storage/sqlite/writer_process.h"
#include "storage/write/scan_tally.h"

namespace ballast::storage {

class ScanTable {
 public:
  explicit ScanTable(SQLite::Database& db) : db_(db) {}

  // A running scan of `writer`. It belongs to the vCenter last seen at that URL until
  // write_vcenter says otherwise, so that a failed connection is told of the right one.
  std::int64_t begin(const std::string& vcenter_name, const std::string& vcenter_url,
                     UtcTime started_at, const WriterProcess& writer);
  // Finds or adds the vCenter by its instance UUID, a bare host by its URL; records the latest
  // names, gives it the scan, and the earlier scans of its URL that never reached it.
  std::int64_t write_vcenter(std::int64_t scan_id, const model::VcenterAbout& about);
  [[nodiscard]] bool is_running(std::int64_t scan_id);
  // `status` is one of the three ends; kFailed removes what the scan wrote. The scan's hour and day
  // are rolled up again where they were already and all their samples are there. `written`: how
  // much the scan wrote, where that is known; otherwise its rows are counted.
  void finish(std::int64_t scan_id, model::ScanStatus status, UtcTime finished_at,
              const std::string& error, std::optional<ScanCounts> written = std::nullopt);
  struct Running {
    std::int64_t id = 0;
    std::string vcenter_name;
    std::string vcenter_url;
    UtcTime started_at{};
    WriterProcess writer;
  };
  [[nodiscard]] std::vector<Running> running();
  // The running scans whose writer is gone.
  [[nodiscard]] std::vector<std::int64_t> orphans();
  // The start of the scan of that name that was begun last.
  [[nodiscard]] std::optional<UtcTime> last_start(const std::string& vcenter_name);

 private:
  std::int64_t vcenter_id(const model::VcenterAbout& about, const std::string& url);
  ScanCounts count(std::int64_t scan_id);
  void reopen_periods(std::int64_t scan_id);

  SQLite::Database& db_;
};

}  // namespace ballast::storage
