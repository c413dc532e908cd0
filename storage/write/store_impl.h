// Private to storage/: what is behind Store.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "storage/read/guest_history.h"
#include "storage/sqlite/connection.h"
#include "storage/store.h"
#include "storage/write/result_tables.h"
#include "storage/write/scan_table.h"

namespace ballast::storage {

// Does what Store says, by methods of the same name.
class Store::Impl {
 public:
  static Result<std::unique_ptr<Impl>> open(const std::string& path, OpenOptions options);
  void abandon_scans();
  void hurry() { *hurry_ = true; }

  Result<ScanId> begin_scan(const ScanStart& start);
  Status write_vcenter(ScanId scan, const model::VcenterAbout& about);
  // Stores hosts, pools or results, in one transaction.
  template <class Item>
  Status write_items(ScanId scan, const std::vector<Item>& items, const std::string& doing);
  Result<std::vector<model::HistoryPoint>> guest_history(ScanId scan, const GuestKey& guest,
                                                         std::size_t most);
  Result<std::optional<UtcTime>> last_start(const std::string& vcenter_name);
  Result<std::vector<model::GuestRecord>> guest_records(ScanId scan, UtcTime reads_since);
  Result<std::vector<model::LoginSetback>> login_setbacks(ScanId scan);
  Status write_login_setback(ScanId scan, const model::LoginSetback& setback);
  Result<RejudgeReport> rejudge(UtcTime since, bool dry_run);
  Status finish_scan(ScanId scan, const ScanEnd& end);
  Status roll_up();
  Status rebuild_rollups();
  Status prune(const Retention& keep, UtcTime now);

 private:
  struct RunningScan {
    UtcTime started_at{};
    collector::VcenterName own;
    std::vector<collector::VcenterName> others;
    std::optional<std::int64_t> vcenter_id;
    bool given_up = false;  // its end could not be stored
    ScanTally tally = {};
  };

  Impl(Connection connection, std::shared_ptr<std::atomic<bool>> hurry)
      : hurry_(std::move(hurry)), connection_(std::move(connection)) {
    scans_.emplace(connection_.db());
  }
  // Brings the schema up to date, makes the statements, and ends scans whose process is gone.
  Status prepare();
  // Opens the file that took the place of the one that is open, if one did and no scan of this
  // store still writes to the old one. Before what is not part of a scan.
  Status follow_file();
  // Does the same, but returns an error if scans still write to the old one.
  Status follow_file_for(std::string_view doing);
  [[nodiscard]] Error replaced(std::string_view doing) const;
  Status fail_orphans();
  // Mark a scan, or those whose end could not be stored, as failed. Inside a transaction.
  void end(ScanId scan, const std::string& why);
  void end_given_up();
  [[nodiscard]] std::optional<ScanTable::Running> under_way(const std::string& name,
                                                            const std::string& url);
  // Runs `job`, which returns Status, in a transaction; a failure leaves nothing of it.
  template <class Job>
  Status write(std::string_view doing, Job job);
  // Does the same for a scan that was begun here and still runs; `job` is given its RunningScan.
  template <class Job>
  Status write_scan(ScanId scan, std::string_view doing, Job job);
  // Returns the number of the vCenter of a scan that was begun here.
  Result<std::int64_t> vcenter_of(ScanId scan, std::string_view doing) const;
  [[nodiscard]] Error refuse(ScanId scan, std::string_view doing, std::string_view why) const;

  std::shared_ptr<std::atomic<bool>> hurry_;  // shared with the connection
  Connection connection_;
  std::optional<ScanTable> scans_;
  std::optional<ResultTables> results_;
  std::optional<GuestHistory> history_;
  std::unordered_map<ScanId, RunningScan> running_;
  std::optional<ScanId> last_begun_;
};

template <class Job>
Status Store::Impl::write(std::string_view doing, Job job) {
  auto written = connection_.write(doing, job);
  if (!written) results_->forget();
  return written;
}

template <class Job>
Status Store::Impl::write_scan(ScanId scan, std::string_view doing, Job job) {
  const auto running = running_.find(scan);
  if (running == running_.end()) return fail(refuse(scan, doing, "was not begun here"));
  const Waiting::With patience(connection_.waiting(), Waiting::Patience::kOfScan);
  auto written = write(doing, [&]() -> Status {
    if (!scans_->is_running(scan)) {
      return fail(refuse(scan, doing, "was ended by another process"));
    }
    return job(running->second);
  });
  if (!written) running->second.tally.lose();
  return written;
}

template <class Item>
Status Store::Impl::write_items(ScanId scan, const std::vector<Item>& items,
                                const std::string& doing) {
  return write_scan(scan, doing, [&](RunningScan& running) -> Status {
    if (!running.vcenter_id) return fail(refuse(scan, doing, "has no vCenter yet"));
    const ResultTables::Scan target{scan, *running.vcenter_id, running.started_at, &running.tally};
    for (const Item& item : items) results_->write(target, item);
    results_->flush();
    return {};
  });
}

}  // namespace ballast::storage
