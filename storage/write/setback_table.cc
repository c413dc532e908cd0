#include "storage/write/setback_table.h"

#include <chrono>

#include <fmt/format.h>

#include "storage/schema/schema.h"
#include "storage/sqlite/bound_statement.h"
#include "storage/sqlite/row_cursor.h"
#include "storage/sqlite/times.h"

namespace ballast::storage {
namespace {}  // namespace

SetbackTable::SetbackTable(SQLite::Database& db)
    : select_all_(db, "SELECT vm_id FROM guest_setback"),
      replace_(db, "INSERT OR REPLACE INTO guest_setback VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
      remove_(db, "DELETE FROM guest_setback WHERE vm_id = ?1") {}

void SetbackTable::write(std::int64_t vcenter_id, std::int64_t vm_id,
                         const model::JudgedGuest& result) {
  // A guest's own report says nothing of its login.
  if (result.guest && result.guest->channel == model::Channel::kReport) return;
  if (result.guest) {
    if (is_known(vm_id)) {
      BoundStatement(remove_, vm_id).run();
      known_->erase(vm_id);
    }
  } else if (result.setback) {
    const model::Setback& setback = *result.setback;
    const std::int64_t failures = setback.failures;
    insert_row(replace_, vm_id, vcenter_id, model::to_string(setback.reason), failures,
               milliseconds(setback.last_try), milliseconds(setback.next_try),
               std::string_view(setback.username));
    if (known_) known_->insert(vm_id);
  }
}

bool SetbackTable::is_known(std::int64_t vm_id) {
  if (!known_) {
    std::unordered_set<std::int64_t> all;
    for (BoundStatement row(select_all_); row.step();) all.insert(row.integer(0));
    known_ = std::move(all);
  }
  return known_->contains(vm_id);
}

std::optional<std::unordered_map<std::int64_t, model::Setback>> read_guest_setbacks(
    SQLite::Database& db, std::optional<std::int64_t> vcenter_id) {
  RowCursor rows(db, fmt::format("SELECT {} FROM guest_setback WHERE ?1 IS NULL OR vcenter_id = ?1",
                                 row_of("guest_setback")));
  std::unordered_map<std::int64_t, model::Setback> setbacks;
  for (const auto run = rows.run(vcenter_id); rows.step();) {
    Columns columns(rows);
    model::Setback& setback = setbacks[columns.integer()];
    columns.integer();  // the vCenter
    const auto reason = model::reason_from_string(columns.text());
    setback.failures = static_cast<int>(columns.integer());
    setback.last_try = time_of(columns.integer());
    setback.next_try = time_of(columns.integer());
    setback.username = columns.text();
    if (!columns.is_sound() || !reason) return std::nullopt;
    setback.reason = *reason;
  }
  return setbacks;
}

std::optional<std::vector<model::LoginSetback>> read_login_setbacks(
    SQLite::Database& db, std::optional<std::int64_t> vcenter_id) {
  RowCursor rows(db, fmt::format("SELECT {}, vcenter.name FROM login_setback "
                                 "JOIN vcenter ON vcenter.id = vcenter_id "
                                 "WHERE ?1 IS NULL OR vcenter_id = ?1 "
                                 "ORDER BY vcenter.name, username",
                                 row_of("login_setback")));
  std::vector<model::LoginSetback> setbacks;
  for (const auto run = rows.run(vcenter_id); rows.step();) {
    Columns columns(rows);
    columns.integer();  // the vCenter
    model::LoginSetback& setback = setbacks.emplace_back();
    setback.username = columns.text();
    setback.failures = static_cast<int>(columns.integer());
    setback.last_try = time_of(columns.integer());
    setback.next_try = time_of(columns.integer());
    if (!columns.is_sound()) return std::nullopt;
    setback.vcenter = columns.text();
  }
  return setbacks;
}

void write_login_setback(SQLite::Database& db, std::int64_t vcenter_id,
                         const model::LoginSetback& setback) {
  if (setback.failures == 0) {
    SQLite::Statement remove(db,
                             "DELETE FROM login_setback WHERE vcenter_id = ?1 AND username = ?2");
    BoundStatement(remove, vcenter_id, setback.username).run();
    return;
  }
  SQLite::Statement replace(db,
                            "INSERT OR REPLACE INTO login_setback VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
  const std::int64_t failures = setback.failures;
  insert_row(replace, vcenter_id, std::string_view(setback.username), failures,
             milliseconds(setback.last_try), milliseconds(setback.next_try));
}

}  // namespace ballast::storage
