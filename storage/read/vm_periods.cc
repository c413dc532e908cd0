#include "storage/read/vm_periods.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "storage/read/export_names.h"
#include "storage/read/period_reader.h"
#include "storage/read/scans.h"
#include "storage/read/vm_row.h"
#include "storage/rollup/period_columns.h"
#include "storage/schema/schema.h"
#include "storage/sqlite/times.h"

namespace ballast::storage {
namespace {

constexpr std::string_view kReadingDay = "reading the figures of a day";
constexpr std::chrono::hours kOneDay{24};

// Adds up samples, hours or a day of each VM.
class DaySums {
 public:
  void add(const model::JudgedGuest& row, std::int64_t vm_state_id) {
    Sum& sum = sums_[row.vm_id];
    VmPeriod& period = sum.period;
    sum.vm_state_id = vm_state_id;
    ++period.samples;
    add_balloon(sum, row.vm.stats.balloon_kib, 1);
    if (row.guest) {
      ++period.guests_read;
      sum.difference_kib += row.judgement.difference_kib;
    }
    if (row.judgement.verdict == model::Verdict::kExcess) ++period.excess_samples;
    if (model::is_leak_only(row.judgement)) ++period.leak_only_samples;
    if (row.judgement.leak) period.leak_kib_per_day = row.judgement.leak->kib_per_day;
  }
  void add(std::int64_t vm_id, std::int64_t vm_state_id, const VmPeriod& part) {
    Sum& sum = sums_[vm_id];
    VmPeriod& period = sum.period;
    sum.vm_state_id = vm_state_id;
    period.samples += part.samples;
    if (part.figures.balloon) add_balloon(sum, part.figures.balloon->mean_kib, part.samples);
    period.guests_read += part.guests_read;
    sum.difference_kib += Int128{part.difference_mean_kib.value_or(0)} * part.guests_read;
    period.excess_samples += part.excess_samples;
    period.leak_only_samples += part.leak_only_samples;
    if (part.leak_kib_per_day) period.leak_kib_per_day = part.leak_kib_per_day;
  }
  [[nodiscard]] std::map<std::int64_t, DayOfVm> days() const {
    std::map<std::int64_t, DayOfVm> days;
    for (const auto& [vm_id, sum] : sums_) {
      const VmPeriod& period = sum.period;
      DayOfVm& day = days[vm_id];
      day.vm_id = vm_id;
      day.samples = period.samples;
      day.guests_read = period.guests_read;
      day.excess_samples = period.excess_samples;
      day.leak_only_samples = period.leak_only_samples;
      day.leak_kib_per_day = period.leak_kib_per_day;
      if (sum.told > 0) day.balloon_mean_kib = rounded_mean(sum.balloon_kib, sum.told);
      if (period.guests_read > 0) {
        day.difference_mean_kib = rounded_mean(sum.difference_kib, period.guests_read);
      }
    }
    return days;
  }
  [[nodiscard]] std::int64_t state_of(std::int64_t vm_id) const {
    return sums_.at(vm_id).vm_state_id;
  }

 private:
  struct Sum {
    VmPeriod period;
    std::int64_t vm_state_id = 0;
    std::int64_t told = 0;  // samples that told the balloon
    Int128 balloon_kib = 0;
    Int128 difference_kib = 0;
  };
  static void add_balloon(Sum& sum, std::optional<std::int64_t> mean_kib, std::int64_t samples) {
    if (!mean_kib) return;
    sum.told += samples;
    sum.balloon_kib += Int128{*mean_kib} * samples;
  }

  std::map<std::int64_t, Sum> sums_;
};

class DayReader {
 public:
  DayReader(Connection& connection, std::int64_t vcenter_id)
      : connection_(connection), vcenter_id_(vcenter_id) {}

  Result<std::optional<DayFigures>> until(UtcTime end) {
    const UtcTime from = end - kOneDay;
    auto hours = periods(kHour, from, end);
    if (!hours) return fail(hours.error());
    auto scans =
        read_usable_scans(connection_, vcenter_id_, from, end + std::chrono::milliseconds(1));
    if (!scans) return fail(scans.error());
    // Hours whose beginning lies before the day's are left to its scans.
    std::erase_if(*scans, [&](const ScanRow& scan) {
      return std::any_of(hours->begin(), hours->end(), [&](const BuiltPeriod& hour) {
        const UtcTime start = time_of(hour.start_ms);
        return scan.started_at >= start && scan.started_at < start + std::chrono::hours(1);
      });
    });
    if (hours->empty() && scans->empty()) return whole_day(end);
    DayFigures day;
    day.from = from;
    day.to = end;
    for (const BuiltPeriod& hour : *hours) {
      if (auto added = add(kHour, hour); !added) return fail(added.error());
    }
    for (const ScanRow& scan : *scans) {
      day.is_whole = day.is_whole || scan.tells_of_all();
      if (auto added = add(scan); !added) return fail(added.error());
    }
    day.is_whole = day.is_whole || !hours->empty();
    return finish(std::move(day));
  }

 private:
  // Where nothing finer is left: the figures of the day (UTC) in which `end` lies, or of the one before.
  Result<std::optional<DayFigures>> whole_day(UtcTime end) {
    const auto days = periods(kDay, end - 2 * kOneDay, end + std::chrono::milliseconds(1));
    if (!days) return fail(days.error());
    if (days->empty()) return std::optional<DayFigures>();
    const BuiltPeriod& last = days->back();
    if (auto added = add(kDay, last); !added) return fail(added.error());
    DayFigures day;
    day.from = time_of(last.start_ms);
    day.to = day.from + kOneDay;
    day.is_of_calendar = true;
    day.is_whole = true;
    return finish(std::move(day));
  }

  Result<std::vector<BuiltPeriod>> periods(const PeriodKind& kind, UtcTime from, UtcTime to) {
    auto all = read_built_periods(connection_, kind, milliseconds(from), milliseconds(to));
    if (!all) return all;
    std::erase_if(*all,
                  [&](const BuiltPeriod& period) { return period.vcenter_id != vcenter_id_; });
    return all;
  }

  Status add(const PeriodKind& kind, const BuiltPeriod& period) {
    RowCursor rows(connection_.db(),
                   fmt::format("SELECT {} FROM {} WHERE vcenter_id = ?1 AND start_ms = ?2",
                               row_of(kind.vm_table), kind.vm_table));
    std::int64_t vms = 0;
    VmPeriod part;
    for (const auto run = rows.run(vcenter_id_, period.start_ms); rows.step(); ++vms) {
      Columns columns(rows);
      columns.integer();  // the vCenter
      columns.integer();  // the start
      const std::int64_t vm_id = columns.integer();
      const std::int64_t vm_state_id = columns.integer();
      read_vm_period(columns, part);
      if (!columns.is_sound()) return fail(damage(fmt::format("{} of VM {}", kind.word, vm_id)));
      sums_.add(vm_id, vm_state_id, part);
    }
    if (vms == period.vms) return {};
    return fail(damage(fmt::format("{} with {} VMs in place of {}", kind.word, vms, period.vms)));
  }

  Status add(const ScanRow& scan) {
    RowCursor rows(connection_.db(),
                   select_samples("WHERE sample.vcenter_id = ?1 AND sample.scan_id = ?2 "
                                  "ORDER BY sample.vm_id"));
    VmRowReader reader(connection_.db());
    model::JudgedGuest row;
    for (const auto run = rows.run(vcenter_id_, scan.id); rows.step();) {
      if (!reader.read(rows, row)) {
        return fail(
            damage(fmt::format("sample of VM {} in scan {}", rows.integer(kVmIdColumn), scan.id)));
      }
      sums_.add(row, reader.refs().vm_state_id);
    }
    return {};
  }

  // Gives each VM its names, and the place where it was last.
  Result<std::optional<DayFigures>> finish(DayFigures day) {
    const ExportNames names(connection_.db(), {});
    if (!names.is_sound()) return fail(damage("a name"));
    RowCursor state(connection_.db(), fmt::format("SELECT host_id, {} FROM vm_state WHERE id = ?1",
                                                  sound("vm_state")));
    VmCursor vms(names.vms());
    for (auto& [vm_id, of_vm] : sums_.days()) {
      const auto* vm = vms.find(vm_id);
      const auto run = state.run(sums_.state_of(vm_id));
      if (vm == nullptr || !state.step() || state.integer(1) == 0) {
        return fail(damage(fmt::format("what VM {} is", vm_id)));
      }
      of_vm.vm = vm->names;
      const auto host_id = state.optional_integer(0);
      if (const auto* host = host_id ? names.host(*host_id) : nullptr) of_vm.host = host->names;
      day.vms.push_back(std::move(of_vm));
    }
    return std::optional(std::move(day));
  }

  [[nodiscard]] Error damage(std::string_view what) const {
    return damaged(connection_.path(), kReadingDay, what);
  }

  Connection& connection_;
  std::int64_t vcenter_id_;
  DaySums sums_;
};

}  // namespace

Result<std::optional<DayFigures>> read_day_until(Connection& connection, std::int64_t vcenter_id,
                                                 UtcTime end) {
  return DayReader(connection, vcenter_id).until(end);
}

Result<std::vector<VmPeriodPoint>> read_periods_of_vm(Connection& connection,
                                                      const PeriodKind& kind, std::int64_t vm_id,
                                                      UtcTime since, UtcTime until) {
  const auto vcenter_id =
      connection.number(fmt::format("SELECT vcenter_id FROM vm WHERE id = {}", vm_id).c_str());
  const auto periods =
      read_built_periods(connection, kind, milliseconds(since), milliseconds(until));
  if (!periods) return fail(periods.error());
  RowCursor rows(
      connection.db(),
      fmt::format("SELECT {} FROM {} WHERE vcenter_id = ?1 AND start_ms = ?2 AND vm_id = ?3",
                  row_of(kind.vm_table), kind.vm_table));
  std::vector<VmPeriodPoint> points;
  for (const BuiltPeriod& period : *periods) {
    if (period.vcenter_id != vcenter_id) continue;
    const auto run = rows.run(vcenter_id, period.start_ms, vm_id);
    if (!rows.step()) continue;
    Columns columns(rows);
    columns.integer();  // the vCenter
    VmPeriodPoint point;
    point.start = time_of(columns.integer());
    columns.integer();  // the VM
    columns.integer();  // its state
    read_vm_period(columns, point.period);
    if (!columns.is_sound()) {
      return fail(
          damaged(connection.path(), "reading a VM's history",
                  fmt::format("{} of VM {} at {}", kind.word, vm_id, format_iso8601(point.start))));
    }
    points.push_back(point);
  }
  return points;
}

}  // namespace ballast::storage
