#include "fleet/report_reader.h"

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

Result<ScanComparison> choose_scans(Queries& queries, const FleetScan& fleet, UtcTime since) {
  ScanComparison scans;
  scans.vcenter = fleet.vcenter;
  auto before = queries.scan_before(fleet.vcenter, since);
  if (!before) return fail(before.error());
  scans.before = std::move(*before);
  if (!scans.before) {
    const auto first = data_since(queries, *fleet.usable, since);
    if (!first) return fail(first.error());
    scans.data_since = *first;
  }
  scans.limited_to = fleet.usable->limited_to;
  scans.is_newest = scans.before && scans.before->id == fleet.usable->id;
  return scans;
}

// Reads scan after scan.
class Reader {
 public:
  Reader(Queries& queries, const ReportQuery& query, std::optional<UtcTime> since)
      : queries_(queries), since_(since), finder_(query, since.value_or(UtcTime{})) {}

  Status read(const FleetScan& fleet, ReportBuilder& builder) {
    std::optional<ScanRow> before;
    if (since_) {
      auto found = begin_comparison(fleet);
      if (!found) return fail(found.error());
      before = std::move(*found);
    }
    auto read = read_newest(fleet.usable->id, before.has_value(), builder);
    if (!read || !before || !finder_.has_gone()) return read;
    return queries_.for_each_vm(before->id, [&](const JudgedGuest& row) { finder_.add_gone(row); });
  }

  Changes finish() { return finder_.finish(); }

 private:
  // In one walk over the VMs: those whose causes are told wait until what else is on their hosts is
  // known.
  Status read_newest(std::int64_t scan, bool compared, ReportBuilder& builder) {
    auto hosts = queries_.idle_hosts(scan);
    if (!hosts) return fail(hosts.error());
    auto pools = queries_.pools(scan);
    if (!pools) return fail(pools.error());
    ScanPlaces surroundings{std::move(*hosts), std::move(*pools)};
    std::vector<JudgedGuest> waiting;
    auto read = queries_.for_each_vm(scan, [&](const JudgedGuest& row) {
      const auto host = surroundings.hosts.find(row.vm.host_moref);
      if (host != surroundings.hosts.end()) storage::add_to_load(row.vm, host->second);
      if (row.has_balloon() && builder.lists(row)) {
        waiting.push_back(row);
      } else {
        builder.add(row);
      }
      if (compared) finder_.compare(row);
    });
    for (const JudgedGuest& row : waiting) builder.add(row, surroundings.around(row.vm));
    return read;
  }
  // The scan to compare with, if there is one; it is remembered then.
  Result<std::optional<ScanRow>> begin_comparison(const FleetScan& fleet) {
    auto scans = choose_scans(queries_, fleet, *since_);
    if (!scans) return fail(scans.error());
    auto before = scans->is_newest ? std::nullopt : scans->before;
    finder_.begin(std::move(*scans), before && tells_of_all(*before, *fleet.usable),
                  before && tells_of_all(*fleet.usable, *before));
    if (!before) return std::optional<ScanRow>();
    const auto read =
        queries_.for_each_vm(before->id, [&](const JudgedGuest& row) { finder_.remember(row); });
    if (!read) return fail(read.error());
    return before;
  }

  Queries& queries_;
  std::optional<UtcTime> since_;
  ChangeFinder finder_;
};

}  // namespace

Result<Report> read_report(Queries& queries, const ReportQuery& query, std::optional<UtcTime> since,
                           UtcTime now) {
  const auto scans = queries.latest_scans();
  if (!scans) return fail(scans.error());
  ReportBuilder builder(query, group_scans(*scans), now);
  Reader reader(queries, query, since);
  for (const auto& scan : builder.scans()) {
    if (!scan.usable) continue;
    if (auto read = reader.read(scan, builder); !read) return fail(read.error());
  }
  auto logins = queries.login_setbacks();
  if (!logins) return fail(logins.error());
  Report report = builder.finish();
  report.logins = suspended(std::move(*logins), now);
  if (since) report.changes = reader.finish();
  return report;
}

}  // namespace ballast::fleet
