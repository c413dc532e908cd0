#include "storage/export_queries.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "storage/read/export_names.h"
#include "storage/read/period_reader.h"
#include "storage/read/scans.h"
#include "storage/read/vm_row.h"
#include "storage/rollup/period.h"
#include "storage/schema/schema.h"
#include "storage/sqlite/connection.h"

namespace ballast::storage {
namespace {

constexpr std::string_view kExporting = "reading the database for export";
constexpr std::size_t kMaxNameBytes = 80;

struct Span {
  std::int64_t first_ms;
  std::int64_t end_ms;
};
Span span_of(const ExportQuery& query) {
  constexpr UtcTime kFirst = UtcTime::min();
  constexpr UtcTime kEnd = UtcTime::max();
  return {query.since.value_or(kFirst).time_since_epoch().count(),
          query.until.value_or(kEnd).time_since_epoch().count()};
}

Error no_vcenter(const std::string& pattern, const ExportNames& names) {
  std::vector<std::string> known;
  for (const auto& name : names.vcenter_names()) known.push_back(printable(name, kMaxNameBytes));
  return {
      ErrorCode::kNotFound,
      fmt::format("no vCenter called \"{}\" was scanned", printable(pattern, kMaxNameBytes)),
      known.empty() ? "run `ballast scan` first" : fmt::format("one of {}", fmt::join(known, "; ")),
      ""};
}

}  // namespace

class ExportQueries::Impl {
 public:
  explicit Impl(Connection connection) : connection_(std::move(connection)) {}

  // Calls read(names), which returns Status, on one moment of the database.
  template <class Read>
  Status at_one_moment(const ExportQuery& query, Read read);
  // Calls read(period), which returns Result<bool>, for each built period until it returns false.
  template <class Read>
  Status for_each_period(const PeriodKind& kind, const ExportQuery& query, const ExportNames& names,
                         Read read);
  Status samples(const ExportQuery& query, const ExportNames& names,
                 const std::function<bool(const model::JudgedGuest&)>& visit);
  Status vm_periods(const PeriodKind& kind, const ExportQuery& query,
                    const std::function<bool(const VmPeriodRow&)>& visit);
  Connection& connection() { return connection_; }

 private:
  // Return those that are asked for, oldest first.
  Result<std::vector<ScanRow>> scans(const ExportQuery& query, const ExportNames& names);
  Result<std::vector<BuiltPeriod>> periods(const PeriodKind& kind, const ExportQuery& query,
                                           const ExportNames& names);

  Connection connection_;
};

template <class Read>
Status ExportQueries::Impl::at_one_moment(const ExportQuery& query, Read read) {
  return connection_.attempt(kExporting, [&]() -> Status {
    const SQLite::Transaction moment(connection_.db(), SQLite::TransactionBehavior::DEFERRED);
    const ExportNames names(connection_.db(), query);
    if (!names.is_sound()) return fail(damaged(connection_.path(), kExporting, "a name"));
    if (!names.any_vcenter_wanted()) return fail(no_vcenter(query.vcenter, names));
    return read(names);
  });
}

Result<std::vector<BuiltPeriod>> ExportQueries::Impl::periods(const PeriodKind& kind,
                                                              const ExportQuery& query,
                                                              const ExportNames& names) {
  const Span span = span_of(query);
  auto periods = read_built_periods(connection_, kind, span.first_ms, span.end_ms);
  if (!periods) return periods;
  std::erase_if(*periods, [&](const BuiltPeriod& period) {
    return !names.vcenter_wanted(period.vcenter_id);
  });
  std::sort(periods->begin(), periods->end(), [&](const BuiltPeriod& a, const BuiltPeriod& b) {
    return std::tuple(a.start_ms, names.vcenter_place(a.vcenter_id)) <
           std::tuple(b.start_ms, names.vcenter_place(b.vcenter_id));
  });
  return periods;
}

template <class Read>
Status ExportQueries::Impl::for_each_period(const PeriodKind& kind, const ExportQuery& query,
                                            const ExportNames& names, Read read) {
  const auto all = periods(kind, query, names);
  if (!all) return fail(all.error());
  for (const BuiltPeriod& period : *all) {
    const Result<bool> more = read(period);
    if (!more) return fail(more.error());
    if (!*more) break;
  }
  return {};
}

Status ExportQueries::Impl::vm_periods(const PeriodKind& kind, const ExportQuery& query,
                                       const std::function<bool(const VmPeriodRow&)>& visit) {
  return at_one_moment(query, [&](const ExportNames& names) {
    VmPeriodReader reader(connection_, kind, names);
    return for_each_period(kind, query, names,
                           [&](const BuiltPeriod& period) { return reader.read(period, visit); });
  });
}

Result<std::vector<ScanRow>> ExportQueries::Impl::scans(const ExportQuery& query,
                                                        const ExportNames& names) {
  std::vector<ScanRow> scans;
  for (const std::int64_t vcenter : names.vcenters_wanted()) {
    auto some = read_usable_scans(connection_, vcenter, query.since.value_or(UtcTime::min()),
                                  query.until.value_or(UtcTime::max()));
    if (!some) return some;
    scans.insert(scans.end(), some->begin(), some->end());
  }
  std::stable_sort(scans.begin(), scans.end(), [](const ScanRow& a, const ScanRow& b) {
    return std::tie(a.started_at, a.id) < std::tie(b.started_at, b.id);
  });
  return scans;
}

Status ExportQueries::Impl::samples(const ExportQuery& query, const ExportNames& names,
                                    const std::function<bool(const model::JudgedGuest&)>& visit) {
  RowCursor row(connection_.db(),
                select_samples("WHERE sample.vcenter_id = ?1 AND sample.scan_id = ?2 "
                               "ORDER BY sample.vm_id"));
  VmRowReader reader(connection_.db());
  model::JudgedGuest sample;
  const auto wanted = scans(query, names);
  if (!wanted) return fail(wanted.error());
  for (const ScanRow& scan : *wanted) {
    VmCursor vms(names.vms());
    std::int64_t rows = 0;
    std::int64_t read = 0;
    std::int64_t guests_read = 0;
    for (const auto run = row.run(scan.vcenter_id, scan.id); row.step(); ++rows) {
      const auto* vm = vms.find(row.integer(kVmIdColumn));
      if (vm != nullptr && !vm->wanted) continue;
      if (vm == nullptr || !reader.read(row, sample)) {
        return fail(
            damaged(connection_.path(), kExporting,
                    fmt::format("sample of VM {} in scan {}", row.integer(kVmIdColumn), scan.id)));
      }
      ++read;
      if (sample.guest) ++guests_read;
      sample.vcenter = vm->names.vcenter;
      if (!names.place_wanted(sample.cluster, sample.host)) continue;
      if (!visit(sample)) return {};
    }
    // Guests are counted only where every VM was read.
    if (rows != scan.vms || (read == rows && guests_read != scan.guests_read)) {
      return fail(damaged(connection_.path(), kExporting,
                          fmt::format("scan {} has {} VMs in place of {}, or other guests", scan.id,
                                      rows, scan.vms)));
    }
  }
  return {};
}

ExportQueries::ExportQueries(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ExportQueries::~ExportQueries() = default;

Result<std::unique_ptr<ExportQueries>> ExportQueries::open(const std::string& path,
                                                           OpenOptions options) {
  auto connection = Connection::open_for_reading(path, options);
  if (!connection) return fail(connection.error());
  connection->waiting().expect_rows(kLongestQuery);
  auto known = require_schema(*connection);
  if (known) known = connection->attempt(kExporting, [&] { return check_scans(*connection); });
  if (!known) return fail(known.error());
  return std::unique_ptr<ExportQueries>(
      new ExportQueries(std::make_unique<Impl>(std::move(*connection))));
}

Status ExportQueries::samples(const ExportQuery& query,
                              const std::function<bool(const model::JudgedGuest&)>& visit) {
  return impl_->at_one_moment(
      query, [&](const ExportNames& names) { return impl_->samples(query, names, visit); });
}

Status ExportQueries::hourly(const ExportQuery& query,
                             const std::function<bool(const VmPeriodRow&)>& visit) {
  return impl_->vm_periods(kHour, query, visit);
}

Status ExportQueries::daily(const ExportQuery& query,
                            const std::function<bool(const VmPeriodRow&)>& visit) {
  return impl_->vm_periods(kDay, query, visit);
}

Status ExportQueries::hosts(const ExportQuery& query,
                            const std::function<bool(const HostHourRow&)>& visit) {
  return impl_->at_one_moment(query, [&](const ExportNames& names) {
    HostHourReader reader(impl_->connection(), names);
    return impl_->for_each_period(
        kHour, query, names, [&](const BuiltPeriod& period) { return reader.read(period, visit); });
  });
}

}  // namespace ballast::storage
