#include "storage/vm_table.h"

#include <string>

#include "storage/bound.h"
#include "storage/sample_codec.h"
#include "storage/words.h"

namespace ballast::storage {
namespace {

std::string select_vm(const char* condition) {
  return std::string(
             "SELECT id, instance_uuid, bios_uuid, moref, name, vm_state_id, guest_state_id "
             "FROM vm WHERE vcenter_id = ?1 AND ") +
         condition;
}

constexpr const char* kMatchVmState =
    "SELECT 1 FROM vm_state WHERE host_id IS ?1 AND power = ?2 AND connection = ?3 AND tools = ?4 "
    "AND guest_ready IS ?5 AND guest_family_id IS ?6 AND guest_os_id IS ?7 AND "
    "configured_kib IS ?8 AND reservation_kib IS ?9 AND limit_kib IS ?10 AND id = ?11";
constexpr const char* kInsertVmState =
    "INSERT INTO vm_state (host_id, power, connection, tools, guest_ready, guest_family_id, "
    "guest_os_id, configured_kib, reservation_kib, limit_kib) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

constexpr const char* kMatchGuestState =
    "SELECT 1 FROM guest_state WHERE kernel_id = ?1 AND boot_id = ?2 AND era = ?3 AND "
    "mem_total_kib = ?4 AND counter_error_kib = ?5 AND part_names_id = ?6 AND term_names_id = ?7 "
    "AND missing_id = ?8 AND id = ?9";
constexpr const char* kInsertGuestState =
    "INSERT INTO guest_state (kernel_id, boot_id, era, mem_total_kib, counter_error_kib, "
    "part_names_id, term_names_id, missing_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

// The VM's current state row if it still says the same, else a new one.
template <class... Values>
std::int64_t same_or_new(SQLite::Database& db, SQLite::Statement& match, SQLite::Statement& insert,
                         std::optional<std::int64_t> current, const Values&... values) {
  if (current && Bound(match, values..., *current).step()) return *current;
  Bound(insert, values...).run();
  return db.getLastInsertRowid();
}

// The latest known; what vCenter does not tell just now (an inaccessible VM) is kept.
bool learn(std::string& known, const std::string& told) {
  if (told.empty() || told == known) return false;
  known = told;
  return true;
}

}  // namespace

struct VmTable::Known {
  std::int64_t id = 0;
  std::string instance_uuid;
  std::string bios_uuid;
  std::string moref;
  std::string name;
  std::optional<std::int64_t> vm_state;
  std::optional<std::int64_t> guest_state;
};

VmTable::VmTable(SQLite::Database& db, TextTable& texts)
    : db_(db),
      texts_(texts),
      find_by_uuid_(db, select_vm("instance_uuid = ?2 AND instance_uuid <> ''")),
      find_by_moref_(db, select_vm("moref = ?2 ORDER BY id DESC LIMIT 1")),
      find_unnamed_(db, select_vm("moref = ?2 AND instance_uuid = ''")),
      insert_(db,
              "INSERT INTO vm (vcenter_id, instance_uuid, bios_uuid, moref, name) "
              "VALUES (?1, ?2, ?3, ?4, ?5)"),
      update_(db,
              "UPDATE vm SET instance_uuid = ?2, bios_uuid = ?3, moref = ?4, name = ?5, "
              "vm_state_id = ?6, guest_state_id = ?7 WHERE id = ?1"),
      match_vm_state_(db, kMatchVmState),
      insert_vm_state_(db, kInsertVmState),
      match_guest_state_(db, kMatchGuestState),
      insert_guest_state_(db, kInsertGuestState) {}

VmIds VmTable::write(std::int64_t vcenter_id, std::optional<std::int64_t> host_id,
                     const model::VmResult& result) {
  const model::VmView& vm = result.vm;
  auto known = find(vcenter_id, vm);
  if (!known) {
    Bound(insert_, vcenter_id, vm.instance_uuid, vm.bios_uuid, vm.moref, vm.name).run();
    known =
        Known{db_.getLastInsertRowid(), vm.instance_uuid, vm.bios_uuid, vm.moref, vm.name, {}, {}};
  }

  VmIds ids;
  ids.vm = known->id;
  ids.vm_state = vm_state(vm, host_id, *known);
  if (result.guest) ids.guest_state = guest_state(*result.guest, result.judgement, *known);

  bool changed = learn(known->instance_uuid, vm.instance_uuid);
  changed |= learn(known->bios_uuid, vm.bios_uuid);
  changed |= learn(known->moref, vm.moref);
  changed |= learn(known->name, vm.name);
  changed |= known->vm_state != ids.vm_state;
  changed |= ids.guest_state && known->guest_state != ids.guest_state;
  if (changed) {
    Bound(update_, ids.vm, known->instance_uuid, known->bios_uuid, known->moref, known->name,
          ids.vm_state, ids.guest_state ? ids.guest_state : known->guest_state)
        .run();
  }
  return ids;
}

std::optional<VmTable::Known> VmTable::find(std::int64_t vcenter_id, const model::VmView& vm) {
  const auto read = [&](SQLite::Statement& statement,
                        const std::string& key) -> std::optional<Known> {
    Bound row(statement, vcenter_id, key);
    if (!row.step()) return std::nullopt;
    return Known{row.integer(0),
                 row.text(1),
                 row.text(2),
                 row.text(3),
                 row.text(4),
                 row.optional_integer(5),
                 row.optional_integer(6)};
  };
  if (vm.instance_uuid.empty()) return read(find_by_moref_, vm.moref);
  if (auto found = read(find_by_uuid_, vm.instance_uuid)) return found;
  return read(find_unnamed_, vm.moref);
}

std::int64_t VmTable::vm_state(const model::VmView& vm, std::optional<std::int64_t> host_id,
                               const Known& known) {
  std::optional<std::int64_t> ready;
  if (vm.guest_operations_ready) ready = *vm.guest_operations_ready ? 1 : 0;
  return same_or_new(db_, match_vm_state_, insert_vm_state_, known.vm_state, host_id,
                     word_for(vm.power), word_for(vm.connection), word_for(vm.tools), ready,
                     texts_.id_or_null(vm.guest_family), texts_.id_or_null(vm.guest_id),
                     vm.configured_kib, vm.allocation.reservation_kib, vm.allocation.limit_kib);
}

std::int64_t VmTable::guest_state(const model::GuestSample& guest,
                                  const model::Judgement& judgement, const Known& known) {
  const model::MemoryAccount& account = guest.account;
  std::string part_names;
  for (const auto& part : account.parts) append_line(part_names, part.name);
  std::string term_names;
  for (const auto& term : judgement.tolerance) append_line(term_names, term.name);
  std::string missing;
  for (const auto& sentence : account.missing) append_line(missing, sentence);

  return same_or_new(db_, match_guest_state_, insert_guest_state_, known.guest_state,
                     texts_.id(guest.reading.kernel_release), guest.reading.boot_id,
                     model::to_string(account.era), account.mem_total_kib,
                     account.counter_error_kib, texts_.id(part_names), texts_.id(term_names),
                     texts_.id(missing));
}

}  // namespace ballast::storage
