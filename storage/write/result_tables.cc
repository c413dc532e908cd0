#include "storage/write/result_tables.h"

#include <array>
#include <string>

#include <fmt/format.h>

#include "model/account/suspects.h"
#include "storage/schema/schema.h"
#include "storage/sqlite/bound_statement.h"

namespace ballast::storage {
namespace {

constexpr const char* kOneSample = "vcenter_id = ?1 AND scan_id = ?2 AND vm_id = ?3";

}  // namespace

ResultTables::ResultTables(SQLite::Database& db)
    : db_(db),
      hosts_(db),
      pools_(db),
      vms_(db),
      setbacks_(db),
      samples_(db, "sample"),
      guests_(db, "guest_sample"),
      trends_(db, "trend"),
      insert_suspect_(db, "INSERT OR REPLACE INTO suspect VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
      select_guest_state_(
          db, fmt::format("SELECT guest_state_id FROM guest_sample WHERE {}", kOneSample)),
      update_outcome_(db, fmt::format("UPDATE sample SET outcome_id = ?4 WHERE {}", kOneSample)),
      seal_sample_(db, seal("sample", kOneSample)) {}

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
  setbacks_.write(scan.vcenter_id, ids.vm, result);
  if (scan.tally->has(ids.vm)) remove_guest(scan, ids.vm);
  row_ = {scan.vcenter_id, scan.id, ids.vm, ids.vm_state, ids.outcome};
  add_stats(result.vm, scan.started_at, row_);
  samples_.add(row_);
  if (result.guest) write_guest(scan, ids.vm, ids.guest_state, result);
  scan.tally->add(ids.vm, result);
}

void ResultTables::write_guest(const Scan& scan, std::int64_t vm_id, std::int64_t guest_state_id,
                               const model::JudgedGuest& result) {
  row_ = {scan.vcenter_id, scan.id, vm_id, guest_state_id};
  add_guest(*result.guest, result.judgement, scan.started_at, row_);
  const RowsBeside beside = rows_beside(*result.guest, result.judgement);
  row_.insert(row_.end(), {beside.suspects, beside.trends});
  guests_.add(row_);
  if (has_trend(result.judgement)) {
    row_ = {scan.vcenter_id, scan.id, vm_id};
    add_trend(result.judgement, row_);
    trends_.add(row_);
  }
  if (result.judgement.verdict == model::Verdict::kExcess) write_suspects(scan, vm_id, result);
}

void ResultTables::write_suspects(const Scan& scan, std::int64_t vm_id,
                                  const model::JudgedGuest& result) {
  std::int64_t place = 0;
  for (const auto& suspect : result.guest->suspects) {
    insert_row(insert_suspect_, scan.vcenter_id, scan.id, vm_id, ++place,
               model::words_of(suspect.consumer).key, suspect.kib);
  }
}

void ResultTables::remove_guest(const Scan& scan, std::int64_t vm_id) {
  flush();
  for (const char* table : {"guest_sample", "trend", "suspect"}) {
    SQLite::Statement remove(db_, fmt::format("DELETE FROM {} WHERE {}", table, kOneSample));
    BoundStatement(remove, scan.vcenter_id, scan.id, vm_id).run();
  }
}

void ResultTables::rewrite(const Scan& scan, const model::JudgedGuest& row) {
  std::int64_t guest_state_id = 0;
  if (BoundStatement stored(select_guest_state_, scan.vcenter_id, scan.id, row.vm_id);
      stored.step()) {
    guest_state_id = stored.integer(0);
  } else {
    return;  // the scan was pruned meanwhile
  }
  remove_guest(scan, row.vm_id);
  write_guest(scan, row.vm_id, guest_state_id, row);
  flush();
  const std::int64_t outcome = vms_.outcome(scan.vcenter_id, row);
  BoundStatement(update_outcome_, scan.vcenter_id, scan.id, row.vm_id, outcome).run();
  BoundStatement(seal_sample_, scan.vcenter_id, scan.id, row.vm_id).run();
}

void ResultTables::flush() {
  samples_.flush();
  guests_.flush();
  trends_.flush();
}

void ResultTables::forget() {
  samples_.forget();
  guests_.forget();
  trends_.forget();
  vms_.forget();
  hosts_.forget();
  pools_.forget();
  setbacks_.forget();
}

}  // namespace ballast::storage
