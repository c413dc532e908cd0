#include "storage/write/state_tables.h"

#include "storage/sqlite/bound_statement.h"
#include "storage/sqlite/words.h"

namespace ballast::storage {
namespace {

constexpr const char* kMatchVmState =
    "SELECT 1 FROM vm_state WHERE host_id IS ?1 AND power = ?2 AND connection = ?3 AND tools = ?4 "
    "AND guest_ready IS ?5 AND guest_family_id IS ?6 AND guest_os_id IS ?7 AND "
    "configured_kib IS ?8 AND reservation_kib IS ?9 AND limit_kib IS ?10 AND pool_id IS ?11 AND "
    "id = ?12";
constexpr const char* kInsertVmState =
    "INSERT INTO vm_state (host_id, power, connection, tools, guest_ready, guest_family_id, "
    "guest_os_id, configured_kib, reservation_kib, limit_kib, pool_id) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

constexpr const char* kMatchGuestState =
    "SELECT guest_state.yardstick, text.value FROM guest_state "
    "JOIN text ON text.id = guest_state.term_names_id "
    "WHERE kernel_id = ?1 AND boot_id = ?2 AND era = ?3 AND mem_total_kib = ?4 AND "
    "counter_error_kib = ?5 AND missing_id = ?6 AND cpus IS ?7 AND unread_fixed_kib IS ?8 AND "
    "channel = ?9 AND guest_state.id = ?10";
constexpr const char* kInsertGuestState =
    "INSERT INTO guest_state (kernel_id, boot_id, era, mem_total_kib, counter_error_kib, "
    "missing_id, cpus, unread_fixed_kib, channel, term_names_id, yardstick) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

template <class... Values>
std::int64_t same_or_new(SQLite::Database& db, SQLite::Statement& match, SQLite::Statement& insert,
                         std::optional<std::int64_t> current, const Values&... values) {
  if (current && BoundStatement(match, values..., *current).step()) return *current;
  BoundStatement(insert, values...).run();
  return db.getLastInsertRowid();
}

}  // namespace

StateTables::StateTables(SQLite::Database& db, TextTable& texts)
    : db_(db),
      texts_(texts),
      match_vm_state_(db, kMatchVmState),
      insert_vm_state_(db, kInsertVmState),
      match_guest_state_(db, kMatchGuestState),
      insert_guest_state_(db, kInsertGuestState) {}

std::int64_t StateTables::vm_state(const model::VmView& vm, const Place& place,
                                   std::optional<std::int64_t> current) {
  std::optional<std::int64_t> ready;
  if (vm.guest_operations_ready) ready = *vm.guest_operations_ready ? 1 : 0;
  return same_or_new(db_, match_vm_state_, insert_vm_state_, current, place.host_id,
                     word_for(vm.power), word_for(vm.connection), word_for(vm.tools), ready,
                     texts_.id_or_null(vm.guest_family), texts_.id_or_null(vm.guest_id),
                     vm.configured_kib, vm.allocation.reservation_kib, vm.allocation.limit_kib,
                     place.pool_id);
}

GuestState StateTables::guest_state(const model::GuestSample& guest,
                                    const model::Judgement& judgement,
                                    std::optional<std::int64_t> current) {
  const model::MemoryAccount& account = guest.account;
  const std::string& boot = guest.boot_id;
  const auto era = model::to_string(account.era);
  const std::int64_t kernel = texts_.id(guest.kernel_release);
  std::string sentences;
  for (const auto& sentence : account.missing) append_line(sentences, sentence);
  const std::int64_t missing = texts_.id(sentences);
  const std::optional<std::int64_t> cpus = guest.cpus;
  const auto channel = model::to_string(guest.channel);

  if (current) {
    BoundStatement same(match_guest_state_, kernel, boot, era, account.mem_total_kib,
                        account.counter_error_kib, missing, cpus, account.unread_fixed_kib, channel,
                        *current);
    if (same.step()) {
      if (auto yardstick = unpack_yardstick(same.view(0), lasting_names(same.view(1)))) {
        return {current, std::make_shared<Yardstick>(std::move(*yardstick))};
      }
    }
  }
  GuestFigures figures;
  fill(figures, guest);
  Yardstick yardstick = yardstick_of(figures, judgement);
  BoundStatement(insert_guest_state_, kernel, boot, era, account.mem_total_kib,
                 account.counter_error_kib, missing, cpus, account.unread_fixed_kib, channel,
                 texts_.id(names_of(judgement.tolerance)), Blob{pack_yardstick(yardstick)})
      .run();
  return {db_.getLastInsertRowid(), std::make_shared<Yardstick>(std::move(yardstick))};
}

}  // namespace ballast::storage
