#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "hub/content_id.h"
#include "hub/send/sender_impl.h"

namespace ballast::hub {
namespace {

constexpr std::string_view kSendingPeriods = "sending hours and days to the hub";
constexpr std::chrono::minutes kPeriodPatience{10};
constexpr std::int64_t kLengthOfHour = 3'600'000;
constexpr std::int64_t kLengthOfDay = 86'400'000;

}  // namespace

// Oldest first. Those that the hub would drop at once are left out.
Result<std::vector<Sender::Impl::Period>> Sender::Impl::missing_periods(const Ids& ids,
                                                                        const HubTimes& times) {
  const auto there = hub_.query(kSendingPeriods,
                                "SELECT period, start_ms FROM ballast.rollup "
                                "WHERE vcenter_id = $1::bigint",
                                ids.vcenter.hub);
  if (!there) return fail(there.error());
  std::set<std::pair<std::string, std::int64_t>> known;
  for (int row = 0; row < there->size(); ++row) {
    known.emplace(there->text(row, 0), there->integer(row, 1));
  }
  std::vector<Period> missing;
  auto read = store_.read(
      "rollup", "vcenter_id = ?1 ORDER BY start_ms, period DESC",
      [&](const Row& row) -> Status {
        Period period;
        period.kind = std::get<std::string_view>(row[1]) == "hour" ? "hour" : "day";
        period.start_ms = std::get<std::int64_t>(row[2]);
        period.length_ms = period.kind == "hour" ? kLengthOfHour : kLengthOfDay;
        period.vms = std::get<std::int64_t>(row[3]);
        period.is_final = std::get<std::int64_t>(row[4]) != 0;
        const std::int64_t days = period.kind == "hour" ? times.hourly_days : times.daily_days;
        const bool is_expired =
            period.start_ms + period.length_ms <= times.now_ms - days * kLengthOfDay;
        if (!is_expired && !known.contains({period.kind, period.start_ms})) {
          missing.push_back(std::move(period));
        }
        return {};
      },
      ids.vcenter.here);
  if (!read) return fail(std::move(read.error()));
  return missing;
}

// The file's hour is the hub's hour only if both have the same scans of it.
Result<Sender::Impl::Scans> Sender::Impl::compare_scans(const Period& period, const Ids& ids) {
  const auto rows =
      hub_.query(kSendingPeriods,
                 "SELECT uuid, collector FROM ballast.scan "
                 "WHERE vcenter_id = $1::bigint AND status <> 'failed' "
                 "AND started_ms >= $2::bigint AND started_ms < $3::bigint",
                 ids.vcenter.hub, period.start_ms, period.start_ms + period.length_ms);
  if (!rows) return fail(rows.error());
  std::set<std::string> there;
  bool is_of_others = false;
  for (int row = 0; row < rows->size(); ++row) {
    there.emplace(rows->text(row, 0));
    is_of_others = is_of_others || rows->text(row, 1) != collector_;
  }
  // With samples pruned in the file it is not known any more whose scans it was built of.
  if (period.is_final) return is_of_others ? Scans::kOthersToo : Scans::kSame;
  std::set<std::string> here;
  auto read = store_.read(
      "scan",
      fmt::format("vcenter_id = ?1 AND status IN ('complete', 'partial') AND started_ms >= ?2 "
                  "AND started_ms < ?2 + {}",
                  period.length_ms),
      [&](const Row& row) -> Status {
        here.emplace(std::get<std::string_view>(row[1]));
        return {};
      },
      ids.vcenter.here, period.start_ms);
  if (!read) return fail(std::move(read.error()));
  if (here == there) return Scans::kSame;
  const bool has_all = std::includes(there.begin(), there.end(), here.begin(), here.end());
  return has_all ? Scans::kOthersToo : Scans::kWaiting;
}

Result<SentPeriods> Sender::Impl::send_periods(std::int64_t scan_id) {
  if (auto begun = store_.begin(); !begun) return fail(std::move(begun.error()));
  std::optional<Moment> moment(std::in_place, store_);
  const auto scan = read_scan(scan_id);
  if (!scan) return fail(scan.error());
  const auto vcenter = read_vcenter(*scan);
  if (!vcenter) return fail(vcenter.error());
  SentPeriods sent;
  if (!*vcenter) return sent;
  const auto times = read_times();
  if (!times) return fail(times.error());
  Ids ids;
  ids.vcenter = {*scan->vcenter, vcenter_id((*vcenter)->instance_uuid, (*vcenter)->url)};
  const auto missing = missing_periods(ids, *times);
  if (!missing) return fail(missing.error());
  // From here on each period has its own: many could take minutes, in which the file's log would
  // grow.
  moment.reset();
  std::set<std::pair<std::string, std::int64_t>> waiting;
  for (const Period& period : *missing) {
    const auto scans = send_period(period, ids, **vcenter);
    // What was added in a transaction that was rolled back is not there.
    if (!scans) fleets_.clear();
    if (!scans) return fail(scans.error());
    if (*scans == Scans::kSame) ++sent.sent;
    if (*scans == Scans::kWaiting) waiting.emplace(period.kind, period.start_ms);
  }
  sent.waiting = static_cast<int>(waiting.size());
  const auto built = build_periods(ids, **vcenter, waiting);
  if (!built) return fail(built.error());
  sent.built = *built;
  return sent;
}

Result<bool> Sender::Impl::still_has(const Period& period, const Ids& ids) {
  bool is_there = false;
  auto read = store_.read(
      "rollup", fmt::format("vcenter_id = ?1 AND start_ms = ?2 AND period = '{}'", period.kind),
      [&](const Row& row) -> Status {
        is_there = std::get<std::int64_t>(row[3]) == period.vms &&
                   (std::get<std::int64_t>(row[4]) != 0) == period.is_final;
        return {};
      },
      ids.vcenter.here, period.start_ms);
  if (!read) return fail(std::move(read.error()));
  return is_there;
}

// Before the transaction that writes into them: others would have to wait for its end.
Status Sender::Impl::make_parts(const std::string& kind, std::int64_t start_ms) {
  return hub_.execute(kSendingPeriods, "SELECT ballast.make_period_partitions($1, $2::bigint)",
                      kind, start_ms);
}

Result<Sender::Impl::Scans> Sender::Impl::send_period(const Period& period, Ids& ids,
                                                      const Vcenter& vcenter) {
  if (auto made = make_parts(period.kind, period.start_ms); !made) {
    return fail(std::move(made.error()));
  }
  auto transaction = Transaction::begin(hub_, kSendingPeriods, kPeriodPatience);
  if (!transaction) return fail(transaction.error());
  if (const auto locked = lock_vcenter(ids.vcenter.hub, vcenter); !locked) {
    return fail(locked.error());
  }
  if (auto begun = store_.begin(); !begun) return fail(std::move(begun.error()));
  const Moment moment(store_);
  const auto is_there = still_has(period, ids);
  if (!is_there) return fail(is_there.error());
  if (!*is_there) return Scans::kWaiting;
  const auto scans = compare_scans(period, ids);
  if (!scans) return fail(scans.error());
  if (*scans != Scans::kSame) return *scans;
  // What an earlier build left.
  auto cleared =
      hub_.execute(kSendingPeriods, "SELECT ballast.forget_period($1::bigint, $2, $3::bigint)",
                   ids.vcenter.hub, period.kind, period.start_ms);
  if (!cleared) return fail(std::move(cleared.error()));
  constexpr bool kIsNewest = false;
  auto things = fleets_[ids.vcenter.hub].things.send(hub_, store_, ids, of_period(period.table()),
                                                     period.start_ms, kIsNewest);
  if (!things) return fail(std::move(things.error()));
  if (auto copied = copy_period(period, ids); !copied) return fail(std::move(copied.error()));
  if (auto committed = commit(*transaction, ids.vcenter.hub); !committed) {
    return fail(std::move(committed.error()));
  }
  return Scans::kSame;
}

Status Sender::Impl::copy_period(const Period& period, const Ids& ids) {
  const std::string of_period_rows = "vcenter_id = ?1 AND start_ms = ?2";
  const auto vms = copy(period.table(), of_period_rows, ids, period.start_ms);
  if (!vms) return fail(vms.error());
  if (*vms != period.vms) {
    return fail(store_.damaged(fmt::format("{} {} has {} VMs, and rows of {}", period.kind,
                                           period.start_ms, period.vms, *vms)));
  }
  if (period.kind == "hour") {
    if (const auto hosts = copy("host_hour", of_period_rows, ids, period.start_ms); !hosts) {
      return fail(hosts.error());
    }
  }
  // Without samples of it in the hub it cannot be built anew there.
  return hub_.execute(
      kSendingPeriods,
      "INSERT INTO ballast.rollup SELECT $1::bigint, $2, $3::bigint, $4::integer, "
      "CASE WHEN EXISTS (SELECT 1 FROM ballast.scan WHERE vcenter_id = $1::bigint "
      "AND status <> 'failed' AND started_ms >= $3::bigint AND started_ms < $5::bigint) "
      "THEN 0 ELSE 1 END",
      ids.vcenter.hub, period.kind, period.start_ms, period.vms,
      period.start_ms + period.length_ms);
}

Result<int> Sender::Impl::build_periods(
    const Ids& ids, const Vcenter& vcenter,
    const std::set<std::pair<std::string, std::int64_t>>& waiting) {
  const auto unbuilt =
      hub_.query(kSendingPeriods, "SELECT kind, first_ms FROM ballast.unbuilt_periods($1::bigint)",
                 ids.vcenter.hub);
  if (!unbuilt) return fail(unbuilt.error());
  int built = 0;
  for (int row = 0; row < unbuilt->size(); ++row) {
    const std::string kind(unbuilt->text(row, 0));
    const std::int64_t start_ms = unbuilt->integer(row, 1);
    if (waiting.contains({kind, start_ms})) continue;
    if (auto made = make_parts(kind, start_ms); !made) return fail(std::move(made.error()));
    auto transaction = Transaction::begin(hub_, kSendingPeriods, kPeriodPatience);
    if (!transaction) return fail(transaction.error());
    if (const auto locked = lock_vcenter(ids.vcenter.hub, vcenter); !locked) {
      return fail(locked.error());
    }
    // The work of minutes where there are many scans a day.
    const auto usual = hub_.set_answer_timeout(kPeriodPatience);
    auto done =
        hub_.execute(kSendingPeriods, "SELECT ballast.build_period($1::bigint, $2, $3::bigint)",
                     ids.vcenter.hub, kind, start_ms);
    hub_.set_answer_timeout(usual);
    if (!done) return fail(std::move(done.error()));
    if (auto committed = commit(*transaction, ids.vcenter.hub); !committed) {
      return fail(std::move(committed.error()));
    }
    ++built;
  }
  return built;
}

}  // namespace ballast::hub
