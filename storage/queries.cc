#include "storage/queries.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include "base/text.h"
#include "storage/read/places.h"
#include "storage/read/vm_row.h"
#include "storage/sqlite/bound_statement.h"
#include "storage/sqlite/connection.h"
#include "storage/sqlite/schema.h"
#include "storage/sqlite/words.h"
#include "storage/write/setback_table.h"

namespace ballast::storage {
namespace {

constexpr std::string_view kReading = "reading the database";

// The newest finished scan of each vCenter; of those that never reached one, the newest of each
// configured name, unless a later scan of that name did better.
constexpr const char* kLatestScans = R"sql(
WITH newest (id) AS (
  SELECT (SELECT max(id) FROM scan WHERE vcenter_id = vcenter.id AND status <> 'running')
    FROM vcenter
  UNION ALL
  SELECT (SELECT max(id) FROM usable_scan WHERE vcenter_id = vcenter.id) FROM vcenter
  UNION ALL
  SELECT max(id) FROM scan AS lost
    WHERE vcenter_id IS NULL AND status = 'failed' AND NOT EXISTS (
      SELECT 1 FROM scan AS later WHERE later.vcenter_name = lost.vcenter_name
        AND later.id > lost.id AND later.status <> 'running' AND later.vcenter_id IS NOT NULL)
    GROUP BY vcenter_name
)
SELECT DISTINCT scan.id, scan.vcenter_name, scan.vcenter_url,
       coalesce(vcenter.instance_uuid, ''), scan.started_ms, scan.finished_ms, scan.status,
       scan.error, scan.vms, scan.guests_read, scan.guests_failed, scan.limited_to
FROM newest JOIN scan ON scan.id = newest.id LEFT JOIN vcenter ON vcenter.id = scan.vcenter_id
ORDER BY scan.vcenter_name, scan.id DESC
)sql";

constexpr const char* kScanBefore = R"sql(
SELECT scan.id, scan.vcenter_name, scan.vcenter_url, coalesce(vcenter.instance_uuid, ''),
       scan.started_ms, scan.finished_ms, scan.status, scan.error, scan.vms, scan.guests_read,
       scan.guests_failed, scan.limited_to
FROM usable_scan AS scan LEFT JOIN vcenter ON vcenter.id = scan.vcenter_id
WHERE scan.vcenter_name = ?1 AND scan.started_ms <= ?2 ORDER BY scan.id DESC LIMIT 1
)sql";

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
  SELECT id, vcenter_id, exact, (
    SELECT scan.id FROM usable_scan AS scan
    WHERE scan.vcenter_id = candidate.vcenter_id AND EXISTS (
      SELECT 1 FROM sample WHERE sample.id = (scan.id << 32 | candidate.id))
    ORDER BY scan.id DESC LIMIT 1) AS scan_id
  FROM candidate
)
SELECT id, scan_id, exact,
       scan_id = (SELECT max(id) FROM usable_scan AS scan WHERE scan.vcenter_id = seen.vcenter_id)
FROM seen WHERE scan_id IS NOT NULL
)sql";

Result<ScanRow> read_scan(BoundStatement& row, const Connection& connection) {
  const auto time = [&](int column) {
    return UtcTime(std::chrono::milliseconds(row.integer(column)));
  };
  ScanRow scan;
  scan.id = row.integer(0);
  scan.vcenter = row.text(1);
  scan.vcenter_url = row.text(2);
  scan.vcenter_uuid = row.text(3);
  scan.started_at = time(4);
  scan.finished_at = time(5);
  const auto status = status_from_word(row.text(6));
  if (!status) {
    return fail(damaged(connection.path(), kReading, fmt::format("status of scan {}", scan.id)));
  }
  scan.status = *status;
  scan.error = row.text(7);
  scan.vms = row.integer(8);
  scan.guests_read = row.integer(9);
  scan.guests_failed = row.integer(10);
  scan.limited_to = row.text(11);
  return scan;
}

// Figures come from a file that may be damaged: a sum stops at the largest number.
void add(std::int64_t& sum, std::optional<std::int64_t> figure) {
  const std::int64_t value = std::max<std::int64_t>(figure.value_or(0), 0);
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  sum = value > kMost - sum ? kMost : sum + value;
}

bool is_failed(const ScanRow& scan) { return scan.status == model::ScanStatus::kFailed; }

}  // namespace

class Queries::Impl {
 public:
  explicit Impl(Connection connection) : connection_(std::move(connection)) {}

  Result<std::vector<ScanRow>> latest_scans();
  Status require_finished(std::int64_t scan_id);
  // Calls visit(row) for every row of select_vm_rows(condition).
  template <class Visit, class... Args>
  Status visit_rows(const char* condition, Visit visit, const Args&... args);
  std::vector<Candidate> candidates(const std::string& key);
  Connection& connection() { return connection_; }

 private:
  Connection connection_;
};

Result<std::vector<ScanRow>> Queries::Impl::latest_scans() {
  SQLite::Statement statement(connection_.db(), kLatestScans);
  std::vector<ScanRow> scans;
  for (BoundStatement row(statement); row.step();) {
    auto scan = read_scan(row, connection_);
    if (!scan) return fail(scan.error());
    // A name may have stood for several vCenters (its URL was changed): the newest scan counts, and
    // behind a failed one the newest usable one.
    const bool first = scans.empty() || scans.back().vcenter != scan->vcenter;
    const bool behind_failed = !first && is_failed(scans.back()) && !is_failed(*scan);
    if (first || behind_failed) scans.push_back(std::move(*scan));
  }
  return scans;
}

// A scan that is being pruned still has its row, but must not look like one without VMs.
Status Queries::Impl::require_finished(std::int64_t scan_id) {
  SQLite::Statement statement(connection_.db(),
                              "SELECT 1 FROM scan WHERE id = ?1 AND status <> 'running' AND "
                              "NOT (status = 'failed' AND error = 'pruned')");
  if (BoundStatement row(statement, scan_id); row.step()) return {};
  return fail(ErrorCode::kNotFound,
              fmt::format("{} ({}): there is no finished scan {}", kReading,
                          printable(connection_.path()), scan_id),
              "it may have been removed meanwhile: run the command again");
}

template <class Visit, class... Args>
Status Queries::Impl::visit_rows(const char* condition, Visit visit, const Args&... args) {
  RowCursor rows(connection_.db(), select_vm_rows(condition));
  VmRowReader reader(connection_.db());
  model::JudgedGuest row;
  for (const auto run = rows.run(args...); rows.step();) {
    if (!reader.read(rows, row)) {
      return fail(
          damaged(connection_.path(), kReading,
                  fmt::format("sample of VM {} in scan {}", rows.integer(3), rows.integer(0))));
    }
    visit(row);
  }
  return {};
}

std::vector<Candidate> Queries::Impl::candidates(const std::string& key) {
  SQLite::Statement statement(connection_.db(), kCandidates);
  std::vector<Candidate> found;
  for (BoundStatement row(statement, key); row.step();) {
    found.push_back({row.integer(0), row.integer(1), row.integer(2) != 0, row.integer(3) != 0});
  }
  if (found.empty()) return found;

  const auto best = std::min_element(found.begin(), found.end(), [](const auto& a, const auto& b) {
                      return a.rank() < b.rank();
                    })->rank();
  std::erase_if(found, [&](const Candidate& candidate) { return candidate.rank() != best; });
  return found;
}

Queries::Queries(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Queries::~Queries() = default;

Result<std::unique_ptr<Queries>> Queries::open(const std::string& path, OpenOptions options) {
  auto connection = Connection::open_for_reading(path, options);
  if (!connection) return fail(connection.error());
  auto known = require_current_schema(*connection, newest_schema_version());
  if (!known) return fail(known.error());
  return std::unique_ptr<Queries>(new Queries(std::make_unique<Impl>(std::move(*connection))));
}

Result<std::vector<ScanRow>> Queries::latest_scans() {
  return impl_->connection().attempt(kReading, [&] { return impl_->latest_scans(); });
}

Status Queries::for_each_vm(std::int64_t scan_id,
                            const std::function<void(const model::JudgedGuest&)>& visit) {
  return impl_->connection().attempt(kReading, [&]() -> Status {
    // One moment for the check and the rows: a prune in between would look like a scan without VMs.
    const SQLite::Transaction moment(impl_->connection().db(),
                                     SQLite::TransactionBehavior::DEFERRED);
    if (auto finished = impl_->require_finished(scan_id); !finished) return finished;
    return impl_->visit_rows("WHERE scan.id = ?1", visit, scan_id);
  });
}

Result<std::optional<ScanRow>> Queries::scan_before(const std::string& vcenter, UtcTime when) {
  return impl_->connection().attempt(kReading, [&]() -> Result<std::optional<ScanRow>> {
    SQLite::Statement statement(impl_->connection().db(), kScanBefore);
    BoundStatement row(statement, vcenter,
                       static_cast<std::int64_t>(when.time_since_epoch().count()));
    if (!row.step()) return std::optional<ScanRow>();
    auto scan = read_scan(row, impl_->connection());
    if (!scan) return fail(scan.error());
    return std::optional<ScanRow>(std::move(*scan));
  });
}

Result<std::map<std::string, model::HostLoad>> Queries::host_loads(std::int64_t scan_id) {
  return impl_->connection().attempt(
      kReading, [&] { return read_host_loads(impl_->connection().db(), scan_id); });
}

Result<std::map<std::string, model::HostLoad>> Queries::idle_hosts(std::int64_t scan_id) {
  return impl_->connection().attempt(
      kReading, [&] { return read_idle_hosts(impl_->connection().db(), scan_id); });
}

Result<std::map<std::string, model::ResourcePool>> Queries::pools(std::int64_t scan_id) {
  return impl_->connection().attempt(kReading,
                                     [&] { return read_pools(impl_->connection().db(), scan_id); });
}

Result<std::vector<model::LoginSetback>> Queries::login_setbacks() {
  return impl_->connection().attempt(kReading,
                                     [&] { return read_login_setbacks(impl_->connection().db()); });
}

Result<StoreExtent> Queries::extent() {
  auto& connection = impl_->connection();
  return connection.attempt(kReading, [&]() -> Result<StoreExtent> {
    StoreExtent extent;
    extent.schema_version = newest_schema_version();  // readers know no other
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
    for (const Candidate& candidate : impl_->candidates(key)) {
      auto read = impl_->visit_rows(
          "WHERE scan.id = ?1 AND sample.id = (?1 << 32 | ?2)",
          [&](const model::JudgedGuest& row) { rows.push_back(row); }, candidate.scan_id,
          candidate.vm_id);
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
  return impl_->connection().attempt(kReading, [&]() -> Result<std::vector<model::JudgedGuest>> {
    std::vector<model::JudgedGuest> rows;
    auto read = impl_->visit_rows(
        "WHERE scan.vcenter_id = (SELECT vcenter_id FROM vm WHERE id = ?1) "
        "AND sample.id = (scan.id << 32 | ?1) "
        "AND scan.started_ms >= ?2 ORDER BY scan.id",
        [&](const model::JudgedGuest& row) { rows.push_back(row); }, vm_id,
        since.time_since_epoch().count());
    if (!read) return fail(read.error());
    return rows;
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
