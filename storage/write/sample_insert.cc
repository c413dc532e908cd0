#include "storage/write/sample_insert.h"

#include <utility>

#include "storage/sqlite/bound_statement.h"

namespace ballast::storage {
namespace {

constexpr std::size_t kRows = 20;  // in one statement

std::string insert_of(std::size_t rows) {
  std::string sql =
      "INSERT OR REPLACE INTO sample (id, vm_state_id, outcome_id, balloon_kib, figures, "
      "guest_state_id, unaccounted_kib, guest) VALUES (?,?,?,?,?,?,?,?)";
  for (; rows > 1; --rows) sql += ", (?,?,?,?,?,?,?,?)";
  return sql;
}

std::optional<Blob> blob_of(const std::optional<std::string>& bytes) {
  if (!bytes) return std::nullopt;
  return Blob{*bytes};
}

void add_to(BoundStatement& bound, const SampleRow& row) {
  bound.add(row.scan_id << 32 | row.vm_id, row.vm_state_id, row.outcome_id, row.balloon_kib,
            Blob{row.figures}, row.guest_state_id, row.unaccounted_kib, blob_of(row.guest));
}

}  // namespace

SampleInsert::SampleInsert(SQLite::Database& db)
    : one_(db, insert_of(1)), several_(db, insert_of(kRows)) {}

void SampleInsert::add(SampleRow row) {
  rows_.push_back(std::move(row));
  if (rows_.size() < kRows) return;
  BoundStatement several(several_);
  for (const SampleRow& each : rows_) add_to(several, each);
  several.run();
  rows_.clear();
}

void SampleInsert::flush() {
  for (const SampleRow& row : rows_) {
    BoundStatement one(one_);
    add_to(one, row);
    one.run();
  }
  rows_.clear();
}

}  // namespace ballast::storage
