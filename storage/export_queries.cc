#include "storage/export_queries.h"

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "storage/read/export_names.h"
#include "storage/read/period_reader.h"
#include "storage/read/vm_row.h"
#include "storage/rollup/period.h"
#include "storage/sqlite/bound_statement.h"
#include "storage/sqlite/connection.h"
#include "storage/sqlite/schema.h"

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
  std::vector<std::int64_t> scans(const ExportQuery& query, const ExportNames& names);
  std::vector<BuiltPeriod> periods(const PeriodKind& kind, const ExportQuery& query,
                                   const ExportNames& names);

  Connection connection_;
};

template <class Read>
Status ExportQueries::Impl::at_one_moment(const ExportQuery& query, Read read) {
  return connection_.attempt(kExporting, [&]() -> Status {
    const SQLite::Transaction moment(connection_.db(), SQLite::TransactionBehavior::DEFERRED);
    const ExportNames names(connection_.db(), query);
    if (!names.any_vcenter_wanted()) return fail(no_vcenter(query.vcenter, names));
    return read(names);
  });
}

std::vector<BuiltPeriod> ExportQueries::Impl::periods(const PeriodKind& kind,
                                                      const ExportQuery& query,
                                                      const ExportNames& names) {
  SQLite::Statement statement(connection_.db(),
                              "SELECT start_ms, vcenter_id FROM rollup WHERE period = ?1 AND "
                              "start_ms >= ?2 AND start_ms < ?3 ORDER BY start_ms, vcenter_id");
  const Span span = span_of(query);
  std::vector<BuiltPeriod> periods;
  for (BoundStatement row(statement, kind.word, span.first_ms, span.end_ms); row.step();) {
    if (!names.vcenter_wanted(row.integer(1))) continue;
    if (periods.empty() || periods.back().start_ms != row.integer(0)) {
      periods.push_back({row.integer(0), {}});
    }
    periods.back().vcenters.push_back(row.integer(1));
  }
  return periods;
}

template <class Read>
Status ExportQueries::Impl::for_each_period(const PeriodKind& kind, const ExportQuery& query,
                                            const ExportNames& names, Read read) {
  for (const BuiltPeriod& period : periods(kind, query, names)) {
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

std::vector<std::int64_t> ExportQueries::Impl::scans(const ExportQuery& query,
                                                     const ExportNames& names) {
  SQLite::Statement statement(connection_.db(),
                              "SELECT id, vcenter_id FROM usable_scan WHERE started_ms >= ?1 AND "
                              "started_ms < ?2 ORDER BY started_ms, id");
  const Span span = span_of(query);
  std::vector<std::int64_t> scans;
  for (BoundStatement row(statement, span.first_ms, span.end_ms); row.step();) {
    if (names.vcenter_wanted(row.integer(1))) scans.push_back(row.integer(0));
  }
  return scans;
}

Status ExportQueries::Impl::samples(const ExportQuery& query, const ExportNames& names,
                                    const std::function<bool(const model::JudgedGuest&)>& visit) {
  RowCursor row(connection_.db(), select_vm_rows("WHERE scan.id = ?1 ORDER BY sample.id"));
  VmRowReader reader(connection_.db());
  model::JudgedGuest sample;
  for (const std::int64_t scan : scans(query, names)) {
    VmCursor vms(names.vms());
    for (const auto run = row.run(scan); row.step();) {
      const auto* vm = vms.find(row.integer(kVmIdColumn));
      if (vm != nullptr && !vm->wanted) continue;
      if (vm == nullptr || !reader.read(row, sample)) {
        return fail(
            damaged(connection_.path(), kExporting,
                    fmt::format("sample of VM {} in scan {}", row.integer(kVmIdColumn), scan)));
      }
      sample.vcenter = vm->names.vcenter;
      if (!names.place_wanted(sample.cluster, sample.host)) continue;
      if (!visit(sample)) return {};
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
  auto known = require_current_schema(*connection, newest_schema_version());
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
