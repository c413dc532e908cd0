#include "storage/write/vm_table.h"

#include <string>

#include "storage/sqlite/bound_statement.h"

namespace ballast::storage {
namespace {

std::string select_vm(const char* condition) {
  return std::string(
             "SELECT id, instance_uuid, bios_uuid, moref, name FROM vm WHERE vcenter_id = ?1 "
             "AND ") +
         condition;
}

// The latest known; what vCenter does not tell just now (an inaccessible VM) is kept.
void learn(std::string& known, const std::string& told) {
  if (!told.empty()) known = told;
}

}  // namespace

struct VmTable::Names {
  std::int64_t id = 0;
  std::string instance_uuid;
  std::string bios_uuid;
  std::string moref;
  std::string name;
  bool operator==(const Names&) const = default;
};

VmTable::VmTable(SQLite::Database& db)
    : states_(db),
      find_by_uuid_(db, select_vm("instance_uuid = ?2 AND instance_uuid <> ''")),
      find_by_moref_(db, select_vm("moref = ?2 ORDER BY id DESC LIMIT 1")),
      find_unnamed_(db, select_vm("moref = ?2 AND instance_uuid = ''")),
      newest_(db, "SELECT coalesce(max(id), 0) FROM vm"),
      replace_(db,
               "INSERT INTO vm VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO UPDATE SET "
               "instance_uuid = ?3, bios_uuid = ?4, moref = ?5, name = ?6, checksum = ?7") {}

std::optional<std::int64_t> VmTable::find_id(std::int64_t vcenter_id,
                                             const collector::GuestKey& guest) {
  const auto known = find(vcenter_id, guest.instance_uuid, guest.moref);
  if (!known) return std::nullopt;
  return known->id;
}

VmIds VmTable::write(std::int64_t vcenter_id, const Place& place,
                     const model::JudgedGuest& result) {
  KnownVms::Vm& known = known_.find_or_add(vcenter_id, result.vm);
  // Looks a row up, or adds it, where the values are others than those known.
  const auto renew = [](KnownVms::Row& row, Fingerprint content, const auto& look_up) {
    if (row.id != 0 && row.content == content) return row.id;
    row.id = look_up();
    row.content = content;
    return row.id;
  };
  VmIds ids;
  ids.vm = renew(known.vm, known_.names_of(result.vm),
                 [&] { return write_names(vcenter_id, result.vm); });
  ids.vm_state = renew(known.state, known_.state_of(place, result.vm),
                       [&] { return states_.vm_state(vcenter_id, result.vm, place); });
  ids.outcome =
      renew(known.outcome, known_.outcome_of(result), [&] { return outcome(vcenter_id, result); });
  if (!result.guest) return ids;
  ids.guest_state = renew(known.guest, known_.guest_of(*result.guest),
                          [&] { return states_.guest_state(vcenter_id, *result.guest); });
  return ids;
}

std::int64_t VmTable::write_names(std::int64_t vcenter_id, const model::VmView& vm) {
  // A row with an instance UUID is the other twin's, even if it has this moref.
  const auto known = vm.is_twin ? find_unnamed(vcenter_id, vm.moref)
                                : find(vcenter_id, vm.instance_uuid, vm.moref);
  Names now = known.value_or(Names{});
  if (!known) {
    BoundStatement newest(newest_);
    newest.step();
    now.id = newest.integer(0) + 1;
  }
  learn(now.instance_uuid, vm.instance_uuid);
  learn(now.bios_uuid, vm.bios_uuid);
  learn(now.moref, vm.moref);
  learn(now.name, vm.name);
  if (known && now == *known) return now.id;
  insert_row(replace_, now.id, vcenter_id, std::string_view(now.instance_uuid),
             std::string_view(now.bios_uuid), std::string_view(now.moref),
             std::string_view(now.name));
  return now.id;
}

std::optional<VmTable::Names> VmTable::read(SQLite::Statement& statement, std::int64_t vcenter_id,
                                            const std::string& key) {
  BoundStatement row(statement, vcenter_id, key);
  if (!row.step()) return std::nullopt;
  return Names{row.integer(0), row.text(1), row.text(2), row.text(3), row.text(4)};
}

std::optional<VmTable::Names> VmTable::find_unnamed(std::int64_t vcenter_id,
                                                    const std::string& moref) {
  return read(find_unnamed_, vcenter_id, moref);
}

std::optional<VmTable::Names> VmTable::find(std::int64_t vcenter_id,
                                            const std::string& instance_uuid,
                                            const std::string& moref) {
  if (instance_uuid.empty()) return read(find_by_moref_, vcenter_id, moref);
  if (auto found = read(find_by_uuid_, vcenter_id, instance_uuid)) return found;
  return find_unnamed(vcenter_id, moref);
}

}  // namespace ballast::storage
