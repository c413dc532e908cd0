#include "storage/rollup/period_builder.h"

#include <fmt/format.h>

#include "storage/rollup/period_columns.h"
#include "storage/sqlite/bound_statement.h"

namespace ballast::storage {
namespace {

constexpr std::string_view kReadingSamples = "reading samples for a rollup";

}  // namespace

PeriodBuilder::PeriodBuilder(Connection& connection, const Period& period)
    : connection_(connection),
      period_(period),
      scans_(scans_in_period()),
      select_samples_(connection.db(),
                      select_samples("WHERE sample.vcenter_id = ?1 AND sample.scan_id = ?2 "
                                     "AND sample.vm_id > ?3 AND sample.vm_id <= ?4 "
                                     "ORDER BY sample.vm_id")),
      reader_(connection.db()),
      find_range_(connection.db(),
                  // In the order of the table: an index would have every VM sorted for each range.
                  "SELECT max(id) FROM (SELECT id FROM vm NOT INDEXED WHERE id > ?1 "
                  "AND vcenter_id = ?2 ORDER BY id LIMIT ?3)"),
      delete_vms_(connection.db(),
                  fmt::format("DELETE FROM {} WHERE vcenter_id = ?1 AND start_ms = ?2 "
                              "AND vm_id > ?3 AND vm_id <= ?4",
                              period.kind->vm_table)),
      insert_vm_(connection.db(), period.kind->vm_table) {}

Result<bool> PeriodBuilder::step() {
  // A builder with more scans may be ahead of this one: its rows must not be written over.
  if (is_marked() || scans_in_period() != scans_) return false;
  if (const auto last_vm = end_of_range()) {
    auto built = build_range(*last_vm);
    reader_.rest();
    if (!built) return fail(built.error());
    done_ = *last_vm;
    return true;
  }
  if (counts_hosts()) write_hosts();
  mark();
  return false;
}

bool PeriodBuilder::is_marked() {
  SQLite::Statement statement(
      connection_.db(),
      "SELECT 1 FROM rollup WHERE vcenter_id = ?1 AND period = ?2 AND start_ms = ?3");
  return BoundStatement(statement, period_.vcenter_id, period_.kind->word, period_.start_ms).step();
}

std::vector<PeriodBuilder::Scan> PeriodBuilder::scans_in_period() {
  SQLite::Statement statement(
      connection_.db(),
      "SELECT id, limited_to = '' FROM usable_scan WHERE vcenter_id = ?1 AND "
      "started_ms >= ?2 AND started_ms < ?3 ORDER BY started_ms, id");
  std::vector<Scan> scans;
  BoundStatement row(statement, period_.vcenter_id, period_.start_ms,
                     period_.start_ms + period_.kind->length_ms);
  while (row.step()) scans.push_back({row.integer(0), row.integer(1) != 0});
  return scans;
}

std::optional<std::int64_t> PeriodBuilder::end_of_range() {
  BoundStatement row(find_range_, done_, period_.vcenter_id, kVmsInRange);
  row.step();
  return row.optional_integer(0);
}

Status PeriodBuilder::build_range(std::int64_t last_vm) {
  vms_.clear();
  for (std::size_t scan = 0; scan < scans_.size(); ++scan) {
    if (auto read = read_samples(scan, last_vm); !read) return read;
  }
  write_vms(last_vm);
  return {};
}

Status PeriodBuilder::read_samples(std::size_t scan, std::int64_t last_vm) {
  for (const auto run = select_samples_.run(period_.vcenter_id, scans_[scan].id, done_, last_vm);
       select_samples_.step();) {
    if (!reader_.read(select_samples_, row_)) {
      return fail(damaged(connection_.path(), kReadingSamples,
                          fmt::format("sample of VM {} in scan {}",
                                      select_samples_.integer(kVmIdColumn), scans_[scan].id)));
    }
    add_sample(scan, row_, reader_.refs());
  }
  return {};
}

void PeriodBuilder::add_sample(std::size_t scan, const model::JudgedGuest& row,
                               const SampleRefs& refs) {
  VmSamples& vm = vms_[row.vm_id];
  VmPeriod& period = vm.period;
  ++period.samples;
  vm.vm_state_id = refs.vm_state_id;
  const model::QuickStats& stats = row.vm.stats;
  const auto unaccounted =
      row.guest ? std::optional(row.guest->account.unaccounted_kib) : std::nullopt;
  const std::array figures = {stats.balloon_kib, unaccounted, stats.consumed_kib, stats.active_kib,
                              stats.swapped_kib};
  for (std::size_t i = 0; i < figures.size(); ++i) {
    if (figures[i]) vm.told[i].push_back(*figures[i]);
  }
  if (row.guest) {
    ++period.guests_read;
    vm.difference_kib += row.judgement.difference_kib;
  }
  if (row.judgement.verdict == model::Verdict::kExcess) ++period.excess_samples;
  if (model::is_leak_only(row.judgement)) ++period.leak_only_samples;
  if (row.judgement.leak) period.leak_kib_per_day = row.judgement.leak->kib_per_day;
  if (!counts_hosts() || !refs.host_id || !scans_[scan].is_whole) return;
  const bool on = row.vm.power == model::PowerState::kPoweredOn;
  hosts_.add_vm(scan, *refs.host_id, on, row.vm.configured_kib, stats);
}

void PeriodBuilder::write_vms(std::int64_t last_vm) {
  // An earlier build may have left rows of VMs that have no sample now.
  BoundStatement(delete_vms_, period_.vcenter_id, period_.start_ms, done_, last_vm).run();
  RowValues row;
  for (auto& [vm_id, vm] : vms_) {
    VmPeriod& period = vm.period;
    if (period.guests_read > 0) {
      period.difference_mean_kib = rounded_mean(vm.difference_kib, period.guests_read);
    }
    for (std::size_t i = 0; i < kVmSpreads.size(); ++i) {
      period.figures.*kVmSpreads[i] = spread_of(vm.told[i]);
    }
    row = {period_.vcenter_id, period_.start_ms, vm_id, vm.vm_state_id};
    add_vm_period(period, row);
    insert_vm_.add(row);
    ++built_;
  }
  insert_vm_.flush();
}

void PeriodBuilder::write_hosts() {
  RowCursor select(connection_.db(),
                   "SELECT host_id, memory_kib FROM host_sample "
                   "WHERE vcenter_id = ?1 AND scan_id = ?2");
  for (std::size_t scan = 0; scan < scans_.size(); ++scan) {
    if (!scans_[scan].is_whole) continue;
    for (const auto run = select.run(period_.vcenter_id, scans_[scan].id); select.step();) {
      hosts_.add_host(scan, select.integer(0), select.optional_integer(1));
    }
  }
  SQLite::Statement clear(connection_.db(),
                          "DELETE FROM host_hour WHERE vcenter_id = ?1 AND start_ms = ?2");
  BoundStatement(clear, period_.vcenter_id, period_.start_ms).run();
  BatchInsert insert(connection_.db(), "host_hour");
  RowValues row;
  for (const auto& [host, hour] : hosts_.hours()) {
    row = {period_.vcenter_id, period_.start_ms, host, hour.samples};
    add_host_means(hour.figures, row);
    insert.add(row);
  }
  insert.flush();
}

void PeriodBuilder::mark() {
  SQLite::Statement insert(connection_.db(), "INSERT INTO rollup VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
  constexpr std::int64_t kNotFinal = 0;
  insert_row(insert, period_.vcenter_id, period_.kind->word, period_.start_ms, built_, kNotFinal);
}

}  // namespace ballast::storage
