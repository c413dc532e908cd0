#include "storage/rollup/period_builder.h"

#include <fmt/format.h>

#include "storage/sqlite/words.h"
#include "storage/write/sample_codec.h"

namespace ballast::storage {
namespace {

constexpr std::string_view kReadingSamples = "reading samples for a rollup";

std::string with_table(const char* sql, const PeriodKind& kind) {
  return fmt::format(fmt::runtime(sql), kind.vm_table);
}

}  // namespace

PeriodBuilder::PeriodBuilder(Connection& connection, const Period& period)
    : connection_(connection),
      period_(period),
      scans_(scans_in_period()),
      find_range_(connection.db(),
                  // In the order of the table: an index would have every VM sorted for each range.
                  "SELECT max(id) FROM (SELECT id FROM vm NOT INDEXED WHERE id > ?1 "
                  "AND vcenter_id = ?2 ORDER BY id LIMIT ?3)"),
      select_samples_(connection.db(),
                      "SELECT vm_id, vm_state_id, balloon_kib, unaccounted_kib, figures "
                      "FROM sample WHERE id > (?1 << 32 | ?2) AND id <= (?1 << 32 | ?3)"),
      select_state_(connection.db(),
                    "SELECT host_id, power, configured_kib FROM vm_state WHERE id = ?1"),
      delete_vms_(connection.db(),
                  with_table("DELETE FROM {} WHERE start_ms = ?1 AND vm_id > ?2 AND vm_id <= ?3 "
                             "AND vm_id IN (SELECT id FROM vm WHERE id > ?2 AND id <= ?3 AND "
                             "vcenter_id = ?4)",
                             *period.kind)),
      insert_vm_(connection.db(),
                 with_table("INSERT OR REPLACE INTO {} (start_ms, vm_id, vm_state_id, samples, "
                            "figures) VALUES (?1, ?2, ?3, ?4, ?5)",
                            *period.kind)) {}

Result<bool> PeriodBuilder::step() {
  // A builder with more scans may be ahead of this one: its rows must not be written over.
  if (is_marked() || scans_in_period() != scans_) return false;
  if (const auto last_vm = end_of_range()) {
    auto built = build_range(*last_vm);
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
  for (BoundStatement row(select_samples_, scans_[scan].id, done_, last_vm); row.step();) {
    if (auto added = add_sample(scan, row); !added) return added;
  }
  return {};
}

Status PeriodBuilder::add_sample(std::size_t scan, BoundStatement& row) {
  const std::int64_t vm_state_id = row.integer(1);
  if (!unpack_figures(row.view(4), UtcTime{}, scratch_)) {
    return fail(
        damaged(connection_.path(), kReadingSamples,
                fmt::format("sample of VM {} in scan {}", row.integer(0), scans_[scan].id)));
  }
  model::QuickStats& stats = scratch_.stats;
  stats.balloon_kib = row.optional_integer(2);

  VmPeriod& vm = vms_[row.integer(0)];
  // The state is looked up again only when it has changed, which is rare.
  const bool moved = vm.samples == 0 || vm.vm_state_id != vm_state_id;
  ++vm.samples;
  vm.vm_state_id = vm_state_id;
  const std::array figures = {stats.balloon_kib, row.optional_integer(3), stats.consumed_kib,
                              stats.active_kib, stats.swapped_kib};
  for (std::size_t i = 0; i < figures.size(); ++i) {
    if (figures[i]) vm.told[i].push_back(*figures[i]);
  }
  if (!counts_hosts()) return {};
  if (moved) vm.state = read_state(vm_state_id);
  if (vm.state.host && scans_[scan].is_whole) {
    hosts_.add_vm(scan, *vm.state.host, vm.state.on, vm.state.configured_kib, stats);
  }
  return {};
}

PeriodBuilder::VmState PeriodBuilder::read_state(std::int64_t vm_state_id) {
  BoundStatement row(select_state_, vm_state_id);
  if (!row.step()) return {};
  return {row.optional_integer(0), row.view(1) == word_for(model::PowerState::kPoweredOn),
          row.optional_integer(2)};
}

void PeriodBuilder::write_vms(std::int64_t last_vm) {
  // An earlier build may have left rows of VMs that have no sample now.
  BoundStatement(delete_vms_, period_.start_ms, done_, last_vm, period_.vcenter_id).run();
  for (auto& [vm_id, vm] : vms_) {
    VmSpreads figures;
    for (std::size_t i = 0; i < kVmSpreads.size(); ++i) {
      figures.*kVmSpreads[i] = spread_of(vm.told[i]);
    }
    const std::string packed = pack_vm_spreads(figures);
    BoundStatement(insert_vm_, period_.start_ms, vm_id, vm.vm_state_id, vm.samples, Blob{packed})
        .run();
  }
}

void PeriodBuilder::write_hosts() {
  SQLite::Statement select(connection_.db(),
                           "SELECT host_id, memory_kib FROM host_sample WHERE scan_id = ?1");
  for (std::size_t scan = 0; scan < scans_.size(); ++scan) {
    if (!scans_[scan].is_whole) continue;
    for (BoundStatement row(select, scans_[scan].id); row.step();) {
      hosts_.add_host(scan, row.integer(0), row.optional_integer(1));
    }
  }
  SQLite::Statement clear(connection_.db(),
                          "DELETE FROM host_hour WHERE start_ms = ?1 AND host_id IN (SELECT id "
                          "FROM host WHERE vcenter_id = ?2)");
  BoundStatement(clear, period_.start_ms, period_.vcenter_id).run();
  SQLite::Statement insert(connection_.db(),
                           "INSERT OR REPLACE INTO host_hour (start_ms, host_id, samples, figures) "
                           "VALUES (?1, ?2, ?3, ?4)");
  for (const auto& [host, hour] : hosts_.hours()) {
    const std::string packed = pack_host_means(hour.figures);
    BoundStatement(insert, period_.start_ms, host, hour.samples, Blob{packed}).run();
  }
}

void PeriodBuilder::mark() {
  SQLite::Statement statement(
      connection_.db(), "INSERT INTO rollup (vcenter_id, period, start_ms) VALUES (?1, ?2, ?3)");
  BoundStatement(statement, period_.vcenter_id, period_.kind->word, period_.start_ms).run();
}

}  // namespace ballast::storage
