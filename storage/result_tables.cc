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
      insert_sample_(db,
                     "INSERT OR REPLACE INTO sample (scan_id, vm_id, vm_state_id, outcome_id, "
                     "balloon_kib, figures, guest_state_id, unaccounted_kib, guest) "
                     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)") {}

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
  const std::int64_t outcome = outcomes_.id(result.judgement, result.detail);
  const auto balloon_kib = result.vm.stats.balloon_kib;
  const std::string figures = pack_figures(result.vm, scan.started_at);

  std::optional<std::int64_t> unaccounted_kib;
  std::string packed_guest;
  std::optional<Blob> guest;
  if (result.guest) {
    unaccounted_kib = result.guest->account.unaccounted_kib;
    packed_guest = pack_guest(*result.guest, result.judgement,
                              layouts_.id(result.guest->account, result.judgement),
                              ids.guest_state.yardstick, balloon_kib, scan.started_at);
    guest = Blob{packed_guest};
  }
  Bound(insert_sample_, scan.id, ids.vm, ids.vm_state, outcome, balloon_kib, Blob{figures},
        ids.guest_state.id, unaccounted_kib, guest)
      .run();
}

void ResultTables::forget() {
  texts_.forget();
  hosts_.forget();
  pools_.forget();
  layouts_.forget();
}

}  // namespace ballast::storage
