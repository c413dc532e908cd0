#include "storage/write/vm_table.h"

#include <string>

#include "storage/sqlite/bound_statement.h"

namespace ballast::storage {
namespace {

std::string select_vm(const char* condition) {
  return std::string(
             "SELECT id, instance_uuid, bios_uuid, moref, name, vm_state_id, guest_state_id "
             "FROM vm WHERE vcenter_id = ?1 AND ") +
         condition;
}

// The latest known; what vCenter does not tell just now (an inaccessible VM) is kept.
void learn(std::string& known, const std::string& told) {
  if (!told.empty()) known = told;
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
  bool operator==(const Known&) const = default;
};

VmTable::VmTable(SQLite::Database& db, TextTable& texts)
    : db_(db),
      states_(db, texts),
      find_by_uuid_(db, select_vm("instance_uuid = ?2 AND instance_uuid <> ''")),
      find_by_moref_(db, select_vm("moref = ?2 ORDER BY id DESC LIMIT 1")),
      find_unnamed_(db, select_vm("moref = ?2 AND instance_uuid = ''")),
      insert_(db,
              "INSERT INTO vm (vcenter_id, instance_uuid, bios_uuid, moref, name) "
              "VALUES (?1, ?2, ?3, ?4, ?5)"),
      update_(db,
              "UPDATE vm SET instance_uuid = ?2, bios_uuid = ?3, moref = ?4, name = ?5, "
              "vm_state_id = ?6, guest_state_id = ?7 WHERE id = ?1"),
      update_states_(db,
                     "UPDATE vm SET vm_state_id = ?2, guest_state_id = coalesce(?3, "
                     "guest_state_id) WHERE id = ?1") {}

std::optional<std::int64_t> VmTable::find_id(std::int64_t vcenter_id,
                                             const collector::GuestKey& guest) {
  const auto known = find(vcenter_id, guest.instance_uuid, guest.moref);
  if (!known) return std::nullopt;
  return known->id;
}

VmIds VmTable::write(std::int64_t vcenter_id, const Place& place,
                     const model::JudgedGuest& result) {
  if (!known_.remembers()) return look_up(vcenter_id, place, result);
  KnownVms::Vm now;
  now.identity = known_.identity_of(result.vm);
  now.state = known_.state_of(place, result.vm);
  if (result.guest) now.guest = known_.guest_of(*result.guest);
  KnownVms::Vm* known = known_.find(vcenter_id, result.vm);
  if (known != nullptr && renew(*known, now, place, result)) {
    return {known->id, known->vm_state, result.guest ? known->guest_state : GuestState{}};
  }
  const VmIds ids = look_up(vcenter_id, place, result);
  now.id = ids.vm;
  now.vm_state = ids.vm_state;
  now.guest_state = ids.guest_state;
  if (!result.guest && known != nullptr) {
    now.guest = known->guest;
    now.guest_state = known->guest_state;
  }
  known_.keep(vcenter_id, result.vm, std::move(now));
  return ids;
}

bool VmTable::renew(KnownVms::Vm& known, const KnownVms::Vm& now, const Place& place,
                    const model::JudgedGuest& result) {
  if (known.identity != now.identity || (result.guest && !known.guest_state.id)) return false;
  const bool new_state = known.state != now.state;
  const bool new_guest = result.guest && known.guest != now.guest;
  if (new_state) {
    known.vm_state = states_.vm_state(result.vm, place, std::nullopt);
    known.state = now.state;
  }
  if (new_guest) {
    const auto state = states_.guest_state(*result.guest, result.judgement, std::nullopt);
    known.guest_state.id = state.id;
    // In its place: yardsticks that lie in the order of their VMs are read faster.
    *known.guest_state.yardstick = *state.yardstick;
    known.guest = now.guest;
  }
  if (new_state || new_guest) {
    BoundStatement(update_states_, known.id, known.vm_state,
                   new_guest ? known.guest_state.id : std::optional<std::int64_t>())
        .run();
  }
  return true;
}

VmIds VmTable::look_up(std::int64_t vcenter_id, const Place& place,
                       const model::JudgedGuest& result) {
  const model::VmView& vm = result.vm;
  // A row with an instance UUID is the other twin's, even if it has this moref.
  auto known = vm.is_twin ? find_unnamed(vcenter_id, vm.moref)
                          : find(vcenter_id, vm.instance_uuid, vm.moref);
  if (!known) {
    BoundStatement(insert_, vcenter_id, vm.instance_uuid, vm.bios_uuid, vm.moref, vm.name).run();
    known =
        Known{db_.getLastInsertRowid(), vm.instance_uuid, vm.bios_uuid, vm.moref, vm.name, {}, {}};
  }

  Known now = *known;
  learn(now.instance_uuid, vm.instance_uuid);
  learn(now.bios_uuid, vm.bios_uuid);
  learn(now.moref, vm.moref);
  learn(now.name, vm.name);
  now.vm_state = states_.vm_state(vm, place, known->vm_state);
  GuestState guest_state;
  if (result.guest) {
    guest_state = states_.guest_state(*result.guest, result.judgement, known->guest_state);
    now.guest_state = guest_state.id;
  }
  if (now != *known) {
    BoundStatement(update_, now.id, now.instance_uuid, now.bios_uuid, now.moref, now.name,
                   now.vm_state, now.guest_state)
        .run();
  }
  return VmIds{now.id, *now.vm_state, std::move(guest_state)};
}

std::optional<VmTable::Known> VmTable::read(SQLite::Statement& statement, std::int64_t vcenter_id,
                                            const std::string& key) {
  BoundStatement row(statement, vcenter_id, key);
  if (!row.step()) return std::nullopt;
  return Known{row.integer(0),
               row.text(1),
               row.text(2),
               row.text(3),
               row.text(4),
               row.optional_integer(5),
               row.optional_integer(6)};
}

std::optional<VmTable::Known> VmTable::find_unnamed(std::int64_t vcenter_id,
                                                    const std::string& moref) {
  return read(find_unnamed_, vcenter_id, moref);
}

std::optional<VmTable::Known> VmTable::find(std::int64_t vcenter_id,
                                            const std::string& instance_uuid,
                                            const std::string& moref) {
  if (instance_uuid.empty()) return read(find_by_moref_, vcenter_id, moref);
  if (auto found = read(find_by_uuid_, vcenter_id, instance_uuid)) return found;
  return find_unnamed(vcenter_id, moref);
}

}  // namespace ballast::storage
