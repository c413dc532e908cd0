#include "storage/store.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "base/text.h"
#include "storage/connection.h"
#include "storage/guest_history.h"
#include "storage/pruning.h"
#include "storage/rejudge.h"
#include "storage/result_tables.h"
#include "storage/rollup.h"
#include "storage/scan_table.h"
#include "storage/schema.h"
#include "storage/sql_error.h"

namespace ballast::storage {
namespace {

struct RunningScan {
  UtcTime started_at{};
  std::optional<std::int64_t> vcenter_id;
};

// While it lives, a commit is on the disk when it returns. Not inside a transaction.
class FlushedCommits {
 public:
  explicit FlushedCommits(SQLite::Database& db) : db_(db) { db_.exec("PRAGMA synchronous = FULL"); }
  ~FlushedCommits() { db_.tryExec("PRAGMA synchronous = NORMAL"); }
  FlushedCommits(const FlushedCommits&) = delete;
  FlushedCommits& operator=(const FlushedCommits&) = delete;

 private:
  SQLite::Database& db_;
};

}  // namespace

class Store::Impl {
 public:
  explicit Impl(Connection connection)
      : connection_(std::move(connection)), scans_(connection_.db()) {}

  // Before anything else.
  Result<void> prepare();
  void abandon_scans();
  Result<ScanId> begin(const std::string& name, const std::string& url, UtcTime started_at);
  Result<void> write_vcenter(ScanId scan, const model::VcenterAbout& about);
  // Hosts or results, in one transaction.
  template <class Item>
  Result<void> write_items(ScanId scan, const std::vector<Item>& items, const std::string& doing);
  Result<std::vector<model::HistoryPoint>> guest_history(ScanId scan, const model::VmView& vm,
                                                         std::size_t most);
  Result<RejudgeReport> rejudge(UtcTime since, bool dry_run);
  Result<void> finish(ScanId scan, model::ScanStatus status, UtcTime finished_at,
                      const std::string& error);
  Result<void> roll_up() { return Rollup(connection_).build_missing(); }
  Result<void> rebuild_rollups();
  Result<void> prune(const Retention& keep, UtcTime now);

 private:
  Result<void> fail_orphans();
  // Runs `job`, which returns Result<void>, in a transaction; a failure leaves nothing of it.
  template <class Job>
  Result<void> write(std::string_view doing, Job job);
  // The same for a scan that was begun here and still runs; `job` is given its RunningScan.
  template <class Job>
  Result<void> write_scan(ScanId scan, std::string_view doing, Job job);
  [[nodiscard]] Error refuse(ScanId scan, std::string_view doing, std::string_view why) const;

  Connection connection_;
  ScanTable scans_;
  std::optional<ResultTables> results_;
  std::optional<GuestHistory> history_;
  std::unordered_map<ScanId, RunningScan> running_;
};

template <class Job>
Result<void> Store::Impl::write(std::string_view doing, Job job) {
  auto written = connection_.write(doing, job);
  if (!written) results_->forget();
  return written;
}

template <class Job>
Result<void> Store::Impl::write_scan(ScanId scan, std::string_view doing, Job job) {
  const auto running = running_.find(scan);
  if (running == running_.end()) return fail(refuse(scan, doing, "was not begun here"));
  return write(doing, [&]() -> Result<void> {
    if (!scans_.is_running(scan)) {
      return fail(refuse(scan, doing, "was ended by another process"));
    }
    return job(running->second);
  });
}

Error Store::Impl::refuse(ScanId scan, std::string_view doing, std::string_view why) const {
  return Error{ErrorCode::kStorage,
               fmt::format("{} ({}): scan {} {}", doing, printable(connection_.path()), scan, why),
               "run the scan again",
               {}};
}

Result<void> Store::Impl::prepare() {
  auto prepared = connection_.attempt("opening the database", [&] {
    results_.emplace(connection_.db());
    history_.emplace(connection_.db());
  });
  if (!prepared) return prepared;
  return fail_orphans();
}

Result<void> Store::Impl::fail_orphans() {
  constexpr std::string_view kDoing = "closing interrupted scans";
  const auto orphans = connection_.attempt(kDoing, [&] { return scans_.orphans(); });
  if (!orphans) return fail(orphans.error());
  if (orphans->empty()) return {};
  return write(kDoing, [&]() -> Result<void> {
    for (const ScanId scan : *orphans) {
      if (!scans_.is_running(scan)) continue;
      scans_.finish(scan, model::ScanStatus::kFailed, now_utc(),
                    "interrupted: the process that ran it ended before the scan did");
    }
    return {};
  });
}

void Store::Impl::abandon_scans() {
  while (!running_.empty()) {
    const ScanId scan = running_.begin()->first;
    // Should even this fail, the first open after the end of this process does it.
    (void)finish(scan, model::ScanStatus::kFailed, now_utc(),
                 "abandoned: the program gave the scan up before its end");
    running_.erase(scan);
  }
}

Result<ScanId> Store::Impl::begin(const std::string& name, const std::string& url,
                                  UtcTime started_at) {
  ScanId scan = 0;
  const std::string doing = "beginning a scan of " + printable(name);
  auto begun = write(doing, [&]() -> Result<void> {
    scan = scans_.begin(name, url, started_at, this_process());
    return {};
  });
  if (!begun) return fail(begun.error());
  running_[scan] = RunningScan{started_at, std::nullopt};
  return scan;
}

Result<void> Store::Impl::write_vcenter(ScanId scan, const model::VcenterAbout& about) {
  std::int64_t vcenter_id = 0;
  auto written =
      write_scan(scan, "storing the vCenter's identity", [&](const RunningScan&) -> Result<void> {
        vcenter_id = scans_.write_vcenter(scan, about);
        return {};
      });
  if (written) running_[scan].vcenter_id = vcenter_id;
  return written;
}

template <class Item>
Result<void> Store::Impl::write_items(ScanId scan, const std::vector<Item>& items,
                                      const std::string& doing) {
  return write_scan(scan, doing, [&](const RunningScan& running) -> Result<void> {
    if (!running.vcenter_id) return fail(refuse(scan, doing, "has no vCenter yet"));
    const ResultTables::Scan target{scan, *running.vcenter_id, running.started_at};
    for (const Item& item : items) results_->write(target, item);
    return {};
  });
}

Result<std::vector<model::HistoryPoint>> Store::Impl::guest_history(ScanId scan,
                                                                    const model::VmView& vm,
                                                                    std::size_t most) {
  constexpr std::string_view kDoing = "reading a guest's history";
  const auto running = running_.find(scan);
  if (running == running_.end()) return fail(refuse(scan, kDoing, "was not begun here"));
  if (!running->second.vcenter_id) return fail(refuse(scan, kDoing, "has no vCenter yet"));
  const GuestHistory::Moment moment{*running->second.vcenter_id, scan, running->second.started_at};
  return connection_.attempt(kDoing, [&]() -> Result<std::vector<model::HistoryPoint>> {
    std::vector<model::HistoryPoint> points;
    const auto vm_id = results_->vm_id(moment.vcenter_id, vm);
    if (vm_id && !history_->read(moment, *vm_id, most, points)) {
      return fail(damaged(connection_.path(), kDoing, fmt::format("a sample of VM {}", *vm_id)));
    }
    return points;
  });
}

Result<void> Store::Impl::finish(ScanId scan, model::ScanStatus status, UtcTime finished_at,
                                 const std::string& error) {
  constexpr std::string_view kDoing = "finishing the scan";
  auto finished = connection_.attempt(kDoing, [&]() -> Result<void> {
    const FlushedCommits flushed(connection_.db());
    return write_scan(scan, kDoing, [&](const RunningScan&) -> Result<void> {
      scans_.finish(scan, status, finished_at, error);
      return {};
    });
  });
  if (!finished) return finished;
  running_.erase(scan);
  connection_.shorten_log();
  return {};
}

Result<void> Store::Impl::rebuild_rollups() {
  Rollup rollup(connection_);
  auto forgotten = rollup.forget();
  if (!forgotten) return forgotten;
  return rollup.build_missing();
}

Result<RejudgeReport> Store::Impl::rejudge(UtcTime since, bool dry_run) {
  auto report = Rejudging(connection_, *results_, *history_).run(since, dry_run);
  if (!report) results_->forget();
  return report;
}

Result<void> Store::Impl::prune(const Retention& keep, UtcTime now) {
  Pruning pruning(connection_);
  const auto hourly = std::max(keep.hourly, keep.raw);
  const auto daily = std::max(keep.daily, hourly);
  auto pruned = pruning.remove_scans(now - keep.raw);
  if (pruned) pruned = pruning.remove_periods(kHour, now - hourly);
  if (pruned) pruned = pruning.remove_periods(kDay, now - daily);
  connection_.shorten_log();
  return pruned;
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Store::~Store() { impl_->abandon_scans(); }

namespace {

Result<void> bring_up_to_date(Connection& connection) {
  // Before anything is written: the file may be another program's.
  if (auto version = schema_version(connection, newest_schema_version()); !version) {
    return fail(version.error());
  }
  if (auto ready = connection.prepare_for_writing(); !ready) return ready;
  return migrate(connection, migrations());
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::string& path, OpenOptions options) {
  auto connection = Connection::open_for_writing(path, options);
  if (!connection) return fail(connection.error());
  auto ready = bring_up_to_date(*connection);
  if (!ready) return fail(ready.error());

  auto impl = std::make_unique<Impl>(std::move(*connection));
  if (auto prepared = impl->prepare(); !prepared) return fail(prepared.error());
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

Result<ScanId> Store::begin_scan(const std::string& vcenter_name, const std::string& vcenter_url,
                                 UtcTime started_at) {
  return impl_->begin(vcenter_name, vcenter_url, started_at);
}

Result<void> Store::write_vcenter(ScanId scan, const model::VcenterAbout& about) {
  return impl_->write_vcenter(scan, about);
}

Result<void> Store::write_hosts(ScanId scan, const std::vector<model::Host>& hosts) {
  return impl_->write_items(scan, hosts, fmt::format("storing {} hosts", hosts.size()));
}

Result<void> Store::write_pools(ScanId scan, const std::vector<model::ResourcePool>& pools) {
  return impl_->write_items(scan, pools, fmt::format("storing {} resource pools", pools.size()));
}

Result<std::vector<model::HistoryPoint>> Store::guest_history(ScanId scan, const model::VmView& vm,
                                                              std::size_t most) {
  return impl_->guest_history(scan, vm, most);
}

Result<void> Store::write_results(ScanId scan, const std::vector<model::VmResult>& results) {
  return impl_->write_items(scan, results, fmt::format("storing {} results", results.size()));
}

Result<std::optional<UtcTime>> Store::last_start(const std::string& /*vcenter_name*/) {
  return std::optional<UtcTime>();
}

Result<std::vector<model::GuestRecord>> Store::guest_records(ScanId /*scan*/,
                                                             UtcTime /*reads_since*/) {
  return std::vector<model::GuestRecord>();
}

Result<std::vector<model::LoginSetback>> Store::login_setbacks() {
  return std::vector<model::LoginSetback>();
}

Result<void> Store::write_login_setback(const model::LoginSetback& /*setback*/) { return {}; }

Result<RejudgeReport> Store::rejudge(UtcTime since, bool dry_run) {
  return impl_->rejudge(since, dry_run);
}

Result<void> Store::finish_scan(ScanId scan, model::ScanStatus status, UtcTime finished_at,
                                const std::string& error) {
  if (status == model::ScanStatus::kRunning) {
    return fail(ErrorCode::kInvalidArgument, "a scan cannot be finished as running");
  }
  return impl_->finish(scan, status, finished_at, error);
}

Result<void> Store::roll_up() { return impl_->roll_up(); }

Result<void> Store::rebuild_rollups() { return impl_->rebuild_rollups(); }

Result<void> Store::prune(const Retention& keep, UtcTime now) { return impl_->prune(keep, now); }

Result<void> Store::maintain(const Retention& keep, UtcTime now) {
  auto rolled_up = roll_up();
  auto pruned = prune(keep, now);
  return rolled_up ? pruned : rolled_up;
}

}  // namespace ballast::storage
