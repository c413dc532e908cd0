#include "fleet/vm_history.h"

#include <algorithm>
#include <utility>

#include "fleet/causes.h"

namespace ballast::fleet {

namespace {

std::string host_key(const model::JudgedGuest& row) {
  return row.vm.host_moref.empty() ? row.host : row.vm.host_moref;
}

// What is left of the time before the oldest sample.
struct OlderHistory {
  std::vector<storage::VmPeriodPoint> days;
  std::vector<storage::VmPeriodPoint> hours;
};

Result<OlderHistory> read_older(storage::Queries& queries, std::int64_t vm_id,
                                const HistorySpan& span,
                                const std::vector<model::JudgedGuest>& history) {
  UtcTime until = span.until.value_or(UtcTime::max());
  if (!history.empty()) until = std::min(until, history.front().vm.polled_at);
  // The hour and the day of the oldest sample are told by the samples.
  auto hours = queries.hours(vm_id, span.since, std::chrono::floor<std::chrono::hours>(until));
  if (!hours) return fail(hours.error());
  if (!hours->empty()) until = hours->front().start;
  auto days = queries.days(vm_id, span.since, std::chrono::floor<std::chrono::days>(until));
  if (!days) return fail(days.error());
  return OlderHistory{std::move(*days), std::move(*hours)};
}

}  // namespace

Result<VmReport> read_vm_report(storage::Queries& queries, const std::vector<FleetScan>& scans,
                                model::JudgedGuest row, const HistorySpan& span, UtcTime now) {
  auto history = queries.history(row.vm_id, span.since);
  if (!history) return fail(history.error());
  if (span.until) {
    history->erase(std::remove_if(history->begin(), history->end(),
                                  [&](const model::JudgedGuest& one) {
                                    return one.vm.polled_at > *span.until;
                                  }),
                   history->end());
  }
  auto older = read_older(queries, row.vm_id, span, *history);
  if (!older) return fail(older.error());
  const auto surroundings = read_scan_places(queries, row.scan_id, row.vm.host_moref);
  if (!surroundings) return fail(surroundings.error());
  auto around = surroundings->around(row.vm);
  row.causes = causes_of(row, around);
  const FleetScan* scan = find_scan(scans, row.vcenter);
  return VmReport{now,
                  std::move(row),
                  scan == nullptr ? FleetScan{} : *scan,
                  std::move(*history),
                  std::move(older->days),
                  std::move(older->hours),
                  std::move(around)};
}

std::vector<VmEvent> events_of(const std::vector<model::JudgedGuest>& history) {
  std::vector<VmEvent> events;
  const model::JudgedGuest* placed = nullptr;
  std::string boot_id;
  for (const auto& row : history) {
    const auto at = row.vm.polled_at;
    if (row.guest && !row.guest->boot_id.empty()) {
      if (!boot_id.empty() && boot_id != row.guest->boot_id) {
        events.push_back({VmEvent::Kind::kReboot, at, "", ""});
      }
      boot_id = row.guest->boot_id;
    }
    if (host_key(row).empty()) continue;
    if (placed != nullptr && host_key(*placed) != host_key(row)) {
      events.push_back({VmEvent::Kind::kMigration, at, placed->host, row.host});
    }
    placed = &row;
  }
  return events;
}

}  // namespace ballast::fleet
