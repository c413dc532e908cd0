#include "storage/read/period_reader.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace ballast::storage {
namespace {

constexpr std::string_view kReadingRollups = "reading rollups";

UtcTime start_of(std::int64_t milliseconds) {
  return UtcTime(std::chrono::milliseconds(milliseconds));
}

}  // namespace

bool BuiltPeriod::has(std::int64_t vcenter_id) const {
  return std::find(vcenters.begin(), vcenters.end(), vcenter_id) != vcenters.end();
}

VmPeriodReader::VmPeriodReader(Connection& connection, const PeriodKind& kind,
                               const ExportNames& names)
    : connection_(connection),
      kind_(kind),
      names_(names),
      states_(names.vms().size()),
      select_(connection.db(), fmt::format("SELECT vm_id, vm_state_id, samples, figures FROM {} "
                                           "WHERE start_ms = ?1 ORDER BY vm_id",
                                           kind.vm_table)),
      select_state_(connection.db(),
                    "SELECT host_id, configured_kib, limit_kib, reservation_kib FROM vm_state "
                    "WHERE id = ?1") {}

Result<bool> VmPeriodReader::read(const BuiltPeriod& period,
                                  const std::function<bool(const VmPeriodRow&)>& visit) {
  row_.start = start_of(period.start_ms);
  VmCursor vms(names_.vms());
  for (BoundStatement row(select_, period.start_ms); row.step();) {
    const std::int64_t vm_id = row.integer(0);
    const auto* vm = vms.find(vm_id);
    if (vm == nullptr) return fail(damage(vm_id));
    if (!vm->wanted || !period.has(vm->vcenter_id)) continue;
    const State& state = state_of(vms.place(), row.integer(1));
    if (!wanted(state)) continue;

    row_.samples = row.integer(2);
    row_.vm = &vm->names;
    row_.host = state.host == nullptr ? nullptr : &state.host->names;
    row_.configured_kib = state.configured_kib;
    row_.limit_kib = state.limit_kib;
    row_.reservation_kib = state.reservation_kib;
    if (!unpack_vm_spreads(row.view(3), row_.figures)) return fail(damage(vm_id));
    if (!visit(row_)) return false;
  }
  return true;
}

const VmPeriodReader::State& VmPeriodReader::state_of(std::size_t vm, std::int64_t vm_state_id) {
  State& state = states_[vm];
  if (state.id == vm_state_id) return state;
  state = State{};
  state.id = vm_state_id;
  BoundStatement row(select_state_, vm_state_id);
  if (!row.step()) return state;
  if (const auto host = row.optional_integer(0)) state.host = names_.host(*host);
  state.configured_kib = row.optional_integer(1);
  state.limit_kib = row.optional_integer(2);
  state.reservation_kib = row.optional_integer(3);
  return state;
}

bool VmPeriodReader::wanted(const State& state) const {
  return state.host == nullptr ? names_.place_wanted("", "") : state.host->wanted;
}

Error VmPeriodReader::damage(std::int64_t vm_id) const {
  return damaged(connection_.path(), kReadingRollups,
                 fmt::format("{} of VM {} at {}", kind_.word, vm_id, format_iso8601(row_.start)));
}

HostHourReader::HostHourReader(Connection& connection, const ExportNames& names)
    : connection_(connection),
      names_(names),
      select_(connection.db(),
              "SELECT host_id, samples, figures FROM host_hour WHERE start_ms = ?1 "
              "ORDER BY host_id") {}

Result<bool> HostHourReader::read(const BuiltPeriod& period,
                                  const std::function<bool(const HostHourRow&)>& visit) {
  row_.start = start_of(period.start_ms);
  for (BoundStatement row(select_, period.start_ms); row.step();) {
    const auto* host = names_.host(row.integer(0));
    if (host != nullptr && (!host->wanted || !period.has(host->vcenter_id))) continue;
    row_.samples = row.integer(1);
    if (host == nullptr || !unpack_host_means(row.view(2), row_.figures)) {
      return fail(damaged(
          connection_.path(), kReadingRollups,
          fmt::format("hour of host {} at {}", row.integer(0), format_iso8601(row_.start))));
    }
    row_.host = &host->names;
    if (!visit(row_)) return false;
  }
  return true;
}

}  // namespace ballast::storage
