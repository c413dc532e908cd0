// Private to storage/: the tables of scans, which have a life cycle, and of the vCenters they
// belong to. Calls belong inside a transaction.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/time.h"
#include "collector/ports/stored_scan.h"
#include "model/inventory.h"
#include "model/judged_guest.h"
#include "storage/sqlite/writer_process.h"
#include "storage/write/scan_tally.h"

namespace ballast::storage {

// The tables whose rows belong to a scan.
inline constexpr std::array kTablesOfScans = {"sample", "guest_sample", "suspect",
                                              "trend",  "host_sample",  "pool_sample"};

class ScanTable {
 public:
  explicit ScanTable(SQLite::Database& db) : db_(db) {}

  // Adds a running scan of `writer` and returns its number. Until write_vcenter() says otherwise it
  // belongs to the vCenter last seen at that URL, so that a failed connection counts for the right
  // vCenter.
  std::int64_t begin(const collector::ScanStart& start, const WriterProcess& writer);
  // Returns which of `others` the vCenter is that says this of itself: the one under whose name or
  // URL it was scanned last. nullopt if that was `own`, or the other has turned out to have another
  // UUID.
  [[nodiscard]] std::optional<collector::VcenterName> taken_for(
      const model::VcenterAbout& about, const collector::VcenterName& own,
      const std::vector<collector::VcenterName>& others);
  // Finds or adds the vCenter by its instance UUID (a bare host by its URL), records its latest
  // names, and returns its number. The scan now belongs to it, and so do failed scans of its URL
  // that belonged to none.
  std::int64_t write_vcenter(std::int64_t scan_id, const model::VcenterAbout& about);
  [[nodiscard]] bool is_running(std::int64_t scan_id);
  // Ends a scan with `status`, which is not kRunning; kFailed removes what the scan wrote. If the
  // scan's hour or day was rolled up already, and all its samples are there, it loses its mark, so
  // that it is rolled up again.
  // `written` says how much the scan wrote; without it, rows are
  // counted.
  void finish(std::int64_t scan_id, model::ScanStatus status, UtcTime finished_at,
              const std::string& error, std::optional<ScanCounts> written = std::nullopt);
  // Tells whether a scan has a number between these two.
  [[nodiscard]] bool is_any_between(std::int64_t first, std::int64_t last);
  struct Running {
    std::int64_t id = 0;
    std::string vcenter_name;
    std::string vcenter_url;
    UtcTime started_at{};
    WriterProcess writer;
  };
  [[nodiscard]] std::vector<Running> running();
  // Returns the running scans whose writer is gone.
  [[nodiscard]] std::vector<std::int64_t> orphans();
  // Returns the start of the scan of that vCenter name that was begun last.
  [[nodiscard]] std::optional<UtcTime> last_start(const std::string& vcenter_name);

 private:
  // Returns the number of a scan that begins then.
  std::int64_t next_id(UtcTime started_at);
  // Makes the checksum of a row of scan right after an update.
  void seal_scan(std::int64_t scan_id);
  std::int64_t vcenter_id(const model::VcenterAbout& about, const std::string& url);
  ScanCounts count(std::int64_t scan_id);
  void reopen_periods(std::int64_t scan_id);

  SQLite::Database& db_;
};

}  // namespace ballast::storage
