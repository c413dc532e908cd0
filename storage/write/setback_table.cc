#include "storage/write/setback_table.h"

#include <chrono>

#include "storage/sqlite/bound_statement.h"

namespace ballast::storage {
namespace {

std::int64_t ms_of(UtcTime time) { return time.time_since_epoch().count(); }

UtcTime time_of(std::int64_t milliseconds) {
  return UtcTime(std::chrono::milliseconds(milliseconds));
}

}  // namespace

SetbackTable::SetbackTable(SQLite::Database& db, TextTable& texts)
    : texts_(texts),
      select_all_(db, "SELECT vm_id FROM guest_setback"),
      replace_(db,
               "INSERT OR REPLACE INTO guest_setback (vm_id, reason, failures, last_try_ms, "
               "next_try_ms, username_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"),
      remove_(db, "DELETE FROM guest_setback WHERE vm_id = ?1") {}

void SetbackTable::write(std::int64_t vm_id, const model::JudgedGuest& result) {
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
    BoundStatement(replace_, vm_id, model::to_string(setback.reason), failures,
                   ms_of(setback.last_try), ms_of(setback.next_try), texts_.id(setback.username))
        .run();
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

std::optional<model::Setback> read_setback(SQLite::Statement& row, int first) {
  const auto reason = model::reason_from_string(row.getColumn(first).getString());
  if (!reason) return std::nullopt;
  model::Setback setback;
  setback.reason = *reason;
  setback.failures = row.getColumn(first + 1).getInt();
  setback.last_try = time_of(row.getColumn(first + 2).getInt64());
  setback.next_try = time_of(row.getColumn(first + 3).getInt64());
  setback.username = row.getColumn(first + 4).getString();
  return setback;
}

std::vector<model::LoginSetback> read_login_setbacks(SQLite::Database& db,
                                                     std::optional<std::int64_t> vcenter_id) {
  SQLite::Statement statement(
      db,
      "SELECT vcenter.name, username, failures, last_try_ms, next_try_ms FROM login_setback "
      "JOIN vcenter ON vcenter.id = vcenter_id WHERE ?1 IS NULL OR vcenter_id = ?1 "
      "ORDER BY vcenter.name, username");
  std::vector<model::LoginSetback> setbacks;
  for (BoundStatement row(statement, vcenter_id); row.step();) {
    setbacks.push_back({row.text(0), row.text(1), static_cast<int>(row.integer(2)),
                        time_of(row.integer(3)), time_of(row.integer(4))});
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
                            "INSERT OR REPLACE INTO login_setback (vcenter_id, username, failures, "
                            "last_try_ms, next_try_ms) VALUES (?1, ?2, ?3, ?4, ?5)");
  const std::int64_t failures = setback.failures;
  BoundStatement(replace, vcenter_id, setback.username, failures, ms_of(setback.last_try),
                 ms_of(setback.next_try))
      .run();
}

}  // namespace ballast::storage
