#include "storage/write/result_tables.h"

#include <optional>
#include <string>

#include "storage/sqlite/bound_statement.h"
#include "storage/write/sample_codec.h"

namespace ballast::storage {

ResultTables::ResultTables(SQLite::Database& db)
    : texts_(db),
      outcomes_(db),
      hosts_(db),
      pools_(db),
      layouts_(db),
      vms_(db, texts_),
      setbacks_(db, texts_),
      samples_(db),
      select_yardstick_(db,
                        "SELECT yardstick, text.value FROM sample "
                        "JOIN guest_state ON guest_state.id = sample.guest_state_id "
                        "JOIN text ON text.id = guest_state.term_names_id "
                        "WHERE sample.id = (?1 << 32 | ?2)"),
      update_sample_(db,
                     "UPDATE sample SET outcome_id = ?3, guest = ?4 "
                     "WHERE id = (?1 << 32 | ?2)") {}

void ResultTables::write(const Scan& scan, const model::Host& host) {
  hosts_.write(scan.id, scan.vcenter_id, host);
}

void ResultTables::write(const Scan& scan, const model::ResourcePool& pool) {
  pools_.write(scan.id, scan.vcenter_id, pool);
}

void ResultTables::write(const Scan& scan, const model::JudgedGuest& result) {
  const Place place{hosts_.id_or_null(scan.vcenter_id, result.vm.host_moref),
                    pools_.id_or_null(scan.vcenter_id, result.vm.pool_moref)};
  const VmIds ids = vms_.write(scan.vcenter_id, place, result);
  setbacks_.write(ids.vm, result);
  SampleRow row;
  row.scan_id = scan.id;
  row.vm_id = ids.vm;
  row.vm_state_id = ids.vm_state;
  row.outcome_id = outcomes_.id(result.judgement, result.detail);
  row.balloon_kib = result.vm.stats.balloon_kib;
  row.figures = pack_figures(result.vm, scan.started_at);
  if (result.guest) {
    row.guest_state_id = ids.guest_state.id;
    row.unaccounted_kib = result.guest->account.unaccounted_kib;
    fill(figures_, *result.guest);
    row.guest = pack(result.guest->account.parts, result.judgement, *ids.guest_state.yardstick,
                     row.balloon_kib, scan.started_at);
  }
  samples_.add(std::move(row));
  scan.tally->add(ids.vm, result);
}

std::string ResultTables::pack(const std::vector<model::AccountPart>& parts,
                               const model::Judgement& judgement, const Yardstick& yardstick,
                               std::optional<std::int64_t> balloon_kib, UtcTime scan_start) {
  const auto layout = layouts_.id(parts, judgement.tolerance);
  return pack_guest(figures_, judgement, layout, yardstick, balloon_kib, scan_start);
}

void ResultTables::rewrite(const Scan& scan, const model::JudgedGuest& row) {
  BoundStatement state(select_yardstick_, scan.id, row.vm_id);
  if (!state.step()) return;  // the scan was pruned meanwhile
  const auto yardstick = unpack_yardstick(state.view(0), lasting_names(state.view(1)));
  if (!yardstick) return;
  const std::int64_t outcome = outcomes_.id(row.judgement, row.detail);
  fill(figures_, *row.guest);
  const std::string packed = pack(row.guest->account.parts, row.judgement, *yardstick,
                                  row.vm.stats.balloon_kib, scan.started_at);
  BoundStatement(update_sample_, scan.id, row.vm_id, outcome, Blob{packed}).run();
}

void ResultTables::forget() {
  samples_.forget();
  texts_.forget();
  outcomes_.forget();
  vms_.forget();
  hosts_.forget();
  pools_.forget();
  layouts_.forget();
  setbacks_.forget();
}

}  // namespace ballast::storage
