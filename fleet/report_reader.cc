#include "fleet/report_reader.h"

#include <algorithm>
#include <unordered_set>
#include <utility>
#include <vector>

#include "fleet/causes.h"

namespace ballast::fleet {

namespace {

using model::JudgedGuest;
using std::chrono::milliseconds;
using storage::Queries;
using storage::ScanRow;

// When the vCenter's data begin, after a time at which it has none: halves the time in between, so
// about 40 short queries.
Result<UtcTime> data_since(Queries& queries, const ScanRow& newest, UtcTime none_at) {
  UtcTime first = newest.started_at;
  while (first - none_at > milliseconds(1)) {
    const UtcTime middle = none_at + (first - none_at) / 2;
    const auto scan = queries.scan_before(newest.vcenter, middle);
    if (!scan) return fail(scan.error());
    (*scan ? first : none_at) = *scan ? (*scan)->started_at : middle;
  }
  return first;
}

// Two scans of one vCenter, or two days, whichever the report is about.
struct Comparison {
  ScanComparison what;
  bool before_is_whole = false;
  bool now_is_whole = false;
  std::optional<storage::DayFigures> day_before;
  std::optional<storage::DayFigures> day_now;
};

ComparedDay compared(const storage::DayFigures& day) {
  return {day.from, day.to, day.is_of_calendar};
}

// Reads scan after scan.
class Reader {
 public:
  Reader(Queries& queries, const ReportQuery& query, const ComparedWith& with)
      : queries_(queries), with_(with), finder_(query, with.when.value_or(UtcTime{})) {}

  Status read(const FleetScan& fleet, ReportBuilder& builder) {
    comparison_ = {};
    seen_.clear();
    if (with_.when) {
      if (auto begun = begin_comparison(fleet); !begun) return begun;
    }
    auto read = read_scan(*fleet.usable, fleet, builder);
    for (const ScanRow& scan : fleet.earlier) {
      const auto told = static_cast<std::int64_t>(seen_.size());
      if (read) read = read_scan(scan, fleet, builder);
      const auto more = static_cast<std::int64_t>(seen_.size()) - told;
      builder.add_earlier({fleet.vcenter, scan.started_at, more});
    }
    if (!read || !is_compared() || !finder_.has_gone()) return read;
    return add_gone();
  }

  Changes finish() { return finder_.finish(); }

 private:
  [[nodiscard]] bool is_compared() const { return comparison_.what.is_compared(); }

  // In one walk over the VMs: those whose causes are told wait until what else is on their hosts is
  // known.
  Status read_scan(const ScanRow& scan, const FleetScan& fleet, ReportBuilder& builder) {
    auto hosts = queries_.idle_hosts(scan.id);
    if (!hosts) return fail(hosts.error());
    auto pools = queries_.pools(scan.id);
    if (!pools) return fail(pools.error());
    ScanPlaces surroundings{std::move(*hosts), std::move(*pools)};
    std::vector<JudgedGuest> waiting;
    auto read = queries_.for_each_vm(scan.id, [&](const JudgedGuest& row) {
      const auto host = surroundings.hosts.find(row.vm.host_moref);
      if (host != surroundings.hosts.end()) storage::add_to_load(row.vm, host->second);
      // Of a VM the newest scan counts that has it.
      if (!fleet.earlier.empty() && !seen_.insert(row.vm_id).second) return;
      if (row.has_balloon() && builder.lists(row)) {
        waiting.push_back(row);
      } else {
        builder.add(row);
      }
      if (is_compared()) finder_.compare(row, day_of(row.vm_id));
    });
    for (const JudgedGuest& row : waiting) builder.add(row, surroundings.around(row.vm));
    return read;
  }

  // Chooses what to compare with, and remembers its VMs.
  Status begin_comparison(const FleetScan& fleet) {
    auto chosen = with_.is_instant ? choose_scans(fleet) : choose_days(fleet);
    if (!chosen) return chosen;
    finder_.begin(comparison_.what, comparison_.before_is_whole, comparison_.now_is_whole);
    if (!is_compared()) return {};
    if (const auto& day = comparison_.day_before) {
      for (const auto& vm : day->vms) finder_.remember(vm);
      return {};
    }
    return queries_.for_each_vm(comparison_.what.before->id,
                                [&](const JudgedGuest& row) { finder_.remember(row); });
  }

  Status choose_scans(const FleetScan& fleet) {
    ScanComparison& what = comparison_.what;
    what.vcenter = fleet.vcenter;
    what.limited_to = fleet.usable->limited_to;
    auto before = queries_.scan_before(fleet.vcenter, *with_.when);
    if (!before) return fail(before.error());
    what.before = std::move(*before);
    if (!what.before) {
      const auto first = data_since(queries_, *fleet.usable, *with_.when);
      if (!first) return fail(first.error());
      what.data_since = *first;
      return {};
    }
    what.is_newest = what.before->id == fleet.usable->id;
    comparison_.before_is_whole = tells_of_all(*what.before, *fleet.usable);
    comparison_.now_is_whole = tells_of_all(*fleet.usable, *what.before);
    return {};
  }

  Status choose_days(const FleetScan& fleet) {
    if (auto chosen = choose_scans(fleet); !chosen) return chosen;
    ScanComparison& what = comparison_.what;
    if (what.is_newest) return {};
    auto before = queries_.day_until(fleet.usable->vcenter_id, *with_.when);
    if (!before) return fail(before.error());
    if (!*before) return {};  // a day without a scan: the last one before it counts
    auto now = queries_.day_until(fleet.usable->vcenter_id, fleet.usable->started_at);
    if (!now) return fail(now.error());
    comparison_.before_is_whole = (*before)->is_whole || comparison_.before_is_whole;
    comparison_.now_is_whole = fleet.usable->tells_of_all() || comparison_.now_is_whole;
    comparison_.day_before = std::move(*before);
    comparison_.day_now = std::move(*now);
    what.data_since.reset();
    what.day_before = compared(*comparison_.day_before);
    if (comparison_.day_now) what.day_now = compared(*comparison_.day_now);
    return {};
  }

  [[nodiscard]] const storage::DayOfVm* day_of(std::int64_t vm_id) const {
    if (!comparison_.day_now) return nullptr;
    const auto& vms = comparison_.day_now->vms;
    const auto found = std::lower_bound(
        vms.begin(), vms.end(), vm_id,
        [](const storage::DayOfVm& day, std::int64_t id) { return day.vm_id < id; });
    return found != vms.end() && found->vm_id == vm_id ? &*found : nullptr;
  }

  Status add_gone() {
    if (const auto& day = comparison_.day_before) {
      for (const auto& vm : day->vms) finder_.add_gone(vm, comparison_.what.vcenter);
      return {};
    }
    return queries_.for_each_vm(comparison_.what.before->id,
                                [&](const JudgedGuest& row) { finder_.add_gone(row); });
  }

  Queries& queries_;
  ComparedWith with_;
  ChangeFinder finder_;
  Comparison comparison_;                  // of the vCenter being read
  std::unordered_set<std::int64_t> seen_;  // its VMs, where several scans count
};

}  // namespace

Result<Report> read_report(Queries& queries, const ReportQuery& query, const ComparedWith& with,
                           UtcTime now) {
  const auto scans = queries.latest_scans();
  if (!scans) return fail(scans.error());
  ReportBuilder builder(query, group_scans(*scans), now);
  Reader reader(queries, query, with);
  for (const auto& scan : builder.scans()) {
    if (!scan.usable) continue;
    if (auto read = reader.read(scan, builder); !read) return fail(read.error());
  }
  auto logins = queries.login_setbacks();
  if (!logins) return fail(logins.error());
  Report report = builder.finish();
  report.logins = suspended(std::move(*logins), now);
  if (with.when) report.changes = reader.finish();
  return report;
}

}  // namespace ballast::fleet
