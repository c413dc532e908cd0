#include "storage/result_tables.h"

#include <optional>
#include <string>

#include "storage/bound.h"
#include "storage/sample_codec.h"

namespace ballast::storage {

ResultTables::ResultTables(SQLite::Database& db)
    : texts_(db),
      outcomes_(db),
      hosts_(db),
      pools_(db),
      layouts_(db),
      vms_(db, texts_),
      setbacks_(db, texts_),
      insert_sample_(db,
                     "INSERT OR REPLACE INTO sample (id, vm_state_id, outcome_id, "
                     "balloon_kib, figures, guest_state_id, unaccounted_kib, guest) "
                     "VALUES (?1 << 32 | ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
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

void ResultTables::write(const Scan& scan, const model::VmResult& result) {
  const Place place{hosts_.id_or_null(scan.vcenter_id, result.vm.host_moref),
                    pools_.id_or_null(scan.vcenter_id, result.vm.pool_moref)};
  const VmIds ids = vms_.write(scan.vcenter_id, place, result);
  setbacks_.write(ids.vm, result);
  const std::int64_t outcome = outcomes_.id(result.judgement, result.detail);
  const auto balloon_kib = result.vm.stats.balloon_kib;
  const std::string figures = pack_figures(result.vm, scan.started_at);

  std::optional<std::int64_t> unaccounted_kib;
  std::string packed_guest;
  std::optional<Blob> guest;
  if (result.guest) {
    unaccounted_kib = result.guest->account.unaccounted_kib;
    fill(figures_, *result.guest);
    packed_guest = pack(result.guest->account.parts, result.judgement, *ids.guest_state.yardstick,
                        balloon_kib, scan.started_at);
    guest = Blob{packed_guest};
  }
  Bound(insert_sample_, scan.id, ids.vm, ids.vm_state, outcome, balloon_kib, Blob{figures},
        ids.guest_state.id, unaccounted_kib, guest)
      .run();
  scan.tally->add(ids.vm, result);
}

// The figures are filled; `parts` are those of the account, with their names.
template <class Parts>
std::string ResultTables::pack(const Parts& parts, const model::Judgement& judgement,
                               const Yardstick& yardstick, std::optional<std::int64_t> balloon_kib,
                               UtcTime scan_start) {
  const auto layout = layouts_.id(parts, judgement.tolerance);
  return pack_guest(figures_, judgement, layout, yardstick, balloon_kib, scan_start);
}

void ResultTables::rewrite(const Scan& scan, const VmRow& row) {
  Bound state(select_yardstick_, scan.id, row.vm_id);
  if (!state.step()) return;
  const auto yardstick = unpack_yardstick(state.view(0), lines_of(state.view(1)));
  if (!yardstick) return;
  const std::int64_t outcome = outcomes_.id(row.judgement, row.detail);
  fill(figures_, *row.guest);
  const std::string packed =
      pack(row.guest->parts, row.judgement, *yardstick, row.vm.stats.balloon_kib, scan.started_at);
  Bound(update_sample_, scan.id, row.vm_id, outcome, Blob{packed}).run();
}

void ResultTables::forget() {
  texts_.forget();
  outcomes_.forget();
  vms_.forget();
  hosts_.forget();
  pools_.forget();
  layouts_.forget();
  setbacks_.forget();
}

}  // namespace ballast::storage
