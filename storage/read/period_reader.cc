#include "storage/read/period_reader.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "storage/rollup/period_columns.h"
#include "storage/schema/schema.h"
#include "storage/sqlite/times.h"

namespace ballast::storage {
namespace {

constexpr std::string_view kReadingRollups = "reading rollups";

std::string select_period(std::string_view table, std::string_view owner) {
  return fmt::format("SELECT {} FROM {} WHERE vcenter_id = ?1 AND start_ms = ?2 ORDER BY {}",
                     row_of(table), table, owner);
}

}  // namespace

Result<std::vector<BuiltPeriod>> read_built_periods(Connection& connection, const PeriodKind& kind,
                                                    std::int64_t first_ms, std::int64_t end_ms) {
  // All of them, so that one whose key was damaged is seen.
  RowCursor rows(connection.db(), fmt::format("SELECT {} FROM rollup ORDER BY vcenter_id, start_ms",
                                              row_of("rollup")));
  std::vector<BuiltPeriod> periods;
  for (const auto run = rows.run(); rows.step();) {
    Columns columns(rows);
    BuiltPeriod period;
    period.vcenter_id = columns.integer();
    const bool is_wanted = columns.text() == kind.word;
    period.start_ms = columns.integer();
    period.vms = columns.integer();
    columns.integer();  // whether it is final
    if (!columns.is_sound()) {
      return fail(damaged(connection.path(), kReadingRollups,
                          fmt::format("period at {}", format_iso8601(time_of(period.start_ms)))));
    }
    if (is_wanted && period.start_ms >= first_ms && period.start_ms < end_ms) {
      periods.push_back(period);
    }
  }
  return periods;
}

VmPeriodReader::VmPeriodReader(Connection& connection, const PeriodKind& kind,
                               const ExportNames& names)
    : connection_(connection),
      kind_(kind),
      names_(names),
      states_(names.vms().size()),
      select_(connection.db(), select_period(kind.vm_table, "vm_id")),
      select_state_(connection.db(),
                    fmt::format("SELECT host_id, configured_kib, limit_kib, reservation_kib, {} "
                                "FROM vm_state WHERE id = ?1",
                                sound("vm_state"))) {}

Result<bool> VmPeriodReader::read(const BuiltPeriod& period,
                                  const std::function<bool(const VmPeriodRow&)>& visit) {
  row_.start = time_of(period.start_ms);
  VmCursor vms(names_.vms());
  std::int64_t rows = 0;
  for (const auto run = select_.run(period.vcenter_id, period.start_ms); select_.step(); ++rows) {
    Columns columns(select_);
    columns.integer();  // the vCenter
    columns.integer();  // the start
    const std::int64_t vm_id = columns.integer();
    const auto* vm = vms.find(vm_id);
    if (vm == nullptr) return fail(damage(vm_id));
    if (!vm->wanted) continue;
    const State* state = state_of(vms.place(), columns.integer());
    read_vm_period(columns, row_.period);
    if (!columns.is_sound() || state == nullptr) return fail(damage(vm_id));
    if (!wanted(*state)) continue;

    row_.vm = &vm->names;
    row_.host = state->host == nullptr ? nullptr : &state->host->names;
    row_.configured_kib = state->configured_kib;
    row_.limit_kib = state->limit_kib;
    row_.reservation_kib = state->reservation_kib;
    if (!visit(row_)) return false;
  }
  if (rows == period.vms) return true;
  return fail(damaged(connection_.path(), kReadingRollups,
                      fmt::format("{} at {} has {} VMs in place of {}", kind_.word,
                                  format_iso8601(row_.start), rows, period.vms)));
}

const VmPeriodReader::State* VmPeriodReader::state_of(std::size_t vm, std::int64_t vm_state_id) {
  State& state = states_[vm];
  if (state.id == vm_state_id) return &state;
  const auto run = select_state_.run(vm_state_id);
  if (!select_state_.step() || select_state_.integer(4) == 0) return nullptr;
  state = State{};
  state.id = vm_state_id;
  if (const auto host = select_state_.optional_integer(0)) state.host = names_.host(*host);
  state.configured_kib = select_state_.optional_integer(1);
  state.limit_kib = select_state_.optional_integer(2);
  state.reservation_kib = select_state_.optional_integer(3);
  return &state;
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
      select_(connection.db(), select_period("host_hour", "host_id")) {}

Result<bool> HostHourReader::read(const BuiltPeriod& period,
                                  const std::function<bool(const HostHourRow&)>& visit) {
  row_.start = time_of(period.start_ms);
  for (const auto run = select_.run(period.vcenter_id, period.start_ms); select_.step();) {
    Columns columns(select_);
    columns.integer();  // the vCenter
    columns.integer();  // the start
    const std::int64_t host_id = columns.integer();
    row_.samples = columns.integer();
    read_host_means(columns, row_.figures);
    const auto* host = names_.host(host_id);
    if (!columns.is_sound() || host == nullptr) {
      return fail(
          damaged(connection_.path(), kReadingRollups,
                  fmt::format("hour of host {} at {}", host_id, format_iso8601(row_.start))));
    }
    if (!host->wanted) continue;
    row_.host = &host->names;
    if (!visit(row_)) return false;
  }
  return true;
}

}  // namespace ballast::storage
