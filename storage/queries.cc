#include "storage/queries.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>
#include <type_traits>

#include <fmt/format.h>

#include "storage/read/key_gap.h"
#include "storage/read/places.h"
#include "storage/read/scans.h"
#include "storage/read/vm_periods.h"
#include "storage/read/vm_row.h"
#include "storage/schema/schema.h"
#include "storage/sqlite/bound_statement.h"
#include "storage/sqlite/connection.h"
#include "storage/write/setback_table.h"

namespace ballast::storage {
namespace {

constexpr std::string_view kReading = "reading the database";

// A VM whose name or number matches, and the newest usable scan that has it.
struct Candidate {
  std::int64_t vm_id = 0;
  std::int64_t scan_id = 0;
  bool exact = false;
  bool current = false;  // that scan is its vCenter's newest

  [[nodiscard]] auto rank() const { return std::tuple(!current, !exact); }
};

constexpr const char* kCandidates = R"sql(
WITH candidate AS (
  SELECT id, vcenter_id, name = ?1 OR moref = ?1 OR instance_uuid = ?1 OR bios_uuid = ?1 AS exact
  FROM vm
  WHERE name = ?1 COLLATE NOCASE OR moref = ?1 OR instance_uuid = ?1 COLLATE NOCASE
     OR bios_uuid = ?1 COLLATE NOCASE
), seen AS (
  SELECT id, exact, (
    SELECT scan.id FROM usable_scan AS scan
    WHERE scan.vcenter_id = candidate.vcenter_id AND EXISTS (
      SELECT 1 FROM sample WHERE sample.vcenter_id = scan.vcenter_id
        AND sample.scan_id = scan.id AND sample.vm_id = candidate.id)
    ORDER BY scan.id DESC LIMIT 1) AS scan_id
  FROM candidate
)
SELECT id, scan_id, exact FROM seen WHERE scan_id IS NOT NULL
)sql";

// Of a scan, given by its number, all samples or one.
constexpr const char* kOfScan = "WHERE sample.vcenter_id = ?1 AND scan_id = ?2 ORDER BY vm_id";
constexpr const char* kOfVm = "WHERE sample.vcenter_id = ?1 AND scan_id = ?2 AND vm_id = ?3";

// Figures come from a file that may be damaged: a sum stops at the largest number.
void add(std::int64_t& sum, std::optional<std::int64_t> figure) {
  const std::int64_t value = std::max<std::int64_t>(figure.value_or(0), 0);
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  sum = value > kMost - sum ? kMost : sum + value;
}

}  // namespace

class Queries::Impl {
 public:
  explicit Impl(Connection connection) : connection_(std::move(connection)) {}

  // Calls visit(row) for every row of select_samples(rest).
  template <class Visit, class... Args>
  Status visit_rows(const char* rest, Visit visit, const Args&... args);
  Status visit_scan(const ScanRow& scan,
                    const std::function<void(const model::JudgedGuest&)>& visit);
  Result<std::vector<Candidate>> candidates(const std::string& key);
  Result<std::vector<model::JudgedGuest>> history(std::int64_t vm_id, UtcTime since);
  // Returns what read(db) returns of a finished scan, on one moment of the database: a prune in between
  // would look like damage. An empty optional is damage.
  template <class Read>
  auto read_of_scan(std::int64_t scan_id, Read read)
      -> Result<typename std::invoke_result_t<Read, SQLite::Database&>::value_type>;
  Connection& connection() { return connection_; }

 private:
  Connection connection_;
};

template <class Read>
auto Queries::Impl::read_of_scan(std::int64_t scan_id, Read read)
    -> Result<typename std::invoke_result_t<Read, SQLite::Database&>::value_type> {
  using Value = typename std::invoke_result_t<Read, SQLite::Database&>::value_type;
  return connection_.attempt(kReading, [&]() -> Result<Value> {
    const SQLite::Transaction moment(connection_.db(), SQLite::TransactionBehavior::DEFERRED);
    const auto scan = read_finished_scan(connection_, scan_id);
    if (!scan) return fail(scan.error());
    auto found = read(connection_.db());
    if (found) return std::move(*found);
    return fail(damaged(connection_.path(), kReading,
                        fmt::format("the hosts or pools of scan {}", scan_id)));
  });
}

template <class Visit, class... Args>
Status Queries::Impl::visit_rows(const char* rest, Visit visit, const Args&... args) {
  RowCursor rows(connection_.db(), select_samples(rest));
  VmRowReader reader(connection_.db());
  model::JudgedGuest row;
  for (const auto run = rows.run(args...); rows.step();) {
    if (!reader.read(rows, row)) {
      return fail(damaged(connection_.path(), kReading,
                          fmt::format("sample of VM {} in scan {}", rows.integer(kVmIdColumn),
                                      rows.integer(kScanIdColumn))));
    }
    visit(row);
  }
  return {};
}

Status Queries::Impl::visit_scan(const ScanRow& scan,
                                 const std::function<void(const model::JudgedGuest&)>& visit) {
  std::int64_t vms = 0;
  std::int64_t guests_read = 0;
  auto visited = visit_rows(
      kOfScan,
      [&](const model::JudgedGuest& row) {
        ++vms;
        if (row.guest) ++guests_read;
        visit(row);
      },
      scan.vcenter_id, scan.id);
  if (!visited) return visited;
  if (vms == scan.vms && guests_read == scan.guests_read) return {};
  return fail(damaged(connection_.path(), kReading,
                      fmt::format("scan {} has {} VMs and {} guests in place of {} and {}", scan.id,
                                  vms, guests_read, scan.vms, scan.guests_read)));
}

Result<std::vector<Candidate>> Queries::Impl::candidates(const std::string& key) {
  const auto latest = read_latest_scans(connection_);
  if (!latest) return fail(latest.error());
  RowCursor rows(connection_.db(), kCandidates);
  KeyGap gap(connection_.db(), "sample");
  std::vector<Candidate> found;
  for (const auto run = rows.run(std::string_view(key)); rows.step();) {
    const std::int64_t scan_id = rows.integer(1);
    const bool current = std::any_of(latest->begin(), latest->end(),
                                     [&](const ScanRow& scan) { return scan.id == scan_id; });
    // A VM that seems to be gone may only have lost its row.
    const bool is_gone = std::all_of(latest->begin(), latest->end(), [&](const ScanRow& scan) {
      return scan.id == scan_id || gap.is_sound(scan.vcenter_id, scan.id, rows.integer(0));
    });
    if (!current && !is_gone) {
      return fail(damaged(connection_.path(), kReading,
                          fmt::format("the newest sample of VM {}", rows.integer(0))));
    }
    found.push_back({rows.integer(0), scan_id, rows.integer(2) != 0, current});
  }
  if (found.empty()) return found;

  const auto best = std::min_element(found.begin(), found.end(), [](const auto& a, const auto& b) {
                      return a.rank() < b.rank();
                    })->rank();
  std::erase_if(found, [&](const Candidate& candidate) { return candidate.rank() != best; });
  return found;
}

Result<std::vector<model::JudgedGuest>> Queries::Impl::history(std::int64_t vm_id, UtcTime since) {
  SQLite::Database& db = connection_.db();
  const SQLite::Transaction moment(db, SQLite::TransactionBehavior::DEFERRED);
  RowCursor owner(db, "SELECT vcenter_id FROM vm WHERE id = ?1");
  std::vector<model::JudgedGuest> rows;
  std::int64_t vcenter_id = 0;
  {
    const auto run = owner.run(vm_id);
    if (!owner.step()) return rows;
    vcenter_id = owner.integer(0);
  }
  const auto scans = read_usable_scans(connection_, vcenter_id, since, UtcTime::max());
  if (!scans) return fail(scans.error());
  RowCursor samples(db, select_samples(kOfVm));
  VmRowReader reader(db);
  KeyGap samples_gap(db, "sample");
  KeyGap guests_gap(db, "guest_sample");
  for (const ScanRow& scan : *scans) {
    const auto run = samples.run(vcenter_id, scan.id, vm_id);
    const bool is_there = samples.step();
    model::JudgedGuest row;
    bool is_sound =
        is_there ? reader.read(samples, row) : samples_gap.is_sound(vcenter_id, scan.id, vm_id);
    if (is_sound && is_there && !row.guest) {
      is_sound = guests_gap.is_sound(vcenter_id, scan.id, vm_id);
    }
    if (!is_sound) {
      return fail(damaged(connection_.path(), kReading,
                          fmt::format("sample of VM {} in scan {}", vm_id, scan.id)));
    }
    if (is_there) rows.push_back(std::move(row));
  }
  return rows;
}

Queries::Queries(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Queries::~Queries() = default;

Result<std::unique_ptr<Queries>> Queries::open(const std::string& path, OpenOptions options) {
  auto connection = Connection::open_for_reading(path, options);
  if (!connection) return fail(connection.error());
  connection->waiting().expect_rows(kLongestQuery);
  auto known = require_schema(*connection);
  if (known) known = connection->attempt(kReading, [&] { return check_scans(*connection); });
  if (!known) return fail(known.error());
  return std::unique_ptr<Queries>(new Queries(std::make_unique<Impl>(std::move(*connection))));
}

Result<std::vector<ScanRow>> Queries::latest_scans() {
  return impl_->connection().attempt(kReading,
                                     [&] { return read_latest_scans(impl_->connection()); });
}

Status Queries::for_each_vm(std::int64_t scan_id,
                            const std::function<void(const model::JudgedGuest&)>& visit) {
  return impl_->connection().attempt(kReading, [&]() -> Status {
    // One moment for the check and the rows: a prune in between would look like a scan without VMs.
    const SQLite::Transaction moment(impl_->connection().db(),
                                     SQLite::TransactionBehavior::DEFERRED);
    const auto scan = read_finished_scan(impl_->connection(), scan_id);
    if (!scan) return fail(scan.error());
    return impl_->visit_scan(*scan, visit);
  });
}

Result<std::optional<ScanRow>> Queries::scan_before(const std::string& vcenter, UtcTime when) {
  return impl_->connection().attempt(
      kReading, [&] { return read_scan_before(impl_->connection(), vcenter, when); });
}

Result<std::map<std::string, model::HostLoad>> Queries::host_loads(std::int64_t scan_id,
                                                                   const std::string& only_host) {
  return impl_->read_of_scan(
      scan_id, [&](SQLite::Database& db) { return read_host_loads(db, scan_id, only_host); });
}

Result<std::map<std::string, model::HostLoad>> Queries::idle_hosts(std::int64_t scan_id) {
  return impl_->read_of_scan(scan_id,
                             [&](SQLite::Database& db) { return read_idle_hosts(db, scan_id); });
}

Result<std::map<std::string, model::ResourcePool>> Queries::pools(std::int64_t scan_id) {
  return impl_->read_of_scan(scan_id,
                             [&](SQLite::Database& db) { return read_pools(db, scan_id); });
}

Result<std::vector<model::LoginSetback>> Queries::login_setbacks() {
  return impl_->connection().attempt(kReading, [&]() -> Result<std::vector<model::LoginSetback>> {
    auto found = read_login_setbacks(impl_->connection().db());
    if (!found) return fail(damaged(impl_->connection().path(), kReading, "a login's setback"));
    return std::move(*found);
  });
}

Result<StoreExtent> Queries::extent() {
  auto& connection = impl_->connection();
  return connection.attempt(kReading, [&]() -> Result<StoreExtent> {
    StoreExtent extent;
    extent.schema_version = kSchemaVersion;  // readers know no other
    extent.file_bytes = size_of_database(connection.path());
    extent.vcenters = connection.number("SELECT count(*) FROM vcenter");
    extent.vms = connection.number("SELECT count(*) FROM vm");
    extent.hours = connection.number("SELECT count(*) FROM rollup WHERE period = 'hour'");
    extent.days = connection.number("SELECT count(*) FROM rollup WHERE period = 'day'");
    SQLite::Statement scans(connection.db(),
                            "SELECT count(*), min(started_ms), max(started_ms) FROM usable_scan");
    BoundStatement row(scans);
    row.step();
    extent.scans = row.integer(0);
    if (const auto oldest = row.optional_integer(1)) {
      extent.oldest = UtcTime(std::chrono::milliseconds(*oldest));
      extent.newest = UtcTime(std::chrono::milliseconds(row.integer(2)));
    }
    return extent;
  });
}

Result<std::vector<model::JudgedGuest>> Queries::find_vm(const std::string& key) {
  return impl_->connection().attempt(kReading, [&]() -> Result<std::vector<model::JudgedGuest>> {
    std::vector<model::JudgedGuest> rows;
    if (key.empty()) return rows;  // VMs without a UUID would match
    const auto candidates = impl_->candidates(key);
    if (!candidates) return fail(candidates.error());
    for (const Candidate& candidate : *candidates) {
      const auto scan = read_finished_scan(impl_->connection(), candidate.scan_id);
      if (!scan) return fail(scan.error());
      auto read = impl_->visit_rows(
          kOfVm, [&](const model::JudgedGuest& row) { rows.push_back(row); }, scan->vcenter_id,
          candidate.scan_id, candidate.vm_id);
      if (!read) return fail(read.error());
    }
    std::sort(
        rows.begin(), rows.end(), [](const model::JudgedGuest& a, const model::JudgedGuest& b) {
          return std::tie(a.vcenter, a.vm.name, a.vm_id) < std::tie(b.vcenter, b.vm.name, b.vm_id);
        });
    return rows;
  });
}

Result<std::vector<model::JudgedGuest>> Queries::history(std::int64_t vm_id, UtcTime since) {
  return impl_->connection().attempt(kReading, [&] { return impl_->history(vm_id, since); });
}

Result<std::vector<VmPeriodPoint>> Queries::hours(std::int64_t vm_id, UtcTime since,
                                                  UtcTime until) {
  return impl_->connection().attempt(kReading, [&] {
    return read_periods_of_vm(impl_->connection(), kHour, vm_id, since, until);
  });
}

Result<std::vector<VmPeriodPoint>> Queries::days(std::int64_t vm_id, UtcTime since, UtcTime until) {
  return impl_->connection().attempt(
      kReading, [&] { return read_periods_of_vm(impl_->connection(), kDay, vm_id, since, until); });
}

Result<std::optional<DayFigures>> Queries::day_until(std::int64_t vcenter_id, UtcTime end) {
  return impl_->connection().attempt(kReading, [&]() -> Result<std::optional<DayFigures>> {
    const SQLite::Transaction moment(impl_->connection().db(),
                                     SQLite::TransactionBehavior::DEFERRED);
    return read_day_until(impl_->connection(), vcenter_id, end);
  });
}

void add_to_load(const model::VmView& vm, model::HostLoad& load) {
  ++load.vms;
  if (vm.power != model::PowerState::kPoweredOn) return;
  ++load.vms_on;
  add(load.configured_kib, vm.configured_kib);
  add(load.consumed_kib, vm.stats.consumed_kib);
  add(load.active_kib, vm.stats.active_kib);
  add(load.balloon_kib, vm.stats.balloon_kib);
  add(load.swapped_kib, vm.stats.swapped_kib);
}

}  // namespace ballast::storage
