#include "hub/upload.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "base/time.h"
#include "hub/content_id.h"
#include "hub/hub_error.h"
#include "hub/schema.h"
#include "hub/send/sender_impl.h"

namespace ballast::hub {
namespace {

constexpr std::string_view kSending = "sending a scan to the hub";
constexpr std::chrono::minutes kPatience{10};
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kMayBeAheadMs = 5 * kMinuteMs;
// How far the number of a scan may be from the one it asks for.
constexpr std::int64_t kNumbersTried = 3600;

// Columns of the table scan, in storage/schema/tables.sql.
enum ScanColumn {
  kScanId,
  kScanUuid,
  kScanVcenter,
  kScanVcenterName,
  kScanVcenterUrl,
  kScanLimitedTo,
  kScanStatus,
  kScanStarted
};
constexpr std::size_t kScanFinished = kScanStarted + 1;
constexpr std::size_t kScanVms = kScanFinished + 2;

std::int64_t number_of(const Row& row, std::size_t column) {
  const auto* number = std::get_if<std::int64_t>(&row[column]);
  return number == nullptr ? 0 : *number;
}
std::string text_of(const Row& row, std::size_t column) {
  return std::string(std::get<std::string_view>(row[column]));
}

}  // namespace

Result<Sender::Impl::Scan> Sender::Impl::read_scan(std::int64_t scan) {
  std::optional<Scan> found;
  auto read = store_.read(
      "scan", "id = ?1",
      [&](const Row& row) -> Status {
        Scan& one = found.emplace();
        one.id = number_of(row, kScanId);
        if (const auto* vcenter = std::get_if<std::int64_t>(&row[kScanVcenter]))
          one.vcenter = *vcenter;
        one.uuid = text_of(row, kScanUuid);
        one.vcenter_url = text_of(row, kScanVcenterUrl);
        one.status = text_of(row, kScanStatus);
        one.started_ms = number_of(row, kScanStarted);
        one.finished_ms = number_of(row, kScanFinished);
        one.vms = number_of(row, kScanVms);
        one.guests_read = number_of(row, kScanVms + 1);
        one.hosts = number_of(row, kScanVms + 3);
        one.pools = number_of(row, kScanVms + 4);
        return {};
      },
      scan);
  if (!read) return fail(std::move(read.error()));
  if (!found || found->status == "running") {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: {} has no scan {} that ended", kSending, store_.path(), scan));
  }
  return std::move(*found);
}

Result<std::optional<Sender::Impl::Vcenter>> Sender::Impl::read_vcenter(const Scan& scan) {
  std::optional<Vcenter> found;
  if (!scan.vcenter) return found;
  auto read = store_.read(
      "vcenter", "id = ?1",
      [&](const Row& row) -> Status {
        found = Vcenter{number_of(row, 0), text_of(row, 1), text_of(row, 2),
                        text_of(row, 3),   text_of(row, 4), text_of(row, 5)};
        return {};
      },
      *scan.vcenter);
  if (!read) return fail(std::move(read.error()));
  if (!found) return fail(store_.damaged(fmt::format("the vCenter of scan {} is gone", scan.id)));
  return found;
}

Result<Sender::Impl::HubTimes> Sender::Impl::read_times() {
  const auto before = now_utc();
  const auto rows = hub_.query(kSending,
                               "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint, "
                               "raw_days, hourly_days, daily_days FROM ballast.hub");
  if (!rows) return fail(rows.error());
  HubTimes times;
  times.now_ms = rows->integer(0, 0);
  // The answer was made somewhere between question and arrival.
  const auto middle = before + (now_utc() - before) / 2;
  times.ahead_ms = times.now_ms - middle.time_since_epoch().count();
  times.raw_days = rows->integer(0, 1);
  times.hourly_days = rows->integer(0, 2);
  times.daily_days = rows->integer(0, 3);
  return times;
}

Status Sender::Impl::check(const Scan& scan, const HubTimes& times) const {
  if (scan.started_ms <= times.now_ms + kMayBeAheadMs) return {};
  return fail(hub_error(
      ErrorCode::kInvalidArgument, kSending, hub_.name(),
      fmt::format("scan {} claims to begin {} min in the future of the hub's clock", scan.id,
                  (scan.started_ms - times.now_ms) / kMinuteMs),
      "set the clocks of both machines by NTP; the scan is taken once that time has come"));
}

Result<SentScan> Sender::Impl::send_scan(std::int64_t scan_id, const std::optional<Lease>& lease) {
  if (auto begun = store_.begin(); !begun) return fail(std::move(begun.error()));
  const Moment moment(store_);
  const auto scan = read_scan(scan_id);
  if (!scan) return fail(scan.error());
  const auto vcenter = read_vcenter(*scan);
  if (!vcenter) return fail(vcenter.error());
  const auto times = read_times();
  if (!times) return fail(times.error());
  if (auto checked = check(*scan, *times); !checked) return fail(std::move(checked.error()));
  if (scan->started_ms < times->now_ms - times->raw_days * kDayMs) {
    return SentScan{Sent::kExpired, 0, 0};
  }
  auto sent = send_now(*scan, *vcenter, *times, lease);
  // What was added in a transaction that was rolled back is not there.
  if (!sent) fleets_.clear();
  return sent;
}

Result<SentScan> Sender::Impl::send_now(const Scan& scan, const std::optional<Vcenter>& vcenter,
                                        const HubTimes& times, const std::optional<Lease>& lease) {
  Ids ids;
  ids.vcenter.here = scan.vcenter.value_or(0);
  ids.vcenter.hub =
      vcenter ? vcenter_id(vcenter->instance_uuid, vcenter->url) : vcenter_id({}, scan.vcenter_url);
  ids.scan.here = scan.id;
  if (scan.has_samples()) {
    // Before the transaction: others would have to wait for its end. Of the day after as well, in
    // case that another scan has this number.
    auto made = hub_.execute(kSending,
                             "SELECT ballast.make_scan_partitions($1::bigint), "
                             "ballast.make_scan_partitions($2::bigint)",
                             scan.id, scan.id + kNumbersTried);
    if (!made) return fail(std::move(made.error()));
  }
  auto transaction = Transaction::begin(hub_, kSending, kPatience);
  if (!transaction) return fail(transaction.error());
  std::int64_t named_by = 0;
  if (vcenter) {
    const auto locked = lock_vcenter(ids.vcenter.hub, *vcenter);
    if (!locked) return fail(locked.error());
    named_by = *locked;
  }
  const auto before = find_sent(ids.vcenter.hub, scan.uuid);
  if (!before) return fail(before.error());
  if (*before) return SentScan{Sent::kBefore, **before, 0};
  if (lease) {
    if (auto allowed = check_lease(scan, *lease, times); !allowed) {
      return fail(std::move(allowed.error()));
    }
  }
  const auto number = free_number(ids.vcenter.hub, scan.id);
  if (!number) return fail(number.error());
  ids.scan.hub = *number;

  SentScan sent{Sent::kNow, *number, 0};
  if (scan.has_samples() && vcenter) {
    const bool is_newest = *number > named_by;
    if (is_newest) {
      if (auto renamed = rename_vcenter(ids, *vcenter); !renamed) {
        return fail(std::move(renamed.error()));
      }
    }
    auto things =
        fleets_[ids.vcenter.hub].things.send(hub_, store_, ids, of_scan(), scan.id, is_newest);
    if (!things) return fail(std::move(things.error()));
    const auto rows = send_samples(scan, ids);
    if (!rows) return fail(rows.error());
    sent.rows = *rows;
    if (auto reopened = reopen_periods(scan, ids); !reopened) {
      return fail(std::move(reopened.error()));
    }
  }
  if (auto written = write_scan(scan, ids, times); !written)
    return fail(std::move(written.error()));
  if (auto committed = commit(*transaction, ids.vcenter.hub); !committed) {
    return fail(std::move(committed.error()));
  }
  return sent;
}

Result<std::int64_t> Sender::Impl::lock_vcenter(std::int64_t id, const Vcenter& vcenter) {
  auto added = hub_.execute(
      kSending,
      "INSERT INTO ballast.vcenter VALUES ($1::bigint, $2, $3, $4, $5, $6, $7::bigint, 0, 0) "
      "ON CONFLICT (id) DO NOTHING",
      id, vcenter.instance_uuid, vcenter.name, vcenter.url, vcenter.full_name, vcenter.api_version,
      vcenter.here);
  if (!added) return fail(std::move(added.error()));
  const auto locked =
      hub_.query(kSending,
                 "SELECT latest_scan_id, changes, instance_uuid FROM ballast.vcenter "
                 "WHERE id = $1::bigint FOR UPDATE",
                 id);
  if (!locked) return fail(locked.error());
  if (locked->text(0, 2) != vcenter.instance_uuid) {
    return fail(hub_error(ErrorCode::kStorage, kSending, hub_.name(),
                          fmt::format("its vCenter {} has another instance UUID", id)));
  }
  Fleet& fleet = fleets_[id];
  if (fleet.changes != locked->integer(0, 1)) fleet.things.forget_names();
  fleet.changes = locked->integer(0, 1);
  return locked->integer(0, 0);
}

Result<std::optional<std::int64_t>> Sender::Impl::find_sent(std::int64_t vcenter,
                                                            const std::string& uuid) {
  const auto rows = hub_.query(
      kSending, "SELECT id FROM ballast.scan WHERE vcenter_id = $1::bigint AND uuid = $2", vcenter,
      uuid);
  if (!rows) return fail(rows.error());
  if (rows->size() == 0) return std::optional<std::int64_t>();
  return std::optional(rows->integer(0, 0));
}

Status Sender::Impl::check_lease(const Scan& scan, const Lease& lease, const HubTimes& times) {
  const auto rows = hub_.query(
      kSending,
      "SELECT holder, (extract(epoch FROM taken_at) * 1000)::bigint FROM ballast.lease_epoch "
      "WHERE vcenter_key = $1 AND epoch > $2::bigint ORDER BY epoch LIMIT 1",
      lease.vcenter_key, lease.epoch);
  if (!rows) return fail(rows.error());
  // By the hub's clock, as far as the two clocks differ now.
  if (rows->size() == 0 || scan.finished_ms + times.ahead_ms < rows->integer(0, 1)) return {};
  return fail(hub_error(
      ErrorCode::kBusy, kSending, hub_.name(),
      fmt::format("scan {} ended after collector {} had taken over its vCenter ({})", scan.id,
                  printable(rows->text(0, 0)), printable(lease.vcenter_key)),
      "nothing: that collector's scans are in the hub, and this one stays in the local file"));
}

Result<std::int64_t> Sender::Impl::free_number(std::int64_t vcenter, std::int64_t wanted) {
  const auto rows = hub_.query(
      kSending,
      "SELECT number FROM generate_series($2::bigint, $2::bigint + $3::bigint) AS number "
      "WHERE NOT EXISTS (SELECT 1 FROM ballast.scan WHERE vcenter_id = $1::bigint AND id = number) "
      "ORDER BY number LIMIT 1",
      vcenter, wanted, kNumbersTried);
  if (!rows) return fail(rows.error());
  if (rows->size() == 0) {
    return fail(hub_error(ErrorCode::kStorage, kSending, hub_.name(),
                          fmt::format("no number is free for scan {}", wanted)));
  }
  return rows->integer(0, 0);
}

Status Sender::Impl::rename_vcenter(const Ids& ids, const Vcenter& vcenter) {
  return hub_.execute(kSending,
                      "UPDATE ballast.vcenter SET name = $2, url = $3, full_name = $4, "
                      "api_version = $5, latest_scan_id = $6::bigint WHERE id = $1::bigint",
                      ids.vcenter.hub, vcenter.name, vcenter.url, vcenter.full_name,
                      vcenter.api_version, ids.scan.hub);
}

Result<std::int64_t> Sender::Impl::copy(std::string_view table, const std::string& condition,
                                        const Ids& ids, std::int64_t owner) {
  auto copy = CopyRows::begin(hub_, kSending, table_of(table));
  if (!copy) return fail(copy.error());
  auto read = store_.read(
      table, condition,
      [&](Row& row) -> Status {
        if (auto done = store_.translate(table, ids, row); !done) return done;
        return copy->add(row);
      },
      ids.vcenter.here, owner);
  if (!read) return fail(std::move(read.error()));
  if (auto ended = copy->end(); !ended) return fail(std::move(ended.error()));
  return copy->count();
}

Result<std::int64_t> Sender::Impl::send_samples(const Scan& scan, const Ids& ids) {
  const auto beside = count_beside(scan);
  if (!beside) return fail(beside.error());
  const std::pair<const char*, std::int64_t> tables[] = {
      {"sample", scan.vms},      {"guest_sample", scan.guests_read}, {"suspect", beside->suspects},
      {"trend", beside->trends}, {"host_sample", scan.hosts},        {"pool_sample", scan.pools}};
  std::int64_t all = 0;
  for (const auto& [table, expected] : tables) {
    const auto copied = copy(table, "vcenter_id = ?1 AND scan_id = ?2", ids, scan.id);
    if (!copied) return fail(copied.error());
    // A row that is missing has no checksum that could be wrong.
    if (*copied != expected) {
      return fail(store_.damaged(fmt::format("scan {} has {} rows of {}, and should have {}",
                                             scan.id, *copied, table, expected)));
    }
    all += expected;
  }
  return all;
}

// As the rows of guests say, which are copied with their checksums.
Result<Sender::Impl::Beside> Sender::Impl::count_beside(const Scan& scan) {
  Beside beside;
  const auto sum = [&](const char* column) {
    return store_.numbers(fmt::format("SELECT coalesce(sum({}), 0) FROM guest_sample "
                                      "WHERE vcenter_id = ?1 AND scan_id = ?2",
                                      column),
                          scan.vcenter.value_or(0), scan.id);
  };
  const auto suspects = sum("suspects");
  if (!suspects) return fail(suspects.error());
  beside.suspects = *suspects->begin();
  const auto trends = sum("trends");
  if (!trends) return fail(trends.error());
  beside.trends = *trends->begin();
  return beside;
}

// As finish_scan does in the file: a period that was built without this scan lacks it.
Status Sender::Impl::reopen_periods(const Scan& scan, const Ids& ids) {
  return hub_.execute(kSending,
                      "SELECT ballast.forget_period(vcenter_id, period, start_ms) "
                      "FROM ballast.rollup WHERE vcenter_id = $1::bigint AND final = 0 "
                      "AND ((period = 'hour' AND start_ms = $2::bigint / 3600000 * 3600000) "
                      "OR (period = 'day' AND start_ms = $2::bigint / 86400000 * 86400000))",
                      ids.vcenter.hub, scan.started_ms);
}

Status Sender::Impl::write_scan(const Scan& scan, const Ids& ids, const HubTimes& times) {
  auto copy = CopyRows::begin(hub_, kSending, table_of("scan"));
  if (!copy) return fail(copy.error());
  auto read = store_.read(
      "scan", "id = ?1",
      [&](Row& row) -> Status {
        row[kScanId] = ids.scan.hub;
        row[kScanVcenter] = ids.vcenter.hub;
        row.emplace_back(std::string_view(collector_));
        row.emplace_back(times.now_ms);
        return copy->add(row);
      },
      scan.id);
  if (!read) return read;
  if (auto ended = copy->end(); !ended) return ended;
  // Now that the vCenter is known.
  return hub_.execute(kSending, "SELECT ballast.adopt_failed_scans($1::bigint, $2::bigint)",
                      vcenter_id({}, scan.vcenter_url), ids.vcenter.hub);
}

Status Sender::Impl::commit(Transaction& transaction, std::int64_t vcenter) {
  auto counted = hub_.execute(
      kSending, "UPDATE ballast.vcenter SET changes = changes + 1 WHERE id = $1::bigint", vcenter);
  if (!counted) return counted;
  if (auto committed = transaction.commit(kSending); !committed) return committed;
  ++fleets_[vcenter].changes;
  return {};
}

Sender::Sender(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Sender::~Sender() = default;
Sender::Sender(Sender&&) noexcept = default;
Sender& Sender::operator=(Sender&&) noexcept = default;

Result<Sender> Sender::open(Connection& hub, const std::string& path, std::string collector) {
  if (auto required = require_schema(hub); !required) return fail(std::move(required.error()));
  auto store = StoreReader::open(path);
  if (!store) return fail(std::move(store.error()));
  return Sender(std::make_unique<Impl>(hub, std::move(*store), std::move(collector)));
}

Result<SentScan> Sender::send_scan(std::int64_t scan, const std::optional<Lease>& lease) {
  return impl_->send_scan(scan, lease);
}

Result<SentPeriods> Sender::send_periods(std::int64_t scan) { return impl_->send_periods(scan); }

}  // namespace ballast::hub
