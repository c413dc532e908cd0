#include "storage/write/store_impl.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "storage/read/guest_records.h"
#include "storage/rejudge.h"
#include "storage/rollup/pruning.h"
#include "storage/rollup/rollup.h"
#include "storage/schema/schema.h"
#include "storage/sqlite/sql_error.h"
#include "storage/write/setback_table.h"

namespace ballast::storage {
namespace {

constexpr const char* kInterrupted =
    "interrupted: the process that ran it ended before the scan did";
constexpr const char* kAbandoned = "abandoned: the program gave the scan up before its end";
constexpr const char* kEndNotStored = "abandoned: its end could not be stored";

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

Status bring_up_to_date(Connection& connection) {
  // Before anything is written: the file may be another program's.
  if (auto version = schema_version(connection); !version) return fail(version.error());
  if (auto ready = connection.prepare_for_writing(); !ready) return ready;
  if (auto made = create_schema(connection); !made) return made;
  return require_schema(connection);
}

Error same_vcenter(const std::string& name, const std::string& other) {
  return Error{ErrorCode::kBusy,
               fmt::format("{} is the same vCenter as {}, which is being scanned: its guests would "
                           "be probed twice",
                           printable(name), printable(other)),
               "remove one of the two from the configuration",
               {}};
}

Error passes_for(const std::string& name, const collector::VcenterName& other) {
  return Error{ErrorCode::kConfig,
               fmt::format("{} says by its instance UUID that it is {} at {}, which the "
                           "configuration has beside it",
                           printable(name), printable(other.name), printable(other.url)),
               "if both lead to one vCenter, remove one of the two from the configuration; if they "
               "changed places, scan the other one first; else one is a copy of the other, or does "
               "not tell the truth: remove that one",
               {}};
}

Error busy(const ScanTable::Running& other, const std::string& name) {
  const std::string command = command_of(other.writer.pid);
  const bool same_name = other.vcenter_name == name;
  return Error{ErrorCode::kBusy,
               fmt::format("a scan of vCenter {} is under way already{}: process {}{}, since {}",
                           printable(name),
                           same_name ? "" : fmt::format(" (as {})", printable(other.vcenter_name)),
                           other.writer.pid, command.empty() ? "" : " (" + command + ")",
                           format_iso8601(other.started_at)),
               "wait until it has ended, or end that process",
               {}};
}

}  // namespace

Result<std::unique_ptr<Store::Impl>> Store::Impl::open(const std::string& path,
                                                       OpenOptions options) {
  options.hurry = std::make_shared<std::atomic<bool>>(false);
  auto connection = Connection::open_for_writing(path, options);
  if (!connection) return fail(connection.error());
  auto impl = std::unique_ptr<Impl>(new Impl(std::move(*connection), options.hurry));
  if (auto prepared = impl->prepare(); !prepared) return fail(prepared.error());
  return impl;
}

Status Store::Impl::prepare() {
  if (auto ready = bring_up_to_date(connection_); !ready) return ready;
  auto prepared = connection_.attempt("opening the database", [&] {
    results_.emplace(connection_.db());
    history_.emplace(connection_.db());
  });
  if (!prepared) return prepared;
  return fail_orphans();
}

Status Store::Impl::follow_file() {
  if (results_ && connection_.is_in_place()) return {};
  std::erase_if(running_, [](const auto& entry) { return entry.second.given_up; });
  if (!running_.empty()) return {};
  history_.reset();
  results_.reset();
  auto reopened = connection_.reopen();
  scans_.emplace(connection_.db());
  if (!reopened) return reopened;
  return prepare();
}

Status Store::Impl::follow_file_for(std::string_view doing) {
  if (auto ready = follow_file(); !ready) return ready;
  if (!connection_.is_in_place()) return fail(replaced(doing));
  return {};
}

Error Store::Impl::replaced(std::string_view doing) const {
  return Error{
      ErrorCode::kStorage,
      fmt::format("{} ({}): the file was removed or replaced while a scan was writing to it", doing,
                  printable(connection_.path())),
      "what that scan wrote is lost; the next one is stored in the file that is there now",
      {}};
}

Error Store::Impl::refuse(ScanId scan, std::string_view doing, std::string_view why) const {
  return Error{ErrorCode::kStorage,
               fmt::format("{} ({}): scan {} {}", doing, printable(connection_.path()), scan, why),
               "run the scan again",
               {}};
}

void Store::Impl::end(ScanId scan, const std::string& why) {
  if (scans_->is_running(scan)) {
    scans_->finish(scan, model::ScanStatus::kFailed, now_utc(), why);
  }
}

Status Store::Impl::fail_orphans() {
  constexpr std::string_view kDoing = "closing interrupted scans";
  const auto orphans = connection_.attempt(kDoing, [&] { return scans_->orphans(); });
  if (!orphans) return fail(orphans.error());
  if (orphans->empty()) return {};
  return write(kDoing, [&]() -> Status {
    for (const ScanId scan : *orphans) end(scan, kInterrupted);
    return {};
  });
}

void Store::Impl::abandon_scans() {
  while (!running_.empty()) {
    const ScanId scan = running_.begin()->first;
    // Should even this fail, the first open after the end of this process does it.
    (void)finish_scan(scan, {model::ScanStatus::kFailed, now_utc(), kAbandoned});
    running_.erase(scan);
  }
}

std::optional<ScanTable::Running> Store::Impl::under_way(const std::string& name,
                                                         const std::string& url) {
  for (auto& other : scans_->running()) {
    const bool same = other.vcenter_name == name || other.vcenter_url == url;
    const auto here = running_.find(other.id);
    const bool given_up = here != running_.end() && here->second.given_up;
    if (same && !given_up && is_running(other.writer)) return std::move(other);
  }
  return std::nullopt;
}

void Store::Impl::end_given_up() {
  for (const auto& [scan, running] : running_) {
    if (running.given_up) end(scan, kEndNotStored);
  }
}

Result<ScanId> Store::Impl::begin_scan(const ScanStart& start) {
  const std::string& name = start.vcenter_name;
  const std::string& url = start.vcenter_url;
  const std::string doing = "beginning a scan of " + printable(name);
  if (auto ready = follow_file_for(doing); !ready) return fail(ready.error());
  ScanId scan = 0;
  bool others_scanned = true;
  // One transaction, which holds the write lock from its beginning: of two processes that come at
  // once the second one sees the scan of the first.
  auto begun = write(doing, [&]() -> Status {
    if (const auto other = under_way(name, url)) return fail(busy(*other, name));
    for (const ScanId orphan : scans_->orphans()) end(orphan, kInterrupted);
    end_given_up();
    scan = scans_->begin(start, this_process());
    others_scanned = !last_begun_ || scans_->is_any_between(*last_begun_, scan);
    return {};
  });
  if (!begun) return fail(begun.error());
  std::erase_if(running_, [](const auto& entry) { return entry.second.given_up; });
  results_->forget_setbacks();
  if (others_scanned) results_->forget_latest();
  last_begun_ = scan;
  running_[scan] = RunningScan{start.started_at, {name, url}, start.others, std::nullopt};
  return scan;
}

Status Store::Impl::write_vcenter(ScanId scan, const model::VcenterAbout& about) {
  std::int64_t vcenter_id = 0;
  auto written =
      write_scan(scan, "storing the vCenter's identity", [&](const RunningScan& running) -> Status {
        const auto other = scans_->taken_for(about, running.own, running.others);
        if (other) return fail(passes_for(running.own.name, *other));
        vcenter_id = scans_->write_vcenter(scan, about);
        for (const auto& [id, one] : running_) {
          if (id == scan || one.vcenter_id != vcenter_id || one.given_up) continue;
          return fail(same_vcenter(running.own.name, one.own.name));
        }
        return {};
      });
  if (written) running_[scan].vcenter_id = vcenter_id;
  return written;
}

Result<std::int64_t> Store::Impl::vcenter_of(ScanId scan, std::string_view doing) const {
  const auto running = running_.find(scan);
  if (running == running_.end()) return fail(refuse(scan, doing, "was not begun here"));
  if (!running->second.vcenter_id) return fail(refuse(scan, doing, "has no vCenter yet"));
  return *running->second.vcenter_id;
}

Result<std::vector<model::HistoryPoint>> Store::Impl::guest_history(ScanId scan,
                                                                    const GuestKey& guest,
                                                                    std::size_t most) {
  constexpr std::string_view kDoing = "reading a guest's history";
  const auto vcenter = vcenter_of(scan, kDoing);
  if (!vcenter) return fail(vcenter.error());
  const GuestHistory::Moment moment{*vcenter, scan, running_[scan].started_at};
  return connection_.attempt(kDoing, [&]() -> Result<std::vector<model::HistoryPoint>> {
    std::vector<model::HistoryPoint> points;
    const auto vm_id = results_->vm_id(moment.vcenter_id, guest);
    if (vm_id && !history_->read(moment, *vm_id, most, points)) {
      return fail(damaged(connection_.path(), kDoing, fmt::format("a sample of VM {}", *vm_id)));
    }
    return points;
  });
}

Result<std::optional<UtcTime>> Store::Impl::last_start(const std::string& vcenter_name) {
  if (auto ready = follow_file(); !ready) return fail(ready.error());
  return connection_.attempt("looking for a vCenter's last scan",
                             [&] { return scans_->last_start(vcenter_name); });
}

Result<std::vector<model::GuestRecord>> Store::Impl::guest_records(ScanId scan,
                                                                   UtcTime reads_since) {
  constexpr std::string_view kDoing = "reading what is known of the guests";
  const auto vcenter = vcenter_of(scan, kDoing);
  if (!vcenter) return fail(vcenter.error());
  return connection_.attempt(kDoing, [&]() -> Result<std::vector<model::GuestRecord>> {
    auto records = read_guest_records(connection_.db(), *vcenter, reads_since);
    if (!records) return fail(damaged(connection_.path(), kDoing, "a guest's setback"));
    return std::move(*records);
  });
}

Result<std::vector<model::LoginSetback>> Store::Impl::login_setbacks(ScanId scan) {
  constexpr std::string_view kDoing = "reading which logins are suspended";
  const auto vcenter = vcenter_of(scan, kDoing);
  if (!vcenter) return fail(vcenter.error());
  return connection_.attempt(kDoing, [&]() -> Result<std::vector<model::LoginSetback>> {
    auto setbacks = read_login_setbacks(connection_.db(), *vcenter);
    if (!setbacks) return fail(damaged(connection_.path(), kDoing, "a login's setback"));
    return std::move(*setbacks);
  });
}

Status Store::Impl::write_login_setback(ScanId scan, const model::LoginSetback& setback) {
  const std::string doing = "storing that login " + printable(setback.username) +
                            (setback.failures == 0 ? " works" : " was refused");
  const auto vcenter = vcenter_of(scan, doing);
  if (!vcenter) return fail(vcenter.error());
  return connection_.attempt(doing, [&]() -> Status {
    if (!connection_.is_in_place()) return fail(replaced(doing));
    const FlushedCommits flushed(connection_.db());
    return write(doing, [&]() -> Status {
      storage::write_login_setback(connection_.db(), *vcenter, setback);
      return {};
    });
  });
}

Status Store::Impl::finish_scan(ScanId scan, const ScanEnd& scan_end) {
  constexpr std::string_view kDoing = "finishing the scan";
  auto finished = connection_.attempt(kDoing, [&]() -> Status {
    if (!connection_.is_in_place()) return fail(replaced(kDoing));
    const FlushedCommits flushed(connection_.db());
    return write_scan(scan, kDoing, [&](const RunningScan& running) -> Status {
      scans_->finish(scan, scan_end.status, scan_end.finished_at, scan_end.error,
                     running.tally.counts());
      return {};
    });
  });
  if (!finished) {
    if (const auto here = running_.find(scan); here != running_.end()) here->second.given_up = true;
    return finished;
  }
  running_.erase(scan);
  connection_.shorten_log();
  return {};
}

Status Store::Impl::roll_up() {
  if (auto ready = follow_file(); !ready) return ready;
  return Rollup(connection_).build_missing();
}

Status Store::Impl::rebuild_rollups() {
  if (auto ready = follow_file(); !ready) return ready;
  Rollup rollup(connection_);
  auto forgotten = rollup.forget();
  if (!forgotten) return forgotten;
  return rollup.build_missing();
}

Result<RejudgeReport> Store::Impl::rejudge(UtcTime since, bool dry_run) {
  if (auto ready = follow_file(); !ready) return fail(ready.error());
  auto report = Rejudging(connection_, *results_, *history_).run(since, dry_run);
  if (!report) results_->forget();
  return report;
}

Status Store::Impl::prune(const Retention& keep, UtcTime now) {
  if (auto ready = follow_file(); !ready) return ready;
  Pruning pruning(connection_);
  const auto hourly = std::max(keep.hourly, keep.raw);
  const auto daily = std::max(keep.daily, hourly);
  auto pruned = pruning.remove_scans(now - keep.raw);
  if (pruned) pruned = pruning.remove_periods(kHour, now - hourly);
  if (pruned) pruned = pruning.remove_periods(kDay, now - daily);
  connection_.shorten_log();
  return pruned;
}

}  // namespace ballast::storage
